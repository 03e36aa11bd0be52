using System.Security.Cryptography;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Operations;
using OpenCharly.Vms.Templates;

namespace OpenCharly.LiveTests.Vms.Templates;

/// <summary>Templates through a real S3 service.</summary>
public sealed class S3RegistryTests
{
    private const string Bucket = "templates";

    private const string Md5OfSomethingElse = "6c7ba9c5a141421e1c03cb9807c97c74";

    // More than one part of an upload.
    private const int RootSize = 70 << 20;

    [LiveFact("s3rver")]
    public async Task Two_machines_share_revisions_through_a_bucket()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var server = new LoopbackServer();
        await server.StartAsync(Need.Program("s3rver"), "-d", server.Folder, "-a", "127.0.0.1", "-p", $"{server.Port}", "--configure-bucket", Bucket);
        await using var lab = new VmLab("noop");
        var here = On(lab, server, "here");
        await new CreateTemplate(here).RunAsync(
            new CreateTemplateRequest
            {
                Name = "base", DataDisk = "64",
                Run = [$"head -c {RootSize} /dev/urandom > \"$OUT/rootfs.ext4\"", "date +%s%N > \"$OUT/vmlinux\"; printf ram > \"$OUT/initrd\""],
            },
            limit.Token);
        var first = Assert.Single(await new BuildTemplate(here).RunAsync(new BuildTemplateRequest { Name = "base" }, limit.Token));
        await new PushTemplate(here).RunAsync("base", cancellationToken: limit.Token);

        var there = On(lab, server, "there");
        var pulled = await new PullTemplate(there).RunAsync("base", cancellationToken: limit.Token);
        Assert.Equal((first.Revision, 64, "initrd"), (pulled.Revision, pulled.DataDiskMib, pulled.Initrd));
        Assert.NotEqual(first.Path, pulled.Path);
        Assert.Equal(await HashAsync(first, "rootfs.ext4"), await HashAsync(pulled, "rootfs.ext4"));
        Assert.True((await new VerifyTemplate(there).RunAsync("base", cancellationToken: limit.Token)).IsIntact);
        Assert.Contains(lab.Events.OfType<ProgressEvent>(), e => e is { Activity: "pulling base rootfs.ext4", Total: RootSize, IsCompleted: true });

        // The pointer moves with the next push; what it pointed to before is still there by name.
        var second = Assert.Single(await new BuildTemplate(here).RunAsync(new BuildTemplateRequest { Name = "base" }, limit.Token));
        await new PushTemplate(here).RunAsync("base", cancellationToken: limit.Token);
        Assert.Equal(second.Revision, (await new PullTemplate(there).RunAsync("base", cancellationToken: limit.Token)).Revision);
        Assert.Equal(first.Revision, (await new PullTemplate(there).RunAsync("base", first.Revision, limit.Token)).Revision);

        await DamageIsFoundAsync(server, lab, first, limit.Token);
        await RefusalsAreToldAsync(server, lab, limit.Token);
    }

    private static async Task DamageIsFoundAsync(LoopbackServer server, VmLab lab, TemplateRevision revision, CancellationToken cancellationToken)
    {
        var stored = Directory.EnumerateFiles(server.Folder, "vmlinux*_object", SearchOption.AllDirectories).Single(f => f.Contains(revision.Revision, StringComparison.Ordinal));
        // With the service's own note of it: what the service can tell by itself, it tells before us.
        await File.WriteAllTextAsync(stored, "something else", cancellationToken);
        await File.WriteAllTextAsync(stored + ".md5", Md5OfSomethingElse, cancellationToken);
        var other = On(lab, server, "other");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new PullTemplate(other).RunAsync("base", revision.Revision, cancellationToken));
        Assert.Equal(Errors.TemplateChecksum, error.Code);
        Assert.Contains("vmlinux", error.Message, StringComparison.Ordinal);
        Assert.Empty(new GetTemplates(other).Names());
    }

    private static async Task RefusalsAreToldAsync(LoopbackServer server, VmLab lab, CancellationToken cancellationToken)
    {
        await FailsAsync(Errors.TemplateNotFound, On(lab, server, "other"), "none");
        await FailsAsync(Errors.TemplateRegistryFailed, On(lab, server, "other", ("BUCKET", "none")), "base");
        await FailsAsync(Errors.TemplateRegistryFailed, On(lab, server, "other", ("ACCESS_KEY_ID", "stranger")), "base");
        await FailsAsync(Errors.TemplateRegistryInsecure, On(lab, server, "other", ("INSECURE", "")), "base");
        await FailsAsync(Errors.TemplateRegistryFailed, On(lab, server, "other", ("ENDPOINT", "http://127.0.0.1:9")), "base");
        Assert.Empty(new GetTemplates(On(lab, server, "other")).Names());

        async Task FailsAsync(ErrorCode code, CharlyContext context, string template)
        {
            var error = await Assert.ThrowsAsync<CharlyException>(() => new PullTemplate(context).RunAsync(template, cancellationToken: cancellationToken));
            Assert.Equal(code, error.Code);
        }
    }

    private static CharlyContext On(VmLab lab, LoopbackServer server, string folder, params (string Name, string Value)[] changes)
    {
        var variables = new Dictionary<string, string>(lab.Environment.Variables) { ["CHARLY_TEMPLATES_DIR"] = Path.Combine(lab.Folder, folder) };
        foreach (var (name, value) in ((string, string)[])
        [
            ("ENDPOINT", $"http://127.0.0.1:{server.Port}"), ("BUCKET", Bucket), ("ACCESS_KEY_ID", "S3RVER"), ("SECRET_ACCESS_KEY", "S3RVER"), ("INSECURE", "1"), .. changes,
        ])
        {
            variables["CHARLY_TEMPLATE_REGISTRY_" + name] = value;
        }

        return new CharlyContext(lab.Environment with { Variables = variables }, lab.Context.Progress);
    }

    private static async Task<string> HashAsync(TemplateRevision revision, string file)
    {
        await using var stream = File.OpenRead(Path.Combine(revision.Path, file));
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream));
    }
}

using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Vms.Images;

namespace OpenCharly.LiveTests.Vms.Images;

/// <summary>Disk images in a real OCI registry.</summary>
public sealed class OciRegistryTests
{
    private const string ImageType = "application/vnd.cloudnebula.qcow2.layer.v1";

    [LiveFact("docker-registry", "qemu-img")]
    public async Task An_image_is_pulled_verified_kept_refreshed_and_used()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var server = new LoopbackServer();
        await File.WriteAllTextAsync(Path.Combine(server.Folder, "config.yml"), $"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {server.Folder}/data}}}}\nhttp: {{addr: 127.0.0.1:{server.Port}}}\n", limit.Token);
        await server.StartAsync(Need.Program("docker-registry"), "serve", "config.yml");
        await using var lab = new VmLab("noop");
        var one = await QcowAsync(lab, "one.qcow2", "16M");
        var two = await QcowAsync(lab, "two.qcow2", "32M");
        var host = $"127.0.0.1:{server.Port}";
        var manifest = await PushAsync(host, "1.0", one, ImageType);
        var url = $"oci://{host}/team/image:1.0";

        var pull = new PullImage(lab.Context);
        var image = await pull.RunAsync(url, cancellationToken: limit.Token);
        Assert.Equal(($"127.0.0.1_{server.Port}_team_image_1.0", "qcow2", 16L << 20, url), (image.Name, image.Format, image.VirtualSize, image.Url));
        Assert.Equal(one, await File.ReadAllBytesAsync(image.Path, limit.Token));
        Assert.Contains(lab.Events.OfType<ProgressEvent>(), e => e.IsCompleted && e.Done == one.Length && e.Activity.Contains("/team/image/blobs/", StringComparison.Ordinal));

        // What a tag means may change. What is there is kept, until it is asked for anew.
        await PushAsync(host, "1.0", two, "application/octet-stream");
        Assert.Equal(16L << 20, (await pull.RunAsync(url, cancellationToken: limit.Token)).VirtualSize);
        Assert.Equal(32L << 20, (await pull.RunAsync(url, refresh: true, cancellationToken: limit.Token)).VirtualSize);
        var written = File.GetLastWriteTimeUtc(image.Path);
        await pull.RunAsync(url, refresh: true, cancellationToken: limit.Token);
        Assert.Equal(written, File.GetLastWriteTimeUtc(image.Path));

        // A digest always means the same bytes.
        var byDigest = await pull.RunAsync($"oci://{host}/team/image@sha256:{manifest}", "fixed.qcow2", cancellationToken: limit.Token);
        Assert.Equal(one, await File.ReadAllBytesAsync(byDigest.Path, limit.Token));
        await MachinesAsync(lab, url, image.Path, one, host, limit.Token);
        await RefusalsAsync(lab, host, limit.Token);
    }

    private static async Task MachinesAsync(VmLab lab, string url, string path, byte[] one, string host, CancellationToken cancellationToken)
    {
        var vm = await new CreateVmFromImage(lab.Context).RunAsync(new CreateVmFromImageRequest { Name = "lab", ImageUrl = url }, cancellationToken);
        Assert.Equal(path, (await new QemuImg(lab.Context.Processes).InfoAsync(vm.Disk!, cancellationToken)).BackingFile);
        await PushAsync(host, "1.0", one, ImageType);
        var error = await Assert.ThrowsAsync<CharlyException>(() => new PullImage(lab.Context).RunAsync(url, refresh: true, cancellationToken: cancellationToken));
        Assert.Equal(Errors.VmState, error.Code);
        await new DestroyVm(lab.Context).RunAsync(new DestroyVmRequest { Name = "lab" }, cancellationToken);

        var store = new ImageStore(lab.Environment, lab.Paths, lab.Context.Processes, lab.Context.Progress);
        var source = new CloudImageSource { Url = url, Cache = Path.Combine(lab.Folder, "cache") };
        var based = await store.EnsureAsync(source, refresh: false, cancellationToken);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(one)), based.Sha256);
        Assert.Equal(based, await store.EnsureAsync(source, refresh: true, cancellationToken));
        error = await Assert.ThrowsAsync<CharlyException>(() => store.EnsureAsync(source with { Sha256 = new string('0', 64) }, refresh: false, cancellationToken));
        Assert.Equal(Errors.ImageChecksum, error.Code);
    }

    private static async Task RefusalsAsync(VmLab lab, string host, CancellationToken cancellationToken)
    {
        await PushAsync(host, "text", "no image"u8.ToArray(), "text/plain");
        foreach (var (url, part) in ((string, string)[])
        [
            ($"oci://{host}/team/image:none", "no such image"), ($"oci://{host}/none:1", "no such image"), ($"oci://{host}/team/image:text", "text/plain"),
            ("oci://127.0.0.1:9/x:1", "refused"), ("oci://UPPER/X", "no reference"),
        ])
        {
            var error = await Assert.ThrowsAsync<CharlyException>(() => new PullImage(lab.Context).RunAsync(url, cancellationToken: cancellationToken));
            Assert.Equal(Errors.OciPull, error.Code);
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }
    }

    private static async Task<byte[]> QcowAsync(VmLab lab, string name, string size)
    {
        var path = Path.Combine(lab.Folder, name);
        Assert.True(ByteSize.TryParse(size, 'B', out var bytes));
        await new QemuImg(lab.Context.Processes).CreateAsync(path, "qcow2", bytes);
        return await File.ReadAllBytesAsync(path);
    }

    /// <summary>Pushes an image of one layer by the registry's own protocol.</summary>
    /// <returns>Digest of the manifest.</returns>
    private static async Task<string> PushAsync(string host, string tag, byte[] layer, string type)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{host}") };
        var config = "{}"u8.ToArray();
        foreach (var blob in (byte[][])[config, layer])
        {
            using var begun = await client.PostAsync("/v2/team/image/blobs/uploads/", null);
            var separator = begun.Headers.Location!.ToString().Contains('?') ? '&' : '?';
            using var content = new ByteArrayContent(blob) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
            using var ended = await client.PutAsync($"{begun.Headers.Location}{separator}digest={Digest(blob)}", content);
            ended.EnsureSuccessStatusCode();
        }

        var text = $$$"""{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "{{{Digest(config)}}}", "size": {{{config.Length}}}}, "layers": [{"mediaType": "{{{type}}}", "digest": "{{{Digest(layer)}}}", "size": {{{layer.Length}}}}]}""";
        using var manifest = new ByteArrayContent(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = new MediaTypeHeaderValue("application/vnd.oci.image.manifest.v1+json") } };
        using var answer = await client.PutAsync($"/v2/team/image/manifests/{tag}", manifest);
        answer.EnsureSuccessStatusCode();
        return Digest(Encoding.UTF8.GetBytes(text))["sha256:".Length..];
    }

    private static string Digest(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
}

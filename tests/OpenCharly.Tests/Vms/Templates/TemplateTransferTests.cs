using System.Security.Cryptography;
using System.Text.Json;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Tests.Vms.Templates;

/// <summary>Revisions to and from a registry that is a folder; the service of real ones is tested live.</summary>
public sealed class TemplateTransferTests : IDisposable
{
    private readonly TemplateLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_push_leaves_files_checksums_and_the_pointer_under_their_keys()
    {
        var revision = await _lab.MakeAsync("base");
        await new PushTemplate(_lab.Context).RunAsync("base");
        string Key(string name) => Path.Combine(_lab.Registry, "base", "revisions", revision.Revision, name);
        Assert.Equal(revision.Revision + "\n", File.ReadAllText(Path.Combine(_lab.Registry, "base", "current")));
        Assert.Equal(
            ["checksums.json", "fc-base.json", "revision.json", "rootfs.ext4", "template.json", "vmlinux"],
            Directory.EnumerateFiles(Path.GetDirectoryName(Key("x"))!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(File.ReadAllBytes(Path.Combine(revision.Path, "checksums.json")), File.ReadAllBytes(Key("checksums.json")));
        using var json = JsonDocument.Parse(File.ReadAllText(Key("checksums.json")));
        Assert.Equal(["template_id", "revision_hash", "files"], json.RootElement.EnumerateObject().Select(m => m.Name));
        var files = json.RootElement.GetProperty("files").EnumerateObject().ToArray();
        Assert.Equal(["fc-base.json", "revision.json", "rootfs.ext4", "template.json", "vmlinux"], files.Select(f => f.Name));
        Assert.All(files, f => Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Key(f.Name)))), f.Value.GetString()));
    }

    [Fact]
    public async Task What_one_machine_pushed_another_pulls_verifies_and_makes_current()
    {
        await _lab.CreateAsync("base", more: "printf ram > \"$OUT/initrd\"");
        var built = await _lab.BuildAsync("base");
        await new PushTemplate(_lab.Context).RunAsync("base");
        var other = _lab.With(("CHARLY_TEMPLATES_DIR", _lab.At("other")));
        var pulled = await new PullTemplate(other).RunAsync("base");
        Assert.Equal((built.Revision, built.BuiltAt.ToUnixTimeSeconds(), "initrd", true), (pulled.Revision, pulled.BuiltAt.ToUnixTimeSeconds(), pulled.Initrd, pulled.IsCurrent));
        Assert.Equal("kernel", File.ReadAllText(_lab.At("other", "base", "artifacts", "current", "vmlinux")));
        Assert.Equal(File.ReadAllBytes(_lab.Template("base", "template.json")), File.ReadAllBytes(_lab.At("other", "base", "template.json")));
        Assert.Equal(["artifacts", "template.json"], Entries(_lab.At("other", "base")));
        Assert.True((await new VerifyTemplate(other).RunAsync("base")).IsIntact);
    }

    [Fact]
    public async Task A_named_revision_is_fetched_whatever_the_current_one_is()
    {
        var first = await _lab.MakeAsync("base");
        await new PushTemplate(_lab.Context).RunAsync("base");
        var second = await _lab.MakeAsync("base", "newer");
        await new PushTemplate(_lab.Context).RunAsync("base");
        var other = _lab.With(("CHARLY_TEMPLATES_DIR", _lab.At("other")));
        Assert.Equal(second.Revision, (await new PullTemplate(other).RunAsync("base")).Revision);
        Assert.Equal(first.Revision, (await new PullTemplate(other).RunAsync("base", first.Revision)).Revision);
        Assert.Equal(first.Revision, new GetTemplates(other).Show("base").Current);
        Assert.Equal(2, new GetTemplates(other).Show("base").Revisions.Count);
    }

    [Fact]
    public async Task The_own_description_is_not_replaced_by_a_pull()
    {
        await _lab.MakeAsync("base");
        await new PushTemplate(_lab.Context).RunAsync("base");
        await new CreateTemplate(_lab.Context).RunAsync(new CreateTemplateRequest { Name = "base", Role = "mine" });
        await new PullTemplate(_lab.Context).RunAsync("base");
        Assert.Equal("mine", new GetTemplates(_lab.Context).Show("base").Role);
        // The revision keeps the description that it was pushed with, so it is still what its checksums say.
        Assert.True((await new VerifyTemplate(_lab.Context).RunAsync("base")).IsIntact);
    }

    [Fact]
    public async Task A_pull_replaces_a_damaged_revision_and_drops_what_a_cut_one_left()
    {
        var revision = await _lab.MakeAsync("base");
        await new PushTemplate(_lab.Context).RunAsync("base");
        File.WriteAllText(Path.Combine(revision.Path, "vmlinux"), "damaged");
        File.WriteAllText(Path.Combine(revision.Path, "stray"), "");
        Directory.CreateDirectory(_lab.Template("base", "tmp-pull-" + revision.Revision, "old"));
        await new PullTemplate(_lab.Context).RunAsync("base");
        Assert.Equal("kernel", File.ReadAllText(Path.Combine(revision.Path, "vmlinux")));
        Assert.False(File.Exists(Path.Combine(revision.Path, "stray")));
        Assert.Equal(["artifacts", "template.json"], Entries(_lab.Template("base")));
    }

    [Fact]
    public async Task A_file_that_came_otherwise_than_it_was_sent_is_named_with_both_checksums_and_nothing_stays()
    {
        var revision = await _lab.MakeAsync("base");
        await new PushTemplate(_lab.Context).RunAsync("base");
        File.WriteAllText(Path.Combine(_lab.Registry, "base", "revisions", revision.Revision, "rootfs.ext4"), "evil");
        var other = _lab.With(("CHARLY_TEMPLATES_DIR", _lab.At("other")));
        var error = await TemplateLab.FailureOf(Errors.TemplateChecksum, () => new PullTemplate(other).RunAsync("base"));
        Assert.Contains("rootfs.ext4", error.Message, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData("root"u8)), error.Message, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData("evil"u8)), error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_lab.At("other", "base")));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"template_id": "other", "revision_hash": "REV", "files": {}}""")]
    [InlineData("""{"template_id": "base", "revision_hash": "other", "files": {}}""")]
    [InlineData("""{"template_id": "base", "revision_hash": "REV", "files": {"../../x": "0000000000000000000000000000000000000000000000000000000000000000"}}""")]
    [InlineData("""{"template_id": "base", "revision_hash": "REV", "files": {"vmlinux": "xyz"}}""")]
    [InlineData("""{"template_id": "base", "revision_hash": "REV", "files": {}}""")]
    public async Task Checksums_that_are_not_about_this_revision_are_refused(string text)
    {
        var revision = await _lab.MakeAsync("base");
        await new PushTemplate(_lab.Context).RunAsync("base");
        File.WriteAllText(Path.Combine(_lab.Registry, "base", "revisions", revision.Revision, "checksums.json"), text.Replace("REV", revision.Revision, StringComparison.Ordinal));
        var other = _lab.With(("CHARLY_TEMPLATES_DIR", _lab.At("other")));
        await TemplateLab.FailureOf(Errors.TemplateCorrupt, () => new PullTemplate(other).RunAsync("base"));
        Assert.False(Directory.Exists(_lab.At("other", "base")));
    }

    [Fact]
    public async Task What_the_registry_does_not_have_is_told()
    {
        await TemplateLab.FailureOf(Errors.TemplateNotFound, () => new PullTemplate(_lab.Context).RunAsync("base"));
        var revision = await _lab.MakeAsync("base");
        await new PushTemplate(_lab.Context).RunAsync("base");
        await TemplateLab.FailureOf(Errors.TemplateNotFound, () => new PullTemplate(_lab.Context).RunAsync("base", "none"));
        File.WriteAllText(Path.Combine(_lab.Registry, "base", "current"), " \n");
        await TemplateLab.FailureOf(Errors.TemplateNoCurrent, () => new PullTemplate(_lab.Context).RunAsync("base"));
        File.WriteAllText(Path.Combine(_lab.Registry, "base", "current"), "../up");
        await TemplateLab.FailureOf(Errors.TemplateCorrupt, () => new PullTemplate(_lab.Context).RunAsync("base"));
        File.WriteAllText(Path.Combine(_lab.Registry, "base", "current"), $"revisions/{revision.Revision}\n");
        File.Delete(Path.Combine(_lab.Registry, "base", "revisions", revision.Revision, "vmlinux"));
        await TemplateLab.FailureOf(Errors.TemplateCorrupt, () => new PullTemplate(_lab.Context).RunAsync("base"));
        Assert.Equal(revision.Revision, new GetTemplates(_lab.Context).Show("base").Current);
    }

    [Fact]
    public async Task A_push_without_a_current_revision_or_with_a_file_missing_sends_nothing()
    {
        await _lab.CreateAsync("base");
        await TemplateLab.FailureOf(Errors.TemplateNotFound, () => new PushTemplate(_lab.Context).RunAsync("none"));
        await TemplateLab.FailureOf(Errors.TemplateNoCurrent, () => new PushTemplate(_lab.Context).RunAsync("base"));
        var revision = await _lab.BuildAsync("base");
        await TemplateLab.FailureOf(Errors.TemplateNotFound, () => new PushTemplate(_lab.Context).RunAsync("base", "none"));
        File.Delete(Path.Combine(revision.Path, "rootfs.ext4"));
        var error = await TemplateLab.FailureOf(Errors.TemplateCorrupt, () => new PushTemplate(_lab.Context).RunAsync("base"));
        Assert.Contains("rootfs.ext4", error.Message, StringComparison.Ordinal);
        Directory.Delete(revision.Path, recursive: true);
        await TemplateLab.FailureOf(Errors.TemplateNoCurrent, () => new PushTemplate(_lab.Context).RunAsync("base"));
        File.Delete(_lab.Template("base", "artifacts", "current"));
        File.WriteAllText(_lab.Template("base", "artifacts", "current"), "");
        await TemplateLab.FailureOf(Errors.TemplateNoCurrent, () => new PushTemplate(_lab.Context).RunAsync("base"));
        Assert.False(Directory.Exists(_lab.At("registry")));
    }

    [Fact]
    public async Task Verify_names_every_file_that_is_not_what_it_was()
    {
        var revision = await _lab.MakeAsync("base");
        await TemplateLab.FailureOf(Errors.TemplateCorrupt, () => new VerifyTemplate(_lab.Context).RunAsync("base"));
        await new PushTemplate(_lab.Context).RunAsync("base");
        Directory.Delete(_lab.At("registry"), recursive: true);
        Assert.True((await new VerifyTemplate(_lab.Context).RequireAsync("base", revision.Revision)).IsIntact);
        File.WriteAllText(Path.Combine(revision.Path, "vmlinux"), "other");
        File.Delete(Path.Combine(revision.Path, "rootfs.ext4"));
        var result = await new VerifyTemplate(_lab.Context).RunAsync("base");
        Assert.Equal([("rootfs.ext4", true), ("vmlinux", false)], result.Files.Where(f => !f.IsIntact).Select(f => (f.Name, f.Actual is null)));
        var error = await TemplateLab.FailureOf(Errors.TemplateChecksum, () => new VerifyTemplate(_lab.Context).RequireAsync("base"));
        Assert.Contains("rootfs.ext4 of template base is missing", error.Message, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData("other"u8)), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_description_from_before_the_push_stands_in_for_one_that_the_revision_lacks()
    {
        var revision = await _lab.MakeAsync("base");
        await new PushTemplate(_lab.Context).RunAsync("base");
        File.Delete(Path.Combine(revision.Path, "template.json"));
        Assert.True((await new VerifyTemplate(_lab.Context).RunAsync("base")).IsIntact);
    }

    [Fact]
    public async Task A_registry_that_can_t_be_written_is_told()
    {
        await _lab.MakeAsync("base");
        File.WriteAllText(_lab.At("registry"), "a file");
        await TemplateLab.FailureOf(Errors.TemplateRegistryFailed, () => new PushTemplate(_lab.Context).RunAsync("base"));
    }

    [Fact]
    public async Task Without_settings_the_error_names_the_variables()
    {
        const string own = "CHARLY_TEMPLATE_REGISTRY_", origin = "MVM_TEMPLATE_REGISTRY_";
        await _lab.MakeAsync("base");
        foreach (var (code, part, context) in ((ErrorCode, string, CharlyContext)[])
        [
            (Errors.TemplateRegistryMissing, own + "ENDPOINT", _lab.With((own + "ENDPOINT", null))),
            (Errors.TemplateRegistryMissing, "nowhere", _lab.With((own + "ENDPOINT", "nowhere"))),
            (Errors.TemplateRegistryMissing, own + "BUCKET", _lab.With((own + "ENDPOINT", "https://s3.example.org"))),
            (Errors.TemplateRegistryMissing, own + "ACCESS_KEY_ID", _lab.With((own + "ENDPOINT", "https://s3.example.org"), (own + "BUCKET", "b"))),
            (Errors.TemplateRegistryMissing, own + "SECRET_ACCESS_KEY", _lab.With((own + "ENDPOINT", null), (origin + "ENDPOINT", "https://s3.example.org"), (origin + "BUCKET", "b"), (own + "ACCESS_KEY_ID", "k"))),
            (Errors.TemplateRegistryMissing, own + "PREFIX", _lab.With((own + "PREFIX", "//"))),
            (Errors.TemplateRegistryMissing, "a/../b", _lab.With((own + "PREFIX", "a/../b"))),
            (Errors.TemplateRegistryMissing, "account", _lab.With((own + "ENDPOINT", "https://me:secret@s3.example.org"))),
            (Errors.TemplateRegistryInsecure, "http://s3.example.org", _lab.With((own + "ENDPOINT", "http://s3.example.org"), (own + "INSECURE", "no"))),
        ])
        {
            var error = await TemplateLab.FailureOf(code, () => new PushTemplate(context).RunAsync("base"));
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret@", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Settings_have_defaults_and_trim_the_prefix()
    {
        const string own = "CHARLY_TEMPLATE_REGISTRY_";
        var settings = TemplateRegistrySettings.From(_lab.With(
            (own + "ENDPOINT", "http://127.0.0.1:1"), (own + "BUCKET", "b"), (own + "ACCESS_KEY_ID", "k"), (own + "SECRET_ACCESS_KEY", "s"), (own + "INSECURE", "YES"), (own + "PREFIX", "/team/x/")).Environment);
        Assert.Equal(("team/x", "us-east-1", "b"), (settings.Prefix, settings.Region, settings.Bucket));
        Assert.Equal("mvm", TemplateRegistrySettings.From(_lab.Context.Environment).Prefix);
    }

    private static IEnumerable<string> Entries(string folder) => Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)).Order(StringComparer.Ordinal);
}

using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Tests.Vms.Templates;

/// <summary>Templates as files: described, listed, shown, removed.</summary>
public sealed class TemplateStoreTests : IDisposable
{
    private readonly TemplateLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_description_has_the_keys_of_the_format_and_the_defaults()
    {
        await new CreateTemplate(_lab.Context).RunAsync(new CreateTemplateRequest { Name = "base" });
        var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(_lab.Template("base", "template.json"))).RootElement;
        Assert.Equal(
            ["template_id", "flake_ref", "profile", "role", "vcpus", "mem_mib", "data_disk_mib", "created_at", "updated_at"],
            json.EnumerateObject().Select(m => m.Name));
        Assert.Equal(("base", _lab.At(), "default", "worker"), (json.GetProperty("template_id").GetString(), json.GetProperty("flake_ref").GetString(), json.GetProperty("profile").GetString(), json.GetProperty("role").GetString()));
        Assert.Equal((2, 1024, 0), (json.GetProperty("vcpus").GetInt32(), json.GetProperty("mem_mib").GetInt32(), json.GetProperty("data_disk_mib").GetInt32()));
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$", json.GetProperty("created_at").GetString());
    }

    [Fact]
    public async Task A_description_is_read_as_it_was_written_for_each_builder()
    {
        foreach (var request in (CreateTemplateRequest[])
        [
            new() { Name = "a", Run = ["make", "echo 'x y'"], Env = ["A=1", "B=x=y"], Vcpus = 4, Memory = "2G", DataDisk = "10G", FlakeRef = "github:example/images", Profile = "min", Role = "gateway" },
            new() { Name = "a", Suite = "bookworm", Mirror = "http://mirror.example.org/debian", Components = ["main", "contrib"], Packages = ["nginx"], KernelPackage = "linux-image-amd64" },
            new() { Name = "a", Builder = "nix" },
            new() { Name = "a" },
        ])
        {
            var written = Assert.Single(await new CreateTemplate(_lab.Context).RunAsync(request));
            var read = new GetTemplates(_lab.Context).Show("a");
            Assert.Equal(request.FlakeRef.Contains(':') ? request.FlakeRef : _lab.At(), read.FlakeRef);
            Assert.Equal((request.Vcpus, request.Memory == "2G" ? 2048 : 1024, request.DataDisk == "10G" ? 10240 : 0, request.Profile, request.Role), (read.Vcpus, read.MemMib, read.DataDiskMib, read.Profile, read.Role));
            Assert.Equal(written.Builder?.Kind, read.Builder?.Kind);
            switch (read.Builder)
            {
                case CommandTemplateBuilder command:
                    Assert.Equal(request.Run, command.Run);
                    Assert.Equal(new Dictionary<string, string> { ["A"] = "1", ["B"] = "x=y" }, command.Env);
                    break;
                case DebootstrapTemplateBuilder debian:
                    Assert.Equal((request.Suite, request.Mirror, request.KernelPackage), (debian.Suite, debian.Mirror, debian.KernelPackage));
                    Assert.Equal(request.Components, debian.Components);
                    Assert.Equal(request.Packages, debian.Packages);
                    break;
            }
        }
    }

    [Fact]
    public async Task A_second_description_replaces_the_first_and_keeps_its_day()
    {
        var first = Assert.Single(await _lab.CreateAsync("base"));
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        var second = Assert.Single(await new CreateTemplate(_lab.Context).RunAsync(new CreateTemplateRequest { Name = "base", Role = "gateway" }));
        Assert.Equal(("gateway", first.CreatedAt), (second.Role, second.CreatedAt));
        Assert.True(second.UpdatedAt > first.UpdatedAt);
        Assert.Null(second.Builder);
    }

    [Fact]
    public async Task Several_roles_make_a_template_each()
    {
        var made = await new CreateTemplate(_lab.Context).RunAsync(new CreateTemplateRequest { Name = "base", Roles = ["gateway", "worker"] });
        Assert.Equal([("base-gateway", "gateway"), ("base-worker", "worker")], made.Select(t => (t.Name, t.Role)));
        Assert.Equal(["base-gateway", "base-worker"], new GetTemplates(_lab.Context).Names());
    }

    [Fact]
    public void Without_a_folder_there_are_no_templates()
    {
        Assert.Empty(new GetTemplates(_lab.Context).Run());
        Assert.False(Directory.Exists(_lab.Templates));
    }

    [Fact]
    public async Task The_folder_is_the_first_of_four_that_is_named_or_there()
    {
        Assert.Equal(_lab.Templates, _lab.Store.Folder);
        Directory.CreateDirectory(_lab.At(".mvm", "templates"));
        Assert.Equal(_lab.At(".mvm", "templates"), _lab.Store.Folder);
        var origin = _lab.With(("MVM_DATA_DIR", "/srv/mvm"));
        Assert.Equal("/srv/mvm/templates", new TemplateStore(origin.Environment, origin.Paths).Folder);
        var own = _lab.With(("MVM_DATA_DIR", "/srv/mvm"), ("CHARLY_TEMPLATES_DIR", "~/own"));
        Assert.Equal(_lab.At("own"), new TemplateStore(own.Environment, own.Paths).Folder);
        await new InitializeTemplate(own).RunAsync("a");
        Assert.True(Directory.Exists(_lab.At("own", "a", "artifacts", "revisions")));
    }

    [Fact]
    public async Task Initialising_twice_changes_nothing_that_is_there()
    {
        await _lab.MakeAsync("base");
        var before = Directory.EnumerateFileSystemEntries(_lab.Template("base"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        var template = await new InitializeTemplate(_lab.Context).RunAsync("base");
        Assert.True(template.IsDefined);
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(_lab.Template("base"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
        Assert.False((await new InitializeTemplate(_lab.Context).RunAsync("empty")).IsDefined);
        Assert.Equal(["base", "empty"], new GetTemplates(_lab.Context).Run().Select(t => t.Name));
    }

    [Fact]
    public void Local_sources_are_written_once()
    {
        var initialize = new InitializeTemplate(_lab.Context);
        Assert.Equal([_lab.At("src", "web", "build"), _lab.At("src", "web", "template.toml")], initialize.Scaffold("web", "src"));
        Assert.True(File.GetUnixFileMode(_lab.At("src", "web", "build")).HasFlag(UnixFileMode.UserExecute));
        File.WriteAllText(_lab.At("src", "web", "build"), "mine");
        File.Delete(_lab.At("src", "web", "template.toml"));
        Assert.Equal([_lab.At("src", "web", "template.toml")], initialize.Scaffold("web", "src"));
        Assert.Equal("mine", File.ReadAllText(_lab.At("src", "web", "build")));
        var config = TemplateConfig.Read(_lab.At("src", "web", "template.toml"));
        Assert.Equal(("web", "worker"), (config.TemplateId, Assert.Single(config.Variants).Role));
    }

    [Fact]
    public async Task A_template_is_removed_with_all_that_it_has()
    {
        await _lab.MakeAsync("base");
        await new RemoveTemplate(_lab.Context).RunAsync("base");
        Assert.Equal([".locks"], Directory.EnumerateFileSystemEntries(_lab.Templates).Select(e => Path.GetFileName(e)));
        await TemplateLab.FailureOf(Errors.TemplateNotFound, () => new RemoveTemplate(_lab.Context).RunAsync("base"));
        await new RemoveTemplate(_lab.Context).RunAsync("base", force: true);
    }

    [Fact]
    public async Task A_template_that_is_not_there_is_told_with_the_nearest_one()
    {
        await _lab.CreateAsync("gateway");
        var error = await TemplateLab.FailureOf(Errors.TemplateNotFound, () => Task.Run(() => new GetTemplates(_lab.Context).Show("gatway")));
        Assert.Contains("gateway", error.Help, StringComparison.Ordinal);
        Assert.Contains("template list", (await TemplateLab.FailureOf(Errors.TemplateNotFound, () => Task.Run(() => new GetTemplates(_lab.Context).Show("other")))).Help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "template.json")]
    [InlineData("[]", "no JSON object")]
    [InlineData("""{"template_id": "other"}""", "other")]
    [InlineData("""{"vcpus": "two"}""", "vcpus")]
    [InlineData("""{"mem_mib": 0}""", "mem_mib")]
    [InlineData("""{"builder": {"kind": "magic"}}""", "magic")]
    [InlineData("""{"builder": {"kind": "command", "run": [1]}}""", "run")]
    [InlineData("""{"created_at": "yesterday"}""", "yesterday")]
    public async Task A_broken_description_is_told_with_its_file_and_left_out_of_lists(string text, string part)
    {
        await _lab.CreateAsync("good");
        Directory.CreateDirectory(_lab.Template("bad"));
        File.WriteAllText(_lab.Template("bad", "template.json"), text);
        var error = await TemplateLab.FailureOf(Errors.TemplateCorrupt, () => Task.Run(() => new GetTemplates(_lab.Context).Show("bad")));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Equal(_lab.Template("bad", "template.json"), error.Target);
        Assert.Equal(["good"], new GetTemplates(_lab.Context).Run().Select(t => t.Name));
        Assert.Contains(_lab.Notices, n => n.Contains("bad is left out", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("-x")]
    [InlineData("a\nb")]
    public async Task A_name_that_leaves_the_folder_is_refused(string name)
    {
        await TemplateLab.FailureOf(Errors.BadName, () => _lab.CreateAsync(name));
        await TemplateLab.FailureOf(Errors.BadName, () => new InitializeTemplate(_lab.Context).RunAsync(name));
        await TemplateLab.FailureOf(Errors.BadName, () => new RemoveTemplate(_lab.Context).RunAsync(name, force: true));
        await TemplateLab.FailureOf(Errors.BadName, () => new PullTemplate(_lab.Context).RunAsync(name));
        await TemplateLab.FailureOf(Errors.BadName, () => Task.Run(() => new InitializeTemplate(_lab.Context).Scaffold(name)));
        await TemplateLab.FailureOf(Errors.BadName, () => new CreateTemplate(_lab.Context).RunAsync(new CreateTemplateRequest { Name = "base", Roles = ["worker", name] }));
        Assert.False(Directory.Exists(_lab.Templates));
    }

    [Fact]
    public async Task Each_wrong_option_has_an_error_of_its_own()
    {
        var good = new CreateTemplateRequest { Name = "base" };
        foreach (var (code, request) in ((ErrorCode, CreateTemplateRequest)[])
        [
            (Errors.VmVcpus, good with { Vcpus = 0 }),
            (Errors.VmMemory, good with { Memory = "0" }),
            (Errors.VmMemory, good with { Memory = "much" }),
            (Errors.Usage, good with { DataDisk = "-1" }),
            (Errors.Usage, good with { Builder = "nyx" }),
            (Errors.Usage, good with { Builder = "command" }),
            (Errors.Usage, good with { Builder = "nix", Run = ["make"] }),
            (Errors.Usage, good with { Builder = "command", Run = ["make"], Suite = "trixie" }),
            (Errors.Usage, good with { Run = ["make"], Env = ["=x"] }),
            (Errors.Usage, good with { Run = ["make"], Env = ["A"] }),
        ])
        {
            await TemplateLab.FailureOf(code, () => new CreateTemplate(_lab.Context).RunAsync(request));
        }

        Assert.False(Directory.Exists(_lab.Templates));
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Tests.Vms.Templates;

/// <summary>Building revisions, and the link that says which is current.</summary>
public sealed class TemplateBuildTests : IDisposable
{
    private readonly TemplateLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_build_leaves_a_revision_with_all_its_files_and_makes_it_current()
    {
        await _lab.CreateAsync("base", more: "printf ram > \"$OUT/initrd\"");
        var revision = await _lab.BuildAsync("base");
        Assert.Equal(["fc-base.json", "initrd", "revision.json", "rootfs.ext4", "vmlinux"], Directory.EnumerateFiles(revision.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(_lab.Template("base", "artifacts", "revisions", revision.Revision), revision.Path);
        Assert.Equal("revisions/" + revision.Revision, new FileInfo(_lab.Template("base", "artifacts", "current")).LinkTarget);
        Assert.Equal("kernel", File.ReadAllText(_lab.Template("base", "artifacts", "current", "vmlinux")));
        Assert.Equal(["artifacts", "template.json"], Entries(_lab.Template("base")));
        Assert.Equal(["current", "revisions"], Entries(_lab.Template("base", "artifacts")));
        var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(revision.Path, "revision.json"))).RootElement;
        Assert.Equal(
            ["revision_hash", "flake_ref", "flake_lock_hash", "artifact_paths", "built_at", "profile", "role", "vcpus", "mem_mib", "data_disk_mib"], json.EnumerateObject().Select(m => m.Name));
        Assert.Equal("""{"vmlinux":"vmlinux","rootfs":"rootfs.ext4","fc_base_config":"fc-base.json","initrd":"initrd"}""", JsonSerializer.Serialize(json.GetProperty("artifact_paths")));
    }

    [Fact]
    public async Task How_it_boots_is_written_as_firecracker_reads_it()
    {
        await _lab.CreateAsync("base", more: "printf ram > \"$OUT/initrd\"");
        var revision = await _lab.BuildAsync("base");
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(revision.Path, "fc-base.json")));
        Assert.Equal(
            """{"boot-source":{"kernel_image_path":"vmlinux","boot_args":"console=ttyS0 reboot=k panic=1 net.ifnames=0","initrd_path":"initrd"},"drives":[{"drive_id":"rootfs","path_on_host":"rootfs.ext4","is_root_device":true,"is_read_only":false}],"machine-config":{"vcpu_count":2,"mem_size_mib":1024}}""",
            JsonSerializer.Serialize(json.RootElement));
    }

    [Fact]
    public async Task A_revision_is_named_by_its_files_and_a_second_build_of_the_same_keeps_it()
    {
        var first = await _lab.MakeAsync("base");
        var boot = File.ReadAllBytes(Path.Combine(first.Path, "fc-base.json"));
        var lines = $"fc-base.json:{Hex(boot)}\nrootfs.ext4:{Hex("root"u8)}\nvmlinux:{Hex("kernel"u8)}\n";
        Assert.Equal(Hex(Encoding.UTF8.GetBytes(lines))[..32], first.Revision);
        Assert.Equal(first.Revision, first.FlakeLockHash);
        Assert.Equal(Hex(Encoding.UTF8.GetBytes($"{first.Revision}:default:worker")), first.CacheKey);
        var second = await _lab.BuildAsync("base");
        Assert.Equal((first.Revision, first.BuiltAt), (second.Revision, second.BuiltAt));
        var third = await _lab.MakeAsync("base", "another kernel");
        Assert.NotEqual(first.Revision, third.Revision);
        var template = new GetTemplates(_lab.Context).Show("base");
        Assert.Equal(third.Revision, template.Current);
        Assert.Equal([(first.Revision, false), (third.Revision, true)], template.Revisions.OrderBy(r => r.IsCurrent).Select(r => (r.Revision, r.IsCurrent)));
    }

    [Fact]
    public async Task A_builder_may_name_the_revision_and_bring_its_own_boot_file()
    {
        const string boot = """{"boot-source": {"kernel_image_path": "vmlinux", "boot_args": "console=hvc0"}}""";
        await _lab.CreateAsync("base", more: $"echo r1 > \"$OUT/revision\"; echo {Shell.Quote(boot)} > \"$OUT/fc-base.json\"");
        var revision = await _lab.BuildAsync("base");
        Assert.Equal("r1", revision.Revision);
        Assert.Equal("console=hvc0", TemplateDocuments.ReadBoot(revision.Path).BootArgs);
        Assert.False(File.Exists(Path.Combine(revision.Path, "revision")));
    }

    [Fact]
    public async Task The_lock_file_of_the_sources_is_remembered()
    {
        File.WriteAllText(_lab.At("flake.lock"), "{}");
        Assert.Equal(Hex("{}"u8), (await _lab.MakeAsync("base")).FlakeLockHash);
    }

    [Fact]
    public async Task Commands_run_in_the_source_folder_and_know_what_they_build()
    {
        var source = Directory.CreateDirectory(_lab.At("src dir")).FullName;
        await new CreateTemplate(_lab.Context).RunAsync(new CreateTemplateRequest
        {
            Name = "base", FlakeRef = source, Role = "gateway", Profile = "min", Vcpus = 3, Memory = "512", Env = ["EXTRA=more of it"],
            Run = ["pwd > \"$OUT/vmlinux\"\necho \"$TEMPLATE_ID $PROFILE $ROLE $VCPUS $MEM_MIB $EXTRA\" > \"$OUT/rootfs.ext4\""],
        });
        var revision = await _lab.BuildAsync("base");
        Assert.Equal(source + "\n", File.ReadAllText(Path.Combine(revision.Path, "vmlinux")));
        Assert.Equal("base min gateway 3 512 more of it\n", File.ReadAllText(Path.Combine(revision.Path, "rootfs.ext4")));
        Assert.Equal(("min", "gateway", 3, 512), (revision.Profile, revision.Role, revision.Vcpus, revision.MemMib));
    }

    [Fact]
    public async Task What_a_builder_links_is_copied_with_its_attributes()
    {
        File.WriteAllText(_lab.At("kernel"), "far away");
        File.SetLastWriteTimeUtc(_lab.At("kernel"), new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        await _lab.CreateAsync("base", more: "ln -sf \"$PWD/kernel\" \"$OUT/vmlinux\"");
        var revision = await _lab.BuildAsync("base");
        var file = new FileInfo(Path.Combine(revision.Path, "vmlinux"));
        Assert.Equal((null, 2020), (file.LinkTarget, file.LastWriteTimeUtc.Year));
        Assert.Equal("far away", File.ReadAllText(file.FullName));
    }

    [Theory]
    [InlineData("echo begin\nexit 7", "\"echo begin\" ended with 7")]
    [InlineData("echo what is wrong >&2; exit 1", "what is wrong")]
    [InlineData("rm \"$OUT/rootfs.ext4\"", "no rootfs.ext4")]
    [InlineData("rm \"$OUT/vmlinux\"", "no vmlinux")]
    [InlineData("echo ../up > \"$OUT/revision\"", "../up")]
    public async Task A_build_that_fails_says_why_and_changes_nothing(string command, string part)
    {
        var good = await _lab.MakeAsync("base");
        await _lab.CreateAsync("base", "newer", command);
        var error = await TemplateLab.FailureOf(Errors.TemplateBuildFailed, () => _lab.BuildAsync("base"));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        var template = new GetTemplates(_lab.Context).Show("base");
        Assert.Equal(good.Revision, template.Current);
        Assert.Single(template.Revisions);
        Assert.Equal(["artifacts", "template.json"], Entries(_lab.Template("base")));
    }

    [Fact]
    public async Task A_boot_file_that_can_t_be_read_fails_the_build()
    {
        await _lab.CreateAsync("base", more: "echo '{' > \"$OUT/fc-base.json\"");
        await TemplateLab.FailureOf(Errors.TemplateCorrupt, () => _lab.BuildAsync("base"));
        Assert.Null(new GetTemplates(_lab.Context).Show("base").Current);
    }

    [Fact]
    public async Task What_is_not_described_or_not_there_is_not_built()
    {
        await new InitializeTemplate(_lab.Context).RunAsync("empty");
        await TemplateLab.FailureOf(Errors.TemplateNotFound, () => _lab.BuildAsync("empty"));
        await TemplateLab.FailureOf(Errors.TemplateNotFound, () => _lab.BuildAsync("none"));
    }

    [Fact]
    public async Task Without_nix_a_flake_is_an_error_that_names_the_other_way()
    {
        var programs = new PlayedPrograms(_ => throw new InvalidOperationException()) { Missing = { "nix" } };
        var context = new CharlyContext(_lab.Context.Environment, processes: programs);
        await new CreateTemplate(context).RunAsync(new CreateTemplateRequest { Name = "base" });
        var error = await TemplateLab.FailureOf(Errors.ToolMissing, () => new BuildTemplate(context).RunAsync(new BuildTemplateRequest { Name = "base" }));
        Assert.Contains("--builder debootstrap", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flake_is_built_by_nix_and_named_as_its_store_names_it()
    {
        var store = Directory.CreateDirectory(_lab.At("nix", "0123abcdefghijklmnopqrstuvwxyz45-image")).FullName;
        File.WriteAllText(Path.Combine(store, "vmlinux"), "kernel");
        File.WriteAllText(Path.Combine(store, "rootfs.ext4"), "root");
        var real = new ProcessRunner(_lab.Context.Environment);
        var programs = new PlayedPrograms(r => r.Program == "nix" ? new CommandResult(store + "\n", "", 0, TimeSpan.Zero) : real.RunAsync(r).GetAwaiter().GetResult());
        var context = new CharlyContext(_lab.Context.Environment, processes: programs);
        await new CreateTemplate(context).RunAsync(new CreateTemplateRequest { Name = "base", FlakeRef = "github:example/images", Profile = "min" });
        var revision = Assert.Single(await new BuildTemplate(context).RunAsync(new BuildTemplateRequest { Name = "base", Force = true }));
        Assert.Equal("0123abcdefghijklmnopqrstuvwxyz45", revision.Revision);
        Assert.Equal(["build", "--no-link", "--print-out-paths", "--refresh", "github:example/images#min"], programs.Requests[0].Arguments);
        Assert.Null(new FileInfo(Path.Combine(revision.Path, "vmlinux")).LinkTarget);
    }

    [Fact]
    public async Task A_list_of_variants_makes_and_builds_each_of_them()
    {
        await _lab.CreateAsync("base");
        File.WriteAllText(_lab.At("v.toml"), """
            # of one source
            template_id = "base"   # must agree
            profile = 'min'

            [[variants]]
            role = "worker"
            vcpus = 4
            mem_mib = 2_048

            [[variants]]
            name = "edge"
            role = "gateway"
            profile = "big \"one\""
            data_disk_mib = 64
            """);
        var built = await new BuildTemplate(_lab.Context).RunAsync(new BuildTemplateRequest { Name = "base", Config = "v.toml" });
        Assert.Equal([("base-worker", "min", 4, 2048, 0), ("edge", "big \"one\"", 2, 1024, 64)], built.Select(r => (r.Template, r.Profile, r.Vcpus, r.MemMib, r.DataDiskMib)));
        Assert.Equal("gateway", new GetTemplates(_lab.Context).Show("edge").Role);
        Assert.All(built, r => Assert.Equal("kernel", File.ReadAllText(Path.Combine(r.Path, "vmlinux"))));
    }

    [Theory]
    [InlineData("profile = \"a\"\nrole = \"x\"", 2, "role")]
    [InlineData("[variants]", 1, "[variants]")]
    [InlineData("\n[[variant]]\nrole = \"x\"", 1, "variant")]
    [InlineData("[[variants]]\nvcpus = \"two\"", 2, "vcpus")]
    [InlineData("[[variants]]\nvcpus = 0", 2, "vcpus")]
    [InlineData("profile = \"open", 1, "not closed")]
    [InlineData("profile = [1]", 1, "[1]")]
    [InlineData("profile = \"a\" b", 1, "b")]
    [InlineData("profile = \"a\\q\"", 1, "\\q")]
    [InlineData("profile = \"a\"\nprofile = \"b\"", 2, "twice")]
    [InlineData("nonsense", 1, "nonsense")]
    public void A_list_of_variants_that_is_wrong_is_told_with_its_line(string text, int line, string part)
    {
        File.WriteAllText(_lab.At("v.toml"), text);
        var error = Assert.Throws<CharlyException>(() => TemplateConfig.Read(_lab.At("v.toml")));
        Assert.Equal((Errors.TemplateCorrupt, line), (error.Code, error.Position!.Line));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_about_another_template_or_with_one_name_twice_makes_nothing()
    {
        File.WriteAllText(_lab.At("v.toml"), "template_id = \"other\"");
        await TemplateLab.FailureOf(Errors.Usage, () => new BuildTemplate(_lab.Context).RunAsync(new BuildTemplateRequest { Name = "base", Config = "v.toml" }));
        File.WriteAllText(_lab.At("v.toml"), "[[variants]]\n[[variants]]\n");
        await TemplateLab.FailureOf(Errors.TemplateCorrupt, () => new BuildTemplate(_lab.Context).RunAsync(new BuildTemplateRequest { Name = "base", Config = "v.toml" }));
        await TemplateLab.FailureOf(Errors.FileMissing, () => new BuildTemplate(_lab.Context).RunAsync(new BuildTemplateRequest { Name = "base", Config = "none.toml" }));
        Assert.Empty(new GetTemplates(_lab.Context).Names());
    }

    [Fact]
    public async Task The_current_link_never_leads_nowhere()
    {
        await _lab.CreateAsync("base", more: "echo same > \"$OUT/revision\"; date +%N > \"$OUT/initrd\"");
        await _lab.BuildAsync("base");
        using var stop = new CancellationTokenSource();
        var watch = Task.Run(() =>
        {
            long looks = 0;
            for (; !stop.IsCancellationRequested; looks++)
            {
                Assert.True(File.Exists(_lab.Template("base", "artifacts", "current", "vmlinux")));
            }

            return looks;
        });
        for (var i = 0; i < 10; i++) await _lab.BuildAsync("base");
        await stop.CancelAsync();
        Assert.True(await watch > 10);
        Assert.Single(new GetTemplates(_lab.Context).Show("base").Revisions);
    }

    [Fact]
    public async Task Where_older_programs_left_link_and_revisions_they_are_found()
    {
        var revision = await _lab.MakeAsync("base");
        Directory.Move(revision.Path, _lab.Template("base", "artifacts", revision.Revision));
        File.Delete(_lab.Template("base", "artifacts", "current"));
        File.CreateSymbolicLink(_lab.Template("base", "current"), "revisions/" + revision.Revision);
        var template = new GetTemplates(_lab.Context).Show("base");
        Assert.Equal((revision.Revision, _lab.Template("base", "artifacts", revision.Revision)), (template.Current, Assert.Single(template.Revisions).Path));
        File.Delete(_lab.Template("base", "current"));
        File.WriteAllText(_lab.Template("base", "artifacts", "current"), $"revisions/{revision.Revision}\n");
        Assert.Equal(revision.Revision, _lab.Store.ReadRevision("base", null).Revision);
    }

    private static IEnumerable<string> Entries(string folder) => Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)).Order(StringComparer.Ordinal);

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Tests.Cli;
using OpenCharly.Tests.Plans;
using OpenCharly.Tests.Targets;
using Lab = OpenCharly.Tests.Targets.TargetLab;

namespace OpenCharly.Tests.Catalogue;

/// <summary>The codes that compiling and running end with: what was wrong, where it stands, and that the target is as before.</summary>
public sealed class RunErrorTests : IDisposable
{
    private readonly TargetLab _lab = new();
    private readonly SampleCandies _candies = new();

    public void Dispose()
    {
        _candies.Dispose();
        _lab.Dispose();
    }

    [Fact]
    [CatalogueCode("CFG006")]
    public async Task A_folder_and_a_repository_can_not_both_be_the_project()
    {
        using var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync("--dir", ".", "--repo", "acme/candies", "box", "validate"));
        Assert.Equal("error CFG006: --dir and --repo exclude each other\n  help: Give one of them.\n", run.Error);
        Assert.Empty(run.Output);
        Assert.Empty(Directory.GetFileSystemEntries(run.Home));
    }

    [Fact]
    [CatalogueCode("REF001")]
    public async Task An_empty_reference_is_not_taken_for_none()
    {
        using var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync("bundle", "add", "host", "", "--yes"));
        Assert.StartsWith("error REF001: the reference is empty\n", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    [CatalogueCode("PLN001")]
    public void A_candy_for_other_systems_is_refused_at_its_place()
    {
        var candy = Placed("fedora-only") with { Sections = [new PackageSection { Tag = "fedora", Packages = ["x"] }] };
        Refused("PLN001", candy, () => Plan.Compile("debian:13", candy));
    }

    [Fact]
    [CatalogueCode("PLN002")]
    public void A_builder_that_nobody_knows_is_refused_at_its_candy()
    {
        var candy = Placed("odd") with { Builders = ["make"] };
        Refused("PLN002", candy, () => Plan.Compile("debian:13", candy));
    }

    [Fact]
    [CatalogueCode("PLN003")]
    public void Packages_for_a_system_without_a_package_manager_are_refused()
    {
        var candy = Placed("curl") with { Packages = ["curl"] };
        var request = Plan.Request("debian:13", candy);
        var error = Assert.Throws<CharlyException>(() => PlanCompiler.Compile(request with { Facts = request.Facts with { OsId = "slackware", Tags = ["slackware"], Format = null } }));
        Assert.Equal("PLN003", error.Code.Id);
        Assert.Contains("slackware", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [CatalogueCode("PLN004")]
    public void A_required_variable_without_a_value_is_named_with_its_description()
    {
        var candy = Placed("k3s") with { EnvRequire = [new CandyRequirement("K3S_TOKEN", "the cluster's token", null, null)] };
        var error = Refused("PLN004", candy, () => Plan.Compile("debian:13", candy));
        Assert.Contains("K3S_TOKEN (candy k3s: the cluster's token)", error.Message, StringComparison.Ordinal);
        Plan.Compile("debian:13", candy with { EnvRequire = [new CandyRequirement("K3S_TOKEN", "d", null, "a default")] });
    }

    [Fact]
    [CatalogueCode("RUN001")]
    public async Task A_target_whose_shell_does_not_answer_is_left_alone()
    {
        var before = _lab.Photograph(withLedger: true);
        var broken = _lab.Environment with { Variables = new Dictionary<string, string>(_lab.Environment.Variables) { ["PATH"] = Broken() } };
        var executor = new LocalExecutor(broken, new ProcessRunner(broken));
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.AddAsync(_lab.Plan("lab", Lab.Folder("web", _lab.At("tree/a"))), executor));
        Assert.Equal("RUN001", error.Code.Id);
        Assert.NotEmpty(error.Help);
        File.Delete(_lab.At("bin/bash"));
        Directory.Delete(_lab.At("bin"));
        Assert.Equal(before, _lab.Photograph(withLedger: true));
    }

    [Fact]
    [CatalogueCode("RUN002")]
    public async Task A_step_that_fails_is_named_with_candy_index_kind_exit_code_and_its_last_lines()
    {
        var result = await _lab.AddAsync(_lab.Plan("lab", Lab.Folder("web", _lab.At("tree/a")), Lab.Command("web", "echo the disk is purple >&2; exit 7"), Lab.Folder("web", _lab.At("tree/b"))));
        var error = Assert.IsType<CharlyException>(result.Failure);
        Assert.Equal("RUN002", error.Code.Id);
        Assert.Equal("web: step 2 of 3 (Op: cmd: echo the disk is purple >&2; exit 7) failed with exit code 7\nthe disk is purple", error.Message);
        Assert.False(Directory.Exists(_lab.At("tree/b")));
    }

    [Theory]
    [CatalogueCode("LED001")]
    [InlineData("{\"candy\": \"web\"}")]
    [InlineData("{\"candy\": ")]
    [InlineData("\0\0\0\0")]
    [InlineData("[]")]
    public async Task A_record_that_can_not_be_read_stops_everything_and_stays_as_it_is(string record)
    {
        var plan = _lab.Plan("lab", Lab.Write("web", _lab.At("tree/a"), "1"));
        await _lab.AddAsync(plan);
        var file = _lab.Ledger.LayerFile("web");
        await File.WriteAllTextAsync(file, record);
        var before = _lab.Photograph(withLedger: false);
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.AddAsync(plan));
        Assert.Equal("LED001", error.Code.Id);
        Assert.Contains("web.json", error.Message, StringComparison.Ordinal);
        Assert.Equal(record, await File.ReadAllTextAsync(file));
        Assert.Equal(before, _lab.Photograph(withLedger: false));
    }

    [Fact]
    [CatalogueCode("LED002")]
    public async Task Removing_what_nobody_knows_names_what_is_known()
    {
        using var run = new CommandRun();
        await File.WriteAllTextAsync(Path.Combine(run.Home, "charly.yml"), "version: 2026.163.0928\ndeploy:\n  laptop: {target: local}\n");
        Assert.Equal(3, await run.RunAsync("bundle", "del", "labtop", "--yes"));
        Assert.Equal("error LED002: nothing is deployed as \"labtop\"\n  help: Did you mean \"laptop\"?\n", run.Error);
        Assert.Empty(run.Output);
    }

    private Candy Placed(string name) => _candies.New(name) with { Position = new SourcePosition($"candy/{name}/charly.yml", 2, 3) };

    private static CharlyException Refused(string code, Candy candy, Action compile)
    {
        var error = Assert.Throws<CharlyException>(compile);
        Assert.Equal((code, candy.Position), (error.Code.Id, error.Position));
        Assert.Contains(candy.Name, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Help);
        return error;
    }

    // A folder whose bash ends at once.
    private string Broken()
    {
        var folder = _lab.At("bin");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "bash"), "#!/bin/sh\necho the loader is broken >&2\nexit 9\n");
        File.SetUnixFileMode(Path.Combine(folder, "bash"), (UnixFileMode)0b111_101_101);
        return folder;
    }
}

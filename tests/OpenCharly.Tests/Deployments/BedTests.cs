using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Operations;

namespace OpenCharly.Tests.Deployments;

/// <summary>Beds: brought up, checked, taken down; peers as instruments (deploy.md §6, §10.3, §12).</summary>
public sealed class BedTests : IDisposable
{
    private readonly BundleLab _lab = new();

    public BedTests()
    {
        foreach (var name in (string[])["subject", "child", "tool"]) _lab.WriteCandy(name, $"  task:\n    - {{write: \"${{HOME}}/marks/{name}\", content: \"{name}\\n\", user: \"${{USER}}\"}}\n");
        _lab.WriteCandy("broken", "  task:\n    - {cmd: \"exit 3\", user: \"${USER}\"}\n");
        _lab.Write("charly.yml", """
            version: 2026.163.0928
            discover: [candy]
            deploy:
              mine: {target: local, add_candy: [subject]}
            eval:
              good:
                target: local
                disposable: true
                add_candy: [subject]
                eval:
                  - {id: there, file: "${HOME}/marks/subject", exists: true, scope: deploy}
                  - {id: peer-there, on: driver, file: "${HOME}/marks/tool", exists: true, scope: deploy}
                  - {id: endpoint, command: "test ${PEER_ENDPOINT:driver:80} = 127.0.0.1:80", exit_status: 0, scope: deploy}
                nested:
                  inner: {target: local, add_candy: [child], eval: [{id: child-there, file: "${HOME}/marks/child", exists: true, scope: deploy}]}
                peer:
                  driver: {target: local, add_candy: [tool], eval: [{id: never, file: /nowhere, exists: true, scope: deploy}]}
              failing:
                target: local
                disposable: true
                add_candy: [subject]
                eval:
                  - {id: absent, file: /nowhere, exists: true, scope: deploy}
                  - {id: no-peer, on: nobody, file: /etc/passwd, exists: true, scope: deploy}
                  - {id: no-host, command: "echo ${PEER_HOST:nobody}", scope: deploy}
              stuck: {target: local, disposable: true, add_candy: [broken]}
              careful: {target: local, add_candy: [subject]}

            """);
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_run_brings_everything_up_checks_subject_and_children_and_leaves_nothing()
    {
        var run = await RunAsync("good");
        Assert.Null(run.Failure);
        Assert.Equal(["good", "good.inner"], run.Reports.Select(r => r.Name));
        Assert.Equal([("there", CheckStatus.Pass), ("peer-there", CheckStatus.Pass), ("endpoint", CheckStatus.Pass), ("child-there", CheckStatus.Pass)], run.Reports.SelectMany(r => r.Results).Select(r => (r.Id, r.Status)));
        Assert.True(run.Passed);
        Assert.Empty(Marks());
        Assert.False(File.Exists(_lab.Context.Paths.HostFile));
    }

    [Fact]
    public async Task A_check_that_fails_is_the_result_and_everything_goes_all_the_same()
    {
        var run = await RunAsync("failing");
        Assert.Equal(Errors.ChecksFailed, run.Failure!.Code);
        Assert.All(run.Reports.Single().Results, r => Assert.Equal(CheckStatus.Fail, r.Status));
        Assert.Contains("peer nobody is not deployed", run.Reports[0].Results.Single(r => r.Id == "no-peer").Message, StringComparison.Ordinal);
        Assert.Empty(run.Leftovers);
        Assert.Empty(Marks());
    }

    [Fact]
    public async Task A_bed_that_does_not_come_up_is_a_failure_without_checks()
    {
        var run = await RunAsync("stuck");
        Assert.Equal(Errors.RunStep, run.Failure!.Code);
        Assert.Empty(run.Reports);
    }

    [Theory]
    [InlineData("mine", "bed.not_found")]
    [InlineData("driver", "bed.not_found")]
    [InlineData("godo", "bed.not_found")]
    [InlineData("careful", "deploy.not_disposable")]
    public async Task What_may_not_be_destroyed_is_refused_and_nothing_is_made(string name, string code)
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => RunAsync(name));
        Assert.Equal(code, error.Code.Id);
        Assert.NotEmpty(error.Help);
        Assert.Empty(Marks());
    }

    [Fact]
    public async Task The_run_holds_what_it_claims_and_gives_it_back()
    {
        var text = File.ReadAllText(Path.Combine(_lab.At("project"), "charly.yml"));
        _lab.Write("charly.yml", text.Replace("add_candy: [subject]\n    eval:\n      - {id: there", "add_candy: [subject]\n    requires_exclusive: [gpu]\n    eval:\n      - {id: held, command: \"grep -c 'claimant: good' " + _lab.Context.Paths.Leases + "\", exit_status: 0, scope: deploy}\n      - {id: there", StringComparison.Ordinal));
        var run = await RunAsync("good");
        Assert.Contains(run.Reports[0].Results, r => (r.Id, r.Status) == ("held", CheckStatus.Pass));
        Assert.Empty(await new GetLeases(_lab.Context).RunAsync());
    }

    private Task<BedRun> RunAsync(string name) => new RunBed(_lab.Context).RunAsync(new RunBedRequest { Name = name });

    private IEnumerable<string> Marks() => Directory.Exists(Path.Combine(_lab.Home, "marks")) ? Directory.EnumerateFiles(Path.Combine(_lab.Home, "marks")) : [];
}

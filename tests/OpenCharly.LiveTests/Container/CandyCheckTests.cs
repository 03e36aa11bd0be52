using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Container;

/// <summary>The candies' own checks on a host with systemd.</summary>
[Collection("container")]
public sealed class CandyCheckTests(DebianContainer host) : IAsyncLifetime
{
    private const string Name = DebianContainer.Name;

    private static readonly InstallOptions Verified = new() { WithServices = true, AllowRepoChanges = true, AllowRootTasks = true, Verify = true };

    [ContainerFact(needsCatalog: true)]
    public async Task The_checks_of_real_candies_pass_after_adding_them()
    {
        var added = await new AddBundle(host.Context).RunAsync(new BundleRequest { Name = Name, Ref = "ripgrep", AddCandies = ["tmux", "gnupg"], Options = Verified });
        Assert.True(added.Failure is null, Describe(added.Checks));
        var lists = added.Checks.Where(c => c.Scenario is null).ToArray();
        Assert.Contains(lists, c => c is { Candy: "ripgrep", Verb: "command" });
        Assert.Contains(lists, c => c is { Candy: "tmux", Verb: "package" });
        Assert.Contains(lists, c => c is { Candy: "gnupg" });
        Assert.All(added.Checks, c => Assert.True(c.Status is CheckStatus.Pass or CheckStatus.Pending, c.ToString()));

        // One that is broken on purpose: the program is there, and no longer runs.
        await host.RunAsync("sudo chmod 644 /usr/bin/rg");
        var again = await new AddBundle(host.Context).RunAsync(new BundleRequest { Name = Name, Ref = "ripgrep", AddCandies = ["tmux", "gnupg"], Options = Verified });
        Assert.Equal((Errors.ChecksFailed, 7), (again.Failure?.Code, (int)again.Failure!.Code.Kind));
        Assert.Contains(again.Checks, c => c is { Id: "ripgrep-version", Status: CheckStatus.Fail, Actual: "exit status 126" });
        Assert.Contains(again.Checks, c => c is { Id: "tmux-version", Status: CheckStatus.Pass });
        await host.RunAsync("sudo chmod 755 /usr/bin/rg");
    }

    [ContainerFact]
    public async Task Our_own_candies_pass_theirs_and_a_broken_one_fails()
    {
        var added = await new AddBundle(host.Context).RunAsync(new BundleRequest { Name = Name, Ref = "demo", Options = Verified });
        Assert.True(added.Failure is null, Describe(added.Checks));
        Assert.Contains(added.Checks, c => c is { Verb: "http", Status: CheckStatus.Pass });
        Assert.Contains(added.Checks, c => c is { Verb: "service", Status: CheckStatus.Pass });
        Assert.True((await new VerifyBundle(host.Context).RunAsync(new CheckRequest { Name = Name })).Passed);

        await host.RunAsync("sudo chmod 700 /usr/local/bin/hello-web-serve; sudo systemctl stop charly-hello-web-server");
        var report = await new CheckBundle(host.Context).RunAsync(new CheckRequest { Name = Name, Selection = new CheckSelection { Filter = ["server-script", "server"], WithScenarios = false } });
        Assert.Equal(ErrorKind.ChecksFailed, report.Failure!.Code.Kind);
        Assert.Equal(7, (int)report.Failure.Code.Kind);
        Assert.Contains(report.Results, r => r is { Id: "server", Status: CheckStatus.Fail, Expected: "running", Actual: "inactive" });
        Assert.Contains(report.Results, r => r is { Id: "server-script", Status: CheckStatus.Fail, Expected: "mode 0755", Actual: "mode 0700" });

        var verified = await new VerifyBundle(host.Context).RunAsync(new CheckRequest { Name = Name, Selection = new CheckSelection { Filter = ["server-script"] } });
        Assert.False(verified.Passed);
        Assert.NotEmpty(verified.Drift);
    }

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Need.Missing(DebianContainer.Needs) is not null) return;
        Assert.Null((await new RemoveBundle(host.Context).RunAsync(new RemoveBundleRequest { Name = Name })).Failure);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (Need.Missing(DebianContainer.Needs) is not null) return;
        await new RemoveBundle(host.Context).RunAsync(new RemoveBundleRequest { Name = Name });
        await host.RunAsync("sudo rm -rf /srv/hello");
    }

    private static string Describe(IEnumerable<CheckResult> results) =>
        string.Join('\n', results.Where(r => r.Status == CheckStatus.Fail).Select(r => $"{r.Id}: expected {r.Expected}, found {r.Actual}; {r.Message}"));
}

using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Targets;

/// <summary>Real packages on this machine: two small ones, one needing the other's library. Skipped where apt has none to offer.</summary>
public sealed class PackageTests : IDisposable
{
    private const string Small = "hello";

    private readonly string _home = Directory.CreateTempSubdirectory("charly-apt-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [PackageFact(Small)]
    public async Task Packages_that_were_not_there_before_are_purged_and_those_that_were_stay()
    {
        var before = await InstalledAsync();
        var facts = await FactsAsync();
        var plan = TestPlan.Of(facts, TestPlan.Packages("tools", Small, "coreutils"));
        await using (var target = Target())
        {
            var result = await target.ApplyAsync(plan, new ApplyOptions());
            Assert.Null(result.Failure);
        }

        Assert.Contains(Small, await InstalledAsync());
        await using (var target = Target())
        {
            var ledger = await target.ReadLedgerAsync();
            var op = Assert.Single(Assert.Single(ledger.Candies).ReverseOps);
            Assert.Equal([Small], op.Targets);
            Assert.EndsWith($"purge -y {Small}", op.UninstallCommand, StringComparison.Ordinal);
        }

        await using (var target = Target())
        {
            Assert.Equal(StepStatus.Unchanged, (await target.ApplyAsync(plan, new ApplyOptions())).Steps[0].Status);
        }

        await using (var target = Target())
        {
            var removed = await target.RemoveAsync("lab", new RemoveOptions());
            Assert.Null(removed!.Failure);
            Assert.Equal("done", Assert.Single(removed.Undone).Status);
        }

        Assert.Equal(before, await InstalledAsync());
    }

    [PackageFact(Small)]
    public async Task A_package_that_two_candies_list_goes_with_the_last()
    {
        var before = await InstalledAsync();
        var facts = await FactsAsync();
        await using (var target = Target()) Assert.Null((await target.ApplyAsync(TestPlan.Of(facts, TestPlan.Packages("one", Small)), new ApplyOptions())).Failure);
        await using (var target = Target())
        {
            var second = TestPlan.Of(facts, TestPlan.Packages("two", Small)) with { Name = "second", DeployId = "fedcba9876543210" };
            Assert.Null((await target.ApplyAsync(second, new ApplyOptions())).Failure);
        }

        await using (var target = Target()) Assert.Null((await target.RemoveAsync("lab", new RemoveOptions()))!.Failure);
        Assert.Contains(Small, await InstalledAsync());
        await using (var target = Target()) Assert.Null((await target.RemoveAsync("second", new RemoveOptions()))!.Failure);
        Assert.Equal(before, await InstalledAsync());
    }

    private LinuxTarget Target()
    {
        var real = CharlyEnvironment.FromProcess();
        var environment = real with { Home = _home, WorkingDirectory = _home, Variables = new Dictionary<string, string>(real.Variables) { ["HOME"] = _home } };
        return new LinuxTarget(new LocalExecutor(environment, new ProcessRunner(environment)), new LinuxTargetOptions { Id = "host", Host = "local" }, new Progress<CharlyEvent>());
    }

    private async Task<TargetFacts> FactsAsync()
    {
        await using var target = Target();
        return await target.GetFactsAsync();
    }

    private static async Task<IReadOnlyList<string>> InstalledAsync()
    {
        var result = await new ProcessRunner(CharlyEnvironment.FromProcess()).RunAsync(new ProcessRequest("dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n"));
        return [.. result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Replace(" ii ", "", StringComparison.Ordinal))];
    }

    /// <summary>A test that installs a package: needs root, apt, and that the package is to be had and not there yet.</summary>
    private sealed class PackageFactAttribute : FactAttribute
    {
        public PackageFactAttribute(string package) => Skip = Need.Missing("root", "apt-get", "dpkg-query") ?? WhyNot(package);

        private static string? WhyNot(string package)
        {
            var programs = new ProcessRunner(CharlyEnvironment.FromProcess());
            var simulated = programs.RunAsync(new ProcessRequest("apt-get", "-s", "install", package)).GetAwaiter().GetResult();
            return !simulated.Succeeded ? $"apt has no package {package}; run apt-get update"
                : simulated.StandardOutput.Contains($"Inst {package} ", StringComparison.Ordinal) ? null : $"{package} is installed already";
        }
    }
}

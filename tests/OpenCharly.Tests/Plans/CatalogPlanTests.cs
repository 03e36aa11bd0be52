using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Tests.Model;

namespace OpenCharly.Tests.Plans;

/// <summary>Plans of a large catalog of real candies, looked at for their structure.</summary>
public sealed class CatalogPlanTests
{
    [Theory]
    [MemberData(nameof(GoldenPlanTests.Chains), MemberType = typeof(GoldenPlanTests))]
    public void Every_candy_compiles_to_a_plan_that_keeps_the_rules(string distro)
    {
        if (Catalog.IsAbsent()) return;
        var candies = Read();
        Assert.True(candies.Count > 100, $"only {candies.Count} candies could be read");
        var scripts = new StringBuilder();
        foreach (var candy in candies)
        {
            var plan = Compile(distro, candy);
            Assert.All(plan.Steps, s => Assert.Equal(PlanGuards.GateOf(s), s.Gate));
            Assert.All(plan.Steps, s => Assert.True(PlanGuards.ScopeFits(s), s.Summary));
            Assert.All(plan.Steps.OfType<SystemPackagesStep>(), s => Assert.Equal(plan.Tags[^1], s.Format));
            Assert.All(plan.Steps, s => Assert.DoesNotContain(HomeToken.Token, PlanJson.Write(PlanFilter.Keep(plan, [s])), StringComparison.Ordinal));
            Assert.Equivalent(plan, PlanJson.Read(PlanJson.Write(plan)).Single(), strict: true);
            foreach (var step in plan.Steps) scripts.Append("(\n").Append(StepScripts.Render(step, plan).Body).Append("\n)\n");
        }

        var parsed = BashRun.Parse(scripts.ToString());
        Assert.True(parsed.ExitCode == 0, parsed.Error);
    }

    [Fact]
    public void All_of_it_is_one_plan_and_candies_have_every_kind_of_step_but_two()
    {
        if (Catalog.IsAbsent()) return;
        var kinds = new HashSet<StepKind>();
        foreach (var distro in new[] { "debian:13", "ubuntu:24.04", "fedora:43", "arch" })
        {
            var plan = Compile(distro, [.. Read()]);
            Assert.Equal(plan.Steps.Count, PlanView.Of(plan).Rows.Count);
            Assert.Equal(plan.Steps.Select(s => s.Candy).Distinct(), plan.Candies.Select(c => c.Name).Where(n => plan.Steps.Any(s => s.Candy == n)));
            kinds.UnionWith(plan.Steps.Select(s => s.Kind));
        }

        Assert.Equal([StepKind.File, StepKind.Reboot], Enum.GetValues<StepKind>().Except(kinds));
    }

    [Theory]
    [InlineData("gh", "debian:13", "RepoChange,SystemPackages prepare,SystemPackages install", "gh git")]
    [InlineData("gh", "ubuntu:24.04", "RepoChange,SystemPackages prepare,SystemPackages install", "gh git")]
    [InlineData("gh", "fedora:43", "SystemPackages install", "gh git")]
    public void A_candy_with_a_repository_has_it_only_where_it_is_needed(string name, string distro, string kinds, string packages)
    {
        if (Catalog.IsAbsent()) return;
        var plan = Compile(distro, Read().Single(c => c.Name == name));
        Assert.Equal(kinds, string.Join(',', plan.Steps.Where(s => s is SystemPackagesStep or RepoChangeStep).Select(s => s.Phase is { } phase ? $"{s.Kind} {StepNames.Of(phase)}" : $"{s.Kind}")));
        var install = plan.Steps.OfType<SystemPackagesStep>().Single(s => s.PackagePhase == StepPhase.Install);
        Assert.All(packages.Split(' '), p => Assert.Contains(p, install.Packages));
    }

    [Fact]
    public void The_ssh_server_is_the_packaged_unit_where_systemd_runs()
    {
        if (Catalog.IsAbsent()) return;
        var candy = Read().Single(c => c.Name == "sshd");
        foreach (var distro in new[] { "debian:13", "fedora:43", "arch" })
        {
            var plan = Compile(distro, candy);
            Assert.Contains(plan.Steps, s => s is ServicePackagedStep { Enable: true });
            Assert.DoesNotContain(plan.Steps, s => s is ServiceCustomStep { Name: "charly-sshd-sshd" });
        }
    }

    [Fact]
    public void Only_candies_of_nothing_but_sections_for_other_systems_are_refused()
    {
        if (Catalog.IsAbsent()) return;
        var refused = Read().Where(c =>
        {
            try
            {
                PlanCompiler.Compile(Request("ubuntu:24.04", [c]) with { SkipIncompatible = false });
                return false;
            }
            catch (CharlyException e) when (e.Code == Errors.PlanIncompatible)
            {
                return true;
            }
        }).ToList();
        Assert.All(refused, c => Assert.Empty(c.Packages));
        Assert.All(refused, c => Assert.NotEmpty(c.Sections));
    }

    private static List<Candy> Read()
    {
        var candies = new List<Candy>();
        foreach (var manifest in Catalog.Manifests)
        {
            var problems = new List<Problem>();
            if (CandyReader.ReadFile(manifest, new CandyOrigin(Catalog.Folder!), problems) is { } candy && problems.All(p => p.IsWarning)) candies.Add(candy);
        }

        return candies;
    }

    private static InstallPlan Compile(string distro, params IReadOnlyList<Candy> candies) => PlanCompiler.Compile(Request(distro, candies));

    private static PlanRequest Request(string distro, IReadOnlyList<Candy> candies) => Plan.Request(distro, candies) with
    {
        SkipIncompatible = true,
        ProcessEnvironment = candies.SelectMany(c => c.EnvRequire).Select(r => r.Name).Distinct().ToDictionary(n => n, _ => "value"),
    };
}

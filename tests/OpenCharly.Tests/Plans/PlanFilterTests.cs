using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

public sealed class PlanFilterTests : IDisposable
{
    private readonly SampleCandies _candies = new();

    [Fact]
    public void A_part_of_a_plan_is_a_plan()
    {
        var plan = PlanCompiler.Compile(Plan.Request("debian:13", _candies.All) with { Gates = new PlanGates() });
        var part = PlanFilter.Keep(plan, plan.Steps.Where(s => s.Scope == StepScope.System).Reverse());
        Assert.Equal(Enumerable.Range(0, part.Steps.Count), part.Steps.Select(s => s.Index));
        Assert.Equal(plan.Steps.Where(s => s.Scope == StepScope.System).Select(s => s.Digest), part.Steps.Select(s => s.Digest));
        Assert.All(part.Batches, b => Assert.Equal(StepScope.System, b.Scope));
        Assert.All(part.Skips.Where(s => s.Reason == SkipReason.GateClosed), s => Assert.Equal(SkipReason.GateClosed, part.Steps[s.Step!.Value].Skip));
        Assert.Equal(part.Steps.Count(s => s.Skip == SkipReason.GateClosed), part.Skips.Count(s => s.Reason == SkipReason.GateClosed));
        Assert.Equivalent(part, PlanJson.Read(PlanJson.Write(part)).Single(), strict: true);
    }

    [Fact]
    public void All_steps_are_the_plan_itself()
    {
        var plan = Plan.Compile("arch", _candies.All);
        Assert.Equal(PlanJson.Write(plan), PlanJson.Write(PlanFilter.Keep(plan, plan.Steps)));
    }

    [Fact]
    public void A_step_of_another_plan_is_refused()
    {
        var plan = Plan.Compile("debian:13", _candies.Files());
        var other = Plan.Compile("debian:13", _candies.Shells());
        Assert.Equal(Errors.PlanStale, Assert.Throws<CharlyException>(() => PlanFilter.Keep(plan, [other.Steps[0]])).Code);
    }

    [Fact]
    public void Opening_the_gates_later_gives_the_plan_that_was_compiled_with_open_gates()
    {
        var closed = PlanCompiler.Compile(Plan.Request("debian:13", _candies.All) with { Gates = new PlanGates() });
        Assert.Equivalent(Plan.Compile("debian:13", _candies.All), PlanFilter.WithGates(closed, Plan.Open), strict: true);
        var again = PlanFilter.WithGates(PlanFilter.WithGates(closed, Plan.Open), new PlanGates());
        Assert.Equal(closed.Steps.Select(s => s.Skip), again.Steps.Select(s => s.Skip));
    }

    [Fact]
    public void A_plan_reads_as_a_script()
    {
        var text = PlanScript.Of(PlanCompiler.Compile(Plan.Request("debian:13", _candies.Weather(), _candies.Shells()) with { Gates = new PlanGates() }));
        Assert.Contains("sudo -n bash -s <<'CHARLY_ROOT'\nset -e\n# 2 weather: deb: 4 packages", text, StringComparison.Ordinal);
        Assert.Contains("\nbash -s <<'CHARLY_USER'\nset -e\n# 3 shells: environment", text, StringComparison.Ordinal);
        Assert.Contains("# 0 weather: deb repository wx (skipped, gate-closed)", text, StringComparison.Ordinal);
        Assert.Equal(0, BashRun.Parse(text).ExitCode);
    }

    public void Dispose() => _candies.Dispose();
}

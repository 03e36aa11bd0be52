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
    public void A_part_says_what_was_left_out_and_so_does_a_part_of_a_part()
    {
        var plan = Plan.Compile("debian:13", _candies.Weather(), _candies.Services());
        var part = PlanFilter.Keep(plan, plan.Steps.Where(s => s.Candy == "services"));
        Assert.Equal(plan.Steps.Where(s => s.Candy == "weather").Select(s => s.Digest), part.Trimmed.Select(t => t.Digest));
        var smaller = PlanFilter.Keep(part, part.Steps.Where(s => s.Kind == StepKind.SystemPackages));
        Assert.Equal(plan.Steps.Count, smaller.Steps.Count + smaller.Trimmed.Count);
        Assert.Equivalent(smaller, PlanJson.Read(PlanJson.Write(smaller)).Single(), strict: true);
        Assert.Contains("[trimmed] 9 of 10 steps were filtered out and will not run:\n[trimmed] weather: RepoChange deb repository wx\n", PlanView.Of(smaller).ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_of_several_plans_go_back_to_their_own()
    {
        var (files, weather) = (Plan.Compile("debian:13", _candies.Files()), PlanJson.Read(PlanJson.Write(Plan.Compile("debian:13", _candies.Weather()))).Single());
        InstallStep[] mixed = [weather.Steps[2], files.Steps[3], weather.Steps[0], files.Steps[1], files.Steps[3]];
        var plans = PlanFilter.Regroup(mixed);
        Assert.Equal(PlanJson.Write(PlanFilter.Keep(weather, [weather.Steps[0], weather.Steps[2]]), PlanFilter.Keep(files, [files.Steps[1], files.Steps[3]])), PlanJson.Write(plans));
    }

    [Fact]
    public void Steps_of_a_part_go_back_to_the_part()
    {
        var plan = Plan.Compile("debian:13", _candies.Files());
        var part = PlanFilter.Keep(plan, plan.Steps.Skip(2));
        Assert.Equal(2 + 1, PlanFilter.Regroup(part.Steps.Skip(1)).Single().Trimmed.Count);
    }

    [Fact]
    public void A_step_without_a_plan_is_refused()
    {
        var error = Assert.Throws<CharlyException>(() => PlanFilter.Regroup([new RebootStep { Candy = "a", Scope = StepScope.System }]));
        Assert.Equal(Errors.PlanStep, error.Code);
    }

    [Fact]
    public void Equal_steps_of_different_plans_are_equal()
    {
        var plan = Plan.Compile("debian:13", _candies.Files());
        Assert.Equal(plan.Steps[0], (plan with { Steps = plan.Steps })!.Steps[0]);
        Assert.Equal(plan.Steps[0].GetHashCode(), (plan with { Steps = plan.Steps }).Steps[0].GetHashCode());
    }

    [Fact]
    public void A_selection_keeps_what_fits_all_its_lists()
    {
        var plan = Plan.Compile("debian:13", _candies.Weather(), _candies.Services());
        var part = new PlanSelection { Candies = ["services"], Kinds = [StepKind.ServiceCustom], Scopes = [StepScope.User] }.Of([plan]).Single();
        Assert.Equal("charly-services-tray.service, enabled", Assert.Single(part.Steps).Summary);
        Assert.Same(plan, new PlanSelection().Of([plan]).Single());
    }

    [Fact]
    public void A_selection_of_what_no_plan_has_is_an_error_with_the_name_that_was_meant()
    {
        var plan = Plan.Compile("debian:13", _candies.Weather());
        var error = Assert.Throws<CharlyException>(() => new PlanSelection { Candies = ["wether"] }.Of([plan]));
        Assert.Equal(Errors.PlanNothing, error.Code);
        Assert.Contains("weather", error.Help, StringComparison.Ordinal);
        Assert.Equal(Errors.PlanNothing, Assert.Throws<CharlyException>(() => new PlanSelection { Kinds = [StepKind.Reboot] }.Of([plan])).Code);
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
        Assert.Equal(Errors.PlanStep, Assert.Throws<CharlyException>(() => PlanFilter.Keep(plan, [other.Steps[0]])).Code);
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
        Assert.Contains("sudo -n bash -s <<'CHARLY_ROOT'\nset -e\n# 3 weather: deb: 4 packages", text, StringComparison.Ordinal);
        Assert.Contains("\nbash -s <<'CHARLY_USER'\nset -e\n# 4 shells: environment", text, StringComparison.Ordinal);
        Assert.Contains("# 1 weather: deb repository wx (skipped, gate-closed)", text, StringComparison.Ordinal);
        Assert.Equal(0, BashRun.Parse(text).ExitCode);
    }

    public void Dispose() => _candies.Dispose();
}

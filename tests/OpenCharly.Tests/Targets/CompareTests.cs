using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Plans;
using OpenCharly.Targets;
using static OpenCharly.Tests.Targets.TargetLab;

namespace OpenCharly.Tests.Targets;

/// <summary>What applying a plan would change, without applying it.</summary>
public sealed class CompareTests : IDisposable
{
    private readonly TargetLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task On_a_fresh_target_all_is_new_and_commands_are_unknown()
    {
        var before = _lab.Photograph(withLedger: true);
        var changes = await CompareAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "1"), Command("a", "date")));
        Assert.Equal([(1, PlanVerdict.Change, PlanReason.NewStep), (2, PlanVerdict.Unknown, PlanReason.OpaqueCommand)], changes.Select(c => (c.Number!.Value, c.Verdict, c.Reason)));
        Assert.Equal(before, _lab.Photograph(withLedger: true));
    }

    [Fact]
    public async Task After_an_add_nothing_would_change()
    {
        var plan = _lab.Plan("lab", Folder("a", _lab.At("tree/f")), Write("a", _lab.At("tree/f/a"), "1"), Command("a", "date"), _lab.Hook("a", "X", "1"));
        await _lab.AddAsync(plan);
        Assert.All(await CompareAsync(plan), c => Assert.Equal((PlanVerdict.NoChange, PlanReason.OnRecord), (c.Verdict, c.Reason)));
    }

    [Fact]
    public async Task A_step_with_another_content_says_which_fields_differ()
    {
        await _lab.AddAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "1"), Write("a", _lab.At("tree/b"), "1", "0600"), Command("a", ": one"), _lab.Hook("a", "X", "1")));
        var changes = await CompareAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "2"), Write("a", _lab.At("tree/b"), "1", "0644"), Command("a", ": two"), _lab.Hook("a", "X", "2")));
        Assert.Equal(
            ["on record with other content", "on record with other mode", "on record with other command; what it changes shows when it has run", "on record with other variables"],
            changes.Select(c => c.Detail));
        Assert.Equal([PlanReason.DigestDiffers, PlanReason.DigestDiffers, PlanReason.OpaqueCommand, PlanReason.DigestDiffers], changes.Select(c => c.Reason));
    }

    [Theory]
    [InlineData("change", PlanReason.TraceModified)]
    [InlineData("mode", PlanReason.TraceModified)]
    [InlineData("remove", PlanReason.TraceMissing)]
    public async Task What_was_meddled_with_would_change_and_commands_behind_it_are_unknown(string how, PlanReason reason)
    {
        var plan = _lab.Plan("lab", Write("a", _lab.At("tree/a"), "1"), Command("a", "true"), Command("b", "true"));
        await _lab.AddAsync(plan);
        if (how == "change") await File.WriteAllTextAsync(_lab.At("tree/a"), "2");
        else if (how == "mode") File.SetUnixFileMode(_lab.At("tree/a"), UnixFileMode.UserRead);
        else File.Delete(_lab.At("tree/a"));
        var changes = await CompareAsync(plan);
        Assert.Equal([(PlanVerdict.Change, reason), (PlanVerdict.Unknown, PlanReason.EarlierStep), (PlanVerdict.NoChange, PlanReason.OnRecord)], changes.Select(c => (c.Verdict, c.Reason)));
        Assert.Contains(_lab.At("tree/a"), changes[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_only_touched_would_not_change()
    {
        var plan = _lab.Plan("lab", Write("a", _lab.At("tree/a"), "1"));
        await _lab.AddAsync(plan);
        File.SetLastWriteTimeUtc(_lab.At("tree/a"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(PlanVerdict.NoChange, Assert.Single(await CompareAsync(plan)).Verdict);
    }

    [Fact]
    public async Task Of_a_file_with_a_managed_block_only_the_block_counts()
    {
        var profile = Path.Combine(_lab.Home, ".bashrc");
        await File.WriteAllTextAsync(profile, "mine\n");
        var plan = _lab.Plan("lab", Block("a", profile, "alias x=y"));
        await _lab.AddAsync(plan);
        await File.WriteAllTextAsync(profile, "mine, too\n" + await File.ReadAllTextAsync(profile));
        Assert.Equal(PlanVerdict.NoChange, Assert.Single(await CompareAsync(plan)).Verdict);
        await File.WriteAllTextAsync(profile, (await File.ReadAllTextAsync(profile)).Replace("x=y", "x=z", StringComparison.Ordinal));
        Assert.Equal(PlanReason.TraceModified, Assert.Single(await CompareAsync(plan)).Reason);
    }

    [Fact]
    public async Task What_the_plan_no_longer_has_would_be_undone_or_left_and_the_add_does_just_that()
    {
        await _lab.AddAsync(_lab.Plan("other", Write("shared", _lab.At("tree/shared"), "1")));
        await _lab.AddAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "1"), Write("a", _lab.At("tree/extra"), "1"), Write("gone", _lab.At("tree/gone"), "1"), Command("gone", "true"), Write("shared", _lab.At("tree/shared"), "1")));
        var plan = _lab.Plan("lab", Write("a", _lab.At("tree/a"), "1"));
        var changes = await CompareAsync(plan);
        Assert.Equal(
            [
                ("a", PlanVerdict.NoChange, "no longer in the plan: left until a is removed"),
                ("gone", PlanVerdict.Change, "no longer in the plan: would be undone"),
                ("gone", PlanVerdict.NoChange, "no longer in the plan: left, because it can't be undone"),
                ("shared", PlanVerdict.NoChange, "no longer in the plan: left, because other includes it too"),
            ],
            changes.Where(c => c.Number is null).Select(c => (c.Candy, c.Verdict, c.Detail)));
        await _lab.AddAsync(plan);
        Assert.Equal(["a", "extra", "shared"], Directory.GetFiles(_lab.At("tree")).Select(f => Path.GetFileName(f)!).Order());
    }

    [Fact]
    public async Task A_closed_gate_is_no_change()
    {
        var plan = _lab.Plan("lab", Command("a", "true") with { Gate = StepGate.AllowRootTasks, Skip = SkipReason.GateClosed });
        var change = Assert.Single(await CompareAsync(plan));
        Assert.Equal((PlanVerdict.NoChange, PlanReason.LeftOut, "left out: needs --allow-root-tasks"), (change.Verdict, change.Reason, change.Detail));
    }

    [Fact]
    public async Task What_stands_is_not_called_left_out_because_its_gate_is_closed_now()
    {
        InstallStep[] steps = [Command("a", ": one"), Write("a", _lab.At("tree/a"), "1"), Write("a", _lab.At("tree/b"), "1"), Write("a", _lab.At("tree/c"), "1")];
        await _lab.AddAsync(_lab.Plan("lab", steps));
        File.Delete(_lab.At("tree/b"));
        steps[3] = Write("a", _lab.At("tree/c"), "2");
        var changes = await CompareAsync(_lab.Plan("lab", [.. steps.Select(s => s with { Gate = StepGate.AllowRootTasks, Skip = SkipReason.GateClosed })]));
        Assert.All(changes, c => Assert.Equal(PlanVerdict.NoChange, c.Verdict));
        Assert.Equal([PlanReason.OnRecord, PlanReason.OnRecord, PlanReason.LeftOut, PlanReason.LeftOut], changes.Select(c => c.Reason));
        Assert.All(changes.Take(2), c => Assert.Matches("^done .*Z, and stays; now left out: needs --allow-root-tasks$", c.Detail));
        Assert.Contains($"on record, but {_lab.At("tree/b")}", changes[2].Detail, StringComparison.Ordinal);
        Assert.Equal("left out: needs --allow-root-tasks; on record with other content", changes[3].Detail);
    }

    [Fact]
    public async Task It_costs_one_round_trip_also_where_much_was_meddled_with()
    {
        var plan = _lab.Plan("lab", [.. Enumerable.Range(0, 20).Select(i => Write("a", _lab.At($"tree/{i}"), "1"))]);
        await _lab.AddAsync(plan);
        for (var i = 0; i < 20; i += 2) await File.WriteAllTextAsync(_lab.At($"tree/{i}"), "2");
        await using var executor = new CountingExecutor(new LocalExecutor(_lab.Environment, new ProcessRunner(_lab.Environment)));
        await using var target = _lab.Target(executor);
        Assert.Equal(10, (await target.CompareAsync(_ => plan)).Count(c => c.Verdict == PlanVerdict.Change));
        Assert.Equal((1, 1), (executor.Sessions, executor.RoundTrips));
    }

    [Fact]
    public async Task A_second_add_of_ten_bundles_costs_one_round_trip_a_bundle()
    {
        var plans = Enumerable.Range(0, 10).Select(i => _lab.Plan($"lab{i}", Write($"c{i}", _lab.At($"tree/{i}"), "1"), Command($"c{i}", "true"))).ToList();
        foreach (var plan in plans) await _lab.AddAsync(plan);
        foreach (var plan in plans)
        {
            var executor = new CountingExecutor(new LocalExecutor(_lab.Environment, new ProcessRunner(_lab.Environment)));
            Assert.False((await _lab.AddAsync(plan, executor)).Changed);
            Assert.Equal((1, 1), (executor.Sessions, executor.RoundTrips));
        }
    }

    [Fact]
    public async Task A_stale_plan_is_compared_with_a_warning()
    {
        InstallPlan plan;
        await using (var target = _lab.Target())
        {
            await target.GetFactsAsync();
            plan = await target.RememberAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "1")));
        }

        await _lab.AddAsync(_lab.Plan("lab", Write("z", _lab.At("tree/z"), "1")));
        Assert.NotEmpty(await CompareAsync(plan));
        Assert.Contains(_lab.Events.OfType<NoticeEvent>(), e => e.Level == NoticeLevel.Warning && e.Text.Contains("another bundle", StringComparison.Ordinal));
    }

    private async Task<IReadOnlyList<PlanChange>> CompareAsync(InstallPlan plan)
    {
        await using var target = _lab.Target();
        return await target.CompareAsync(_ => plan);
    }
}

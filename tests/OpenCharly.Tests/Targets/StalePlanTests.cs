using OpenCharly.Foundation;
using OpenCharly.Plans;
using OpenCharly.Targets;
using static OpenCharly.Tests.Targets.TargetLab;

namespace OpenCharly.Tests.Targets;

/// <summary>A plan remembers what it took for granted about its target, and is refused where others changed that.</summary>
public sealed class StalePlanTests : IDisposable
{
    private readonly TargetLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_plan_can_be_applied_twice_and_one_part_after_the_other()
    {
        var plan = await RememberAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "1"), Command("a", "true"), Write("b", _lab.At("tree/b"), "1")));
        Assert.Null((await _lab.AddAsync(PlanFilter.Keep(plan, [plan.Steps[2]]))).Failure);
        Assert.Null((await _lab.AddAsync(PlanFilter.Keep(plan, [plan.Steps[0]]))).Failure);
        Assert.Equal([StepStatus.Unchanged, StepStatus.Done, StepStatus.Unchanged], (await _lab.AddAsync(plan)).Steps.Select(s => s.Status));
        Assert.All((await _lab.AddAsync(plan)).Steps, s => Assert.Equal(StepStatus.Unchanged, s.Status));
    }

    [Fact]
    public async Task What_a_filtered_plan_leaves_out_stays_on_record_and_nothing_is_undone()
    {
        await _lab.AddAsync(_lab.Plan("lab", Write("old", _lab.At("tree/old"), "1")));
        var plan = _lab.Plan("lab", Write("a", _lab.At("tree/a"), "1"), Write("a", _lab.At("tree/b"), "1"), Write("c", _lab.At("tree/c"), "1"));
        await _lab.AddAsync(PlanFilter.Keep(plan, [plan.Steps[0]]));
        await _lab.AddAsync(PlanFilter.Keep(plan, [plan.Steps[1]]));
        Assert.True(File.Exists(_lab.At("tree/old")));
        Assert.False(File.Exists(_lab.At("tree/c")));
        Assert.Equal([2, 1], (await _lab.ReadAsync()).Candies.Select(c => c.Steps.Count));

        Assert.Equal([StepStatus.Unchanged, StepStatus.Unchanged, StepStatus.Done], (await _lab.AddAsync(plan)).Steps.Select(s => s.Status));
        Assert.False(File.Exists(_lab.At("tree/old")));
        await _lab.RemoveAsync();
        Assert.Empty(Directory.GetFileSystemEntries(_lab.At("tree")));
    }

    [Fact]
    public async Task A_target_with_other_facts_makes_it_stale_and_force_applies_it_all_the_same()
    {
        var plan = await RememberAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "1")));
        var facts = new Dictionary<string, string>(plan.Basis!.Facts) { ["distribution"] = "debian 11" };
        var other = plan with { Basis = plan.Basis with { Facts = facts } };
        var error = await StaleAsync(other);
        Assert.Contains("the distribution was debian 11 and is ", error.Message, StringComparison.Ordinal);
        Assert.Contains("--force", error.Help, StringComparison.Ordinal);
        Assert.False(File.Exists(_lab.At("tree/a")));
        Assert.Null((await _lab.AddAsync(other, options: new ApplyOptions { Force = true })).Failure);
    }

    [Fact]
    public async Task Another_bundle_under_the_name_makes_it_stale()
    {
        var plan = await RememberAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "1")));
        await _lab.AddAsync(_lab.Plan("lab", Write("z", _lab.At("tree/z"), "1")));
        Assert.Contains("another bundle was applied under the name lab", (await StaleAsync(plan)).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_lab.At("tree/z")));
    }

    [Fact]
    public async Task A_bundle_under_another_name_does_not()
    {
        var plan = await RememberAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "1")));
        await _lab.AddAsync(_lab.Plan("other", Write("z", _lab.At("tree/z"), "1"), Write("a", _lab.At("tree/a"), "1")));
        Assert.Null((await _lab.AddAsync(plan)).Failure);
    }

    [Fact]
    public async Task Another_version_of_one_of_its_candies_makes_it_stale()
    {
        await _lab.AddAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "1")));
        var plan = await RememberAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "2")));
        await _lab.AddAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "3")));
        Assert.Contains("another version of the candy a", (await StaleAsync(plan)).Message, StringComparison.Ordinal);
        Assert.Equal("3", await File.ReadAllTextAsync(_lab.At("tree/a")));
    }

    [Theory]
    [InlineData("change", "was changed")]
    [InlineData("remove", "is gone")]
    [InlineData("undeploy", "no longer on record")]
    public async Task A_step_that_stood_and_stands_no_more_makes_it_stale(string how, string why)
    {
        var steps = new InstallStep[] { Write("a", _lab.At("tree/a"), "1"), Write("a", _lab.At("tree/b"), "1") };
        await _lab.AddAsync(_lab.Plan("lab", steps));
        var plan = await RememberAsync(_lab.Plan("lab", steps));
        if (how == "change") await File.WriteAllTextAsync(_lab.At("tree/b"), "by hand");
        else if (how == "remove") File.Delete(_lab.At("tree/b"));
        else await _lab.RemoveAsync();
        var message = (await StaleAsync(plan)).Message;
        Assert.Contains(why, message, StringComparison.Ordinal);
        if (how != "undeploy") Assert.Contains("step 2 of 2", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_was_only_touched_does_not()
    {
        var steps = new InstallStep[] { Write("a", _lab.At("tree/a"), "1") };
        await _lab.AddAsync(_lab.Plan("lab", steps));
        var plan = await RememberAsync(_lab.Plan("lab", steps));
        File.SetLastWriteTimeUtc(_lab.At("tree/a"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.False((await _lab.AddAsync(plan)).Changed);
    }

    [Fact]
    public async Task What_it_remembers_survives_a_file_and_holds_no_content()
    {
        // A hook is a step of the user, whoever runs the tests.
        await _lab.AddAsync(_lab.Plan("lab", _lab.Hook("a", "A", "first content")));
        var plan = await RememberAsync(_lab.Plan("lab", _lab.Hook("a", "A", "first content"), _lab.Hook("b", "B", "x")));
        Assert.Equal([plan.Steps[0].Digest], plan.Basis!.Done);
        Assert.Equivalent(plan, PlanJson.Read(PlanJson.Write(plan)).Single(), strict: true);
        var basis = PlanJson.Write(plan)[PlanJson.Write(plan).IndexOf("\"basis\"", StringComparison.Ordinal)..];
        Assert.DoesNotContain("content", basis, StringComparison.Ordinal);
    }

    private async Task<InstallPlan> RememberAsync(InstallPlan plan)
    {
        await using var target = _lab.Target(options: new LinuxTargetOptions { Id = "host", Host = "local" });
        await target.GetFactsAsync();
        return await target.RememberAsync(plan);
    }

    private async Task<CharlyException> StaleAsync(InstallPlan plan)
    {
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.AddAsync(plan));
        Assert.Equal(Errors.PlanStale, error.Code);
        Assert.Equal(before, _lab.Photograph());
        return error;
    }
}

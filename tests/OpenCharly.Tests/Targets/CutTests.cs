using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Plans;
using OpenCharly.Targets;
using static OpenCharly.Tests.Targets.TargetLab;

namespace OpenCharly.Tests.Targets;

/// <summary>
/// A run is killed before the n-th command of one of its scripts, for many n. Whatever is there then, adding again ends
/// in the state of a run that was never cut, and removing ends in the state before the run.
/// </summary>
/// <remarks>CHARLY_TEST_CUTS=all tries every n instead of a spread of them.</remarks>
public sealed class CutTests
{
    // The spread is no divisor of the commands that a step takes, so that it hits every part of some step.
    private static readonly int Stride = Environment.GetEnvironmentVariable("CHARLY_TEST_CUTS") == "all" ? 1 : 61;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Adding_again_after_any_cut_ends_where_an_uncut_run_ends(int script)
    {
        var expected = await UncutAsync();
        var cuts = await EachCutAsync(script, async (lab, plan) =>
        {
            var result = await lab.AddAsync(plan);
            Assert.Null(result.Failure);
            Assert.Equal(expected, State(lab));
            Assert.Null((await lab.ReadAsync()).UnfinishedRun);
            Assert.Empty(Directory.GetFileSystemEntries(lab.Ledger.Journal));
            var quiet = lab.Photograph(withLedger: true);
            Assert.All((await lab.AddAsync(plan)).Steps, s => Assert.Equal(StepStatus.Unchanged, s.Status));
            Assert.Equal(quiet, lab.Photograph(withLedger: true));
            await lab.RemoveAsync();
        });
        Assert.True(cuts > 0, $"only {cuts} cuts");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Removing_after_any_cut_ends_in_the_state_before(int script)
    {
        var cuts = await EachCutAsync(script, async (lab, _) =>
        {
            var removed = await lab.RemoveAsync();
            if (removed is not null) Assert.Null(removed.Failure);
        });
        Assert.True(cuts > 0, $"only {cuts} cuts");
    }

    [Theory]
    [InlineData(0, "add")]
    [InlineData(1, "add")]
    [InlineData(0, "del")]
    [InlineData(1, "del")]
    public async Task A_cut_removal_can_be_finished_or_taken_back(int script, string next)
    {
        var expected = await UncutAsync();
        var cuts = await EachAsync(async n =>
        {
            using var lab = Prepare();
            var before = lab.Photograph();
            var plan = Plan(lab);
            await lab.AddAsync(plan);
            var executor = Cut(lab, script, n);
            try
            {
                await lab.RemoveAsync(executor: executor);
            }
            catch (CharlyException) when (executor.WasCut)
            {
                // As wanted.
            }

            if (next == "add")
            {
                Assert.Null((await lab.AddAsync(plan)).Failure);
                Assert.Equal(expected, State(lab));
            }

            Assert.Null((await lab.RemoveAsync())?.Failure);
            Assert.Equal(before, lab.Photograph());
            Assert.Empty((await lab.ReadAsync()).Candies);
            return executor.WasCut;
        });
        Assert.True(cuts > 0, $"only {cuts} cuts");
    }

    [Fact]
    public async Task The_ledger_names_the_cut_run_and_what_may_be_half_done()
    {
        using var lab = Prepare();
        var plan = lab.Plan("lab", Write("web", lab.At("tree/a"), "1"), Command("web", "kill -9 $$ $BASHPID $PPID; sleep 5"), Write("web", lab.At("tree/b"), "1"));
        var result = await lab.AddAsync(plan);
        Assert.Equal(Errors.RunLost, result.Failure!.Code);
        Assert.Equal([StepStatus.Done, StepStatus.Failed, StepStatus.NotRun], result.Steps.Select(s => s.Status));

        var ledger = await lab.ReadAsync();
        Assert.Equal(("add", "lab", 1), (ledger.UnfinishedRun!.Verb, ledger.UnfinishedRun.DeployName, ledger.UnfinishedRun.FinishedSteps));
        Assert.StartsWith("web: cmd: kill", Assert.Single(ledger.UnfinishedRun.OpenSteps), StringComparison.Ordinal);
        Assert.Equal("lab", Assert.Single(ledger.Deploys).Name);
    }

    [Fact]
    public async Task A_command_that_ended_before_the_cut_does_not_run_again()
    {
        using var lab = Prepare();
        var plan = lab.Plan("lab", Command("web", "echo once >>\"$HOME/log\""), Command("web", "[[ -e $HOME/go ]] || kill -9 $$ $BASHPID"));
        await lab.AddAsync(plan);
        await File.WriteAllTextAsync(Path.Combine(lab.Home, "go"), "");
        Assert.Equal([StepStatus.Unchanged, StepStatus.Done], (await lab.AddAsync(plan)).Steps.Select(s => s.Status));
        Assert.Equal("once\n", await File.ReadAllTextAsync(Path.Combine(lab.Home, "log")));
    }

    [Fact]
    public async Task After_a_power_cut_the_journal_is_not_believed_but_the_intent_is()
    {
        using var lab = Prepare();
        var before = lab.Photograph();
        var plan = Plan(lab);
        var executor = Cut(lab, 1, 1);
        await Assert.ThrowsAsync<CharlyException>(() => lab.AddAsync(plan, executor));
        var journal = Assert.Single(Directory.GetFiles(lab.Ledger.Journal, "*.log"));

        // As if the machine had lost power: another boot, and nothing after the flushed lines of the intent.
        var lines = (await File.ReadAllLinesAsync(journal)).Where(l => l[0] is 'I' or 'S' or 'X' or 'K' or 'D' or 'Z');
        var text = string.Join('\n', lines).Replace(BootId, new string('0', BootId.Length), StringComparison.Ordinal) + "\nB\t3\t17";
        await File.WriteAllTextAsync(journal, text);
        var ledger = await lab.ReadAsync();
        Assert.Equal(0, ledger.UnfinishedRun!.FinishedSteps);
        Assert.Null((await lab.RemoveAsync())!.Failure);
        Assert.Equal(before, lab.Photograph());
    }

    private static string BootId => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    private static Task<int> EachCutAsync(int script, Func<TargetLab, InstallPlan, Task> then) => EachAsync(async n =>
    {
        using var lab = Prepare();
        var before = lab.Photograph();
        var plan = Plan(lab);
        var executor = Cut(lab, script, n);
        try
        {
            await lab.AddAsync(plan, executor);
        }
        catch (CharlyException) when (executor.WasCut)
        {
            // As wanted: the script that writes the records is no step, so its end is no result.
        }

        await then(lab, plan);
        if (executor.WasCut) Assert.Equal(before, lab.Photograph());
        return executor.WasCut;
    });

    private static async Task<int> EachAsync(Func<int, Task<bool>> tryAsync)
    {
        var cuts = 0;
        for (var n = 1; ; n += Stride, cuts++)
        {
            try
            {
                if (!await tryAsync(n)) return cuts;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"cut before command {n}", e);
            }
        }
    }

    private static CutExecutor Cut(TargetLab lab, int script, int command) =>
        new(new LocalExecutor(lab.Environment, new ProcessRunner(lab.Environment)), script, command);

    private static async Task<IReadOnlyList<string>> UncutAsync()
    {
        using var lab = Prepare();
        Assert.Null((await lab.AddAsync(Plan(lab))).Failure);
        return State(lab);
    }

    private static IReadOnlyList<string> State(TargetLab lab) =>
        [.. lab.Photograph(withTimes: false).Select(p => p.Replace(lab.At(""), "", StringComparison.Ordinal))];

    private static TargetLab Prepare()
    {
        var lab = new TargetLab();
        File.WriteAllText(Path.Combine(lab.Home, ".bashrc"), "mine, without a newline");
        File.WriteAllText(lab.At("tree/old"), "original");
        File.SetUnixFileMode(lab.At("tree/old"), AtomicFile.Private);
        File.WriteAllText(lab.At("tree/edited"), "original");
        File.CreateSymbolicLink(lab.At("tree/link"), "old");
        Directory.CreateDirectory(lab.At("tree/dir"), AtomicFile.PrivateFolder);
        return lab;
    }

    private static InstallPlan Plan(TargetLab lab) => lab.Plan(
        "lab",
        lab.Hook("base", "GREETING", "hello"),
        Folder("base", lab.At("tree/dir")),
        Write("base", lab.At("tree/old"), "one", "0755"),
        Write("web", lab.At("tree/new/deep/file"), "two"),
        Write("web", lab.At("tree/old"), "three"),
        Command("web", $"charly_keep '{lab.At("tree/edited")}' '{lab.At("tree/born")}'; printf four >'{lab.At("tree/edited")}'; printf five >'{lab.At("tree/born")}'"),
        Link("web", lab.At("tree/link"), "new"),
        Block("web", Path.Combine(lab.Home, ".bashrc"), "eval web"));
}

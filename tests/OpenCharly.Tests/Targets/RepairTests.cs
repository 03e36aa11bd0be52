using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;
using OpenCharly.Targets;
using static OpenCharly.Tests.Targets.TargetLab;

namespace OpenCharly.Tests.Targets;

/// <summary>
/// A first add, an add over an earlier version, and a removal, each killed at seeded places: repairing ends where a run
/// that was not cut ends; rolling back ends in the state before it, records included.
/// </summary>
/// <remarks>CHARLY_TEST_SEED repeats a run, CHARLY_TEST_CUTS=all tries many more places.</remarks>
public sealed class RepairTests
{
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("CHARLY_TEST_SEED"), out var seed) ? seed : 163017;
    private static readonly int Points = Environment.GetEnvironmentVariable("CHARLY_TEST_CUTS") == "all" ? 60 : 4;

    [Theory]
    [InlineData("first add")]
    [InlineData("add over another")]
    [InlineData("removal")]
    public async Task Rolling_back_after_a_cut_ends_in_the_state_before_the_run(string run) => await EachAsync(run, async (lab, before, records) =>
    {
        var result = await RepairAsync(lab, rollback: true);
        Assert.True(result?.Failure is null, result?.Failure?.Message);
        Assert.Equal(before, lab.Photograph());
        Assert.Equal(records, Records(lab));
        Assert.Null((await lab.ReadAsync()).UnfinishedRun);
        AssertTidy(lab);
        if (records.Count == 0) Assert.False(Directory.Exists(lab.Ledger.Root));
        else Assert.Empty((await DriftAsync(lab)).Items);
    });

    [Theory]
    [InlineData("first add")]
    [InlineData("add over another")]
    [InlineData("removal")]
    public async Task Repairing_after_a_cut_ends_where_an_uncut_run_ends(string run)
    {
        using var uncut = await BeforeAsync(run);
        await RunAsync(uncut, run, null);
        var expected = State(uncut);
        await EachAsync(run, async (lab, _, _) =>
        {
            var result = await RepairAsync(lab, rollback: false);
            Assert.True(result?.Failure is null, result?.Failure?.Message);
            Assert.Equal(expected, State(lab));
            Assert.Null((await lab.ReadAsync()).UnfinishedRun);
            AssertTidy(lab);
            Assert.Null((await lab.RemoveAsync())?.Failure);
            Assert.False(Directory.Exists(lab.Ledger.Root));
        });
    }

    [Theory]
    [InlineData("folders")]
    [InlineData("lock")]
    [InlineData("holder")]
    public async Task A_rollback_takes_an_empty_ledger_away_however_early_the_run_was_cut(string made)
    {
        using var lab = await BeforeAsync("first add");
        foreach (var folder in new[] { lab.Ledger.Deploys, lab.Ledger.Layers, lab.Ledger.Journal, lab.Ledger.Backup, lab.Ledger.Traces, lab.Ledger.Stage }) Directory.CreateDirectory(folder);
        if (made != "folders") await File.WriteAllTextAsync(lab.Ledger.Lock, made == "holder" ? "somebody\n" : "");
        Assert.Null(await RepairAsync(lab, rollback: true));
        Assert.False(Directory.Exists(lab.Ledger.Installed));
    }

    [Fact]
    public async Task A_rollback_that_is_cut_itself_can_be_run_again()
    {
        var random = new Random(Seed);
        for (var point = 0; point < Points; point++)
        {
            using var lab = await BeforeAsync("add over another");
            var (before, records) = (lab.Photograph(), Records(lab));
            await RunAsync(lab, "add over another", Cut(lab, 0, random.Next(100, 220)));
            var cut = Cut(lab, random.Next(0, 2), random.Next(1, 60));
            await QuietlyAsync(cut, async () => await RepairAsync(lab, rollback: true, cut));
            var result = await RepairAsync(lab, rollback: true);
            Assert.True(result?.Failure is null, $"seed {Seed}: {result?.Failure?.Message}");
            Assert.Equal(before, lab.Photograph());
            Assert.Equal(records, Records(lab));
        }
    }

    [Fact]
    public async Task A_rollback_that_was_cut_does_not_let_the_next_add_believe_what_it_took_back()
    {
        using var lab = await BeforeAsync("first add");
        using var uncut = await BeforeAsync("first add");
        await RunAsync(uncut, "first add", null);
        await RunAsync(lab, "first add", Cut(lab, 1, 3));
        var cut = Cut(lab, 1, 2);
        await QuietlyAsync(cut, async () => await RepairAsync(lab, rollback: true, cut));
        Assert.Null((await lab.AddAsync(First(lab))).Failure);
        Assert.Equal(State(uncut), State(lab));
    }

    [Fact]
    public async Task A_cut_run_can_be_finished_after_a_run_of_another_bundle_but_not_taken_back()
    {
        using var lab = Prepare();
        await RunAsync(lab, "first add", Cut(lab, 0, 150));
        Assert.Null((await lab.AddAsync(lab.Plan("second", Write("other", lab.At("tree/other"), "x")))).Failure);
        var cut = Assert.Single((await lab.ReadAsync()).UnfinishedRuns);
        Assert.Equal(("add", "lab"), (cut.Verb, cut.DeployName));

        var refused = await Assert.ThrowsAsync<CharlyException>(() => RepairAsync(lab, rollback: true));
        Assert.Equal(Errors.LedgerLater, refused.Code);
        Assert.Null((await RepairAsync(lab, rollback: false))!.Failure);
        Assert.Empty((await lab.ReadAsync()).UnfinishedRuns);
        Assert.Equal("three", await File.ReadAllTextAsync(lab.At("tree/old")));
        Assert.Empty((await DriftAsync(lab)).Items);
    }

    [Fact]
    public async Task Where_no_run_was_cut_there_is_nothing_to_repair_and_nothing_is_made()
    {
        using var lab = new TargetLab();
        Assert.Null(await RepairAsync(lab, rollback: false));
        Assert.Null(await RepairAsync(lab, rollback: true));
        Assert.False(Directory.Exists(lab.Ledger.Root));
    }

    [Fact]
    public async Task A_rollback_takes_away_the_folders_of_a_ledger_that_a_run_made_and_did_not_come_to_use()
    {
        using var lab = new TargetLab();
        await using (var session = new TargetSession(new LocalExecutor(lab.Environment, new ProcessRunner(lab.Environment)), new LinuxTargetOptions { Id = "host", Host = "local" }, new Progress<CharlyEvent>()))
        {
            await session.LockAsync(default);
        }

        Assert.True(Directory.Exists(lab.Ledger.Journal));
        Assert.Null(await RepairAsync(lab, rollback: true));
        Assert.False(Directory.Exists(Path.Combine(lab.Home, ".config")));
    }

    [Fact]
    public async Task A_rollback_takes_along_the_journal_of_a_script_that_was_cut_before_its_first_line()
    {
        // The undoing that ends an add has a journal of its own, which is made before anything is written into it.
        using var lab = await BeforeAsync("add over another");
        var records = Records(lab);
        await RunAsync(lab, "add over another", Cut(lab, 0, 150));
        var journal = Assert.Single(Directory.GetFiles(lab.Ledger.Journal, "*.log"));
        await File.WriteAllTextAsync(journal[..^".log".Length] + "u.log", "");

        Assert.Null((await RepairAsync(lab, rollback: true))!.Failure);
        Assert.Equal(records, Records(lab));
        AssertTidy(lab);
    }

    [Fact]
    public async Task A_rollback_of_a_first_add_that_was_cut_before_its_first_line_leaves_no_ledger()
    {
        using var lab = new TargetLab();
        await using (var session = new TargetSession(new LocalExecutor(lab.Environment, new ProcessRunner(lab.Environment)), new LinuxTargetOptions { Id = "host", Host = "local" }, new Progress<CharlyEvent>()))
        {
            await session.LockAsync(default);
        }

        await File.WriteAllTextAsync(Path.Combine(lab.Ledger.Journal, "20260101T000000000-abc123.log"), "I\t{\"verb\":\"ad");
        Assert.Null(await RepairAsync(lab, rollback: true));
        Assert.False(Directory.Exists(lab.Ledger.Root));
    }

    [Fact]
    public async Task A_preview_of_a_rollback_lists_the_operations_and_changes_nothing()
    {
        using var lab = Prepare();
        await RunAsync(lab, "first add", Cut(lab, 1, 3));
        var before = lab.Photograph(withLedger: true);
        await using (var target = lab.Target())
        {
            var preview = await target.RepairAsync("lab", new RepairOptions { Rollback = true, DryRun = true });
            Assert.NotEmpty(preview!.Undone);
            Assert.All(preview.Undone, u => Assert.Equal("planned", u.Status));
        }

        Assert.Equal(before, lab.Photograph(withLedger: true));
    }

    [Fact]
    public async Task The_journal_with_the_plan_is_for_its_owner_alone()
    {
        using var lab = Prepare();
        await RunAsync(lab, "first add", Cut(lab, 0, 150));
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(lab.Ledger.Journal, "*.log"))));
    }

    private static async Task EachAsync(string run, Func<TargetLab, IReadOnlyList<string>, IReadOnlyList<string>, Task> then)
    {
        var random = new Random(Seed);
        for (var cuts = 0; cuts < Points;)
        {
            using var lab = await BeforeAsync(run);
            var (before, records) = (lab.Photograph(), Records(lab));
            var (script, command) = (random.Next(0, 3), 1 + (int)(random.NextDouble() * random.NextDouble() * 250));
            var executor = Cut(lab, script, command);
            try
            {
                await RunAsync(lab, run, executor);
                if (!executor.WasCut) continue;
                cuts++;

                // Whatever is there, the ledger can be read.
                await lab.ReadAsync();
                if ((await lab.ReadAsync()).UnfinishedRun is not null) await then(lab, before, records);
            }
            catch (Exception e) when (e is not InvalidOperationException)
            {
                throw new InvalidOperationException($"{run}, cut in script {script} before command {command}; CHARLY_TEST_SEED={Seed}", e);
            }
        }
    }

    private static async Task<TargetLab> BeforeAsync(string run)
    {
        var lab = Prepare();
        if (run != "first add") Assert.Null((await lab.AddAsync(First(lab))).Failure);
        return lab;
    }

    private static Task RunAsync(TargetLab lab, string run, CutExecutor? executor) => QuietlyAsync(executor, async () =>
    {
        if (run == "removal") await lab.RemoveAsync(executor: executor);
        else await lab.AddAsync(run == "first add" ? First(lab) : Second(lab), executor);
    });

    private static async Task QuietlyAsync(CutExecutor? executor, Func<Task> run)
    {
        try
        {
            await run();
        }
        catch (CharlyException) when (executor?.WasCut == true)
        {
            // As wanted.
        }
    }

    private static async Task<DeployResult?> RepairAsync(TargetLab lab, bool rollback, IExecutor? executor = null)
    {
        await using var target = lab.Target(executor);
        return await target.RepairAsync("lab", new RepairOptions { Rollback = rollback });
    }

    private static async Task<DriftReport> DriftAsync(TargetLab lab)
    {
        await using var target = lab.Target();
        return await target.GetDriftAsync([]);
    }

    private static CutExecutor Cut(TargetLab lab, int script, int command) =>
        new(new LocalExecutor(lab.Environment, new ProcessRunner(lab.Environment)), script, command);

    /// <summary>The record files with their text.</summary>
    private static IReadOnlyList<string> Records(TargetLab lab) => !Directory.Exists(lab.Ledger.Installed) ? [] :
    [
        .. Directory.GetFiles(lab.Ledger.Installed, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => $"{Path.GetRelativePath(lab.Ledger.Installed, f)}\n{File.ReadAllText(f)}"),
    ];

    /// <summary>What a run that ended leaves in the ledger but records, traces and kept files that records name.</summary>
    private static IEnumerable<string> Left(TargetLab lab)
    {
        if (!Directory.Exists(lab.Ledger.Installed)) return [];
        var records = string.Concat(Records(lab));
        return Directory.GetFileSystemEntries(lab.Ledger.Journal).Concat(Directory.GetFileSystemEntries(lab.Ledger.Stage))
            .Concat(Directory.GetDirectories(lab.Ledger.Backup, ".2*"))
            .Concat(Directory.GetFiles(lab.Ledger.Backup, "*", SearchOption.AllDirectories).Where(f => !records.Contains(Path.GetFileName(f).Replace(".target", "", StringComparison.Ordinal), StringComparison.Ordinal)));
    }

    private static void AssertTidy(TargetLab lab)
    {
        var left = Left(lab).ToList();
        Assert.True(left.Count == 0, "left behind: " + string.Join(", ", left.Select(l => Path.GetRelativePath(lab.Home, l))));
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
        Directory.CreateDirectory(lab.At("source"));
        File.WriteAllText(lab.At("source/placed"), "placed");
        return lab;
    }

    private static InstallPlan First(TargetLab lab) => lab.Plan(
        "lab",
        lab.Hook("base", "GREETING", "hello"),
        Folder("base", lab.At("tree/dir")),
        Write("base", lab.At("tree/old"), "one", "0755"),
        Write("web", lab.At("tree/new/deep/file"), "two"),
        Write("web", lab.At("tree/old"), "three"),
        Place(lab, "web", lab.At("tree/placed")),
        Kept(lab, "web", "four"),
        Link("web", lab.At("tree/link"), "new"),
        Block("web", Path.Combine(lab.Home, ".bashrc"), "eval web"));

    // One candy less, one more, and everything that both have is different.
    private static InstallPlan Second(TargetLab lab) => lab.Plan(
        "lab",
        Write("web", lab.At("tree/new/deep/file"), "two and a half", "0600"),
        Folder("web", lab.At("tree/new/folder")),
        Write("web", lab.At("tree/old"), "three and a half"),
        Kept(lab, "web", "four and a half"),
        Link("web", lab.At("tree/link"), "other"),
        Block("web", Path.Combine(lab.Home, ".bashrc"), "eval web again"),
        Write("third", lab.At("tree/edited"), "by another candy"),
        Write("third", lab.At("tree/more"), "more"));

    private static OpStep Kept(TargetLab lab, string candy, string content) => Command(
        candy, $"charly_keep '{lab.At("tree/edited")}' '{lab.At("tree/born")}'; printf '{content}' >'{lab.At("tree/edited")}'; printf '{content}' >'{lab.At("tree/born")}'");

    private static FileStep Place(TargetLab lab, string candy, string path) => new()
    {
        Candy = candy,
        Scope = StepScope.User,
        Source = lab.At("source/placed"),
        Sha256 = DriftCheck.DigestOf("placed"),
        Destination = path,
        Reverse = [new ReverseOp { Kind = ReverseKinds.RemoveFileUser, Targets = [path], Scope = StepScope.User }],
    };
}

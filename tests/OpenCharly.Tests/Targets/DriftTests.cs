using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;
using OpenCharly.Targets;
using static OpenCharly.Tests.Targets.TargetLab;

namespace OpenCharly.Tests.Targets;

/// <summary>Drift: what somebody else changed since a bundle was applied, and only that.</summary>
public sealed class DriftTests
{
    [Fact]
    public async Task What_stands_as_it_was_applied_has_not_drifted()
    {
        using var lab = await AppliedAsync();
        var report = await DriftAsync(lab);
        Assert.Empty(report.Items);
        Assert.Equal(["lab"], report.Bundles);
    }

    [Fact]
    public async Task A_file_with_another_content_tells_both_digests_who_owns_it_and_which_step_made_it()
    {
        using var lab = await AppliedAsync();
        await File.WriteAllTextAsync(lab.At("tree/file"), "theirs");
        var item = Assert.Single((await DriftAsync(lab)).Items);
        Assert.Equal((DriftKind.Modified, lab.At("tree/file"), "lab", "web", "host"), (item.Kind, item.Path, item.Bundle, item.Candy, item.Target));
        Assert.Equal($"write: {lab.At("tree/file")}", item.Step);
        Assert.Equal("sha256:" + DriftCheck.DigestOf("ours"), item.Before);
        Assert.Equal("sha256:" + DriftCheck.DigestOf("theirs"), item.After);
        Assert.StartsWith(Environment.UserName + ":", item.Owner, StringComparison.Ordinal);
        Assert.InRange(item.ChangedAt!.Value, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task A_file_that_was_written_again_with_the_same_bytes_has_not_drifted()
    {
        using var lab = await AppliedAsync();
        await File.WriteAllTextAsync(lab.At("tree/file"), "ours");
        Assert.Empty((await DriftAsync(lab)).Items);
    }

    [Fact]
    public async Task Modes_types_links_and_missing_paths_are_told()
    {
        using var lab = await AppliedAsync();
        File.SetUnixFileMode(lab.At("tree/file"), AtomicFile.Private);
        Directory.Delete(lab.At("tree/folder"));
        await File.WriteAllTextAsync(lab.At("tree/folder"), "");
        File.Delete(lab.At("tree/link"));
        File.CreateSymbolicLink(lab.At("tree/link"), "elsewhere");
        File.Delete(Path.Combine(lab.Ledger.EnvFolder, "web.env"));
        Assert.Equal(
            [
                (DriftKind.Missing, lab.Ledger.EnvFile("web"), null!),
                (DriftKind.ModeChanged, lab.At("tree/file"), "0600"),
                (DriftKind.TypeChanged, lab.At("tree/folder"), "file"),
                (DriftKind.LinkChanged, lab.At("tree/link"), "-> elsewhere"),
            ],
            (await DriftAsync(lab)).Items.Select(i => (i.Kind, i.Path, i.After!)));
    }

    [Fact]
    public async Task A_folder_with_another_mode_has_drifted_but_new_files_in_it_are_no_drift()
    {
        using var lab = await AppliedAsync();
        await File.WriteAllTextAsync(lab.At("tree/folder/theirs"), "");
        Assert.Empty((await DriftAsync(lab)).Items);
        File.SetUnixFileMode(lab.At("tree/folder"), AtomicFile.PrivateFolder);
        var item = Assert.Single((await DriftAsync(lab)).Items);
        Assert.Equal((DriftKind.ModeChanged, "0755", "0700"), (item.Kind, item.Before, item.After));
    }

    [Fact]
    public async Task Of_a_file_with_a_managed_block_only_the_block_counts()
    {
        using var lab = await AppliedAsync();
        var file = Path.Combine(lab.Home, ".profile-of-mine");
        await File.AppendAllTextAsync(file, "alias mine=true\n");
        Assert.Empty((await DriftAsync(lab)).Items);
        await using (var target = lab.Target()) Assert.All((await target.ApplyAsync(Plan(lab), new ApplyOptions())).Steps, s => Assert.Equal(StepStatus.Unchanged, s.Status));

        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("eval web", "eval theirs", StringComparison.Ordinal));
        Assert.Equal(DriftKind.BlockChanged, Assert.Single((await DriftAsync(lab)).Items).Kind);
        await File.WriteAllTextAsync(file, "alias mine=true\n");
        var gone = Assert.Single((await DriftAsync(lab)).Items);
        Assert.Equal((DriftKind.BlockMissing, (string?)null), (gone.Kind, gone.After));
        Assert.Equal("sha256:" + DriftCheck.DigestOf("eval web"), gone.Before);

        // And the next add mends it.
        await lab.AddAsync(Plan(lab));
        Assert.Empty((await DriftAsync(lab)).Items);
    }

    [Fact]
    public async Task What_a_later_bundle_of_ours_wrote_over_is_no_drift_and_an_edit_after_it_is_that_bundles()
    {
        using var lab = await AppliedAsync();
        await lab.AddAsync(lab.Plan("second", Write("later", lab.At("tree/file"), "newer")));
        Assert.Empty((await DriftAsync(lab)).Items);
        await File.WriteAllTextAsync(lab.At("tree/file"), "theirs");
        var item = Assert.Single((await DriftAsync(lab)).Items);
        Assert.Equal(("second", "later", "sha256:" + DriftCheck.DigestOf("newer")), (item.Bundle, item.Candy, item.Before));
        Assert.Empty((await DriftAsync(lab, "lab")).Items);
    }

    [Fact]
    public async Task What_somebody_changed_stays_drift_when_another_bundle_is_applied_in_between()
    {
        using var lab = await AppliedAsync();
        await File.WriteAllTextAsync(lab.At("tree/file"), "theirs");
        File.SetUnixFileMode(lab.At("tree/folder"), AtomicFile.PrivateFolder);
        await lab.AddAsync(lab.Plan("second", Write("other", lab.At("tree/other"), "x")));
        Assert.Equal([DriftKind.Modified, DriftKind.ModeChanged], (await DriftAsync(lab)).Items.Select(i => i.Kind));

        var again = await lab.AddAsync(Plan(lab));
        Assert.Equal(2, again.Steps.Count(s => s.Status == StepStatus.Done));
        Assert.Empty((await DriftAsync(lab)).Items);
    }

    [Fact]
    public async Task A_step_in_which_a_run_was_cut_is_told_as_unfinished()
    {
        using var lab = new TargetLab();
        await lab.AddAsync(lab.Plan("lab", Write("web", lab.At("tree/a"), "1"), Command("web", "kill -9 $$ $BASHPID $PPID; sleep 5")));
        var item = Assert.Single((await DriftAsync(lab)).Items);
        Assert.Equal((DriftKind.Unfinished, "lab", "web"), (item.Kind, item.Bundle, item.Candy));
    }

    [Fact]
    public async Task Records_and_traces_of_an_older_version_still_tell_drift()
    {
        using var lab = await AppliedAsync();
        var record = lab.Ledger.LayerFile("web");
        await File.WriteAllLinesAsync(record, (await File.ReadAllLinesAsync(record)).Where(l => !l.Contains("\"block", StringComparison.Ordinal)));
        File.Delete(Path.Combine(lab.Ledger.Traces, "blocks"));
        Assert.Empty((await DriftAsync(lab)).Items);
        await File.WriteAllTextAsync(lab.At("tree/file"), "theirs");
        await File.AppendAllTextAsync(Path.Combine(lab.Home, ".profile-of-mine"), "more\n");
        Assert.Equal([DriftKind.Modified, DriftKind.Modified], (await DriftAsync(lab)).Items.Select(i => i.Kind));
    }

    [Theory]
    [InlineData("thei", true)]
    [InlineData("their own", false)]
    public async Task Of_a_touched_file_that_only_root_can_read_nothing_is_said_unless_its_size_tells(string content, bool isUnseen)
    {
        using var lab = await AppliedAsync();
        await File.WriteAllTextAsync(lab.At("tree/file"), content);
        var executor = new LocalExecutor(lab.Environment, new ProcessRunner(lab.Environment));
        await using var session = new TargetSession(executor, new LinuxTargetOptions { Id = "host", Host = "local" }, new Progress<CharlyEvent>());
        var look = await session.CompareAsync(CancellationToken.None);
        var report = new DriftCheck(look with { Digests = new Dictionary<string, string>() }, "host").Find([]);
        Assert.Equal(isUnseen ? [lab.At("tree/file")] : [], report.Unseen);
        Assert.Equal(isUnseen ? [] : [(DriftKind.Modified, (string?)null)], report.Items.Select(i => (i.Kind, i.After)));
    }

    [Fact]
    public async Task Comparing_takes_one_round_trip_and_changes_nothing()
    {
        using var lab = await AppliedAsync();
        await File.WriteAllTextAsync(lab.At("tree/file"), "theirs");
        var before = lab.Photograph(withLedger: true);
        var executor = new CountingExecutor(new LocalExecutor(lab.Environment, new ProcessRunner(lab.Environment)));
        await using (var target = lab.Target(executor)) Assert.Single((await target.GetDriftAsync([])).Items);
        Assert.Equal((1, 1), (executor.Sessions, executor.Scripts));
        Assert.Equal(before, lab.Photograph(withLedger: true));
    }

    [Fact]
    public async Task A_target_without_a_ledger_has_no_drift_and_gets_none()
    {
        using var lab = new TargetLab();
        var report = await DriftAsync(lab);
        Assert.Empty(report.Items);
        Assert.Empty(report.Bundles);
        Assert.False(Directory.Exists(lab.Ledger.Root));
    }

    private static async Task<DriftReport> DriftAsync(TargetLab lab, params string[] bundles)
    {
        await using var target = lab.Target();
        return await target.GetDriftAsync(bundles);
    }

    private static async Task<TargetLab> AppliedAsync()
    {
        var lab = new TargetLab();
        Assert.Null((await lab.AddAsync(Plan(lab))).Failure);
        return lab;
    }

    private static InstallPlan Plan(TargetLab lab) => lab.Plan(
        "lab",
        lab.Hook("web", "GREETING", "hello"),
        Write("web", lab.At("tree/file"), "ours"),
        Folder("web", lab.At("tree/folder")),
        Link("web", lab.At("tree/link"), "file"),
        Block("web", Path.Combine(lab.Home, ".profile-of-mine"), "eval web"));

    private sealed class CountingExecutor(IExecutor inner) : IExecutor
    {
        public int Sessions { get; private set; }

        public int Scripts { get; private set; }

        public string Venue => inner.Venue;

        public VenueKind Kind => inner.Kind;

        public Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default)
        {
            Scripts++;
            return inner.RunAsync(request, cancellationToken);
        }

        public async Task<IShellSession> OpenSessionAsync(CancellationToken cancellationToken = default)
        {
            Sessions++;
            return new Session(this, await inner.OpenSessionAsync(cancellationToken));
        }

        public Task PutAsync(Stream content, string destination, PlacementOptions options, CancellationToken cancellationToken = default) =>
            inner.PutAsync(content, destination, options, cancellationToken);

        public Task<byte[]?> GetAsync(string path, bool asRoot, CancellationToken cancellationToken = default) => inner.GetAsync(path, asRoot, cancellationToken);

        public Task<string> ResolveHomeAsync(string? user, CancellationToken cancellationToken = default) => inner.ResolveHomeAsync(user, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        private sealed class Session(CountingExecutor owner, IShellSession inner) : IShellSession
        {
            public Task<CommandResult> RunAsync(ScriptRequest request, CancellationToken cancellationToken = default)
            {
                owner.Scripts++;
                return inner.RunAsync(request, cancellationToken);
            }

            public Task<CommandResult> RunInShellAsync(ScriptRequest request, CancellationToken cancellationToken = default)
            {
                owner.Scripts++;
                return inner.RunInShellAsync(request, cancellationToken);
            }

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}

using OpenCharly.Foundation;
using OpenCharly.Plans;
using OpenCharly.Targets;
using static OpenCharly.Tests.Targets.TargetLab;

namespace OpenCharly.Tests.Targets;

public sealed class RemoveTests : IDisposable
{
    private readonly TargetLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Undo_brings_back_bytes_mode_time_and_links_of_what_was_overwritten()
    {
        var old = _lab.At("tree/old");
        await File.WriteAllBytesAsync(old, [0, 1, 2, 255]);
        File.SetUnixFileMode(old, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.SetLastWriteTimeUtc(old, new DateTime(2021, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        File.CreateSymbolicLink(_lab.At("tree/link"), "nowhere");
        Directory.CreateDirectory(_lab.At("tree/dir"), AtomicFile.PrivateFolder);
        var before = _lab.Photograph();

        var plan = _lab.Plan(
            "lab",
            Write("web", old, "new"),
            Write("web", _lab.At("tree/link"), "now a file"),
            Folder("web", _lab.At("tree/dir")),
            Write("web", _lab.At("tree/made/deep/file"), "x"),
            Folder("web", _lab.At("tree/empty/one")));
        Assert.Null((await _lab.AddAsync(plan)).Failure);
        Assert.NotEqual(before, _lab.Photograph());
        var removed = await _lab.RemoveAsync();

        Assert.Null(removed!.Failure);
        Assert.Equal(before, _lab.Photograph());
        Assert.Null(await _lab.RemoveAsync());
        Assert.Empty((await _lab.ReadAsync()).Candies);
        Assert.False(Directory.Exists(_lab.Ledger.Root));
    }

    [Fact]
    public async Task The_first_kept_state_wins_over_later_adds()
    {
        await File.WriteAllTextAsync(_lab.At("tree/a"), "original");
        await _lab.AddAsync(_lab.Plan("lab", Write("web", _lab.At("tree/a"), "one")));
        await _lab.AddAsync(_lab.Plan("lab", Write("web", _lab.At("tree/a"), "two")));
        await _lab.AddAsync(_lab.Plan("lab", Write("web", _lab.At("tree/a"), "two")), options: new ApplyOptions { Force = true });
        await _lab.RemoveAsync();
        Assert.Equal("original", await File.ReadAllTextAsync(_lab.At("tree/a")));
    }

    [Fact]
    public async Task What_a_failed_add_wrote_last_is_undone_first()
    {
        var path = _lab.At("tree/contested");
        var before = _lab.Photograph();
        Assert.Null((await _lab.AddAsync(_lab.Plan("lab", Write("old", path, "old")))).Failure);
        var second = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        while (DateTimeOffset.UtcNow.ToUnixTimeSeconds() == second) await Task.Delay(20); // records hold whole seconds
        Assert.NotNull((await _lab.AddAsync(_lab.Plan("lab", Write("new", path, "new"), Command("new", "exit 3")))).Failure);
        Assert.Null((await _lab.RemoveAsync())!.Failure);
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task A_shared_candy_stays_until_its_last_deployment_goes()
    {
        var path = _lab.At("tree/shared");
        await _lab.AddAsync(_lab.Plan("one", Write("base", path, "x"), Write("a", _lab.At("tree/a"), "a")));
        await _lab.AddAsync(_lab.Plan("two", Write("base", path, "x"), Write("b", _lab.At("tree/b"), "b")));
        await _lab.RemoveAsync("one");
        Assert.True(File.Exists(path));
        Assert.False(File.Exists(_lab.At("tree/a")));
        await _lab.RemoveAsync("two");
        Assert.False(File.Exists(path));
        Assert.False(File.Exists(_lab.At("tree/b")));
    }

    [Fact]
    public async Task Candies_that_a_deployment_no_longer_includes_go_after_the_new_ones_succeeded()
    {
        await _lab.AddAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "a"), Write("b", _lab.At("tree/b"), "b")));
        var failed = await _lab.AddAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "a"), Command("c", "false")));
        Assert.NotNull(failed.Failure);
        Assert.True(File.Exists(_lab.At("tree/b")));

        var result = await _lab.AddAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "a"), Command("c", "true")));
        Assert.Null(result.Failure);
        Assert.False(File.Exists(_lab.At("tree/b")));
        Assert.Equal("b", Assert.Single(result.Undone).Candy);
        Assert.Single((await _lab.ReadAsync()).Deploys);
    }

    [Theory]
    [InlineData("")]
    [InlineData("alias ll='ls -l'\n")]
    [InlineData("no newline at the end")]
    [InlineData("blank lines at the end\n\n\n")]
    public async Task Blocks_in_a_file_of_the_user_go_without_a_trace(string original)
    {
        var rc = Path.Combine(_lab.Home, ".bashrc");
        if (original.Length > 0) await File.WriteAllTextAsync(rc, original);
        var before = _lab.Photograph();
        var plan = _lab.Plan("lab", _lab.Hook("web", "A", "1"), Block("web", rc, "eval web"), Block("db", rc, "eval db"));
        Assert.Null((await _lab.AddAsync(plan)).Failure);
        var text = await File.ReadAllTextAsync(rc);
        Assert.Contains("eval web", text, StringComparison.Ordinal);
        Assert.Contains("env.d/*.env", text, StringComparison.Ordinal);
        Assert.StartsWith(original.TrimEnd('\n'), text, StringComparison.Ordinal);

        Assert.All((await _lab.AddAsync(plan)).Steps, s => Assert.Equal(StepStatus.Unchanged, s.Status));
        Assert.Null((await _lab.RemoveAsync())!.Failure);
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task Blocks_of_two_deployments_go_one_by_one_in_any_order()
    {
        var rc = Path.Combine(_lab.Home, ".bashrc");
        await File.WriteAllTextAsync(rc, "mine");
        var before = _lab.Photograph();
        await _lab.AddAsync(_lab.Plan("one", Block("a", rc, "eval a")));
        await _lab.AddAsync(_lab.Plan("two", Block("b", rc, "eval b")));
        await _lab.RemoveAsync("one");
        var text = await File.ReadAllTextAsync(rc);
        Assert.DoesNotContain("eval a", text, StringComparison.Ordinal);
        Assert.Contains("eval b", text, StringComparison.Ordinal);
        await _lab.RemoveAsync("two");
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task Lines_that_the_user_added_since_stay()
    {
        var rc = Path.Combine(_lab.Home, ".bashrc");
        await File.WriteAllTextAsync(rc, "mine\n");
        await _lab.AddAsync(_lab.Plan("one", Block("a", rc, "eval a")));
        await File.AppendAllTextAsync(rc, "mine too\n");
        await _lab.RemoveAsync("one");
        var text = await File.ReadAllTextAsync(rc);
        Assert.DoesNotContain("opencharly", text, StringComparison.Ordinal);
        Assert.Equal(["mine", "mine too"], text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_file_that_another_deployment_overwrote_is_left_to_it()
    {
        var path = _lab.At("tree/contested");
        await File.WriteAllTextAsync(path, "original");
        var before = _lab.Photograph();
        await _lab.AddAsync(_lab.Plan("one", Write("a", path, "a")));
        await _lab.AddAsync(_lab.Plan("two", Write("b", path, "b")));
        var removed = await _lab.RemoveAsync("one");
        Assert.Equal("kept", Assert.Single(removed!.Undone).Status);
        Assert.Equal("b", await File.ReadAllTextAsync(path));
        await _lab.RemoveAsync("two");
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task A_folder_that_two_deployments_use_goes_with_the_last()
    {
        var before = _lab.Photograph();
        await _lab.AddAsync(_lab.Plan("one", Write("a", _lab.At("tree/opt/a"), "a")));
        await _lab.AddAsync(_lab.Plan("two", Write("b", _lab.At("tree/opt/b"), "b")));
        await _lab.RemoveAsync("one");
        Assert.True(File.Exists(_lab.At("tree/opt/b")));
        await _lab.RemoveAsync("two");
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task A_preview_names_what_cannot_be_undone_and_changes_nothing()
    {
        await _lab.AddAsync(_lab.Plan("lab", Write("web", _lab.At("tree/a"), "1"), Command("web", "make install")
            with { Value = "true # make install" }));
        var before = _lab.Photograph(withLedger: true);
        var preview = await _lab.RemoveAsync(options: new RemoveOptions { DryRun = true });
        Assert.True(preview!.DryRun);
        Assert.Equal("web: cmd: true # make install", Assert.Single(preview.NotUndoable));
        Assert.Equal(("planned", $"rm -f {_lab.At("tree/a")}"), (Assert.Single(preview.Undone).Status, preview.Undone[0].Detail));
        Assert.Equal(before, _lab.Photograph(withLedger: true));
    }

    [Fact]
    public async Task What_cannot_be_undone_now_stays_on_record_for_another_try()
    {
        var path = _lab.At("tree/a");
        await _lab.AddAsync(_lab.Plan("lab", Write("web", path, "1"), Write("web", _lab.At("tree/b"), "1")));
        File.Delete(path);
        Directory.CreateDirectory(path);
        var removed = await _lab.RemoveAsync();
        Assert.Equal(Errors.LedgerUndo, removed!.Failure!.Code);
        Assert.Equal(["done", "failed"], removed.Undone.Select(u => u.Status));
        Assert.False(File.Exists(_lab.At("tree/b")));
        Assert.Single(Assert.Single((await _lab.ReadAsync()).Candies).ReverseOps);

        Directory.Delete(path);
        var second = await _lab.RemoveAsync();
        Assert.Null(second!.Failure);
        Assert.Equal("missing", Assert.Single(second.Undone).Status);
        Assert.Empty((await _lab.ReadAsync()).Candies);
    }

    [Fact]
    public async Task Folders_near_the_root_are_never_deleted()
    {
        var step = Command("web", "true") with
        {
            Reverse = [new ReverseOp { Kind = ReverseKinds.RemoveFolder, Targets = ["/opt"], Scope = StepScope.User, Extra = new Dictionary<string, string> { ["prior"] = "absent" } }],
        };
        await _lab.AddAsync(_lab.Plan("lab", step));
        var file = _lab.Ledger.LayerFile("web");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("\"prior\": \"folder\"", "\"prior\": \"absent\"", StringComparison.Ordinal));
        var removed = await _lab.RemoveAsync();
        Assert.Equal("failed", Assert.Single(removed!.Undone).Status);
        Assert.True(Directory.Exists("/opt"));
    }
}

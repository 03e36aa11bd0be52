using OpenCharly.Foundation;
using OpenCharly.Plans;
using OpenCharly.Targets;
using static OpenCharly.Tests.Targets.TargetLab;

namespace OpenCharly.Tests.Targets;

public sealed class ApplyTests : IDisposable
{
    private readonly TargetLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_plan_does_what_it_says_and_records_it()
    {
        var plan = _lab.Plan(
            "lab",
            Folder("web", _lab.At("tree/srv/web")),
            Write("web", _lab.At("tree/srv/web/index.html"), "hello\n", "0640"),
            Link("web", _lab.At("tree/current"), "srv/web"),
            Command("web", "echo out; echo err >&2; pwd"));
        var result = await _lab.AddAsync(plan);

        Assert.Null(result.Failure);
        Assert.True(result.Changed);
        Assert.All(result.Steps, s => Assert.Equal(StepStatus.Done, s.Status));
        Assert.Equal("hello\n", await File.ReadAllTextAsync(_lab.At("tree/current/index.html")));
        Assert.Equal("0640", Convert.ToString((int)File.GetUnixFileMode(_lab.At("tree/srv/web/index.html")), 8).PadLeft(4, '0'));
        Assert.Contains("out\n", result.Steps[3].Output, StringComparison.Ordinal);
        Assert.Contains("err\n", result.Steps[3].Output, StringComparison.Ordinal);
        Assert.Equal("", result.Steps[1].Output);
        Assert.Equal(0, result.Steps[3].ExitCode);

        var ledger = await _lab.ReadAsync();
        Assert.Equal("lab", Assert.Single(ledger.Deploys).Name);
        Assert.Equal([plan.DeployId], Assert.Single(ledger.Candies).DeployedBy);
        Assert.Equal(4, ledger.Candies[0].Steps.Count);
        Assert.Null(ledger.UnfinishedRun);
        Assert.Empty(Directory.GetFileSystemEntries(_lab.Ledger.Journal));
        Assert.Empty(Directory.GetFileSystemEntries(_lab.Ledger.Stage));
    }

    [Theory]
    [InlineData("one\nmv -fT -- a b")]
    [InlineData("one\ninstall -d -m 0755 -- a\n")]
    [InlineData("charly_place_file a b c\nln -sfT -- a b")]
    public async Task A_file_may_end_like_one_of_our_commands(string content)
    {
        Assert.Null((await _lab.AddAsync(_lab.Plan("lab", Write("web", _lab.At("tree/a"), content), Command("web", "cat <<'END' >\"$HOME/log\"\n" + content + "\nEND")))).Failure);
        Assert.Equal(content, await File.ReadAllTextAsync(_lab.At("tree/a")));
        Assert.Equal(content + "\n", await File.ReadAllTextAsync(Path.Combine(_lab.Home, "log")));
    }

    [Fact]
    public async Task A_second_add_changes_nothing_on_the_target()
    {
        var plan = _lab.Plan("lab", Folder("web", _lab.At("tree/srv")), Write("web", _lab.At("tree/srv/a"), "1"), Command("web", "date +%N >>\"$HOME/log\""), _lab.Hook("web", "A", "1"));
        Assert.Null((await _lab.AddAsync(plan)).Failure);
        var before = _lab.Photograph(withLedger: true);
        var again = await _lab.AddAsync(plan);

        Assert.False(again.Changed);
        Assert.All(again.Steps, s => Assert.Equal(StepStatus.Unchanged, s.Status));
        Assert.Equal(before, _lab.Photograph(withLedger: true));
    }

    [Fact]
    public async Task A_failing_step_stops_the_run_and_the_next_run_goes_on_there()
    {
        var plan = _lab.Plan("lab", Command("web", "echo first >>\"$HOME/log\""), Command("web", "echo 'the disk is purple' >&2; test -e \"$HOME/mended\""), Write("web", _lab.At("tree/last"), "x"));
        var result = await _lab.AddAsync(plan);
        Assert.Equal(Errors.RunStep, result.Failure!.Code);
        Assert.Contains("web: step 2 of 3 (Op: cmd:", result.Failure.Message, StringComparison.Ordinal);
        Assert.Contains("exit code 1", result.Failure.Message, StringComparison.Ordinal);
        Assert.Contains("the disk is purple", result.Failure.Message, StringComparison.Ordinal);
        Assert.Equal([StepStatus.Done, StepStatus.Failed, StepStatus.NotRun], result.Steps.Select(s => s.Status));
        Assert.False(File.Exists(_lab.At("tree/last")));

        await File.WriteAllTextAsync(Path.Combine(_lab.Home, "mended"), "");
        var second = await _lab.AddAsync(plan);
        Assert.Null(second.Failure);
        Assert.Equal([StepStatus.Unchanged, StepStatus.Done, StepStatus.Done], second.Steps.Select(s => s.Status));
        Assert.Equal("first\n", await File.ReadAllTextAsync(Path.Combine(_lab.Home, "log")));
    }

    [Fact]
    public async Task A_script_with_a_syntax_error_fails_its_own_step_only()
    {
        var result = await _lab.AddAsync(_lab.Plan("lab", Write("a", _lab.At("tree/a"), "1"), Command("a", "if true; then echo 'open"), Write("a", _lab.At("tree/b"), "1")));
        Assert.Equal([StepStatus.Done, StepStatus.Failed, StepStatus.NotRun], result.Steps.Select(s => s.Status));
        Assert.True(File.Exists(_lab.At("tree/a")));
    }

    [Fact]
    public async Task A_file_that_drifted_is_mended_and_what_follows_it_runs_again()
    {
        var plan = _lab.Plan("lab", Write("web", _lab.At("tree/a"), "right"), Command("web", "echo ran >>\"$HOME/log\""), Write("other", _lab.At("tree/b"), "b"));
        await _lab.AddAsync(plan);
        await File.WriteAllTextAsync(_lab.At("tree/a"), "wrong");
        var result = await _lab.AddAsync(plan);
        Assert.Equal([StepStatus.Done, StepStatus.Done, StepStatus.Unchanged], result.Steps.Select(s => s.Status));
        Assert.Equal("right", await File.ReadAllTextAsync(_lab.At("tree/a")));
        Assert.Equal("ran\nran\n", await File.ReadAllTextAsync(Path.Combine(_lab.Home, "log")));
    }

    [Theory]
    [InlineData("chmod")]
    [InlineData("remove")]
    public async Task A_changed_mode_and_a_missing_file_are_drift_as_well(string how)
    {
        var plan = _lab.Plan("lab", Write("web", _lab.At("tree/a"), "right"));
        await _lab.AddAsync(plan);
        if (how == "chmod") File.SetUnixFileMode(_lab.At("tree/a"), UnixFileMode.UserRead);
        else File.Delete(_lab.At("tree/a"));
        Assert.Equal(StepStatus.Done, (await _lab.AddAsync(plan)).Steps[0].Status);
        Assert.Equal(AtomicFile.Shared, File.GetUnixFileMode(_lab.At("tree/a")));
    }

    [Fact]
    public async Task A_file_touched_but_not_changed_is_left_alone_and_known_again_afterwards()
    {
        var plan = _lab.Plan("lab", Write("web", _lab.At("tree/a"), "right"));
        await _lab.AddAsync(plan);
        File.SetLastWriteTimeUtc(_lab.At("tree/a"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var result = await _lab.AddAsync(plan);
        Assert.Equal(StepStatus.Unchanged, result.Steps[0].Status);
        Assert.False(result.Changed);
        var before = _lab.Photograph(withLedger: true);
        await _lab.AddAsync(plan);
        Assert.Equal(before, _lab.Photograph(withLedger: true));
    }

    [Fact]
    public async Task A_step_that_a_later_one_edits_is_no_drift()
    {
        var plan = _lab.Plan("lab", Write("web", _lab.At("tree/a"), "1"), Command("web", $"echo 2 >>'{_lab.At("tree/a")}'"));
        await _lab.AddAsync(plan);
        Assert.All((await _lab.AddAsync(plan)).Steps, s => Assert.Equal(StepStatus.Unchanged, s.Status));
    }

    [Fact]
    public async Task Force_runs_everything_again()
    {
        var plan = _lab.Plan("lab", Write("web", _lab.At("tree/a"), "1"), Command("web", "true"));
        await _lab.AddAsync(plan);
        var result = await _lab.AddAsync(plan, options: new ApplyOptions { Force = true });
        Assert.All(result.Steps, s => Assert.Equal(StepStatus.Done, s.Status));
    }

    [Fact]
    public async Task Secrets_reach_the_step_and_nothing_else()
    {
        var step = Command("web", "printf 'token is %s\\n' \"$TOKEN\"; printf %s \"$TOKEN\" >\"$HOME/token\"") with { Secrets = ["TOKEN"] };
        var options = new ApplyOptions { Secrets = new Dictionary<string, string> { ["TOKEN"] = "s3cr3t'value" } };
        var result = await _lab.AddAsync(_lab.Plan("lab", step), options: options);
        Assert.Null(result.Failure);
        Assert.Equal("s3cr3t'value", await File.ReadAllTextAsync(Path.Combine(_lab.Home, "token")));
        Assert.Equal("token is ***\n", result.Steps[0].Output);
        Assert.DoesNotContain(_lab.Events.OfType<StepOutputEvent>(), e => e.Line.Contains("s3cr3t", StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(_lab.Ledger.Installed, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain("s3cr3t", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Events_tell_each_step_from_begin_to_end()
    {
        await _lab.AddAsync(_lab.Plan("lab", Command("web", "echo one; echo two >&2"), Command("web", "printf three")));
        var told = _lab.Events.Where(e => e is StepStartedEvent or StepOutputEvent { IsError: false } or StepFinishedEvent).Select(e => e switch
        {
            StepStartedEvent s => $"begin {s.Index}",
            StepOutputEvent o => $"{o.Index}: {o.Line}",
            StepFinishedEvent f => $"{f.Status} {f.Index}",
            _ => "",
        });
        Assert.Equal(["begin 0", "0: one", "done 0", "begin 1", "1: three", "done 1"], told);
    }

    [Fact]
    public async Task A_closed_gate_skips_its_step_and_the_run_goes_on()
    {
        var plan = _lab.Plan("lab", Command("web", "false") with { Skip = SkipReason.GateClosed, Gate = StepGate.AllowRootTasks }, Write("web", _lab.At("tree/a"), "1"));
        var result = await _lab.AddAsync(plan);
        Assert.Null(result.Failure);
        Assert.Equal([StepStatus.Skipped, StepStatus.Done], result.Steps.Select(s => s.Status));
        Assert.Equal("needs --allow-root-tasks", result.Steps[0].Reason);
    }

    [Fact]
    public async Task A_plan_for_another_home_is_refused_and_nothing_is_made()
    {
        var plan = _lab.Plan("lab", Write("web", _lab.At("tree/a"), "1")) with { Home = "/home/somebody" };
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.AddAsync(plan));
        Assert.Equal(Errors.PlanStale, error.Code);
        Assert.False(File.Exists(_lab.At("tree/a")));
    }

    [Fact]
    public async Task Facts_alone_make_nothing_on_a_fresh_target()
    {
        var before = _lab.Photograph(withLedger: true);
        await using (var target = _lab.Target())
        {
            var facts = await target.GetFactsAsync();
            Assert.Equal(_lab.Home, facts.Home);
            Assert.Equal(Environment.UserName, facts.User);
            Assert.Contains("bash", facts.Shells);
            Assert.NotEmpty(facts.Machine);
            Assert.Empty((await target.ReadLedgerAsync()).Deploys);
            Assert.Null(await target.RemoveAsync("lab", new RemoveOptions()));
        }

        Assert.Equal(before, _lab.Photograph(withLedger: true));
    }

    [Fact]
    public async Task A_ledger_record_without_schema_version_is_an_error_and_stays_as_it_is()
    {
        var plan = _lab.Plan("lab", Write("web", _lab.At("tree/a"), "1"));
        await _lab.AddAsync(plan);
        var file = _lab.Ledger.LayerFile("web");
        await File.WriteAllTextAsync(file, "{\"candy\": \"web\"}");
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.AddAsync(plan));
        Assert.Equal(Errors.LedgerRecord, error.Code);
        Assert.Contains("charly migrate", error.Help, StringComparison.Ordinal);
        Assert.Equal("{\"candy\": \"web\"}", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Keys_that_we_do_not_know_survive_in_records()
    {
        await _lab.AddAsync(_lab.Plan("lab", Write("web", _lab.At("tree/a"), "1")));
        var file = _lab.Ledger.LayerFile("web");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("\"candy\"", "\"x_note\": {\"a\": [1]},\n  \"candy\"", StringComparison.Ordinal));
        await _lab.AddAsync(_lab.Plan("lab", Write("web", _lab.At("tree/a"), "2")));
        var text = await File.ReadAllTextAsync(file);
        Assert.Contains("\"x_note\"", text, StringComparison.Ordinal);
        Assert.Contains($"\"scope\": \"{(Environment.IsPrivilegedProcess ? "system" : "user")}\"", text, StringComparison.Ordinal);
        Assert.EndsWith("}\n", text, StringComparison.Ordinal);
    }
}

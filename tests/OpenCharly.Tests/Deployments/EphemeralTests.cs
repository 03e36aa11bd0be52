using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Deployments;

/// <summary>Deployments that end by themselves (deploy.md §9).</summary>
public sealed class EphemeralTests : IDisposable
{
    private readonly EphemeralLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task An_add_leaves_a_record_and_a_timer_that_removes_it()
    {
        Entry("ephemeral: {ttl: 20m}");
        Assert.Null((await _lab.AddAsync("try")).Failure);
        var record = _lab.Records["try"];
        Assert.Matches("^[0-9a-f]{6}$", record.Id);
        Assert.Equal(($"try-eph-{record.Id}", "ready", null, 0), (record.InstanceName, record.Status, record.ParentEphemeral, record.ChildRefcount));
        Assert.InRange(record.Deadline - _lab.Now, TimeSpan.FromMinutes(19), TimeSpan.FromMinutes(20));
        Assert.Matches(@"^charly-deploy-del-try-[0-9]+\.timer$", record.TimerUnit);
        Assert.Matches($"systemd-run --user --on-active=1200 --unit=charly-deploy-del-try-[0-9]+ .*--working-directory={_lab.At("project")} --setenv=CHARLY_EPHEMERAL_ID={record.Id} .*--setenv=XDG_CONFIG_HOME={_lab.At("config")} .*/charly deploy del try --assume-yes\n", _lab.Calls);
        Assert.Contains("target: local", _lab.HostFile, StringComparison.Ordinal);
        Assert.DoesNotContain("disposable", _lab.HostFile, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_end_is_told_wherever_it_is_listed_while_it_is_up()
    {
        Entry("ephemeral: {ttl: 20m}");
        Assert.Equal((null, null), await EndsAsync());
        await _lab.AddAsync("try");
        var end = _lab.Records["try"].Deadline;
        Assert.Equal((end, end), await EndsAsync());
        await _lab.RemoveAsync("try");
        Assert.Equal((null, null), await EndsAsync());
    }

    [Fact]
    public async Task A_second_add_goes_on_with_what_is_up()
    {
        Entry("ephemeral: true");
        await _lab.AddAsync("try");
        var first = _lab.Records["try"];
        Assert.Null((await _lab.AddAsync("try")).Failure);
        Assert.Equal(first, _lab.Records["try"]);
        Assert.Single(_lab.Calls.Split('\n'), l => l.StartsWith("systemd-run", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_another_run_is_making_is_left_to_it_and_what_a_cut_run_left_is_made_anew()
    {
        Entry("ephemeral: true");
        await _lab.AddAsync("try");
        var records = new OpenCharly.Model.EphemeralRecords(_lab.Context.Paths);
        var first = _lab.Records["try"];
        await records.UpdateAsync(first.Id, r => r with { Status = "creating" }, default);
        using (FileLock.TryAcquire(records.LockOf("try")))
        {
            Assert.Equal(Errors.EphemeralTaken, (await Assert.ThrowsAsync<CharlyException>(() => _lab.AddAsync("try"))).Code);
            Assert.Equal((first.Id, "creating"), (_lab.Records["try"].Id, _lab.Records["try"].Status));
        }

        Assert.Null((await _lab.AddAsync("try")).Failure);
        Assert.NotEqual(first.Id, _lab.Records["try"].Id);
        Assert.Equal("ready", _lab.Records["try"].Status);
    }

    [Fact]
    public async Task An_add_after_its_time_makes_it_anew()
    {
        Entry("ephemeral: true");
        await _lab.AddAsync("try");
        var first = _lab.Records["try"];
        _lab.Move(TimeSpan.FromHours(2));
        Assert.Null((await _lab.AddAsync("try")).Failure);
        Assert.NotEqual(first.Id, _lab.Records["try"].Id);
        Assert.Contains($"systemctl --user stop {first.TimerUnit}\n", _lab.Calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Del_undoes_what_was_applied_and_ends_timer_and_record()
    {
        Entry("ephemeral: true");
        await _lab.AddAsync("try");
        var timer = _lab.Records["try"].TimerUnit;
        Assert.True(File.Exists(_lab.At("home/hello.txt")));
        Assert.Contains($"timer {timer}", (await _lab.RemoveAsync("try", dryRun: true)).Items);
        Assert.NotEmpty(_lab.Records);
        Assert.Null((await _lab.RemoveAsync("try")).Failure);
        Assert.False(File.Exists(_lab.At("home/hello.txt")));
        Assert.Empty(_lab.Records);
        Assert.Contains($"systemctl --user stop {timer}\n", _lab.Calls, StringComparison.Ordinal);
        Assert.Contains("try:", _lab.HostFile, StringComparison.Ordinal);
        Assert.DoesNotContain("vm_state", _lab.HostFile, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_add_that_fails_takes_back_all_that_it_made()
    {
        Entry("ephemeral: true", "exit 7");
        var result = await _lab.AddAsync("try");
        Assert.NotNull(result.Failure);
        Assert.Equal("add", result.Verb);
        Assert.Empty(_lab.Records);
        Assert.False(File.Exists(_lab.At("home/hello.txt")));
        Assert.Contains("systemctl --user stop", _lab.Calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_input_leaves_no_record_either()
    {
        _lab.Project("deploy:\n  try: {target: local, add_candy: [nowhere], ephemeral: true}\n");
        Assert.Equal(ErrorKind.NotFound, (await Assert.ThrowsAsync<CharlyException>(() => _lab.AddAsync("try"))).Code.Kind);
        Assert.Empty(_lab.Records);
    }

    [Fact]
    public async Task What_is_to_be_kept_on_failure_stays_until_its_time_is_over()
    {
        Entry("ephemeral: {keep_on_failure: true}", "exit 7");
        Assert.NotNull((await _lab.AddAsync("try")).Failure);
        Assert.NotEmpty(_lab.Records);
        Assert.True(File.Exists(_lab.At("home/hello.txt")));
        Assert.Contains(_lab.Warnings, w => w.Contains("charly bundle del try", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("echo Failed to connect to bus >&2; exit 1")]
    [InlineData(null)]
    public async Task Without_a_service_manager_that_is_said_and_reap_orphans_does_it(string? body)
    {
        if (body is null) _lab.Set("PATH", Without("systemd-run"));
        else _lab.Program("systemd-run", body);
        Entry("ephemeral: true");
        Assert.Null((await _lab.AddAsync("try")).Failure);
        Assert.Null(_lab.Records["try"].TimerUnit);
        Assert.Contains(_lab.Warnings, w => w.Contains("charly reap-orphans", StringComparison.Ordinal));

        Assert.Empty(await new ReapOrphans(_lab.Context).RunAsync());
        _lab.Move(TimeSpan.FromHours(1));
        var planned = Assert.Single(await new ReapOrphans(_lab.Context).RunAsync(dryRun: true));
        Assert.Equal(("try", "expired"), (planned.Name, planned.Reason));
        Assert.NotEmpty(_lab.Records);
        Assert.Null(Assert.Single(await new ReapOrphans(_lab.Context).RunAsync()).Failure);
        Assert.Empty(_lab.Records);
        Assert.False(File.Exists(_lab.At("home/hello.txt")));
    }

    [Fact]
    public async Task A_timer_that_comes_late_leaves_the_next_one_alone()
    {
        Entry("ephemeral: true");
        await _lab.AddAsync("try");
        var now = _lab.Records["try"];
        _lab.Set("CHARLY_EPHEMERAL_ID", "ffffff");
        Assert.False((await _lab.RemoveAsync("try")).Changed);
        Assert.Equal(now, _lab.Records["try"]);
        _lab.Set("CHARLY_EPHEMERAL_ID", now.Id);
        Assert.True((await _lab.RemoveAsync("try")).Changed);
        Assert.Empty(_lab.Records);
    }

    [Fact]
    public async Task A_child_ends_no_later_than_its_parent_and_is_counted()
    {
        _lab.Candy("hello");
        _lab.Project("deploy:\n  outer: {target: local, add_candy: [hello], ephemeral: {ttl: 30m}}\n  inner: {target: local, add_candy: [hello], ephemeral: true}\n");
        await _lab.AddAsync("outer");
        var outer = _lab.Records["outer"];
        _lab.Move(TimeSpan.FromMinutes(20));
        _lab.Set("CHARLY_EPHEMERAL_PARENT", outer.Id);
        Assert.Null((await _lab.AddAsync("inner")).Failure);
        var inner = _lab.Records["inner"];
        Assert.Equal(outer.Id, inner.ParentEphemeral);
        Assert.InRange(inner.Deadline, outer.Deadline - TimeSpan.FromSeconds(2), outer.Deadline);
        Assert.Equal(1, _lab.Records["outer"].ChildRefcount);
        await _lab.RemoveAsync("inner");
        Assert.Equal(0, _lab.Records["outer"].ChildRefcount);
    }

    [Fact]
    public async Task A_peer_lives_within_the_life_of_its_owner()
    {
        _lab.Candy("hello");
        _lab.Candy("help");
        _lab.Project("deploy:\n  shop:\n    target: local\n    add_candy: [hello]\n    ephemeral: {ttl: 10m}\n    peer: {driver: {target: local, add_candy: [help], ephemeral: true}}\n");
        Assert.Null((await _lab.AddAsync("shop")).Failure);
        Assert.Equal(_lab.Records["shop"].Id, _lab.Records["driver"].ParentEphemeral);
        Assert.True(_lab.Records["driver"].Deadline <= _lab.Records["shop"].Deadline);
        Assert.Null((await _lab.RemoveAsync("shop")).Failure);
        Assert.Empty(_lab.Records);
    }

    [Fact]
    public async Task A_parent_that_is_over_or_unknown_is_an_error_and_makes_nothing()
    {
        Entry("ephemeral: true");
        _lab.Set("CHARLY_EPHEMERAL_PARENT", "0a1b2c");
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.AddAsync("try"));
        Assert.Equal(Errors.Ephemeral, error.Code);
        Assert.Empty(_lab.Records);

        _lab.Set("CHARLY_EPHEMERAL_PARENT", "");
        await _lab.AddAsync("try");
        _lab.Set("CHARLY_EPHEMERAL_PARENT", _lab.Records["try"].Id);
        _lab.Project("deploy:\n  next: {target: local, add_candy: [hello], ephemeral: true}\n");
        _lab.Move(TimeSpan.FromHours(1));
        Assert.Equal(Errors.Ephemeral, (await Assert.ThrowsAsync<CharlyException>(() => _lab.AddAsync("next"))).Code);
        Assert.DoesNotContain("next", _lab.Records.Keys);
    }

    [Fact]
    public async Task A_name_that_only_a_short_life_gives_can_not_be_added()
    {
        _lab.Candy("hello");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new AddBundle(_lab.Context).RunAsync(new BundleRequest { Name = "x-eph-1", Ref = "hello" }));
        Assert.Equal(Errors.CfgName, error.Code);
        Assert.False(File.Exists(_lab.Context.Paths.HostFile));
    }

    private async Task<(DateTimeOffset? Bundle, DateTimeOffset? Status)> EndsAsync() => (
        Assert.Single(await new GetBundles(_lab.Context).RunAsync(new BundleQuery { Names = ["try"], AllTargets = true })).Deadline,
        Assert.Single(await new GetStatus(_lab.Context).RunAsync(new StatusQuery { Names = ["try"] })).Deadline);

    private void Entry(string ephemeral, string command = "true")
    {
        _lab.Candy("hello", command);
        _lab.Project($"deploy:\n  try: {{target: local, add_candy: [hello], {ephemeral}}}\n");
    }

    // All that PATH leads to, but for one program.
    private string Without(string program)
    {
        var folder = Directory.CreateDirectory(_lab.At("few")).FullName;
        foreach (var path in ((string[])[_lab.At("bin"), "/usr/bin", "/bin"]).Where(Directory.Exists).SelectMany(Directory.EnumerateFiles))
        {
            var link = Path.Combine(folder, Path.GetFileName(path));
            if (Path.GetFileName(path) != program && !File.Exists(link)) File.CreateSymbolicLink(link, path);
        }

        return folder;
    }
}

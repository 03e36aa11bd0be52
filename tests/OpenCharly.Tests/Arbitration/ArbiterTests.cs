using OpenCharly.Arbitration;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Arbitration;

public sealed class ArbiterTests : IDisposable
{
    private readonly ArbiterLab _lab = new();

    [Fact]
    public async Task Whoever_holds_a_resource_and_runs_is_stopped_and_starts_again_in_reverse()
    {
        _lab.Running.UnionWith(["render", "studio"]);
        var grant = await _lab.AcquireAsync("bench", "gpu", "gpu");
        Assert.Equal(["stop studio", "stop render"], _lab.Calls);
        Assert.Equal(["gpu"], grant!.Lease.Tokens);
        Assert.True(grant.IsNew);
        _lab.Running.Add("bench");
        Assert.False(Assert.Single(await _lab.Arbiter().StatusAsync()).IsStranded);
        _lab.Calls.Clear();
        var ended = await _lab.ReleaseAsync("bench");
        Assert.Equal(["start render", "start studio"], _lab.Calls);
        Assert.True(ended!.IsEnded);
        Assert.False(File.Exists(_lab.Paths.Leases));
    }

    [Fact]
    public async Task Nothing_is_claimed_for_no_token_and_inside_of_a_run_that_has_the_lease()
    {
        _lab.Running.Add("studio");
        Assert.Null(await _lab.AcquireAsync("bench"));
        _lab.Set(Arbiter.Variable, "outer");
        Assert.Null(await _lab.AcquireAsync("bench", "gpu"));
        Assert.Null(await _lab.ReleaseAsync("bench"));
        Assert.Empty(_lab.Calls);
        Assert.False(File.Exists(_lab.Paths.Leases));
    }

    [Fact]
    public async Task A_resource_that_another_has_is_refused_with_its_name()
    {
        await _lab.AcquireAsync("bench", "gpu", "tape");
        _lab.Running.Add("studio");
        var before = File.ReadAllText(_lab.Paths.Leases);
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.AcquireAsync("other", "gpu", "lamp"));
        Assert.Equal((Errors.LeaseHeld, "other can't have gpu: bench has it"), (error.Code, error.Message));
        Assert.Equal(before, File.ReadAllText(_lab.Paths.Leases));
        Assert.Empty(_lab.Calls);
    }

    [Fact]
    public async Task Its_own_lease_is_used_again_with_what_it_lacks()
    {
        _lab.Running.UnionWith(["studio", "archive"]);
        await _lab.AcquireAsync("bench", "gpu");
        var grant = await _lab.AcquireAsync("bench", "tape");
        Assert.False(grant!.IsNew);
        Assert.Equal(["gpu", "tape"], grant.Lease.Tokens);
        Assert.Equal(["studio", "archive"], grant.Lease.Preempted.Select(h => h.Address.Name));
        _lab.Calls.Clear();
        await _lab.AcquireAsync("bench", "gpu", "tape");
        Assert.Empty(_lab.Calls);
    }

    [Fact]
    public async Task Two_entries_of_one_machine_are_stopped_once_and_the_claimant_never_stops_itself()
    {
        _lab.Holders = [ArbiterLab.Holds("studio", "gpu"), new Holder(ArbiterLab.Address("studio") with { Name = "vm:studio" }, ["gpu"]), ArbiterLab.Holds("bench", "gpu")];
        _lab.Running.UnionWith(["studio", "vm:studio", "bench"]);
        await _lab.AcquireAsync("bench", "gpu");
        Assert.Equal(["stop studio"], _lab.Calls);
    }

    [Fact]
    public async Task One_that_does_not_stop_leaves_everybody_running_and_no_lease()
    {
        _lab.Running.UnionWith(["studio", "render"]);
        _lab.Deaf.Add("render");
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.AcquireAsync("bench", "gpu"));
        Assert.Equal(Errors.LeaseHolder, error.Code);
        Assert.Contains("render was still running", error.Message, StringComparison.Ordinal);
        Assert.Equal("Whoever was stopped runs again.", error.Help);
        Assert.Equal(["render", "studio"], _lab.Running.Order());
        Assert.False(File.Exists(_lab.Paths.Leases));
    }

    [Fact]
    public async Task A_user_who_loses_patience_leaves_everybody_running()
    {
        _lab.Running.UnionWith(["studio", "render"]);
        using var stop = new CancellationTokenSource();
        _lab.Before = async verb =>
        {
            await Task.Yield();
            if (verb != "stop render") return;
            await stop.CancelAsync();
            stop.Token.ThrowIfCancellationRequested();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _lab.Arbiter().AcquireAsync(new LeaseRequest(ArbiterLab.Address("bench"), ["gpu"]), _lab.Holders, stop.Token));
        Assert.Equal(["render", "studio"], _lab.Running.Order());
        Assert.False(File.Exists(_lab.Paths.Leases));
    }

    [Fact]
    public async Task One_that_can_not_be_started_again_stays_on_the_ledger_until_it_can()
    {
        _lab.Running.UnionWith(["studio", "render"]);
        await _lab.AcquireAsync("bench", "gpu");
        _lab.Before = verb => verb == "start studio" ? throw new CharlyException(Errors.Io, "no power", "Mend it.") : Task.CompletedTask;
        var ended = await _lab.ReleaseAsync("bench");
        Assert.Equal(["render"], ended!.Restored);
        Assert.Equal(["studio: no power"], ended.Failed);
        Assert.False(ended.IsEnded);
        Assert.Equal("studio", Assert.Single(Assert.Single(_lab.Ledger.Read()).Preempted).Address.Name);
        _lab.Before = _ => Task.CompletedTask;
        Assert.Equal(["studio"], Assert.Single(await _lab.Arbiter().RestoreAsync("bench")).Restored);
        Assert.Empty(_lab.Ledger.Read());
    }

    [Fact]
    public async Task One_that_wants_success_stays_stopped_after_a_failure_but_not_for_good()
    {
        _lab.Holders = [ArbiterLab.Holds("studio", "gpu"), ArbiterLab.Holds("render", "gpu") with { RestoreAlways = false }];
        _lab.Running.UnionWith(["studio", "render"]);
        await _lab.AcquireAsync("bench", "gpu");
        var ended = await _lab.ReleaseAsync("bench", succeeded: false);
        Assert.Equal(["studio"], ended!.Restored);
        Assert.Equal(["render"], ended.Left);
        Assert.Contains(_lab.Notices, n => n.Contains("render stays stopped, because bench failed", StringComparison.Ordinal));
        _lab.KillOwners();
        Assert.True(Assert.Single(await _lab.Arbiter().StatusAsync()).IsStranded);
        await _lab.AcquireAsync("elsewhere", "lamp");
        Assert.Contains("render", _lab.Running);
        Assert.Equal("elsewhere", Assert.Single(_lab.Ledger.Read()).Claimant);
    }

    [Fact]
    public async Task A_lease_whose_claimant_is_still_being_made_is_not_stranded_and_one_whose_process_is_gone_is()
    {
        await _lab.AcquireAsync("bench", "gpu");
        Assert.False(Assert.Single(await _lab.Arbiter().StatusAsync()).IsStranded);
        _lab.Ledger.Write([.. _lab.Ledger.Read().Select(l => l with { OwnerStart = l.OwnerStart + 1 })]);
        Assert.True(Assert.Single(await _lab.Arbiter().StatusAsync()).IsStranded);
        Assert.Equal("bench", Assert.Single(await _lab.Arbiter().RestoreAsync(null)).Name);
        Assert.Empty(await _lab.Arbiter().RestoreAsync(null));
    }

    // Whoever takes a lease may die before or after anything that it does; what a dead one leaves is all that the next one has.
    [Theory]
    [InlineData("stop studio")]
    [InlineData("stop render")]
    [InlineData("start render")]
    [InlineData("start studio")]
    public async Task A_claimant_that_dies_at_any_step_leaves_nobody_stopped_once_the_next_one_looks(string last)
    {
        foreach (var isAfter in new[] { false, true })
        {
            using var lab = new ArbiterLab();
            lab.Running.UnionWith(["studio", "render"]);
            var ledger = "";
            lab.Before = verb =>
            {
                // Dying is to leave the ledger and the machines as they are now.
                if (verb == last) ledger = File.ReadAllText(lab.Paths.Leases);
                return Task.CompletedTask;
            };
            await lab.AcquireAsync("bench", "gpu");
            if (ledger.Length == 0) await lab.ReleaseAsync("bench");
            var done = lab.Calls.TakeWhile(c => c != last).Concat(isAfter ? [last] : []).ToArray();
            lab.Running.Clear();
            lab.Running.UnionWith(["studio", "render"]);
            foreach (var call in done)
            {
                if (call.StartsWith("stop ", StringComparison.Ordinal)) lab.Running.Remove(call[5..]);
                else lab.Running.Add(call[6..]);
            }

            File.WriteAllText(lab.Paths.Leases, ledger);
            lab.KillOwners();
            await lab.Arbiter().RestoreAsync(null);
            Assert.Equal(["render", "studio"], lab.Running.Order());
            Assert.Empty(lab.Ledger.Read());
        }
    }

    [Theory]
    [InlineData("leases: [", "")]
    [InlineData("leases:\n  - claim: {name: a, target: vm}\n", "2:5")]
    [InlineData("- a\n", "1:1")]
    public async Task A_ledger_that_can_not_be_read_is_left_alone(string text, string place)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_lab.Paths.Leases)!);
        File.WriteAllText(_lab.Paths.Leases, text);
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.AcquireAsync("bench", "gpu"));
        Assert.Equal(Errors.LeaseLedger, error.Code);
        Assert.StartsWith($"{_lab.Paths.Leases}:{place}", error.Position!.ToString(), StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(_lab.Paths.Leases));
    }

    [Fact]
    public async Task The_ledger_is_private_and_has_the_documented_form()
    {
        _lab.Running.Add("studio");
        await _lab.AcquireAsync("bench", "gpu");
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(_lab.Paths.Leases));
        var text = File.ReadAllText(_lab.Paths.Leases);
        Assert.StartsWith(
            "leases:\n  - claimant: bench\n    claim:\n      name: bench\n      target: vm\n      base: ''\n      instance: ''\n      vm: bench\n    tokens:\n      - gpu\n    transient: false\n    preempted:\n      - addr:\n          name: studio\n",
            text, StringComparison.Ordinal);
        Assert.Equal(Errors.LeaseUnknown, (await Assert.ThrowsAsync<CharlyException>(() => _lab.Arbiter().RestoreAsync("bensh"))).Code);
    }

    public void Dispose() => _lab.Dispose();
}

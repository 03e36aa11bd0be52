using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Deployments;

/// <summary>Machines that are clones with an end (deploy.md §9): here of a backend that does nothing, so that no guest ever answers.</summary>
public sealed class EphemeralMachineTests : IDisposable
{
    private readonly EphemeralLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_clone_whose_add_fails_goes_with_its_disk_and_its_hold_on_the_snapshot()
    {
        Project("ephemeral: true, from_snapshot: clean");
        await FailAsync();
        Assert.Contains("qemu-img create", _lab.Calls, StringComparison.Ordinal);
        Assert.Contains("clean/disk.qcow2", _lab.Calls, StringComparison.Ordinal);
        Gone();
        Assert.Equal("mine", File.ReadAllText(_lab.At("own.qcow2")));
    }

    [Fact]
    public async Task A_clone_that_is_kept_holds_the_snapshot_until_it_is_removed()
    {
        Project("ephemeral: {keep_on_failure: true}, from_snapshot: clean");
        await FailAsync();
        var record = _lab.Records["try"];
        Assert.Equal(("web", "clean"), (record.ParentVm, record.ParentSnapshot));
        var machine = Assert.Single(_lab.Machines);
        Assert.Equal($"charly-web-{record.InstanceName}", machine);
        Assert.Equal([machine], _lab.SnapshotUsers());
        Assert.Equal(record.Deadline, Assert.Single(await new GetVms(_lab.Context).RunAsync(new VmQuery())).Deadline);
        Assert.Equal(record.Deadline, Assert.Single(await new GetStatus(_lab.Context).RunAsync(new StatusQuery()), r => r.Machine is not null).Deadline);
        Assert.Contains($"machine web/{record.InstanceName} and its disk", (await _lab.RemoveAsync("try", dryRun: true)).Items);
        Assert.Null((await _lab.RemoveAsync("try")).Failure);
        Gone();
        Assert.Contains("try:", _lab.HostFile, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_snapshot_it_stands_on_the_entity_s_disk()
    {
        Project("ephemeral: {keep_on_failure: true}");
        await FailAsync();
        Assert.Empty(_lab.SnapshotUsers());
        Assert.Contains("own.qcow2", _lab.Calls, StringComparison.Ordinal);
        await _lab.RemoveAsync("try");
        Gone();
        Assert.Equal("mine", File.ReadAllText(_lab.At("own.qcow2")));
    }

    [Fact]
    public async Task A_snapshot_that_is_not_there_is_an_error_and_leaves_nothing()
    {
        Project("ephemeral: true, from_snapshot: nope");
        Assert.Equal(Errors.SnapshotNotFound, (await Assert.ThrowsAsync<CharlyException>(() => _lab.AddAsync("try"))).Code);
        Gone();
    }

    [Fact]
    public async Task Nothing_but_an_add_touches_the_machine_that_it_is_a_clone_of()
    {
        Project("ephemeral: true");
        var result = await _lab.RemoveAsync("try");
        Assert.False(result.Changed);
        Assert.Null(result.Failure);
        var plan = await new CompilePlan(_lab.Context).RunAsync(new BundleRequest { Name = "try" });
        Assert.Equal("try", plan.Name);
        Assert.Equal(Errors.VmNotCreated, (await Assert.ThrowsAsync<CharlyException>(() => new ApplyPlan(_lab.Context).RunAsync(new ApplyPlanRequest { Plan = plan }))).Code);
        Assert.Empty(_lab.Machines);
    }

    [Fact]
    public async Task Nobody_makes_an_instance_of_such_a_name()
    {
        Project("ephemeral: true");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new CreateVm(_lab.Context).RunAsync(new CreateVmRequest { Name = "web", Instance = "try-eph-0a1b2c" }));
        Assert.Equal(Errors.BadName, error.Code);
        Assert.Equal(Errors.BadName, (await Assert.ThrowsAsync<CharlyException>(() => new CreateVm(_lab.Context).PreviewAsync(new CreateVmRequest { Name = "web/try-eph-0a1b2c" }))).Code);
    }

    [Fact]
    public async Task A_machine_without_a_record_and_its_hold_on_a_snapshot_are_reaped()
    {
        Project("ephemeral: {keep_on_failure: true}, from_snapshot: clean");
        await FailAsync();
        var machine = Assert.Single(_lab.Machines);
        Assert.Empty(await new ReapOrphans(_lab.Context).RunAsync());
        File.WriteAllText(_lab.Context.Paths.HostFile, _lab.HostFile.Replace("ephemeral:", "forgotten:", StringComparison.Ordinal));
        var orphan = Assert.Single(await new ReapOrphans(_lab.Context).RunAsync(dryRun: true));
        Assert.Equal("unrecorded machine", orphan.Reason);
        Assert.Equal([machine], _lab.Machines);
        Assert.Null(Assert.Single(await new ReapOrphans(_lab.Context).RunAsync()).Failure);
        Assert.Empty(_lab.Machines);
        Assert.Empty(_lab.SnapshotUsers());
    }

    [Fact]
    public async Task A_hold_on_a_snapshot_whose_machine_is_gone_is_released()
    {
        Project("ephemeral: true");
        new OpenCharly.Vms.SnapshotRegistry(new OpenCharly.Vms.VmFiles(_lab.Context.Paths, "charly-web"), "web").SetUser("clean", "charly-web-try-eph-ffffff", stands: true);
        var orphan = Assert.Single(await new ReapOrphans(_lab.Context).RunAsync());
        Assert.Equal("unrecorded snapshot user", orphan.Reason);
        Assert.Empty(_lab.SnapshotUsers());
    }

    [Fact]
    public async Task The_record_outlives_the_state_of_the_machine_that_it_came_from()
    {
        var states = new OpenCharly.Vms.VmStateStore(_lab.Context.Paths);
        await states.UpdateAsync("vm:web", s => s with { SshPort = 2222 });
        File.WriteAllText(_lab.Context.Paths.HostFile, _lab.HostFile.Replace("      ssh_port: 2222\n", "      ssh_port: 2222\n      ephemeral: {id: 0a1b2c, instance_name: web-eph-0a1b2c, ttl_deadline: \"2099-01-01T00:00:00Z\"}\n", StringComparison.Ordinal));
        await states.RemoveAsync("vm:web");
        Assert.Equal("0a1b2c", _lab.Records["vm:web"].Id);
        Assert.DoesNotContain("ssh_port", _lab.HostFile, StringComparison.Ordinal);
    }

    private void Project(string fields)
    {
        _lab.Candy("hello");
        _lab.Project(_lab.Machine() + $"deploy:\n  try: {{target: vm, vm: web, add_candy: [hello], {fields}}}\n");
    }

    // No guest answers, so each add ends here, however it is told.
    private async Task FailAsync()
    {
        try
        {
            Assert.NotNull((await _lab.AddAsync("try")).Failure);
        }
        catch (CharlyException e)
        {
            Assert.Equal(ErrorKind.Unreachable, e.Code.Kind);
        }
    }

    private void Gone()
    {
        Assert.Empty(_lab.Machines);
        Assert.Empty(_lab.SnapshotUsers());
        Assert.Empty(_lab.Records);
        Assert.False(Directory.Exists(_lab.At("project/output/qcow2/web")) && Directory.EnumerateFileSystemEntries(_lab.At("project/output/qcow2/web")).Any());
        Assert.DoesNotContain("vm:web/", _lab.HostFile, StringComparison.Ordinal);
    }
}

using OpenCharly.Execution;
using OpenCharly.Operations;

namespace OpenCharly.UndoMeasure;

/// <summary>A virtual machine, made for the measurement and destroyed at its end.</summary>
internal sealed class GuestMachine(string catalog) : Machine(catalog, Section)
{
    private const string Vm = "undo";

    private const string Section =
        $$"""
        vm:
          {{Vm}}:
            source: {kind: bootstrap, builder: debootstrap, distro: debian, suite: trixie}
            disk_size: 10G
            ram: 1536M
            cpu: 2
            ssh: {user: tester, port_auto: true, key_source: generate}

        """;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public override string Kind => "guest";

    /// <inheritdoc/>
    protected override string Bundle => "vm:" + Vm;

    /// <summary>Builds (or takes from the cache), boots, waits, warms up.</summary>
    public static async Task<Machine> StartAsync(string catalog, CancellationToken cancellationToken)
    {
        var machine = new GuestMachine(catalog);
        try
        {
            await new BuildVm(machine.Context).RunAsync(new BuildVmRequest { Name = Vm }, cancellationToken).ConfigureAwait(false);
            await new CreateVm(machine.Context).RunAsync(new CreateVmRequest { Name = Vm, Start = true }, cancellationToken).ConfigureAwait(false);
            await new WaitVm(machine.Context).RunAsync(
                new WaitVmRequest { Name = Vm, For = VmWaitCondition.CloudInit, Timeout = TimeSpan.FromMinutes(10) }, cancellationToken).ConfigureAwait(false);
            await machine.WarmUpAsync(cancellationToken).ConfigureAwait(false);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task<CommandResult> TryAsync(string command, CancellationToken cancellationToken) =>
        await new RunInVm(Context).RunAsync(new RunInVmRequest { Name = Vm, Command = command, Timeout = Limit }, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await new DestroyVm(Context).RunAsync(new DestroyVmRequest { Name = Vm, Disk = true }).ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}

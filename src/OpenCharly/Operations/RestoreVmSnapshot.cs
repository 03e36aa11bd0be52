using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Puts a virtual machine back to a snapshot.</summary>
public sealed class RestoreVmSnapshot
{
    private static readonly TimeSpan ClockLimit = TimeSpan.FromSeconds(20);

    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public RestoreVmSnapshot(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal RestoreVmSnapshot(VmServices services) => _services = services;

    /// <summary>
    /// What the disk holds now is lost. A running machine goes on from the snapshot's memory, with its clock set anew; one that is
    /// off stays off.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotNotFound"/>; <see cref="Errors.VmState"/> if the machine runs and the snapshot
    /// has no memory; <see cref="Errors.SnapshotFailed"/>.</exception>
    public async Task<CharlyVm> RunAsync(VmSnapshotRequest request, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        VmHandle handle;
        using (await services.LockAsync(vm, cancellationToken).ConfigureAwait(false))
        {
            handle = await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
            var snapshot = new VmSnapshotting(services, handle).Registry.Require(request.Snapshot);
            var hypervisor = services.Router.For(handle);
            handle = await new VmBoot(services).RecordAsync(handle, h => hypervisor.RestoreSnapshotAsync(h, snapshot, cancellationToken), cancellationToken).ConfigureAwait(false);

            // The guest knows nothing of connections made after the snapshot.
            await services.SshAccess.CloseAsync(vm, services.Context.Processes, CancellationToken.None).ConfigureAwait(false);
        }

        if ((await services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false)).Status == VmStatus.Running) await SetClockAsync(services, vm, handle, cancellationToken).ConfigureAwait(false);
        return await services.DescribeAsync(handle, cancellationToken).ConfigureAwait(false);
    }

    private static async Task SetClockAsync(VmServices services, VmName vm, VmHandle handle, CancellationToken cancellationToken)
    {
        if (handle.Network.Type == "None" || handle.Backend == "noop") return;
        var now = services.Context.Environment.Clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        try
        {
            var result = await new RunInVm(services).RunAsync(new RunInVmRequest { Name = vm.Key, Command = $"sudo -n date -u -s @{now} >/dev/null", Timeout = ClockLimit }, cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded) services.Notice(NoticeLevel.Warning, $"the guest's clock is still that of the snapshot: {result.Tail(1)}");
        }
        catch (CharlyException e)
        {
            services.Notice(NoticeLevel.Warning, $"the guest's clock is still that of the snapshot: {e.Message}");
        }
    }
}

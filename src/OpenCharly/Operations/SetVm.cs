using System.Text.Json.Nodes;
using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Images;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Operations;

/// <summary>What <c>SetVm</c> works from; what is null stays.</summary>
public sealed record SetVmRequest
{
    /// <summary>Name of the machine.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it starts with the host.</summary>
    public bool? Autostart { get; init; }

    /// <summary>Size that its disk grows to, such as <c>20G</c>.</summary>
    public string? DiskSize { get; init; }
}

/// <summary>Changes a virtual machine without making it anew.</summary>
public sealed class SetVm
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);

    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public SetVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal SetVm(VmServices services) => _services = services;

    /// <summary>Grows the disk in place, of a running machine too, and sets autostart.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmValidation"/> for no size, <see cref="Errors.ImageConversion"/> for a smaller one,
    /// <see cref="Errors.BackendUnsupported"/>, <see cref="Errors.QmpCommand"/>, and what <see cref="StartVm"/> throws for the name.</exception>
    public async Task<CharlyVm> RunAsync(SetVmRequest request, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        using var held = await services.LockAsync(vm, cancellationToken).ConfigureAwait(false);
        var handle = await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
        var hypervisor = services.Router.For(handle);
        if (request.Autostart is not null && !hypervisor.Capabilities.Autostart) throw hypervisor.Unsupported("autostart", handle);
        if (request.DiskSize is { } text) handle = await GrowAsync(services, vm, handle, VmPlacement.Size(text, 'B', "disk size", vm), cancellationToken).ConfigureAwait(false);
        if (request.Autostart is { } isOn && handle.Backend != "noop") await hypervisor.SetAutostartAsync(handle, isOn, cancellationToken).ConfigureAwait(false);
        return await services.DescribeAsync(handle, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells what <see cref="RunAsync"/> would change, and refuses what it would refuse; changes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it changes anything.</exception>
    public async Task<VmPreview> PreviewAsync(SetVmRequest request, CancellationToken cancellationToken = default)
    {
        var vm = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        var handle = await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
        var hypervisor = services.Router.For(handle);
        var live = await hypervisor.StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (request.Autostart is not null && !hypervisor.Capabilities.Autostart) throw hypervisor.Unsupported("autostart", handle);
        var changes = new List<string>();
        if (request.DiskSize is { } text)
        {
            var size = VmPlacement.Size(text, 'B', "disk size", vm);
            var (disk, now) = await DiskAsync(services, vm, handle, live, cancellationToken).ConfigureAwait(false);
            if (size.Bytes < now.VirtualSize) throw QemuImg.CannotShrink(disk, now, size);
            if (size.Bytes > now.VirtualSize) changes.Add($"grow its disk {disk} from {new ByteSize(now.VirtualSize)} to {size}");
        }

        if (request.Autostart is { } isOn) changes.Add(isOn ? "start it with this host" : "no longer start it with this host");
        return new VmPreview(vm.ToString(), VmVerb.Change, live.Status, live.Status, changes);
    }

    /// <summary>The disk that would grow, and what it is now.</summary>
    private static async Task<(string Path, DiskImageInfo Now)> DiskAsync(VmServices services, VmName vm, VmHandle handle, VmLive live, CancellationToken cancellationToken)
    {
        var disk = handle.OverlayPath ?? throw new CharlyException(Errors.VmState, $"machine {vm} has no disk of ours", "Grow it where it is.", target: vm.ToString());
        if (live.Pid is not null && handle.Backend != "qemu")
        {
            throw new CharlyException(Errors.VmState, $"machine {vm} runs, and its backend {handle.Backend} grows disks only of machines that are off", $"Stop it first: charly vm stop {vm}. Nothing was changed.", target: vm.ToString());
        }

        return (disk, await new QemuImg(services.Context.Processes).InfoAsync(disk, cancellationToken).ConfigureAwait(false));
    }

    private static async Task<VmHandle> GrowAsync(VmServices services, VmName vm, VmHandle handle, ByteSize size, CancellationToken cancellationToken)
    {
        var live = await services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false);
        var images = new QemuImg(services.Context.Processes);
        var (disk, now) = await DiskAsync(services, vm, handle, live, cancellationToken).ConfigureAwait(false);
        if (live.Pid is null || size.Bytes <= now.VirtualSize)
        {
            await images.GrowAsync(disk, size, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            using var control = await QmpClient.ConnectAsync(handle.QmpSocket ?? "", ConnectLimit, null, cancellationToken).ConfigureAwait(false);
            await control.ExecuteAsync("block_resize", new JsonObject { ["device"] = "drive0", ["size"] = size.Bytes }, cancellationToken).ConfigureAwait(false);
        }

        if (size.Bytes > now.VirtualSize) services.Notice(NoticeLevel.Info, $"the disk has {size} now; the guest's file system grows with its next boot, if its image does that");
        var gigabytes = (int)(size.Bytes >> 30);
        if (!vm.IsVmFile || gigabytes == 0) return handle;
        var changed = handle with { DiskGb = gigabytes };
        await services.Registry.PutAsync(changed, CancellationToken.None).ConfigureAwait(false);
        return changed;
    }
}

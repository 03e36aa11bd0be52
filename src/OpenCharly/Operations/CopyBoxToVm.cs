using System.Diagnostics;
using OpenCharly.Boxes;
using OpenCharly.Building;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Transfer;

namespace OpenCharly.Operations;

/// <summary>
/// Copies an image of this machine's podman into a running guest's podman (vm.md §7.7), sending only the layers that the guest
/// does not have. Needs no registry and no internet.
/// </summary>
public sealed class CopyBoxToVm
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public CopyBoxToVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal CopyBoxToVm(VmServices services) => _services = services;

    /// <summary>Copies it. An image that is there, the same and whole, is left alone; a damaged one is removed and sent again.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>, <see cref="Errors.ImageNotLocal"/>, <see cref="Errors.ToolMissing"/>
    /// without podman here, <see cref="Errors.VmNotRunning"/>, <see cref="Errors.VmState"/>, <see cref="Errors.VmImageTransfer"/> if it
    /// does not arrive whole, or the guest has no podman.</exception>
    public async Task<BoxTransfer> RunAsync(CopyBoxToVmRequest request, CancellationToken cancellationToken = default)
    {
        var begun = Stopwatch.GetTimestamp();
        if (request.As is not null) GuestImageName.InFull(request.As);
        var vm = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        var context = services.Context;
        var image = await FindAsync(new Podman(context.Processes), request, cancellationToken).ConfigureAwait(false);
        var tag = GuestImageName.InFull(request.As ?? image);
        await services.RequireReachableAsync(vm, cancellationToken).ConfigureAwait(false);

        using var export = await ImageExport.MakeAsync(context.Processes, context.Paths, image, cancellationToken).ConfigureAwait(false);
        var result = new BoxTransfer
        {
            Vm = vm.ToString(),
            Image = image,
            Tag = tag,
            ImageId = export.Id,
            Rootless = request.Rootless,
            ImageBytes = export.Layers.Sum(l => l.Size),
            DryRun = request.DryRun,
        };
        var executor = new SshExecutor(services.SshAccess.DestinationFor(vm), context.Environment, context.Paths, context.Processes);
        await using var _ = executor.ConfigureAwait(false);
        var shell = await executor.OpenSessionAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = shell.ConfigureAwait(false);
        var podman = new GuestPodman(shell, vm.ToString(), request.Rootless);
        var storage = await podman.LookAsync(tag, cancellationToken).ConfigureAwait(false);
        var carrier = new BoxCarrier(context, executor, podman, export, result, storage);
        result = request.DryRun ? carrier.Preview() : await carrier.CarryAsync(cancellationToken).ConfigureAwait(false);
        return result with { Duration = Stopwatch.GetElapsedTime(begun) };
    }

    /// <summary>The image under the name that podman has it by, in full; one without any name is found by its id.</summary>
    private static async Task<string> FindAsync(Podman podman, CopyBoxToVmRequest request, CancellationToken cancellationToken)
    {
        var found = await podman.FindImageAsync(request.Image, cancellationToken).ConfigureAwait(false) ?? throw LocalImages.NotLocal(request.Image);
        var names = await podman.NamesOfAsync(found, cancellationToken).ConfigureAwait(false);
        if (names.FirstOrDefault(n => n == found || n.EndsWith("/" + found, StringComparison.Ordinal) || n.EndsWith($"/{found}:latest", StringComparison.Ordinal)) is { } named) return named;
        if (names.Count > 0) return names[0];
        return request.As is not null ? found : throw new CharlyException(
            Errors.Usage, $"the image {request.Image} has no name that the guest could know it by", "Give it one with --as NAME:TAG.", target: request.Image);
    }
}

using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms.Transfer;

namespace OpenCharly.Operations;

/// <summary>
/// Brings one exported image into one guest: first layer by layer through a forwarded port, and if that leaves no whole image,
/// once more in one stream.
/// </summary>
/// <param name="context">What it works with.</param>
/// <param name="executor">Reaches the guest.</param>
/// <param name="podman">The guest's podman.</param>
/// <param name="export">The image.</param>
/// <param name="transfer">What is known of the copy so far.</param>
/// <param name="storage">What the guest had before.</param>
internal sealed class BoxCarrier(CharlyContext context, SshExecutor executor, GuestPodman podman, ImageExport export, BoxTransfer transfer, GuestStorage storage)
{
    private const int Attempts = 2;

    private readonly string _activity = $"copying {transfer.Image} into {transfer.Vm}";

    /// <summary>What would be sent. Whether an image that is there is whole is not tried.</summary>
    public BoxTransfer Preview() => storage.Id == export.Id
        ? transfer with { LayersPresent = Distinct().Count }
        : storage is { HasName: true, Id: null } ? transfer with { Way = BoxTransferWay.Whole, LayersSent = Distinct().Count, BytesSent = transfer.ImageBytes }
        : transfer with { Way = BoxTransferWay.Layers, LayersSent = Missing().Count, LayersPresent = Distinct().Count - Missing().Count, BytesSent = Missing().Sum(l => l.Size) };

    /// <summary>Sends it, unless it is there.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmImageTransfer"/> if it does not arrive whole.</exception>
    public async Task<BoxTransfer> CarryAsync(CancellationToken cancellationToken)
    {
        var isWhole = false;
        if (storage.HasName && storage.Id is null || storage.Id == export.Id)
        {
            var found = await podman.ProbeAsync(transfer.Tag, cancellationToken).ConfigureAwait(false);
            if (!found.IsTorn && found.Id == export.Id) return transfer with { LayersPresent = Distinct().Count };
            if (isWhole = found.IsTorn) await RemoveTornAsync(found, cancellationToken).ConfigureAwait(false);
        }

        var done = transfer;
        var seen = "";
        for (var attempt = 1; attempt <= Attempts; attempt++, isWhole = true)
        {
            var sent = isWhole ? null : await SendLayersAsync(cancellationToken).ConfigureAwait(false);
            sent ??= await SendWholeAsync(cancellationToken).ConfigureAwait(false);
            done = done with
            {
                Way = sent.Way,
                LayersSent = sent.LayersSent,
                LayersPresent = Distinct().Count - sent.LayersSent,
                BytesSent = done.BytesSent + sent.Bytes,
                Attempts = attempt,
            };
            seen = sent.Failure ?? "";
            if (sent.Failure is null)
            {
                var arrived = await podman.ProbeAsync(transfer.Tag, cancellationToken).ConfigureAwait(false);
                if (arrived.Id == export.Id && !arrived.IsTorn) return done;
                seen = arrived.IsTorn ? arrived.Detail : arrived.Id is null ? $"{transfer.Tag} is not there afterwards" : $"{transfer.Tag} is another image afterwards ({arrived.Id[..12]})";
                if (arrived.IsTorn) await RemoveTornAsync(arrived, cancellationToken).ConfigureAwait(false);
            }

            if (attempt < Attempts) context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{transfer.Image} did not arrive whole in {transfer.Vm}, so it is sent once more: {seen}"));
        }

        throw new CharlyException(
            Errors.VmImageTransfer,
            $"{transfer.Image} could not be copied into {transfer.Vm}: {seen}",
            $"Check the guest's free space (charly vm ssh {transfer.Vm} -- df -h) and its storage ({podman.Command} system check --repair), then run the same command again.",
            target: transfer.Vm);
    }

    private sealed record Sent(BoxTransferWay Way, int LayersSent, long Bytes, string? Failure);

    private List<ExportedLayer> Distinct() => [.. export.Layers.DistinctBy(l => l.Digest)];

    private List<ExportedLayer> Missing() => [.. Distinct().Where(l => !storage.Layers.Contains(l.DiffId))];

    private Task RemoveTornAsync(GuestImage found, CancellationToken cancellationToken)
    {
        context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{transfer.Tag} in {transfer.Vm} is damaged and is removed: {found.Detail}"));
        return podman.RemoveAsync([transfer.Tag, transfer.Image], cancellationToken);
    }

    /// <summary>Has the guest pull what it lacks; null if its sshd forwards no ports.</summary>
    private async Task<Sent?> SendLayersAsync(CancellationToken cancellationToken)
    {
        AtomicFile.EnsureFolder(context.Paths.Runtime, isPrivate: true);
        var socket = Path.Combine(context.Paths.Runtime, $"box-{Guid.NewGuid():N}"[..16]);
        var total = Missing().Sum(l => l.Size);
        var server = new LayerServer(export, transfer.Tag[(transfer.Tag.LastIndexOf(':') + 1)..], socket, new ByteCount(context.Progress, _activity, total).Report);
        await using var _ = server.ConfigureAwait(false);
        var forward = $"127.0.0.1:0:{socket}";
        if (await ForwardAsync(forward, cancellationToken).ConfigureAwait(false) is not { } port) return null;
        try
        {
            var pulled = await podman.PullAsync(transfer.Tag, port, server.Repository, cancellationToken).ConfigureAwait(false);
            context.Progress.Report(new ProgressEvent(_activity, server.Bytes, server.Bytes, "bytes", IsCompleted: true));
            return new Sent(BoxTransferWay.Layers, server.LayersSent, server.Bytes, pulled.Succeeded ? null : pulled.Tail(2));
        }
        finally
        {
            await CancelAsync(forward).ConfigureAwait(false);
        }
    }

    /// <summary>Opens a port of the guest's loopback address that leads to a socket here; null if its sshd forbids that.</summary>
    private async Task<int?> ForwardAsync(string forward, CancellationToken cancellationToken)
    {
        if (executor.CommandLine.ControlSocket is null) return null;
        var result = await context.Processes.RunAsync(new ProcessRequest("ssh", executor.CommandLine.Control("forward", "-R", forward)), cancellationToken).ConfigureAwait(false);
        if (result.Succeeded && int.TryParse(result.StandardOutput.Trim(), out var port)) return port;
        context.Progress.Report(new NoticeEvent(
            NoticeLevel.Info, $"sshd of {transfer.Vm} forwards no ports, so all layers are sent and not only those that it lacks (AllowTcpForwarding in its sshd_config): {result.Tail(1)}"));
        return null;
    }

    private async Task CancelAsync(string forward)
    {
        var request = new ProcessRequest("ssh", executor.CommandLine.Control("cancel", "-R", forward)) { Timeout = TimeSpan.FromSeconds(5) };
        var result = await context.Processes.RunAsync(request, CancellationToken.None).ConfigureAwait(false);
        if (!result.Succeeded) context.Progress.Report(new NoticeEvent(NoticeLevel.Debug, $"the forwarded port of {transfer.Vm} stays until its connection ends: {result.Tail(1)}"));
    }

    /// <summary>Sends all of it through a pipe (vm.md §7.7): both ends must end well.</summary>
    private async Task<Sent> SendWholeAsync(CancellationToken cancellationToken)
    {
        var size = transfer.ImageBytes;
        context.Progress.Report(new ProgressEvent(_activity, 0, size, "bytes"));
        var load = executor.CommandLine.Run($"{(podman.Command == "podman" ? "podman" : "sudo -n podman")} load --quiet");
        var script = $"podman save --quiet -- {Shell.Quote(transfer.Image)} | ssh {Shell.Join(load)}\nends=(\"${{PIPESTATUS[@]}}\")\n[ \"${{ends[*]}}\" = '0 0' ] || {{ echo \"podman save ended with ${{ends[0]}}, podman load with ${{ends[1]}}\" >&2; exit 1; }}";
        var result = await context.Processes.RunAsync(new ProcessRequest("bash", "-c", script), cancellationToken).ConfigureAwait(false);
        context.Progress.Report(new ProgressEvent(_activity, size, size, "bytes", IsCompleted: true));
        if (result.Succeeded) await podman.NameAsync(export.Id, transfer.Image, transfer.Tag, cancellationToken).ConfigureAwait(false);
        return new Sent(BoxTransferWay.Whole, Distinct().Count, size, result.Succeeded ? null : result.Tail(3));
    }

    /// <summary>Tells of bytes as they go, some times a second.</summary>
    private sealed class ByteCount(IProgress<CharlyEvent> progress, string activity, long total)
    {
        private const long Step = 1 << 20;

        private readonly Lock _gate = new();
        private long _next;

        public void Report(long bytes)
        {
            lock (_gate)
            {
                if (bytes < _next) return;
                _next = bytes + Step;
            }

            progress.Report(new ProgressEvent(activity, bytes, Math.Max(total, bytes), "bytes"));
        }
    }
}

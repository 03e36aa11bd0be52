using System.Text.Json;
using System.Text.Json.Nodes;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary>What to freeze of a running machine.</summary>
/// <param name="Drive">Its root drive.</param>
/// <param name="Overlay">Existing overlay that it goes on with.</param>
/// <param name="Memory">Where its memory goes, in QEMU's words; null to leave that out.</param>
/// <param name="StaysSuspended">Whether it was suspended before, and is to be so afterwards.</param>
/// <param name="AgentSocket">Guest agent that freezes file systems meanwhile; null not to.</param>
internal sealed record QemuFreeze(string Drive, string Overlay, string? Memory, bool StaysSuspended, string? AgentSocket);

/// <summary>What came of it, the disk being frozen.</summary>
/// <param name="Quiesced">Whether the guest's file systems were frozen.</param>
/// <param name="MemoryFailure">Why the memory was not saved; null if it was, or was not asked for.</param>
internal sealed record QemuFrozen(bool Quiesced, string? MemoryFailure);

/// <summary>Saves and loads the state of a running machine over its control socket.</summary>
/// <param name="socket">The control socket.</param>
internal sealed class QemuState(string socket)
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TransferLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // Somebody waits for the machine that wakes, and a look costs QEMU nothing.
    private static readonly TimeSpan LoadPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Saves disk and memory inside the drive's image.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/>, <see cref="Errors.QmpConnect"/>.</exception>
    public Task SaveInternalAsync(string drive, string tag, CancellationToken cancellationToken) => JobAsync("snapshot-save", drive, tag, true, cancellationToken);

    /// <summary>Goes back to disk and memory inside the drive's image.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/>, <see cref="Errors.QmpConnect"/>.</exception>
    public Task LoadInternalAsync(string drive, string tag, CancellationToken cancellationToken) => JobAsync("snapshot-load", drive, tag, true, cancellationToken);

    /// <summary>Removes a snapshot inside the drive's image.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/>, <see cref="Errors.QmpConnect"/>.</exception>
    public Task DeleteInternalAsync(string drive, string tag, CancellationToken cancellationToken) => JobAsync("snapshot-delete", drive, tag, false, cancellationToken);

    /// <summary>Freezes the disk, and the memory at the same instant; the machine stands still meanwhile.</summary>
    /// <param name="order">What to freeze.</param>
    /// <param name="warn">Gets what did not matter.</param>
    /// <param name="cancellationToken">Gives up; the machine goes on.</param>
    /// <returns>What came of it; QEMU has gone over to the overlay.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/>, <see cref="Errors.QmpCommand"/>, <see cref="Errors.QmpConnect"/>.</exception>
    public async Task<QemuFrozen> FreezeAsync(QemuFreeze order, Action<string> warn, CancellationToken cancellationToken)
    {
        using var control = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        using var agent = order.AgentSocket is { } path && !order.StaysSuspended ? await GuestAgent.FreezeAsync(path, warn, cancellationToken).ConfigureAwait(false) : null;
        await control.ExecuteAsync("stop", cancellationToken).ConfigureAwait(false);
        try
        {
            await control.ExecuteAsync(
                "blockdev-snapshot-sync",
                new JsonObject { ["device"] = order.Drive, ["snapshot-file"] = order.Overlay, ["format"] = "qcow2", ["mode"] = "existing" },
                cancellationToken).ConfigureAwait(false);
            return new QemuFrozen(agent is not null, order.Memory is { } memory ? await TrySaveMemoryAsync(control, memory, cancellationToken).ConfigureAwait(false) : null);
        }
        finally
        {
            // Whatever happened, the guest must not stand still because of us.
            if (!order.StaysSuspended) await control.ExecuteAsync("cont", CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Reads a state into a machine that waits for one, and lets it run.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/> if it does not fit this machine or is damaged.</exception>
    public async Task LoadAsync(string source, CancellationToken cancellationToken)
    {
        using var control = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await control.ExecuteAsync("migrate-incoming", new JsonObject { ["uri"] = source }, cancellationToken).ConfigureAwait(false);
            var deadline = DateTime.UtcNow + TransferLimit;
            while ((await control.ExecuteAsync("query-status", cancellationToken).ConfigureAwait(false)).GetProperty("status").GetString() is "inmigrate" or "prelaunch")
            {
                if (Status(await control.ExecuteAsync("query-migrate", cancellationToken).ConfigureAwait(false)) is ("failed", var why)) throw Failed($"the state could not be read: {why}");
                if (DateTime.UtcNow > deadline) throw Failed($"the state was not read within {TransferLimit.TotalMinutes:0} minutes");
                await Task.Delay(LoadPause, cancellationToken).ConfigureAwait(false);
            }

            await control.ExecuteAsync("cont", cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.QmpCommand)
        {
            throw Failed($"the state does not fit this machine, or is damaged: {e.Message}", e);
        }
    }

    /// <summary>Saves the memory; a failure, or the user's impatience, is told and not thrown, since the disk is frozen by then.</summary>
    private static async Task<string?> TrySaveMemoryAsync(QmpClient control, string memory, CancellationToken cancellationToken)
    {
        try
        {
            // Unbounded: nobody else uses this way.
            await control.ExecuteAsync("migrate-set-parameters", new JsonObject { ["max-bandwidth"] = 1L << 40 }, CancellationToken.None).ConfigureAwait(false);
            await control.ExecuteAsync("migrate", new JsonObject { ["uri"] = memory }, CancellationToken.None).ConfigureAwait(false);
            var deadline = DateTime.UtcNow + TransferLimit;
            var isCancelled = false;
            while (true)
            {
                var (status, why) = Status(await control.ExecuteAsync("query-migrate", CancellationToken.None).ConfigureAwait(false));
                if (status == "completed") return null;
                if (status is "failed" or "cancelled") return isCancelled ? "it was stopped" : why;
                if (!isCancelled && (cancellationToken.IsCancellationRequested || DateTime.UtcNow > deadline))
                {
                    isCancelled = true;
                    await control.ExecuteAsync("migrate_cancel", CancellationToken.None).ConfigureAwait(false);
                }

                await Task.Delay(Pause, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (CharlyException e) when (e.Code == Errors.QmpCommand)
        {
            return e.Message;
        }
    }

    private static (string? Status, string Why) Status(JsonElement answer) => (
        answer.TryGetProperty("status", out var status) ? status.GetString() : null,
        answer.TryGetProperty("error-desc", out var text) ? text.GetString() ?? "" : "QEMU does not say why; perhaps the disk is full");

    private async Task JobAsync(string command, string drive, string tag, bool withMemory, CancellationToken cancellationToken)
    {
        using var control = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        var node = await NodeAsync(control, drive, cancellationToken).ConfigureAwait(false);
        var id = $"charly-{Guid.NewGuid():N}";
        var arguments = new JsonObject { ["job-id"] = id, ["tag"] = tag, ["devices"] = new JsonArray(node) };
        if (withMemory) arguments["vmstate"] = node;
        try
        {
            await control.ExecuteAsync(command, arguments, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.QmpCommand)
        {
            throw Failed(e.Message, e);
        }

        var deadline = DateTime.UtcNow + TransferLimit;
        while (true)
        {
            var jobs = await control.ExecuteAsync("query-jobs", CancellationToken.None).ConfigureAwait(false);
            var job = jobs.EnumerateArray().FirstOrDefault(j => j.GetProperty("id").GetString() == id);
            if (job.ValueKind != JsonValueKind.Object) return;
            if (job.GetProperty("status").GetString() == "concluded")
            {
                var error = job.TryGetProperty("error", out var text) ? text.GetString() : null;
                await control.ExecuteAsync("job-dismiss", new JsonObject { ["id"] = id }, CancellationToken.None).ConfigureAwait(false);
                if (error is not null) throw Failed($"QEMU's {command} of {tag} failed: {error}");
                return;
            }

            // The job can't be stopped half way without harm, so even an impatient user waits for its end.
            if (DateTime.UtcNow > deadline) throw Failed($"QEMU's {command} of {tag} did not end within {TransferLimit.TotalMinutes:0} minutes");
            await Task.Delay(Pause, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task<string> NodeAsync(QmpClient control, string drive, CancellationToken cancellationToken)
    {
        var all = await control.ExecuteAsync("query-block", cancellationToken).ConfigureAwait(false);
        foreach (var block in all.EnumerateArray())
        {
            if (block.GetProperty("device").GetString() == drive && block.TryGetProperty("inserted", out var inserted)) return inserted.GetProperty("node-name").GetString()!;
        }

        throw Failed($"QEMU has no drive {drive}");
    }

    private Task<QmpClient> ConnectAsync(CancellationToken cancellationToken) => QmpClient.ConnectAsync(socket, ConnectLimit, null, cancellationToken);

    private static CharlyException Failed(string message, Exception? inner = null) => new(
        Errors.SnapshotFailed, message, "Check that the disk is not full. The machine goes on as it was.", inner: inner);
}

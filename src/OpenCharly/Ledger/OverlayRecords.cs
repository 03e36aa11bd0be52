using System.Text.Json.Nodes;
using OpenCharly.Foundation;

namespace OpenCharly.Ledger;

/// <summary>
/// Records of pods that run an overlay image (pod.md §13), in the ledger of this machine. They hold no candy records: nothing of the candies is on
/// the machine itself, so a candy that was applied here as well goes when its own deployments do.
/// </summary>
/// <param name="home">The home folder whose ledger it is.</param>
internal sealed class OverlayRecords(string home)
{
    private const string Prefix = "pod:";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly GuestPaths _paths = new(home);

    /// <summary>Ledger target of a pod.</summary>
    public static string TargetOf(string name) => Prefix + name;

    /// <summary>The records of all pods, by name.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.LedgerRecord"/> for one that can't be read.</exception>
    public IReadOnlyList<DeployRecord> Read() => !Directory.Exists(_paths.Deploys) ? [] :
        [.. Directory.EnumerateFiles(_paths.Deploys, "*.json").Select(f => LedgerJson.ReadDeploy(f, LedgerJson.Parse(f, File.ReadAllText(f)))).Where(r => r.Target.StartsWith(Prefix, StringComparison.Ordinal)).OrderBy(r => r.Target, StringComparer.Ordinal)];

    /// <summary>The record of a pod; null if it has none.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.LedgerRecord"/>.</exception>
    public DeployRecord? Find(string name) => Read().FirstOrDefault(r => r.Target == TargetOf(name));

    /// <summary>Writes the record of a pod in place of an earlier one.</summary>
    /// <param name="record">The record. Where another pod has its id, because it adds the same to the same box, it gets one of its own.</param>
    /// <param name="otherId">That one.</param>
    /// <param name="waiting">Told once, after two seconds, that another run holds the ledger.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <exception cref="CharlyException"><see cref="Errors.LedgerRecord"/>; nothing was changed.</exception>
    public async Task PutAsync(DeployRecord record, string otherId, Action waiting, CancellationToken cancellationToken)
    {
        AtomicFile.EnsureFolder(_paths.Deploys);
        using var held = await LockAsync(waiting, cancellationToken).ConfigureAwait(false);
        var all = Read();
        if (all.Any(r => r.DeployId == record.DeployId && r.Target != record.Target)) record = record with { DeployId = otherId };
        var file = _paths.DeployFile(record.DeployId);
        AtomicFile.Write(file, LedgerJson.Write(record, File.Exists(file) ? JsonNode.Parse(await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)) as JsonObject : null));
        foreach (var old in all.Where(r => r.Target == record.Target && r.DeployId != record.DeployId)) File.Delete(_paths.DeployFile(old.DeployId));
    }

    /// <summary>Takes the record of a pod away, and with the last record of all the ledger.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.LedgerRecord"/>; nothing was changed.</exception>
    public async Task RemoveAsync(string name, Action waiting, CancellationToken cancellationToken)
    {
        if (Find(name) is null) return;
        using (await LockAsync(waiting, cancellationToken).ConfigureAwait(false))
        {
            foreach (var record in Read().Where(r => r.Target == TargetOf(name))) File.Delete(_paths.DeployFile(record.DeployId));
            if (!IsHollow()) return;

            // Gone while it is held: whoever waits for it finds that, and asks again.
            File.Delete(_paths.Lock);
            foreach (var folder in (string[])[_paths.Deploys, _paths.Installed, _paths.Root])
            {
                if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
            }
        }
    }

    // Whatever else the ledger holds is a run's on the machine itself, which takes it away by itself.
    private bool IsHollow() => !Directory.EnumerateFileSystemEntries(_paths.Deploys).Any()
        && Directory.EnumerateFileSystemEntries(_paths.Installed).All(e => e == _paths.Deploys || e == _paths.Lock);

    private async Task<FileStream> LockAsync(Action waiting, CancellationToken cancellationToken)
    {
        var noticeAt = DateTime.UtcNow.AddSeconds(2);
        Action? told = waiting;
        while (true)
        {
            try
            {
                AtomicFile.EnsureFolder(_paths.Deploys);

                // As FileLock does it, but without a word in the file or beside it: what stands there tells of runs.
                var stream = new FileStream(_paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                if (File.Exists(_paths.Lock)) return stream;
                await stream.DisposeAsync().ConfigureAwait(false);
            }
            catch (IOException)
            {
                if (told is not null && DateTime.UtcNow > noticeAt)
                {
                    told();
                    told = null;
                }
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }
}

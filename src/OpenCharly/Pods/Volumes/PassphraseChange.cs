using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Pods.Volumes;

/// <summary>
/// Another passphrase for several volumes at once. gocryptfs keeps a volume's key in one small file, encrypted with the passphrase; it
/// is changed in a copy, and only when that was done for all volumes do the copies take the places of the files.
/// </summary>
/// <param name="processes">Runs gocryptfs.</param>
/// <param name="key">The pod, for messages.</param>
internal sealed class PassphraseChange(IProcessRunner processes, PodKey key)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly List<Prepared> _prepared = [];

    /// <summary>Makes the new files; changes no volume.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodEncryption"/> naming the volumes that don't open with the old passphrase.</exception>
    public async Task PrepareAsync(IReadOnlyList<MountedVolume> volumes, string old, string next, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("charly-passwd-").FullName;
        try
        {
            var refused = new List<(MountedVolume Volume, CommandResult Result)>();
            foreach (var volume in volumes)
            {
                var file = Path.Combine(volume.Cipher!, "gocryptfs.conf");
                var before = await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
                var copy = Path.Combine(folder, volume.Name + ".conf");
                AtomicFile.Write(copy, before, AtomicFile.Private);
                var result = await RunAsync(copy, volume, old, next, cancellationToken).ConfigureAwait(false);

                // One that a power cut left behind with the new passphrase needs nothing more.
                if (!result.Succeeded && (await RunAsync(copy, volume, next, next, cancellationToken).ConfigureAwait(false)).Succeeded) continue;
                if (!result.Succeeded) refused.Add((volume, result));
                else _prepared.Add(new Prepared(volume, file, before, await File.ReadAllBytesAsync(copy, cancellationToken).ConfigureAwait(false)));
            }

            if (refused.Count == 0) return;
            var names = string.Join(", ", refused.Select(r => r.Volume.Name));
            throw new CharlyException(
                Errors.PodEncryption,
                $"the old passphrase does not open {(refused.Count == volumes.Count ? "" : $"{refused.Count} of {volumes.Count} ")}{(volumes.Count == 1 ? "the volume" : "volumes")} of {key}: {names} ({refused[0].Result.Tail(1)})",
                "No passphrase was changed. Give the passphrase that opens all of them.",
                target: key.Text);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Puts the new files in their places, then does what belongs to it; if anything fails, the old ones come back.</summary>
    /// <exception cref="CharlyException">As <paramref name="then"/> throws it; <see cref="Errors.PodEncryption"/>, naming what has which passphrase, if the old files could not come back.</exception>
    public async Task CommitAsync(Func<Task> then)
    {
        var done = new List<Prepared>();
        try
        {
            foreach (var change in _prepared)
            {
                Write(change.File, change.After);
                done.Add(change);
            }

            await then().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            TakeBack(done, e);
            throw;
        }
    }

    private void TakeBack(List<Prepared> done, Exception reason)
    {
        var stuck = new List<string>();
        foreach (var change in done)
        {
            try
            {
                Write(change.File, change.Before);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                stuck.Add($"{change.Volume.Name} ({e.Message})");
            }
        }

        if (stuck.Count == 0) return;
        throw new CharlyException(
            Errors.PodEncryption,
            $"{reason.Message}; the new passphrase stays on {string.Join(", ", stuck)}, all else of {key} has the old one",
            $"Mend that, then change the passphrase once more, from the old to the new one: charly config passwd {key.Arguments}",
            target: key.Text,
            inner: reason);
    }

    // Both on standard input: a program that answers for the old one would be asked for the new one, too.
    private Task<CommandResult> RunAsync(string config, MountedVolume volume, string from, string to, CancellationToken cancellationToken) => processes.RunAsync(
        new ProcessRequest("gocryptfs", "-passwd", "-q", "-config", config, volume.Cipher!) { Input = $"{from}\n{to}\n", Timeout = Limit }, cancellationToken);

    private static void Write(string file, byte[] content) => AtomicFile.Write(file, content, File.GetUnixFileMode(file));

    private sealed record Prepared(MountedVolume Volume, string File, byte[] Before, byte[] After);
}

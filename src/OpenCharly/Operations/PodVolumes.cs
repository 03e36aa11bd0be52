using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Secrets;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Operations;

/// <summary>The encrypted volumes of a pod: their states, mounting, unmounting, passphrase (pod.md §5.3).</summary>
/// <param name="context">What it works with.</param>
public sealed class PodVolumes(CharlyContext context)
{
    private readonly PodLookup _lookup = new(context);

    /// <summary>The states of a pod's encrypted volumes.</summary>
    public Task<IReadOnlyList<EncryptedVolumeStatus>> StatusAsync(PodRequest request, CancellationToken cancellationToken = default) => StatusAsync(request, null, cancellationToken);

    /// <summary>The states of a pod's encrypted volumes.</summary>
    /// <param name="request">The pod.</param>
    /// <param name="volume">The one volume; all if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/>, <see cref="Errors.PodVolume"/>.</exception>
    public async Task<IReadOnlyList<EncryptedVolumeStatus>> StatusAsync(PodRequest request, string? volume, CancellationToken cancellationToken = default)
    {
        var (key, volumes) = await FindAsync(request, volume, cancellationToken).ConfigureAwait(false);
        TellIfNone(key, volumes);
        return Encryption(null).Status(volumes);
    }

    /// <summary>Mounts them.</summary>
    /// <param name="request">The pod.</param>
    /// <param name="volume">The one volume; all if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodEncryption"/>.</exception>
    public async Task<IReadOnlyList<EncryptedVolumeStatus>> MountAsync(PodRequest request, string? volume, CancellationToken cancellationToken = default)
    {
        var (key, volumes) = await FindAsync(request, volume, cancellationToken).ConfigureAwait(false);
        TellIfNone(key, volumes);
        var encryption = Encryption(null);
        if (volumes.Count > 0 && volumes.All(encryption.IsMounted)) _lookup.Inform($"{key}: all volumes are mounted ({volumes.Count}/{volumes.Count})");
        await encryption.MountAsync(key, volumes, cancellationToken).ConfigureAwait(false);
        return encryption.Status(volumes);
    }

    /// <summary>Unmounts them.</summary>
    /// <param name="request">The pod.</param>
    /// <param name="volume">The one volume; all if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<EncryptedVolumeStatus>> UnmountAsync(PodRequest request, string? volume, CancellationToken cancellationToken = default)
    {
        var (key, volumes) = await FindAsync(request, volume, cancellationToken).ConfigureAwait(false);
        TellIfNone(key, volumes);
        var encryption = Encryption(null);
        await encryption.UnmountAsync(key, volumes, cancellationToken).ConfigureAwait(false);
        return encryption.Status(volumes);
    }

    /// <summary>Changes the passphrase of all of them, and in the store.</summary>
    /// <param name="request">The pod.</param>
    /// <param name="ask">Asks the user; null where nobody can be asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodVolume"/> if there are none; <see cref="Errors.PodEncryption"/>.</exception>
    public async Task ChangePassphraseAsync(PodRequest request, Func<string, CancellationToken, Task<string?>>? ask, CancellationToken cancellationToken = default)
    {
        var (key, volumes) = await FindAsync(request, null, cancellationToken).ConfigureAwait(false);
        if (volumes.Count == 0) throw NoVolumes(key);
        await Encryption(ask).ChangeAsync(key, volumes, cancellationToken).ConfigureAwait(false);
    }

    private void TellIfNone(PodKey key, IReadOnlyList<MountedVolume> volumes)
    {
        if (volumes.Count == 0) _lookup.Inform($"{key} has no encrypted volumes");
    }

    /// <summary>The error for a passphrase that would open nothing.</summary>
    internal static CharlyException NoVolumes(PodKey key) => new(Errors.PodVolume, $"{key} has no encrypted volumes, and so no passphrase", $"Encrypt one: charly config {key.Arguments} --encrypt NAME", target: key.Text);

    internal EncryptedVolumes Encryption(Func<string, CancellationToken, Task<string?>>? ask) =>
        new(context.Processes, context.Credentials, context.Environment, new PasswordPrompt(context.Processes, ask));

    /// <summary>The encrypted volumes of an entry; the image is asked only if there may be some.</summary>
    internal async Task<(PodKey Key, IReadOnlyList<MountedVolume> Volumes)> FindAsync(FoundPod found, CancellationToken cancellationToken)
    {
        var entry = found.Read(found.Deployment!);
        if (entry.Volumes.All(v => v.Kind != VolumeKind.Encrypted)) return (entry.Key, []);
        var image = await new LocalImages(_lookup.Engine(entry.Engine)).ResolveAsync(entry.Box, entry.Tag, cancellationToken).ConfigureAwait(false);
        return (entry.Key, [.. PodCompiler.Volumes(entry, image.Labels, _lookup.Settings, context.Environment).Encrypted]);
    }

    private async Task<(PodKey Key, IReadOnlyList<MountedVolume> Volumes)> FindAsync(PodRequest request, string? volume, CancellationToken cancellationToken)
    {
        var found = await _lookup.FindAsync(request, cancellationToken).ConfigureAwait(false);
        if (found.Deployment is null) throw PodLookup.NotConfigured(found);
        var (key, volumes) = await FindAsync(found, cancellationToken).ConfigureAwait(false);
        if (volume is null) return (key, volumes);
        var one = volumes.Where(v => v.Name == volume).ToArray();
        return one.Length > 0 ? (key, one) : throw new CharlyException(
            Errors.PodVolume, $"{key} has no encrypted volume \"{volume}\"", Nearest.Suggest(volume, volumes.Select(v => v.Name), $"Look at: charly config status {key.Arguments}"), target: volume);
    }
}

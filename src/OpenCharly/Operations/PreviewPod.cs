using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Operations;

/// <summary>A verb that changes a pod and has no dry run of its own.</summary>
public enum PodVerb
{
    /// <summary>Start it, and configure it before if need be.</summary>
    Start,

    /// <summary>Stop it.</summary>
    Stop,

    /// <summary>Stop it and start it again.</summary>
    Restart,

    /// <summary>Copy files of its image into its volumes.</summary>
    Seed,

    /// <summary>Mount its encrypted volumes.</summary>
    Mount,

    /// <summary>Unmount them.</summary>
    Unmount,

    /// <summary>Give them another passphrase.</summary>
    ChangePassphrase,

    /// <summary>Stop it, and what it provides.</summary>
    Disable,
}

/// <summary>What a verb would do to a pod.</summary>
/// <param name="Name">Deploy key of the pod.</param>
/// <param name="Verb">The verb.</param>
/// <param name="Status">State now.</param>
/// <param name="Changes">What would be made, changed or removed; empty if nothing.</param>
public sealed record PodPreview(string Name, PodVerb Verb, PodStatus Status, IReadOnlyList<string> Changes);

/// <summary>Tells what a verb would do to a pod, and refuses what the verb would refuse; changes nothing.</summary>
/// <param name="context">What it works with.</param>
public sealed class PreviewPod(CharlyContext context)
{
    private readonly PodLookup _lookup = new(context);

    /// <summary>What starting would do.</summary>
    /// <exception cref="CharlyException">What starting would throw before it changes anything.</exception>
    public async Task<PodPreview> StartAsync(ConfigurePodRequest request, CancellationToken cancellationToken = default)
    {
        var pod = await _lookup.FindAsync(request, cancellationToken).ConfigureAwait(false);
        var changes = new List<string>();
        if (request.Build) changes.Add("build its box");
        if (!_lookup.IsConfigured(pod.Key))
        {
            var made = await new ConfigurePod(context).RunAsync(request with { DryRun = true, Build = false }, cancellationToken).ConfigureAwait(false);
            return new PodPreview(pod.Key.Text, PodVerb.Start, PodStatus.NotConfigured, [.. changes, $"configure it: {made.Image}, {made.Mode}", .. made.Files.Select(u => $"write {u.Name}"), "start it"]);
        }

        var status = await StatusAsync(pod, cancellationToken).ConfigureAwait(false);
        if (_lookup.IsDirect(pod.Key))
        {
            await new PodPreparation(context).RunAsync(request with { DryRun = true, Build = false }, keepImage: false, cancellationToken).ConfigureAwait(false);
            return new PodPreview(pod.Key.Text, PodVerb.Start, status, [.. changes, status == PodStatus.Running ? "replace its container" : "start it"]);
        }

        if (pod.Deployment is { Box: not null }) changes.AddRange((await LockedAsync(pod, cancellationToken).ConfigureAwait(false)).Select(v => $"mount the volume {v}"));
        return new PodPreview(pod.Key.Text, PodVerb.Start, status, status == PodStatus.Running ? changes : [.. changes, "start it"]);
    }

    /// <summary>What stopping would do.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/>.</exception>
    public async Task<PodPreview> StopAsync(PodRequest request, bool unmount, CancellationToken cancellationToken = default)
    {
        var (pod, status) = await ExistingAsync(request, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> mounted = unmount ? await StatesAsync(request, null, s => s.IsMounted, cancellationToken).ConfigureAwait(false) : [];
        return new PodPreview(pod.Key.Text, PodVerb.Stop, status, [.. status == PodStatus.Running ? ["stop it"] : Array.Empty<string>(), .. mounted.Select(v => $"unmount the volume {v}")]);
    }

    /// <summary>What starting again would do.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/>.</exception>
    public async Task<PodPreview> RestartAsync(PodRequest request, CancellationToken cancellationToken = default)
    {
        var (pod, status) = await ExistingAsync(request, cancellationToken).ConfigureAwait(false);
        return new PodPreview(pod.Key.Text, PodVerb.Restart, status, status == PodStatus.Running ? ["stop it", "start it"] : ["start it"]);
    }

    /// <summary>What <c>config remove</c> would do.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/>.</exception>
    public async Task<PodPreview> DisableAsync(PodRequest request, CancellationToken cancellationToken = default)
    {
        var (pod, status) = await ExistingAsync(request, cancellationToken).ConfigureAwait(false);
        return new PodPreview(
            pod.Key.Text, PodVerb.Disable, status,
            [
                .. status == PodStatus.Running ? ["stop it"] : Array.Empty<string>(),
                .. _lookup.IsDirect(pod.Key) ? Array.Empty<string>() : [$"disable {pod.Key.Service}"],
                "no longer offer what it provides",
            ]);
    }

    /// <summary>What seeding would do.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/>; <see cref="Errors.PodVolume"/>.</exception>
    public async Task<PodPreview> SeedAsync(PodRequest request, SeedMode mode, string? volume, string? dataFrom, CancellationToken cancellationToken = default)
    {
        var (pod, status) = await ExistingAsync(request, cancellationToken).ConfigureAwait(false);
        var volumes = await new SeedPod(context).PickAsync(request, mode, volume, dataFrom, cancellationToken).ConfigureAwait(false);
        var how = mode switch
        {
            SeedMode.Force => "copy the image's files over those in",
            SeedMode.Merge => "add the image's files to",
            _ => "copy the image's files, if it is empty, into",
        };
        return new PodPreview(pod.Key.Text, PodVerb.Seed, status, [.. volumes.Select(v => $"{how} the volume {v}")]);
    }

    /// <summary>What mounting, unmounting or another passphrase would do to encrypted volumes.</summary>
    /// <param name="request">The pod.</param>
    /// <param name="verb"><see cref="PodVerb.Mount"/>, <see cref="PodVerb.Unmount"/> or <see cref="PodVerb.ChangePassphrase"/>.</param>
    /// <param name="volume">The one volume; all if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/>, <see cref="Errors.PodVolume"/>.</exception>
    public async Task<PodPreview> VolumesAsync(PodRequest request, PodVerb verb, string? volume, CancellationToken cancellationToken = default)
    {
        var pod = await _lookup.FindAsync(request, cancellationToken).ConfigureAwait(false);
        if (verb == PodVerb.ChangePassphrase && pod.Deployment is not null && (await new PodVolumes(context).FindAsync(pod, cancellationToken).ConfigureAwait(false)).Volumes.Count == 0) throw PodVolumes.NoVolumes(pod.Key);
        var (phrase, picked) = verb switch
        {
            PodVerb.Mount => ("mount", await StatesAsync(request, volume, s => !s.IsMounted, cancellationToken).ConfigureAwait(false)),
            PodVerb.Unmount => ("unmount", await StatesAsync(request, volume, s => s.IsMounted, cancellationToken).ConfigureAwait(false)),
            PodVerb.ChangePassphrase => ("change the passphrase of", await StatesAsync(request, volume, _ => true, cancellationToken).ConfigureAwait(false)),
            _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, "not a verb of volumes"),
        };
        return new PodPreview(pod.Key.Text, verb, await StatusAsync(pod, cancellationToken).ConfigureAwait(false), [.. picked.Select(v => $"{phrase} the volume {v}")]);
    }

    private async Task<(FoundPod Pod, PodStatus Status)> ExistingAsync(PodRequest request, CancellationToken cancellationToken)
    {
        var pod = await _lookup.ExistingAsync(request, cancellationToken).ConfigureAwait(false);
        return (pod, await StatusAsync(pod, cancellationToken).ConfigureAwait(false));
    }

    private async Task<PodStatus> StatusAsync(FoundPod pod, CancellationToken cancellationToken) => (await new GetPods(context).OneAsync(pod.Key, cancellationToken).ConfigureAwait(false)).Status;

    private async Task<IReadOnlyList<string>> LockedAsync(FoundPod pod, CancellationToken cancellationToken)
    {
        var volumes = new PodVolumes(context);
        var (_, encrypted) = await volumes.FindAsync(pod, cancellationToken).ConfigureAwait(false);
        return [.. volumes.Encryption(null).Status(encrypted).Where(s => !s.IsMounted).Select(s => s.Name)];
    }

    private async Task<IReadOnlyList<string>> StatesAsync(PodRequest request, string? volume, Func<EncryptedVolumeStatus, bool> concerns, CancellationToken cancellationToken) =>
        [.. (await new PodVolumes(context).StatusAsync(request, volume, cancellationToken).ConfigureAwait(false)).Where(concerns).Select(s => s.Name)];
}

using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Engines;
using OpenCharly.Pods.Quadlets;
using OpenCharly.Pods.Secrets;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Operations;

/// <summary>Configures a pod: saves the choices in its entry and writes its quadlet, or runs it in direct mode (pod.md §15.1).</summary>
/// <param name="context">What it works with.</param>
public sealed class ConfigurePod(CharlyContext context)
{
    private readonly PodLookup _lookup = new(context);
    private readonly PodTunnels _tunnels = new(context);

    /// <summary>Configures. Everything is checked first: an error until then leaves no trace.</summary>
    /// <exception cref="CharlyException">See pod.md §18.</exception>
    public async Task<PodConfiguration> RunAsync(ConfigurePodRequest request, CancellationToken cancellationToken = default)
    {
        if (request.Build) await new PodBuild(context).RunAsync(await _lookup.FindAsync(request, cancellationToken).ConfigureAwait(false), request, cancellationToken).ConfigureAwait(false);
        var pod = await new PodPreparation(context).RunAsync(request, keepImage: false, cancellationToken).ConfigureAwait(false);
        if (!request.IsRehearsal) _lookup.Tell(pod.Warnings);
        var units = pod.Mode == RunMode.Quadlet ? Quadlet.Render(pod.Plan) : [];
        var result = new PodConfiguration(
            pod.Key.Text, pod.Image.Reference, pod.Mode == RunMode.Quadlet ? "quadlet" : "direct", pod.Key.Container, [.. pod.Plan.Ports.Select(p => p.ToString())],
            [.. units.Select(u => u with { Name = Path.Combine(_lookup.Paths.Quadlets, u.Name) })], request.DryRun);
        if (request.DryRun) return result;

        var store = context.Credentials;
        var password = new PasswordPrompt(context.Processes, request.Ask);
        foreach (var (address, value) in pod.Credentials)
        {
            await store.SetAsync(address, value, cancellationToken).ConfigureAwait(false);
            _lookup.Inform($"{address.Item} is kept as a credential, not as a variable");
        }

        foreach (var notice in await new PodNetwork(pod.Engine).EnsureAsync(pod.Plan.Network, cancellationToken).ConfigureAwait(false)) _lookup.Inform(notice);
        await new PodSecrets(pod.Engine, store, context.Environment, password).ProvisionAsync(pod.Secrets, cancellationToken).ConfigureAwait(false);
        await new PodRecorder(context).SaveAsync(pod, request, cancellationToken).ConfigureAwait(false);
        await new VolumeFolders(context.Processes, context.Environment).MakeAsync(pod.Plan, cancellationToken).ConfigureAwait(false);
        if (pod.Mode == RunMode.Quadlet) await WriteUnitsAsync(pod, units, cancellationToken).ConfigureAwait(false);
        await FillVolumesAsync(pod, request, store, password, cancellationToken).ConfigureAwait(false);
        if (pod.Mode == RunMode.Direct) await LeaveServiceManagerAsync(pod, cancellationToken).ConfigureAwait(false);
        if (pod.Mode == RunMode.Direct) await new ExclusiveClaims(context).HoldAsync(pod.Found, () => StartAsync(pod, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (request.UpdateAll) await UpdateOthersAsync(pod, cancellationToken).ConfigureAwait(false);
        await AfterwardsAsync(pod, cancellationToken).ConfigureAwait(false);
        return result;
    }

    private async Task WriteUnitsAsync(PreparedPod pod, IReadOnlyList<UnitFile> units, CancellationToken cancellationToken)
    {
        await LeaveDirectModeAsync(pod, cancellationToken).ConfigureAwait(false);
        await _tunnels.LeaveAsync(pod.Key, pod.Plan.Tunnel, cancellationToken).ConfigureAwait(false);
        WriteFiles(pod, units);
        await _tunnels.SetUpAsync(pod, cancellationToken).ConfigureAwait(false);
        await _lookup.Services.ReloadAsync(cancellationToken).ConfigureAwait(false);
        if (pod.Plan.Tunnel is { IsCloudflare: true } && File.Exists(Path.Combine(_lookup.Paths.Units, pod.Key.TunnelUnit))) await _lookup.Services.EnableAsync(pod.Key.TunnelUnit, cancellationToken).ConfigureAwait(false);
    }

    // Once its marker is gone nobody would know of the container that runs without the service manager.
    private async Task LeaveDirectModeAsync(PreparedPod pod, CancellationToken cancellationToken)
    {
        if (!_lookup.IsDirect(pod.Key)) return;
        await new DirectPod(context).StopAsync(pod.Key, pod.Entry.Engine, cancellationToken).ConfigureAwait(false);
        _lookup.Inform($"{pod.Key} is handed to the service manager; its container of direct mode is stopped");
        await new DirectPod(context).TellOfVolumesAsync(pod, cancellationToken).ConfigureAwait(false);
    }

    // The other way round, its units would start the pod a second time when the user logs in.
    private async Task LeaveServiceManagerAsync(PreparedPod pod, CancellationToken cancellationToken)
    {
        var key = pod.Key;
        string[] files = [.. new[] { _lookup.Paths.Quadlet(key), Path.Combine(_lookup.Paths.Quadlets, key.PodFile) }.Where(File.Exists), .. _lookup.Paths.SidecarQuadlets(key)];
        if (files.Length == 0) return;
        var hasManager = context.Processes.Find("systemctl") is not null;
        if (hasManager) await _lookup.Units.StopAsync(key, cancellationToken).ConfigureAwait(false);
        if (hasManager) await _tunnels.LeaveAsync(key, null, cancellationToken).ConfigureAwait(false);
        foreach (var file in files) File.Delete(file);
        if (hasManager) await _lookup.Services.ReloadAsync(cancellationToken).ConfigureAwait(false);
        _lookup.Inform($"{key} is taken from the service manager, and runs in direct mode");
        await new DirectPod(context).TellOfVolumesAsync(pod, cancellationToken).ConfigureAwait(false);
    }

    private void WriteFiles(PreparedPod pod, IReadOnlyList<UnitFile> units)
    {
        var paths = _lookup.Paths;
        string[] old = [.. paths.SidecarQuadlets(pod.Key), Path.Combine(paths.Quadlets, pod.Key.PodFile)];
        foreach (var unit in units) AtomicFile.Write(Path.Combine(paths.Quadlets, unit.Name), unit.Text, AtomicFile.Private);
        foreach (var stale in old.Where(f => units.All(u => u.Name != Path.GetFileName(f))).Append(paths.DirectMarker(pod.Key)).Where(File.Exists)) File.Delete(stale);
    }

    private async Task FillVolumesAsync(PreparedPod pod, ConfigurePodRequest request, CredentialStore store, PasswordPrompt password, CancellationToken cancellationToken)
    {
        var encrypted = new EncryptedVolumes(context.Processes, store, context.Environment, password);
        MountedVolume[] locked = [.. pod.Plan.Volumes.Encrypted];
        var mounted = locked.Length == 0 ? [] : await encrypted.SetUpAsync(pod.Key, locked, request.ManualPasswords, cancellationToken).ConfigureAwait(false);
        foreach (var volume in mounted) await new VolumeFolders(context.Processes, context.Environment).GiveAsync(pod.Plan, volume.Source, cancellationToken).ConfigureAwait(false);
        if (request.Seed is { } mode) await SeedPod.SeedAsync(context, pod, mode, only: null, request.DataFrom, cancellationToken).ConfigureAwait(false);

        // In direct mode the pod runs at once, and needs them.
        if (!request.KeepMounted && pod.Mode == RunMode.Quadlet) await encrypted.UnmountAsync(pod.Key, mounted, cancellationToken).ConfigureAwait(false);
    }

    private async Task UpdateOthersAsync(PreparedPod pod, CancellationToken cancellationToken)
    {
        foreach (var other in pod.Found.OtherKeys.Select(PodKey.Parse).Where(k => File.Exists(_lookup.Paths.Quadlet(k))))
        {
            try
            {
                var request = new ConfigurePodRequest { Name = other.Text, Autodetect = false };
                var prepared = await new PodPreparation(context.For(other.Text)).RunAsync(request, keepImage: true, cancellationToken).ConfigureAwait(false);
                await _tunnels.LeaveAsync(prepared.Key, prepared.Plan.Tunnel, cancellationToken).ConfigureAwait(false);
                WriteFiles(prepared, Quadlet.Render(prepared.Plan));
                _lookup.Inform($"{other}: the quadlet is written anew");
            }
            catch (CharlyException e)
            {
                _lookup.Tell([$"{other} is left as it is: {e.Message}"]);
            }
        }

        await _lookup.Services.ReloadAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> StartAsync(PreparedPod pod, CancellationToken cancellationToken)
    {
        if (pod.Mode == RunMode.Direct) await new DirectPod(context).StartAsync(pod, cancellationToken).ConfigureAwait(false);
        else await _lookup.Units.StartAsync(pod.Key, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task AfterwardsAsync(PreparedPod pod, CancellationToken cancellationToken)
    {
        if (pod.Image.Labels.Hooks.GetValueOrDefault("post_enable") is not { Length: > 0 } script) return;
        try
        {
            if (pod.Mode == RunMode.Quadlet) await new ExclusiveClaims(context).HoldAsync(pod.Found, () => StartAsync(pod, cancellationToken), cancellationToken).ConfigureAwait(false);
            await PodHook.RunAsync(pod.Engine, pod.Key, "post_enable", script, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            _lookup.Tell([$"post_enable of {pod.Key} failed: {e.Message}"]);
        }
    }
}

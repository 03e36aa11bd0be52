using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Engines;
using OpenCharly.Pods.Tunnels;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>What <c>RemovePod</c> works from.</summary>
public sealed record RemovePodRequest : PodRequest
{
    /// <summary>Also delete the engine's volumes of this pod; folders of this machine and secrets stay.</summary>
    public bool Purge { get; init; }

    /// <summary>Keep its entry.</summary>
    public bool KeepDeploy { get; init; }

    /// <summary>Only say what would be removed.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Removes a pod: container, units, tunnel files and entry; with purge its volumes (pod.md §15.3).</summary>
/// <param name="context">What it works with.</param>
public sealed class RemovePod(CharlyContext context)
{
    private readonly PodLookup _lookup = new(context);

    /// <summary>Removes. What is missing is no error; nothing at all is.</summary>
    /// <returns>What was removed, or would be, a line each.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotFound"/>.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(RemovePodRequest request, CancellationToken cancellationToken = default)
    {
        var pod = await _lookup.FindAsync(request, cancellationToken).ConfigureAwait(false);
        var engine = _lookup.Engine(pod.Deployment?.Engine);
        var files = Files(pod.Key);
        var container = engine.IsInstalled && (await engine.RunAsync(["container", "inspect", pod.Key.Container], cancellationToken).ConfigureAwait(false)).Succeeded;
        var volumes = request.Purge ? await VolumesAsync(engine, pod, cancellationToken).ConfigureAwait(false) : [];
        if (files.Count == 0 && !container && pod.Deployment is null && volumes.Count == 0)
        {
            throw new CharlyException(Errors.PodNotFound, $"there is no pod \"{pod.Key}\"", Nearest.Suggest(pod.Key.Text, FoundPod.Pods(pod.Project).Select(d => d.Key), "Look at: charly status --all"), target: pod.Key.Text);
        }

        var hasEntry = new HostFile(context.Paths).ReadDeployments()?[pod.Key.Text] is not null;
        List<string> removed = [.. container ? [$"container {pod.Key.Container}"] : Array.Empty<string>(), .. files, .. volumes.Select(v => $"volume {v}"), .. hasEntry && !request.KeepDeploy ? [$"entry {pod.Key}"] : Array.Empty<string>()];
        if (request.DryRun) return removed;

        if (container) await BeforeAsync(engine, pod, cancellationToken).ConfigureAwait(false);
        if (files.Count > 0) await new StopPod(context).StopAsync(pod, cancellationToken).ConfigureAwait(false);
        if (container) await new DirectPod(context).RemoveAsync(engine, pod.Key, cancellationToken).ConfigureAwait(false);
        var hasUnits = files.Any(f => f.EndsWith(".container", StringComparison.Ordinal) || f.EndsWith(".service", StringComparison.Ordinal));
        if (files.Any(f => f.EndsWith(pod.Key.TunnelUnit, StringComparison.Ordinal))) await _lookup.Services.DisableAsync(pod.Key.TunnelUnit, cancellationToken).ConfigureAwait(false);
        foreach (var file in files) File.Delete(file);
        if (hasUnits)
        {
            await _lookup.Services.ReloadAsync(cancellationToken).ConfigureAwait(false);
            await _lookup.Services.ResetFailedAsync([.. files.Select(UnitOf).OfType<string>()], cancellationToken).ConfigureAwait(false);
        }

        foreach (var volume in volumes)
        {
            var result = await engine.RunAsync(["volume", "rm", volume], cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded) _lookup.Tell([$"the volume {volume} stays: {result.Tail(1)}"]);
        }

        await ForgetAsync(pod, request.KeepDeploy, cancellationToken).ConfigureAwait(false);
        await new ExclusiveClaims(context).ReleaseAsync(pod.Key, cancellationToken).ConfigureAwait(false);
        return removed;
    }

    /// <summary>Stops a pod and no longer offers what it provided; quadlet and entry stay (<c>charly config remove</c>).</summary>
    public async Task DisableAsync(PodRequest request, CancellationToken cancellationToken = default)
    {
        var pod = await _lookup.ExistingAsync(request, cancellationToken).ConfigureAwait(false);
        await new StopPod(context).StopAsync(pod, cancellationToken).ConfigureAwait(false);
        if (!_lookup.IsDirect(pod.Key)) await _lookup.Services.DisableAsync(pod.Key.Service, cancellationToken).ConfigureAwait(false);
        await ForgetAsync(pod, keepEntry: true, cancellationToken).ConfigureAwait(false);
        await new ExclusiveClaims(context).ReleaseAsync(pod.Key, cancellationToken).ConfigureAwait(false);
    }

    // The name that the generator gives to the unit of a quadlet; null for a file that is no unit.
    private static string? UnitOf(string file) => Path.GetExtension(file) switch
    {
        ".container" => Path.GetFileNameWithoutExtension(file) + ".service",
        ".pod" => Path.GetFileNameWithoutExtension(file) + "-pod.service",
        ".service" => Path.GetFileName(file),
        _ => null,
    };

    private IReadOnlyList<string> Files(PodKey key)
    {
        var paths = _lookup.Paths;
        var tunnel = PodTunnels.NameOf(paths, key) ?? OpenTunnel.Read(paths.DirectMarker(key))?.Process ?? key.Container;
        string[] all =
        [
            paths.Quadlet(key), Path.Combine(paths.Quadlets, key.PodFile), .. paths.SidecarQuadlets(key), Path.Combine(paths.Units, key.TunnelUnit), paths.TunnelConfig(tunnel),
            paths.TunnelProcess(tunnel), paths.DirectMarker(key),
        ];
        return [.. all.Where(File.Exists)];
    }

    // Volumes whose names begin alike may be those of a pod whose key does.
    private static async Task<IReadOnlyList<string>> VolumesAsync(ContainerEngine engine, FoundPod pod, CancellationToken cancellationToken)
    {
        var listed = await engine.RunAsync(["volume", "ls", "--quiet"], cancellationToken).ConfigureAwait(false);
        if (!listed.Succeeded) throw engine.Refused("list its volumes", listed);
        string[] longer = [.. pod.OtherKeys.Select(k => PodKey.Parse(k).Container + "-").Where(p => p.StartsWith(pod.Key.Container + "-", StringComparison.Ordinal))];
        return
        [
            .. listed.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Where(v => v.StartsWith(pod.Key.Container + "-", StringComparison.Ordinal) && !longer.Any(l => v.StartsWith(l, StringComparison.Ordinal))),
        ];
    }

    private async Task BeforeAsync(ContainerEngine engine, FoundPod pod, CancellationToken cancellationToken)
    {
        try
        {
            var inspected = await engine.RunAsync(["container", "inspect", "--format", "{{.State.Running}} {{.Config.Image}}", pod.Key.Container], cancellationToken).ConfigureAwait(false);
            if (inspected.StandardOutput.Trim().Split(' ', 2) is not ["true", var reference]) return;
            var image = await new LocalImages(engine).ResolveAsync(reference, null, cancellationToken).ConfigureAwait(false);
            if (image.Labels.Hooks.GetValueOrDefault("pre_remove") is { Length: > 0 } script) await PodHook.RunAsync(engine, pod.Key, "pre_remove", script, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            _lookup.Tell([$"pre_remove of {pod.Key} failed: {e.Message}"]);
        }
    }

    private Task ForgetAsync(FoundPod pod, bool keepEntry, CancellationToken cancellationToken)
    {
        var file = new HostFile(context.Paths);
        if (!File.Exists(file.Path)) return Task.CompletedTask;
        return file.EditAsync(
            (editor, root) =>
            {
                if (!keepEntry) editor.Remove([root, pod.Key.Text], removeEmptyParents: true);
                var map = YamlReader.Read(editor.Text, file.Path) is [YamlMapping top, ..] ? top["provides"] as YamlMapping : null;
                if (map is not null) Provides.Read(map).After(pod.Key, pod.OtherKeys).Write(editor);
            },
            cancellationToken);
    }
}

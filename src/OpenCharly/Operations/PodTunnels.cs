using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Pods;
using OpenCharly.Pods.Quadlets;
using OpenCharly.Pods.Tunnels;

namespace OpenCharly.Operations;

/// <summary>
/// Opens and closes the tunnels of pods (pod.md §12, §16): by units where there is a service manager, else by itself. A tunnel that
/// can't be set up is told, and the pod runs all the same; one that is no longer wanted is closed, whatever the entry says by now.
/// </summary>
internal sealed class PodTunnels(CharlyContext context)
{
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(30);

    private readonly PodLookup _lookup = new(context);

    /// <summary>The name of the tunnel that a pod's companion unit runs, which its entry may have changed since; null without a unit.</summary>
    public static string? NameOf(PodPaths paths, PodKey key)
    {
        var unit = Path.Combine(paths.Units, key.TunnelUnit);
        var line = File.Exists(unit) ? File.ReadLines(unit).FirstOrDefault(l => l.StartsWith("ExecStart=", StringComparison.Ordinal)) : null;
        return line?[(line.LastIndexOf(' ') + 1)..];
    }

    /// <summary>
    /// Closes what the units on disk tunnel and those that come in their place don't: the new ones would never take it off.
    /// Called before they are written.
    /// </summary>
    public async Task LeaveAsync(PodKey key, TunnelPlan? next, CancellationToken cancellationToken)
    {
        var paths = _lookup.Paths;
        if (NameOf(paths, key) is { } name && (next is not { IsCloudflare: true } || next.Name != name))
        {
            await _lookup.Services.DisableAsync(key.TunnelUnit, cancellationToken).ConfigureAwait(false);
            foreach (var file in new[] { Path.Combine(paths.Units, key.TunnelUnit), paths.TunnelConfig(name) }.Where(File.Exists)) File.Delete(file);
            _lookup.Inform($"the tunnel {name} of {key} is closed");
        }

        if (!File.Exists(paths.Quadlet(key))) return;
        var kept = next is { IsCloudflare: false } ? next.Carried.Select(p => string.Join(' ', Tailscale.Stop(p))).ToHashSet(StringComparer.Ordinal) : [];
        string[] dropped = [.. Tailscale.StopsIn(await File.ReadAllLinesAsync(paths.Quadlet(key), cancellationToken).ConfigureAwait(false)).Where(c => !kept.Contains(c))];
        if (dropped.Length == 0 || !await _lookup.Services.IsActiveAsync(key.Service, cancellationToken).ConfigureAwait(false)) return;
        foreach (var command in dropped) await TailscaleAsync(command.Split(' '), cancellationToken).ConfigureAwait(false);
        _lookup.Inform($"{key} is off the tailnet by {string.Join(", ", dropped.Select(d => d.Split(' ')[2]))}");
    }

    /// <summary>Sets up a tunnel of cloudflared, and writes and enables the unit that runs it.</summary>
    public async Task SetUpAsync(PreparedPod pod, CancellationToken cancellationToken)
    {
        if (pod.Plan.Tunnel is not { IsCloudflare: true } tunnel) return;
        if (await PrepareAsync(tunnel, cancellationToken).ConfigureAwait(false) is not { } config) return;
        AtomicFile.Write(Path.Combine(_lookup.Paths.Units, pod.Key.TunnelUnit), Cloudflare.Unit(pod.Key, tunnel.Name, config, Quadlet.Install(pod.Plan)));
    }

    /// <summary>Opens the tunnel of a pod in direct mode, whose marker is there already.</summary>
    public async Task OpenAsync(PodPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Tunnel is not { } tunnel) return;
        if (tunnel.IsCloudflare)
        {
            if (await PrepareAsync(tunnel, cancellationToken).ConfigureAwait(false) is not { } config) return;
            var started = await context.Processes.RunAsync(
                new ProcessRequest("bash", "-c", $"nohup cloudflared tunnel --config {Shell.Quote(config)} run {Shell.Quote(tunnel.Name)} >/dev/null 2>&1 & echo $!"), cancellationToken).ConfigureAwait(false);
            AtomicFile.Write(_lookup.Paths.TunnelProcess(tunnel.Name), started.StandardOutput.Trim() + "\n", AtomicFile.Private);
        }
        else
        {
            foreach (var port in tunnel.Carried) await TailscaleAsync(Tailscale.Start(port), cancellationToken).ConfigureAwait(false);
        }

        OpenTunnel.Write(_lookup.Paths.DirectMarker(plan.Key), OpenTunnel.Of(tunnel));
    }

    /// <summary>Closes what <see cref="OpenAsync"/> opened, if anything is open.</summary>
    public async Task CloseAsync(PodKey key, CancellationToken cancellationToken)
    {
        var marker = _lookup.Paths.DirectMarker(key);
        if (OpenTunnel.Read(marker) is not { } open) return;
        foreach (var command in open.Stops) await TailscaleAsync(command, cancellationToken).ConfigureAwait(false);
        if (open.Process is { } name) await EndAsync(name, cancellationToken).ConfigureAwait(false);
        OpenTunnel.Write(marker, null);
    }

    private async Task<string?> PrepareAsync(TunnelPlan tunnel, CancellationToken cancellationToken)
    {
        var config = _lookup.Paths.TunnelConfig(tunnel.Name);
        var cloudflare = new Cloudflare(context.Processes, context.Environment);
        try
        {
            await cloudflare.SetUpAsync(tunnel, config, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            _lookup.Tell([$"the tunnel {tunnel.Name} is not set up: {e.Message}. {e.Help}"]);
            return null;
        }

        _lookup.Tell(await cloudflare.RouteAsync(tunnel, cancellationToken).ConfigureAwait(false));
        return config;
    }

    private async Task EndAsync(string name, CancellationToken cancellationToken)
    {
        var file = _lookup.Paths.TunnelProcess(name);
        if (!File.Exists(file)) return;

        // The number may be another process's by now: only a cloudflared of this tunnel is ended.
        if (int.TryParse(await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false), NumberStyles.None | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var process)
            && File.Exists($"/proc/{process}/cmdline")
            && (await File.ReadAllTextAsync($"/proc/{process}/cmdline", cancellationToken).ConfigureAwait(false)).Split('\0') is var words
            && words.Any(w => Path.GetFileName(w) == "cloudflared") && words.Contains(name))
        {
            await context.Processes.RunAsync(new ProcessRequest("kill", "-TERM", process.ToString(CultureInfo.InvariantCulture)), cancellationToken).ConfigureAwait(false);
        }

        // The next start writes its configuration anew, perhaps under another name.
        File.Delete(file);
        if (_lookup.Paths.TunnelConfig(name) is var config && File.Exists(config)) File.Delete(config);
    }

    private async Task TailscaleAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        try
        {
            var result = await context.Processes.RunAsync(new ProcessRequest(command[0], [.. command.Skip(1)]) { Timeout = CommandLimit }, cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded) _lookup.Tell([$"{string.Join(' ', command)} failed: {result.Tail(1)}. {Tailscale.Help}"]);
        }
        catch (CharlyException e) when (e.Code == Errors.ToolMissing)
        {
            _lookup.Tell([$"{string.Join(' ', command)} failed: {e.Message}"]);
        }
    }
}

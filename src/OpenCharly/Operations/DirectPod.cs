using OpenCharly.Boxes;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Pods;
using OpenCharly.Pods.Engines;
using OpenCharly.Pods.Secrets;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Operations;

/// <summary>Starts and stops pods straight in the engine (pod.md §16).</summary>
internal sealed class DirectPod(CharlyContext context)
{
    private static readonly TimeSpan GoneLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private readonly PodLookup _lookup = new(context);
    private readonly PodTunnels _tunnels = new(context);

    /// <summary>Replaces the pod's container by a new one.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodPortTaken"/>, <see cref="Errors.PodEncryption"/>, <see cref="Errors.PodVolume"/> before anything is started.</exception>
    public async Task StartAsync(PreparedPod pod, CancellationToken cancellationToken)
    {
        var plan = pod.Plan;
        if (_lookup.IsDirect(pod.Key)) await LeaveOthersAsync(pod, cancellationToken).ConfigureAwait(false);
        if (await new PortProbe(pod.Engine).FindAsync(pod.Key, plan.Ports, cancellationToken).ConfigureAwait(false) is [var taken, ..])
        {
            throw new CharlyException(Errors.PodPortTaken, $"port {taken.Mapping.HostPort} is in use by {taken.Owner}", taken.Help, target: pod.Key.Text);
        }

        var store = context.Credentials;
        new EncryptedVolumes(context.Processes, store, context.Environment, new PasswordPrompt(context.Processes, null)).ThrowIfLocked(pod.Key, plan.Volumes.Encrypted);
        if (plan.Volumes.Binds.FirstOrDefault(b => !Directory.Exists(b.Source)) is { } missing)
        {
            throw new CharlyException(Errors.PodVolume, $"the folder {missing.Source} of the volume {missing.Name} does not exist", $"Run: charly config {pod.Key.Arguments}", target: pod.Key.Text);
        }

        // What is open may be another tunnel than the one that comes.
        await _tunnels.CloseAsync(pod.Key, cancellationToken).ConfigureAwait(false);
        await RemoveAsync(pod.Engine, pod.Key, cancellationToken).ConfigureAwait(false);
        var arguments = DirectRun.Arguments(plan, pod.Engine.IsPodman).ToList();
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (!pod.Engine.IsPodman)
        {
            // docker has no secrets of this kind: values travel through the environment of its client, never through arguments.
            var at = arguments.IndexOf(plan.Image);
            foreach (var secret in plan.Secrets)
            {
                if (pod.Secrets.FirstOrDefault(s => s.Name == secret.Name)?.Value is not { } value) continue;

                // What would be a file is a variable, too, called as the file would be.
                var variable = secret.Variable ?? Path.GetFileName(secret.Target).ToUpperInvariant().Replace('-', '_').Replace('.', '_');
                variables[variable] = value;
                arguments.InsertRange(at, ["-e", variable]);
            }

            if (variables.Count > 0) _lookup.Tell([$"docker keeps no secrets: {string.Join(", ", variables.Keys)} are variables of the container"]);
        }

        var result = await pod.Engine.RunAsync(new ProcessRequest(pod.Engine.Name, arguments) { Variables = variables }, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw pod.Engine.Refused($"start {pod.Key.Container}", result);
        DirectRun.Mark(_lookup.Paths, plan, context.Environment.Clock.GetUtcNow());
        await _tunnels.OpenAsync(plan, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the pod's container; the marker stays, so that it can be started again.</summary>
    public async Task StopAsync(PodKey key, string? engine, CancellationToken cancellationToken)
    {
        await _tunnels.CloseAsync(key, cancellationToken).ConfigureAwait(false);
        var chosen = _lookup.Engine(engine);
        var result = await StopInAsync(chosen, key, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return;
        var isGone = result.StandardError.Contains("no such container", StringComparison.OrdinalIgnoreCase) || result.StandardError.Contains("no container with name", StringComparison.OrdinalIgnoreCase);
        if (!isGone) throw chosen.Refused($"stop {key.Container}", result);
        foreach (var other in await OthersWithAsync(key, chosen, cancellationToken).ConfigureAwait(false))
        {
            result = await StopInAsync(other, key, cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded) throw other.Refused($"stop {key.Container}", result);
        }
    }

    /// <summary>Removes the pod's container, and waits until its name and its volumes are free; that there is none is no error.</summary>
    public async Task RemoveAsync(ContainerEngine engine, PodKey key, CancellationToken cancellationToken)
    {
        await engine.RunAsync(["rm", "--force", key.Container], cancellationToken).ConfigureAwait(false);
        await UntilGoneAsync(engine, key, cancellationToken).ConfigureAwait(false);
    }

    private async Task<CommandResult> StopInAsync(ContainerEngine engine, PodKey key, CancellationToken cancellationToken)
    {
        var result = await engine.RunAsync(["stop", "--time", "10", key.Container], cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) await UntilGoneAsync(engine, key, cancellationToken).ConfigureAwait(false);
        return result;
    }

    // docker answers before a container that goes by itself is gone.
    private async Task UntilGoneAsync(ContainerEngine engine, PodKey key, CancellationToken cancellationToken)
    {
        if (engine.IsPodman) return;
        var begin = context.Environment.Clock.GetTimestamp();
        while (await engine.RunAsync(["container", "inspect", "--format", "{{.State.Status}}", key.Container], cancellationToken).ConfigureAwait(false) is { Succeeded: true } there)
        {
            if (context.Environment.Clock.GetElapsedTime(begin) > GoneLimit)
            {
                throw new CharlyException(
                    Errors.ImageEngine, $"{engine.Name} did not remove the container {key.Container} within {GoneLimit.TotalSeconds:0} s; it was last seen {there.StandardOutput.Trim()}", $"Look at: {engine.Name} ps --all", target: key.Text);
            }

            await Task.Delay(PollInterval, context.Environment.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether another engine than the pod's has a container of it.</summary>
    public async Task<bool> IsElsewhereAsync(PreparedPod pod, CancellationToken cancellationToken) => (await OthersWithAsync(pod.Key, pod.Engine, cancellationToken).ConfigureAwait(false)).Count > 0;

    /// <summary>Tells which volumes another engine has of a pod that comes from there: an engine's volumes are its own.</summary>
    public async Task TellOfVolumesAsync(PreparedPod pod, CancellationToken cancellationToken)
    {
        foreach (var other in _lookup.Engines(pod.Engine.Name).Skip(1))
        {
            var stay = new List<string>();
            foreach (var volume in pod.Plan.Volumes.Named)
            {
                if ((await other.RunAsync(["volume", "inspect", volume.Source], cancellationToken).ConfigureAwait(false)).Succeeded) stay.Add(volume.Source);
            }

            if (stay.Count > 0) _lookup.Tell([$"{pod.Key}: {string.Join(", ", stay)} {(stay.Count == 1 ? "stays" : "stay")} in {other.Name}, whose volumes {pod.Engine.Name} can't use; folders of this machine (type bind) would have come along"]);
        }
    }

    // Two engines can't publish the same ports.
    private async Task LeaveOthersAsync(PreparedPod pod, CancellationToken cancellationToken)
    {
        var (key, chosen) = (pod.Key, pod.Engine);
        foreach (var other in await OthersWithAsync(key, chosen, cancellationToken).ConfigureAwait(false))
        {
            _lookup.Inform($"{key.Container} goes over from {other.Name} to {chosen.Name}");
            await RemoveAsync(other, key, cancellationToken).ConfigureAwait(false);
            await TellOfVolumesAsync(pod, cancellationToken).ConfigureAwait(false);
        }
    }

    // The engine of an entry may have changed since its container was started. One whose service does not run has no container of ours that runs.
    private async Task<IReadOnlyList<ContainerEngine>> OthersWithAsync(PodKey key, ContainerEngine chosen, CancellationToken cancellationToken)
    {
        var others = new List<ContainerEngine>();
        foreach (var other in _lookup.Engines(chosen.Name).Skip(1))
        {
            if ((await other.RunAsync(["container", "inspect", key.Container], cancellationToken).ConfigureAwait(false)).Succeeded) others.Add(other);
        }

        return others;
    }
}

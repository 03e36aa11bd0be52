using OpenCharly.Boxes;
using OpenCharly.Foundation;

namespace OpenCharly.Pods.Engines;

/// <summary>Runs the scripts that an image brings for its own life (pod.md §15).</summary>
internal static class PodHook
{
    /// <summary>Runs a script with <c>sh</c> in the pod's container.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageEngine"/> if it fails.</exception>
    public static async Task RunAsync(ContainerEngine engine, PodKey key, string hook, string script, CancellationToken cancellationToken)
    {
        var result = await engine.RunAsync(["exec", "-e", $"CHARLY_CONTAINER_NAME={key.Container}", key.Container, "sh", "-c", script], cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw engine.Refused($"run {hook} in {key.Container}", result);
    }
}

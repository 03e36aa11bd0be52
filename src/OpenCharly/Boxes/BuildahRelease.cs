using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>What the part of podman that builds images can do.</summary>
/// <param name="engine">The engine.</param>
internal sealed class BuildahRelease(ContainerEngine engine)
{
    // Before it, a RUN with several mounts let go of the locks of the last one only, and of those not always: the next
    // RUN that mounts the same folder then waits for ever for the build that it is part of.
    private static readonly Version LocksMended = new(1, 29);

    /// <summary>Whether a build gets through when several of its steps lock the same folder.</summary>
    /// <returns>False where the engine is older than podman 4.4, or does not say how old it is.</returns>
    public async Task<bool> HasWorkingCacheLocksAsync(CancellationToken cancellationToken)
    {
        if (!engine.IsPodman) return true;
        var told = await engine.RunAsync(["info", "--format", "{{.Host.BuildahVersion}}"], cancellationToken).ConfigureAwait(false);
        return told.Succeeded && Parse(told.StandardOutput) is { } version && version >= LocksMended;
    }

    // "1.28.2", "1.30.0-dev".
    private static Version? Parse(string text) => Version.TryParse(text.Trim().TrimStart('v').Split('-', '+')[0], out var version) ? version : null;
}

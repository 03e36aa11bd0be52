using OpenCharly.Boxes;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Pods.Engines;

/// <summary>Whether pods run as units of the user's service manager, or straight in the engine (pod.md §3.4).</summary>
public enum RunMode
{
    /// <summary>Quadlets.</summary>
    Quadlet,

    /// <summary>The engine alone.</summary>
    Direct,
}

/// <summary>Finds the run mode out.</summary>
internal static class RunModes
{
    /// <summary>The mode of a pod that is configured now.</summary>
    public static RunMode Choose(PodSettings settings, ContainerEngine engine, CharlyEnvironment environment, IProcessRunner processes)
    {
        if (!engine.IsPodman || settings.RunMode == "direct") return RunMode.Direct;
        if (settings.RunMode == "quadlet") return RunMode.Quadlet;
        var hasManager = environment.Variable("XDG_RUNTIME_DIR") is { } runtime && Directory.Exists(Path.Combine(runtime, "systemd"));
        return hasManager && processes.Find("systemctl") is not null && engine.IsInstalled ? RunMode.Quadlet : RunMode.Direct;
    }
}

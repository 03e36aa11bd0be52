using OpenCharly.Foundation;

namespace OpenCharly.Pods;

/// <summary>The files of pods on this machine (pod.md §1.2).</summary>
/// <param name="environment">Where the user's home is.</param>
/// <param name="paths">charly's own folders.</param>
internal sealed class PodPaths(CharlyEnvironment environment, HostPaths paths)
{
    /// <summary>Quadlets of the user.</summary>
    public string Quadlets { get; } = Path.Combine(environment.Home, ".config", "containers", "systemd");

    /// <summary>Units of the user.</summary>
    public string Units { get; } = Path.Combine(environment.Home, ".config", "systemd", "user");

    /// <summary>Configuration of a tunnel of cloudflared.</summary>
    public string TunnelConfig(string tunnel) => Path.Combine(paths.Config, "tunnels", tunnel + ".yml");

    /// <summary>Process id of a cloudflared in the background.</summary>
    public string TunnelProcess(string tunnel) => Path.Combine(paths.Config, "tunnels", tunnel + ".pid");

    /// <summary>What says that a pod runs without systemd.</summary>
    public string DirectMarker(PodKey key) => Path.Combine(paths.Config, "direct", key.Container + ".json");

    /// <summary>Folder of a generated SSH key pair.</summary>
    public string SshKeys(PodKey key) => Path.Combine(paths.Data, "ssh", key.Container);

    /// <summary>The quadlet of a pod's container.</summary>
    public string Quadlet(PodKey key) => Path.Combine(Quadlets, key.ContainerFile);

    /// <summary>
    /// Quadlets of sidecars of a pod that are there: those that name its pod and are not its own container. A name alone says
    /// nothing, since other pods' names may begin alike.
    /// </summary>
    public IReadOnlyList<string> SidecarQuadlets(PodKey key) => !Directory.Exists(Quadlets) ? [] :
    [
        .. Directory.EnumerateFiles(Quadlets, key.Container + "-*.container").Where(f => Path.GetFileName(f) != key.ContainerFile && File.ReadLines(f).Any(l => l.Trim() == $"Pod={key.PodFile}")).Order(StringComparer.Ordinal),
    ];

    /// <summary>Whether a quadlet is that of a sidecar: it belongs to a pod of another name.</summary>
    public static bool IsSidecar(string file) =>
        File.ReadLines(file).Select(l => l.Trim()).FirstOrDefault(l => l.StartsWith("Pod=", StringComparison.Ordinal)) is { } pod
        && pod["Pod=".Length..] != Path.GetFileNameWithoutExtension(file) + ".pod";
}

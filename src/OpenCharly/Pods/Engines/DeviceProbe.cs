using OpenCharly.Execution;

namespace OpenCharly.Pods.Engines;

/// <summary>Devices of this machine that pods get.</summary>
/// <param name="Paths">Device files.</param>
/// <param name="HasGpu">Whether NVIDIA's container device interface works.</param>
/// <param name="Groups">Groups that the container keeps.</param>
/// <param name="Variables">Variables that name the devices.</param>
internal sealed record DetectedDevices(IReadOnlyList<string> Paths, bool HasGpu, IReadOnlyList<string> Groups, IReadOnlyList<KeyValuePair<string, string>> Variables)
{
    /// <summary>Nothing.</summary>
    public static DetectedDevices None { get; } = new([], false, [], []);
}

/// <summary>Looks for devices (pod.md §9.3).</summary>
/// <param name="processes">Runs NVIDIA's tools.</param>
/// <param name="root">Folder that stands for the root of the file system.</param>
internal sealed class DeviceProbe(IProcessRunner processes, string root = "/")
{
    private static readonly string[] Candidates = ["/dev/kfd", "/dev/kvm", "/dev/vhost-net", "/dev/vhost-vsock", "/dev/fuse", "/dev/net/tun", "/dev/hwrng"];
    private static readonly string[] Vendors = ["0x10de", "0x1002", "0x8086"];
    private static readonly string[] CdiFiles = ["/etc/cdi/nvidia.yaml", "/var/run/cdi/nvidia.yaml"];

    /// <summary>Whether a path is one that is looked for, so that it may be dropped when it is gone.</summary>
    public static bool IsCandidate(string device) => Candidates.Contains(device) || device.StartsWith("/dev/dri/renderD", StringComparison.Ordinal);

    /// <summary>Whether a device is there.</summary>
    public bool Exists(string device) => File.Exists(At(device));

    /// <summary>Looks.</summary>
    public async Task<DetectedDevices> FindAsync(CancellationToken cancellationToken)
    {
        string[] nodes = Directory.Exists(At("/dev/dri")) ? [.. Directory.EnumerateFiles(At("/dev/dri"), "renderD*").Select(f => "/dev/dri/" + Path.GetFileName(f)).Order(StringComparer.Ordinal)] : [];
        string[] paths = [.. nodes, .. Candidates.Where(Exists)];
        var variables = new List<KeyValuePair<string, string>>();
        List<string> groups = [];
        if (Exists("/dev/kfd"))
        {
            groups.Add("keep-groups");
            if (GfxVersion() is { } gfx) variables.Add(KeyValuePair.Create("HSA_OVERRIDE_GFX_VERSION", gfx));
        }

        if (nodes.FirstOrDefault(n => Vendors.Contains(Vendor(n))) is { } node)
        {
            variables.Add(KeyValuePair.Create("DRINODE", node));
            variables.Add(KeyValuePair.Create("DRI_NODE", node));
        }

        return new DetectedDevices(paths, await HasNvidiaAsync(cancellationToken).ConfigureAwait(false), groups, variables);
    }

    private async Task<bool> HasNvidiaAsync(CancellationToken cancellationToken)
    {
        if (processes.Find("nvidia-smi") is null || !(await processes.RunAsync(new ProcessRequest("nvidia-smi", "-L") { Timeout = TimeSpan.FromSeconds(10) }, cancellationToken).ConfigureAwait(false)).Succeeded) return false;
        if (CdiFiles.Any(f => File.Exists(At(f)))) return true;
        if (processes.Find("nvidia-ctk") is null) return false;
        return (await processes.RunAsync(new ProcessRequest("nvidia-ctk", "cdi", "generate", $"--output={At(CdiFiles[0])}") { Timeout = TimeSpan.FromSeconds(30) }, cancellationToken).ConfigureAwait(false)).Succeeded;
    }

    private string? Vendor(string node)
    {
        var file = At($"/sys/class/drm/{Path.GetFileName(node)}/device/vendor");
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }

    // The kernel writes gfx1030 as 100300: major, minor and stepping in two digits each.
    private string? GfxVersion()
    {
        var nodes = At("/sys/class/kfd/kfd/topology/nodes");
        if (!Directory.Exists(nodes)) return null;
        foreach (var file in Directory.EnumerateDirectories(nodes).Order(StringComparer.Ordinal).Select(d => Path.Combine(d, "properties")).Where(File.Exists))
        {
            var line = File.ReadLines(file).Select(l => l.Split(' ')).FirstOrDefault(w => w is ["gfx_target_version", _]);
            if (line is not null && int.TryParse(line[1], out var version) && version > 0) return $"{version / 10000}.{version / 100 % 100}.{version % 100}";
        }

        return null;
    }

    private string At(string path) => root == "/" ? path : Path.Combine(root, path.TrimStart('/'));
}

using System.Globalization;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Pods.Engines;

/// <summary>Runs pods straight in the engine, where there is no service manager of the user (pod.md §16).</summary>
internal static class DirectRun
{
    /// <summary>The arguments of the engine.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="isPodman">Whether the engine is podman.</param>
    /// <param name="environmentFile">File of variables that are not in <paramref name="pod"/>; the pod's own if null.</param>
    public static IReadOnlyList<string> Arguments(PodPlan pod, bool isPodman, string? environmentFile = null)
    {
        var security = pod.Security;
        List<string> arguments = ["run", "-d", "--rm", "--name", pod.Key.Container, "-w", pod.WorkingDirectory, "--network", pod.Network];
        if (pod.HasGpu && security.Privileged != true) arguments.AddRange(isPodman ? ["--device", "nvidia.com/gpu=all"] : ["--gpus", "all"]);
        arguments.AddRange(PodSecurity.Options(security));
        foreach (var group in security.GroupAdd) arguments.AddRange(["--group-add", group]);
        if (security.IpcMode is { } ipc) arguments.Add($"--ipc={ipc}");
        if (PodSecurity.ShmSize(security) is { } shm) arguments.Add($"--shm-size={shm}");
        if (security.MemoryMax is { } most) arguments.Add($"--memory={most}");
        if (security.MemoryHigh is { } high) arguments.Add($"--memory-reservation={high}");
        if (security.MemorySwapMax is { } swap) arguments.Add($"--memory-swap={swap}");
        if (double.TryParse(security.Cpus, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cpus) && cpus > 0) arguments.Add($"--cpus={security.Cpus}");
        foreach (var port in pod.Ports) arguments.AddRange(["-p", port.ToString()]);
        foreach (var volume in pod.Volumes.Named.Concat(pod.Volumes.Binds)) arguments.AddRange(["-v", volume.ToString()]);
        foreach (var mount in security.Mounts) arguments.AddRange(mount.StartsWith("tmpfs:", StringComparison.Ordinal) ? ["--tmpfs", mount[6..]] : ["-v", mount]);
        if (isPodman && pod.KeepsId) arguments.Add(string.Create(CultureInfo.InvariantCulture, $"--userns=keep-id:uid={pod.Uid},gid={pod.Gid}"));
        if (isPodman) arguments.AddRange(pod.Secrets.SelectMany(s => (string[])["--secret", s.ToString()]));
        foreach (var (name, value) in pod.Environment) arguments.AddRange(["-e", $"{name}={value}"]);
        if ((environmentFile ?? pod.EnvironmentFile) is { } file) arguments.AddRange(["--env-file", file]);
        arguments.Add(pod.Image);
        arguments.AddRange(pod.Command);
        return arguments;
    }

    /// <summary>Text of the marker that says that a pod runs this way.</summary>
    public static string Marker(PodKey key, string image, DateTimeOffset created)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("container_name", key.Container);
            json.WriteString("image", key.Base);
            json.WriteString("instance", key.Instance ?? "");
            json.WriteString("image_ref", image);
            json.WriteString("created_utc", created.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    /// <summary>Writes the marker.</summary>
    public static void Mark(PodPaths paths, PodPlan pod, DateTimeOffset created) => AtomicFile.Write(paths.DirectMarker(pod.Key), Marker(pod.Key, pod.Image, created), AtomicFile.Private);
}

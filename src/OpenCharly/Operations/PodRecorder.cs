using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Tunnels;
using OpenCharly.Pods.Volumes;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Writes into the per-host file what was chosen for a pod, and what the machine found out (pod.md §15.1). What people wrote stays.</summary>
internal sealed class PodRecorder(CharlyContext context)
{
    /// <summary>Saves a pod's entry and what it offers to others. Only what differs from the entry is written.</summary>
    public async Task SaveAsync(PreparedPod pod, ConfigurePodRequest request, CancellationToken cancellationToken)
    {
        var before = pod.Found.Deployment;
        var old = before is null ? null : pod.Found.Read(before);
        var file = new HostFile(context.Paths);
        if (pod.MigratesFile && File.Exists(file.Path)) File.Copy(file.Path, $"{file.Path}.bak.{context.Environment.Clock.GetUtcNow().ToUnixTimeSeconds()}", overwrite: true);
        await file.EditAsync(
            (editor, root) =>
            {
                var entry = pod.Entry;
                if (before?.Body?["target"] is null) Set("target", "pod");
                if (before?.Box is null) Set("box", entry.Box);
                if (!entry.Ports.Select(p => p.Text).SequenceEqual(old?.Ports.Select(p => p.Text) ?? [])) Set("port", YamlValue.TextList(entry.Ports.Select(p => p.Text)));
                SetList("resolved_port", [.. pod.Ports.Select(p => p.ToString())], old?.ResolvedPorts ?? []);
                if (!entry.Volumes.SequenceEqual(old?.Volumes ?? [])) SetVolumes(editor, [root, pod.Key.Text], entry.Volumes);
                if (!entry.Environment.SequenceEqual(old?.Environment ?? [])) SetOrRemove("env", entry.Environment.Count > 0 ? YamlValue.TextList(entry.Environment.Select(e => $"{e.Key}={e.Value}")) : null);
                if (entry.EnvironmentFile != old?.EnvironmentFile && entry.EnvironmentFile is { } environmentFile) Set("env_file", environmentFile);
                SaveSecurity();
                foreach (var sidecar in entry.Sidecars)
                {
                    var was = old?.Sidecars.FirstOrDefault(s => s.Name == sidecar.Name);
                    if (was is null) editor.Set([root, pod.Key.Text, "sidecar", sidecar.Name], YamlValue.Map());
                    if (!sidecar.Environment.OrderBy(e => e.Key, StringComparer.Ordinal).SequenceEqual((was?.Environment ?? new Dictionary<string, string>()).OrderBy(e => e.Key, StringComparer.Ordinal))) editor.Set([root, pod.Key.Text, "sidecar", sidecar.Name, "env"], YamlValue.TextMap(sidecar.Environment));
                }

                if (entry.Tunnel is { } tunnel && old?.Tunnel is null && before?.Body?["tunnel"] is null) Set("tunnel", TunnelValue(tunnel));
                pod.Provides.Write(editor);

                void Set(string key, YamlValue value) => editor.Set([root, pod.Key.Text, key], value);

                void SetOrRemove(string key, YamlValue? value)
                {
                    if (value is not null) Set(key, value);
                    else editor.Remove([root, pod.Key.Text, key]);
                }

                void SetList(string key, IReadOnlyList<string> now, IReadOnlyList<string> was)
                {
                    if (!now.SequenceEqual(was)) SetOrRemove(key, now.Count > 0 ? YamlValue.TextList(now) : null);
                }

                void SaveSecurity()
                {
                    var now = entry.Security;
                    var was = old?.Security ?? new SecuritySettings();
                    Limit("memory_max", now.MemoryMax, was.MemoryMax);
                    Limit("memory_high", now.MemoryHigh, was.MemoryHigh);
                    Limit("memory_swap_max", now.MemorySwapMax, was.MemorySwapMax);
                    Limit("cpus", now.Cpus, was.Cpus);
                    if (request.Autodetect && !now.Devices.SequenceEqual(was.Devices)) SecurityList("devices", now.Devices);
                    if (request.Autodetect && !now.GroupAdd.SequenceEqual(was.GroupAdd)) SecurityList("group_add", now.GroupAdd);
                }

                void Limit(string key, string? now, string? was)
                {
                    if (now is not null && now != was) editor.Set([root, pod.Key.Text, "security", key], now);
                }

                void SecurityList(string key, IReadOnlyList<string> items)
                {
                    string[] path = [root, pod.Key.Text, "security", key];
                    if (items.Count > 0) editor.Set(path, YamlValue.TextList(items));
                    else editor.Remove(path, removeEmptyParents: false);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Notes which volumes got the image's files.</summary>
    public Task SeededAsync(PodKey key, IReadOnlyList<VolumeChoice> volumes, IReadOnlyList<string> seeded, string image, CancellationToken cancellationToken) => seeded.Count == 0 ? Task.CompletedTask : new HostFile(context.Paths).EditAsync(
        (editor, root) => SetVolumes(
            editor,
            [root, key.Text],
            [
                .. volumes.Select(v => seeded.Contains(v.Name) ? v with { DataSeeded = true, DataSource = image } : v),
                .. seeded.Where(s => volumes.All(v => v.Name != s)).Select(s => new VolumeChoice(s, VolumeKind.Volume) { DataSeeded = true, DataSource = image }),
            ]),
        cancellationToken);

    /// <summary>Notes that a volume is empty again, so that it is filled anew.</summary>
    public Task EmptiedAsync(PodKey key, IReadOnlyList<VolumeChoice> volumes, string volume, CancellationToken cancellationToken) => !volumes.Any(v => v.Name == volume && v.DataSeeded) ? Task.CompletedTask : new HostFile(context.Paths).EditAsync(
        (editor, root) => SetVolumes(editor, [root, key.Text], [.. volumes.Select(v => v.Name == volume ? v with { DataSeeded = false, DataSource = null } : v)]), cancellationToken);

    private static void SetVolumes(YamlEditor editor, string[] entry, IReadOnlyList<VolumeChoice> volumes)
    {
        editor.Remove([.. entry, "volumes"]);
        editor.Remove([.. entry, "workspace"]);
        editor.Set([.. entry, "volume"], YamlValue.List(volumes.Select(Value)));
    }

    private static YamlValue Value(VolumeChoice volume)
    {
        List<(string, YamlValue)> fields = [("name", volume.Name), ("type", VolumeChoices.WordOf(volume.Kind))];
        if (volume.Host is { } host) fields.Add(("host", host));
        if (volume.Path is { } path) fields.Add(("path", path));
        if (volume.DataSeeded) fields.Add(("data_seeded", true));
        if (volume.DataSource is { } source) fields.Add(("data_source", source));
        return YamlValue.Map(fields);
    }

    private static YamlValue TunnelValue(TunnelRequest tunnel)
    {
        List<(string, YamlValue)> fields = [("provider", tunnel.Provider)];
        if (tunnel.IsPublicAll) fields.Add(("public", "all"));
        else if (tunnel.IsMap) fields.Add(("public", YamlValue.Map(tunnel.Public.Select(p => (p.Number.ToString(System.Globalization.CultureInfo.InvariantCulture), p.Hostname is null ? YamlValue.Null : YamlValue.Text(p.Hostname))))));
        else if (tunnel.Public.Count > 0) fields.Add(("public", YamlValue.List(tunnel.Public.Select(p => YamlValue.Number(p.Number)))));
        if (tunnel.IsPrivateAll) fields.Add(("private", "all"));
        else if (tunnel.Private.Count > 0) fields.Add(("private", YamlValue.List(tunnel.Private.Select(p => YamlValue.Number(p.Number)))));
        if (tunnel.Name is { } name) fields.Add(("tunnel", name));
        if (tunnel.Hostname is { } hostname) fields.Add(("dns", hostname));
        return YamlValue.Map(fields);
    }
}

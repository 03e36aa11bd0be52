using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Vms;

/// <summary>
/// What the per-host <c>charly.yml</c> records of machines: <c>deploy.&lt;key&gt;.vm_state</c> and its sibling
/// <c>vm_source</c> (vm.md §7.9, deploy.md §1.4). Other keys and comments of the file stay, and so does what other verbs
/// keep inside <c>vm_state</c>.
/// </summary>
/// <param name="paths">Where the file is.</param>
public sealed class VmStateStore(HostPaths paths)
{
    private static readonly string[] OwnKeys = ["target", "vm", "vm_state", "vm_source"];

    private readonly HostFile _file = new(paths);

    /// <summary>What is recorded of a machine, or null.</summary>
    /// <param name="key">Deploy key, such as <c>vm:web</c>.</param>
    /// <exception cref="CharlyException">The file is no YAML.</exception>
    public VmDeployState? Read(string key) => ReadAll().GetValueOrDefault(key);

    /// <summary>All records by deploy key.</summary>
    /// <exception cref="CharlyException">The file is no YAML.</exception>
    public IReadOnlyDictionary<string, VmDeployState> ReadAll()
    {
        var result = new Dictionary<string, VmDeployState>(StringComparer.Ordinal);
        foreach (var entry in _file.ReadDeployments()?.Entries ?? [])
        {
            if ((entry.Value as YamlMapping)?["vm_state"] is YamlMapping state) result[entry.Key.Text] = Decode(entry.Key.Text, state);
        }

        return result;
    }

    /// <summary>Changes what is recorded of a machine; only the values that differ are written.</summary>
    /// <param name="key">Deploy key.</param>
    /// <param name="change">Gets what is recorded, or an empty state.</param>
    /// <param name="spec">The entity, whose source is recorded as well; null to leave that as it is.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>The new state.</returns>
    public async Task<VmDeployState> UpdateAsync(
        string key, Func<VmDeployState, VmDeployState> change, VmSpec? spec = null, CancellationToken cancellationToken = default)
    {
        VmDeployState? after = null;
        await _file.EditAsync(
            (editor, root) =>
            {
                var before = Read(key) ?? new VmDeployState { Key = key };
                after = change(before) with { Key = key };
                if (!editor.Has(root, key, "target")) editor.Set([root, key, "target"], "vm");
                if (spec is not null)
                {
                    if (!editor.Has(root, key, "vm")) editor.Set([root, key, "vm"], spec.Name);
                    editor.Set([root, key, "vm_source"], VmSourceYaml.Render(spec.Source));
                }

                var old = Encode(before).ToDictionary();
                foreach (var (path, value) in Encode(after))
                {
                    // A list that nobody touched keeps the form in which it stands there.
                    if (path == "snapshot" && ReferenceEquals(before.Snapshots, after.Snapshots)) continue;
                    string[] full = [root, key, "vm_state", .. path.Split('.')];
                    if (value is null) editor.Remove(full);
                    else if (value != old[path] || !editor.Has(full)) editor.Set(full, value);
                }
            },
            cancellationToken).ConfigureAwait(false);
        return after!;
    }

    /// <summary>Forgets a machine. The entry goes too if nobody wrote anything else into it.</summary>
    public async Task RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(_file.Path)) return;
        await _file.EditAsync(
            (editor, root) =>
            {
                if (!editor.Has(root, key, "vm_state")) return;

                // A short-lived clone outlives the machine that it was made from.
                if (editor.Has(root, key, "vm_state", "ephemeral"))
                {
                    foreach (var field in ((_file.ReadDeployments()?[key] as YamlMapping)?["vm_state"] as YamlMapping)?.Entries.Where(e => e.Key.Text != "ephemeral").ToArray() ?? []) editor.Remove([root, key, "vm_state", field.Key.Text]);
                    editor.Remove([root, key, "vm_source"]);
                    return;
                }

                if (_file.ReadDeployments()?[key] is YamlMapping entry && entry.Entries.All(e => OwnKeys.Contains(e.Key.Text)))
                {
                    editor.Remove([root, key], removeEmptyParents: true);
                    return;
                }

                editor.Remove([root, key, "vm_state"]);
                editor.Remove([root, key, "vm_source"]);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static VmDeployState Decode(string key, YamlMapping state)
    {
        var injection = state["key_injection_resolved"] as YamlMapping;
        return new VmDeployState
        {
            Key = key,
            InstanceId = Text(state, "instance_id"),
            DiskPath = Text(state, "disk_path"),
            SeedIso = Text(state, "seed_iso"),
            NvramPath = Text(state, "nvram_path"),
            SshPort = int.TryParse(Text(state, "ssh_port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null,
            SshUser = Text(state, "ssh_user"),
            Backend = Text(state, "backend"),
            KeyInjectionSmbios = Flag(injection, "smbios"),
            KeyInjectionCloudInit = Flag(injection, "cloud_init"),
            CharlyInstallStrategy = Text(state, "charly_install_strategy"),
            CloudInitRenderedDigest = Text(state, "cloud_init_rendered_digest"),
            BaseImageSha256 = Text(state, "base_image_sha256"),
            LastBuild = Time(state, "last_build"),
            LastDeploy = Time(state, "last_deploy"),
            AppliedLayers = state["applied_layers"] is YamlSequence list ? [.. list.Items.OfType<YamlScalar>().Select(s => s.Text)] : [],
            Snapshots = state["snapshot"] is YamlSequence { Items.Count: > 0 } snapshots ? [.. snapshots.Items.OfType<YamlMapping>().Select(s => DecodeSnapshot(key, s))] : [],
        };
    }

    /// <summary>Path below <c>vm_state</c> and value, in the order in which a new record is written.</summary>
    private static IEnumerable<KeyValuePair<string, YamlValue?>> Encode(VmDeployState state) =>
    [
        new("instance_id", Scalar(state.InstanceId)),
        new("disk_path", Scalar(state.DiskPath)),
        new("seed_iso", Scalar(state.SeedIso)),
        new("nvram_path", Scalar(state.NvramPath)),
        new("ssh_port", state.SshPort is { } port ? YamlValue.Number(port) : null),
        new("ssh_user", Scalar(state.SshUser)),
        new("backend", Scalar(state.Backend)),
        new("key_injection_resolved.smbios", state.KeyInjectionSmbios is { } smbios ? YamlValue.Boolean(smbios) : null),
        new("key_injection_resolved.cloud_init", state.KeyInjectionCloudInit is { } cloudInit ? YamlValue.Boolean(cloudInit) : null),
        new("charly_install_strategy", Scalar(state.CharlyInstallStrategy)),
        new("cloud_init_rendered_digest", Scalar(state.CloudInitRenderedDigest)),
        new("base_image_sha256", Scalar(state.BaseImageSha256)),
        new("last_build", Time(state.LastBuild)),
        new("last_deploy", Time(state.LastDeploy)),
        new("applied_layers", state.AppliedLayers.Count > 0 ? YamlValue.TextList(state.AppliedLayers) : null),
        new("snapshot", state.Snapshots.Count > 0 ? YamlValue.List(state.Snapshots.Select(EncodeSnapshot)) : null),
    ];

    private static VmSnapshot DecodeSnapshot(string key, YamlMapping snapshot) => new()
    {
        Vm = key.StartsWith("vm:", StringComparison.Ordinal) ? key[3..] : key,
        Name = Text(snapshot, "name") ?? "",
        Mode = Text(snapshot, "mode") == "internal" ? VmSnapshotMode.Internal : VmSnapshotMode.External,
        LibvirtName = Text(snapshot, "libvirt_name"),
        DiskPath = Text(snapshot, "disk_path"),
        Description = Text(snapshot, "description"),
        Created = Time(snapshot, "created") ?? DateTimeOffset.UnixEpoch,
        Parent = Text(snapshot, "parent"),
        Refcount = int.TryParse(Text(snapshot, "refcount"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0,
    };

    private static YamlValue EncodeSnapshot(VmSnapshot snapshot)
    {
        List<(string Key, YamlValue? Value)> entries =
        [
            ("name", Scalar(snapshot.Name)), ("mode", Scalar(snapshot.Mode == VmSnapshotMode.Internal ? "internal" : "external")),
            ("libvirt_name", Scalar(snapshot.LibvirtName)), ("disk_path", Scalar(snapshot.DiskPath)), ("description", Scalar(snapshot.Description)),
            ("created", Time(snapshot.Created)), ("parent", Scalar(snapshot.Parent)), ("refcount", YamlValue.Number(snapshot.Refcount)),
        ];
        return YamlValue.Map(entries.Where(e => e.Value is not null).Select(e => (e.Key, e.Value!)));
    }

    private static YamlValue? Scalar(string? text) => text is null ? null : YamlValue.Text(text);

    private static YamlValue? Time(DateTimeOffset? time) =>
        time is { } value ? YamlValue.Text(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)) : null;

    private static DateTimeOffset? Time(YamlMapping state, string key) =>
        DateTimeOffset.TryParse(Text(state, key), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static bool? Flag(YamlMapping? state, string key) => Text(state, key) is { } text ? YamlBinder.ParseBoolean(text) : null;

    private static string? Text(YamlMapping? state, string key) => state?[key] is YamlScalar { IsNull: false } scalar ? scalar.Text : null;
}

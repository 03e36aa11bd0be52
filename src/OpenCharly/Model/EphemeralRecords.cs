using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>What the per-host file records of short-lived deployments: <c>deploy.&lt;key&gt;.vm_state.ephemeral</c> (deploy.md §7.5, §9).</summary>
/// <param name="paths">Where the file is.</param>
internal sealed class EphemeralRecords(HostPaths paths)
{
    private readonly HostFile _file = new(paths);

    /// <summary>All records by deploy key.</summary>
    /// <exception cref="CharlyException">The file is no YAML.</exception>
    public IReadOnlyDictionary<string, EphemeralRuntime> ReadAll()
    {
        var records = new Dictionary<string, EphemeralRuntime>(StringComparer.Ordinal);
        foreach (var entry in _file.ReadDeployments()?.Entries ?? [])
        {
            if (EphemeralReader.Record(entry.Value as YamlMapping) is { } record) records[entry.Key.Text] = record;
        }

        return records;
    }

    /// <summary>Begins a record. What the entry's target is stands beside it, so that it can be ended without its project.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.EphemeralTaken"/> if another run was faster.</exception>
    public Task BeginAsync(Deployment entry, EphemeralRuntime record, CancellationToken cancellationToken) => _file.EditAsync(
        (editor, root) =>
        {
            if (editor.Has(root, entry.Key, "vm_state", "ephemeral", "id"))
            {
                throw Taken(entry.Key);
            }

            SetIfAbsent("target", entry.Target);
            if (entry.Target == "vm") SetIfAbsent("vm", entry.Vm);
            if (entry.Target == "pod") SetIfAbsent("box", entry.Box);
            Write(editor, root, entry.Key, record);

            void SetIfAbsent(string key, string? value)
            {
                if (value is not null && !editor.Has(root, entry.Key, key)) editor.Set([root, entry.Key, key], value);
            }
        },
        cancellationToken);

    /// <summary>The lock that a run holds while it makes one.</summary>
    public string LockOf(string key) => Path.Combine(paths.Data, "ephemeral", Uri.EscapeDataString(key) + ".lock");

    /// <summary>The error for one that another run makes.</summary>
    public static CharlyException Taken(string key) => new(Errors.EphemeralTaken, $"{key} is being made by another run right now", "Wait until it is there; nothing was changed.", target: key);

    /// <summary>Changes a record; one that is gone, or another's by now, stays as it is.</summary>
    public Task UpdateAsync(string id, Func<EphemeralRuntime, EphemeralRuntime> change, CancellationToken cancellationToken) => _file.EditAsync(
        (editor, root) =>
        {
            if (ReadAll().FirstOrDefault(r => r.Value.Id == id) is { Value: { } record, Key: var key }) Write(editor, root, key, change(record));
        },
        cancellationToken);

    /// <summary>Ends a record.</summary>
    public Task RemoveAsync(string key, string id, CancellationToken cancellationToken) => _file.EditAsync(
        (editor, root) =>
        {
            if (ReadAll().GetValueOrDefault(key)?.Id == id) editor.Remove([root, key, "vm_state", "ephemeral"], removeEmptyParents: true);
        },
        cancellationToken);

    private static void Write(YamlEditor editor, string root, string key, EphemeralRuntime record)
    {
        Set("id", record.Id);
        Set("parent_vm", record.ParentVm);
        Set("parent_snapshot", record.ParentSnapshot);
        Set("parent_ephemeral", record.ParentEphemeral);
        editor.Set([root, key, "vm_state", "ephemeral", "child_refcount"], YamlValue.Number(record.ChildRefcount));
        Set("timer_unit", record.TimerUnit);
        Set("ttl_deadline", record.Deadline.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        Set("status", record.Status);
        Set("instance_name", record.InstanceName);

        void Set(string field, string? value)
        {
            string[] path = [root, key, "vm_state", "ephemeral", field];
            if (value is not null) editor.Set(path, YamlValue.Text(value));
            else editor.Remove(path);
        }
    }
}

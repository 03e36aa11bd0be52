using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenCharly.Foundation;

namespace OpenCharly.Vms;

/// <summary>
/// The snapshots of one machine: <c>snapshots/registry.json</c> (vm.md §2.6). Who stands on a snapshot is kept by machine
/// id, so that counting twice is impossible. The caller holds the machine's lock.
/// </summary>
/// <param name="files">The machine's files.</param>
/// <param name="vm">The machine as people write it.</param>
internal sealed class SnapshotRegistry(VmFiles files, string vm)
{
    private const int Version = 1;

    private string FilePath => Path.Combine(files.Snapshots, "registry.json");

    /// <summary>The folder of one snapshot's files.</summary>
    public string Folder(string name) => Path.Combine(files.Snapshots, name);

    /// <summary>All snapshots, oldest first.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.RegistryCorrupt"/>.</exception>
    public IReadOnlyList<VmSnapshot> Read()
    {
        try
        {
            return [.. Records(Load()).Select(r => Decode(r.Key, r.Value)).OrderBy(s => s.Created).ThenBy(s => s.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw Corrupt(e);
        }
    }

    /// <summary>One snapshot, or null.</summary>
    public VmSnapshot? Find(string name) => Read().FirstOrDefault(s => s.Name == name);

    /// <summary>One snapshot.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotNotFound"/> naming those that there are.</exception>
    public VmSnapshot Require(string name)
    {
        var all = Read();
        return all.FirstOrDefault(s => s.Name == name) ?? throw new CharlyException(
            Errors.SnapshotNotFound,
            $"machine {vm} has no snapshot \"{name}\"",
            all.Count == 0 ? $"Take one: charly vm snapshot create {vm} {name}" : $"Its snapshots are: {string.Join(", ", all.Select(s => s.Name))}.",
            target: name);
    }

    /// <summary>Adds or replaces a record; its users stay.</summary>
    public void Put(VmSnapshot snapshot)
    {
        var root = Load();
        var all = Map(root);
        if (all[snapshot.Name] is not JsonObject record) all[snapshot.Name] = record = [];
        record["name"] = snapshot.Name;
        record["mode"] = snapshot.Mode == VmSnapshotMode.Internal ? "internal" : "external";
        record["libvirt_name"] = snapshot.LibvirtName;
        record["disk_path"] = snapshot.DiskPath;
        record["description"] = snapshot.Description;
        record["created"] = snapshot.Created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        record["parent"] = snapshot.Parent;
        record["quiesced"] = snapshot.Quiesced;
        record["has_memory"] = snapshot.HasMemory;
        record["memory_path"] = snapshot.MemoryPath;
        record["refcount"] = Users(record).Count;
        Save(root);
    }

    /// <summary>Removes a record.</summary>
    public void Remove(string name)
    {
        var root = Load();
        if (Map(root).Remove(name)) Save(root);
    }

    /// <summary>Notes that a machine's disk stands on a snapshot, or no longer does.</summary>
    public void SetUser(string name, string machineId, bool stands)
    {
        var root = Load();
        if (Map(root)[name] is not JsonObject record) return;
        var users = Users(record);
        if (stands ? !users.Add(machineId) : !users.Remove(machineId)) return;
        record["users"] = new JsonArray([.. users.Order(StringComparer.Ordinal).Select(u => (JsonNode?)u)]);
        record["refcount"] = users.Count;
        Save(root);
    }

    /// <summary>Ids of the machines whose disks stand on a snapshot.</summary>
    public IReadOnlyCollection<string> Users(string name) => Map(Load())[name] is JsonObject record ? Users(record) : [];

    /// <summary>Ids of all machines whose disks stand on any snapshot, each once.</summary>
    /// <param name="paths">The operator's folders.</param>
    public static IReadOnlyList<string> AllUsers(HostPaths paths)
    {
        var users = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var registry in All(paths))
        {
            foreach (var snapshot in registry.Read()) users.UnionWith(registry.Users(snapshot.Name));
        }

        return [.. users];
    }

    /// <summary>Drops a machine from the users of whatever snapshot a disk stands on.</summary>
    /// <param name="paths">The operator's folders.</param>
    /// <param name="machineId">The machine whose disk goes.</param>
    public static void Release(HostPaths paths, string machineId)
    {
        foreach (var registry in All(paths))
        {
            foreach (var snapshot in registry.Read()) registry.SetUser(snapshot.Name, machineId, stands: false);
        }
    }

    private static IEnumerable<SnapshotRegistry> All(HostPaths paths) =>
        from root in new[] { paths.Vms, Path.Combine(paths.VmFileData, "vms") }
        where Directory.Exists(root)
        from folder in Directory.EnumerateDirectories(root)
        where File.Exists(Path.Combine(folder, "snapshots", "registry.json"))
        let id = Path.GetFileName(folder)
        select new SnapshotRegistry(new VmFiles(paths, id), id);

    private static HashSet<string> Users(JsonObject record) =>
        (record["users"] as JsonArray ?? []).Select(u => (string?)u).OfType<string>().ToHashSet(StringComparer.Ordinal);

    private static JsonObject Map(JsonObject root)
    {
        if (root["snapshots"] is JsonObject map) return map;
        root["version"] = Version;
        root["snapshots"] = map = [];
        return map;
    }

    private static IEnumerable<KeyValuePair<string, JsonObject>> Records(JsonObject root) =>
        Map(root).Select(r => KeyValuePair.Create(r.Key, r.Value as JsonObject ?? throw new FormatException($"\"{r.Key}\" is not an object")));

    private VmSnapshot Decode(string name, JsonObject record) => new()
    {
        Vm = vm,
        Name = name,
        Mode = (string?)record["mode"] == "internal" ? VmSnapshotMode.Internal : VmSnapshotMode.External,
        LibvirtName = (string?)record["libvirt_name"],
        DiskPath = (string?)record["disk_path"],
        Description = (string?)record["description"],
        Created = DateTimeOffset.Parse((string?)record["created"] ?? throw new FormatException($"\"{name}\" has no time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        Parent = (string?)record["parent"],
        Refcount = Math.Max((int?)record["refcount"] ?? 0, Users(record).Count),
        Quiesced = (bool?)record["quiesced"] ?? false,
        HasMemory = (bool?)record["has_memory"] ?? false,
        MemoryPath = (string?)record["memory_path"],
    };

    private JsonObject Load()
    {
        if (!File.Exists(FilePath)) return [];
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(FilePath), null, new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject ?? throw new FormatException("it does not hold a JSON object");
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw Corrupt(e);
        }
    }

    private void Save(JsonObject root)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true })) root.WriteTo(writer);
        buffer.WriteByte((byte)'\n');
        AtomicFile.Write(FilePath, buffer.ToArray(), AtomicFile.Private);
    }

    private CharlyException Corrupt(Exception why) => new(
        Errors.RegistryCorrupt, $"the snapshot registry {FilePath} can't be read: {why.Message}", "It was left as it is. Correct it, or move it away.", target: FilePath, inner: why);
}

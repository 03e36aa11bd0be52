using System.Text.Json;
using System.Text.Json.Nodes;
using OpenCharly.Foundation;

namespace OpenCharly.Vms;

/// <summary>
/// The registry of machines, <c>vms.json</c>: read, changed and written under an exclusive lock. A file that can't be
/// read is an error and is never overwritten; what is in it beyond our keys stays. Charly's machines and those of VMFiles
/// have a file each, and are told apart by their ids.
/// </summary>
/// <param name="path">The file of charly's machines.</param>
/// <param name="vmFilePath">The file of VMFile machines; null to have all in one file.</param>
public sealed class VmRegistry(string path, string? vmFilePath = null)
{
    /// <summary>Both files of a user.</summary>
    public VmRegistry(HostPaths paths)
        : this(paths.VmRegistry, paths.VmFileRegistry)
    {
    }

    /// <summary>All records by machine id; none if there is no file.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.RegistryCorrupt"/>.</exception>
    public IReadOnlyDictionary<string, VmHandle> Read()
    {
        var result = Decode(path, Load(path));
        if (vmFilePath is not null)
        {
            foreach (var (id, handle) in Decode(vmFilePath, Load(vmFilePath))) result[id] = handle;
        }

        return result;
    }

    /// <summary>The record of a machine, or null.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.RegistryCorrupt"/>.</exception>
    public VmHandle? Find(string id) => Read().GetValueOrDefault(id);

    /// <summary>Changes the registry; other processes wait meanwhile.</summary>
    /// <param name="change">Gets a working copy, whose additions, replacements and removals are then written; if it throws, nothing is.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <exception cref="CharlyException"><see cref="Errors.RegistryCorrupt"/>.</exception>
    public async Task<T> UpdateAsync<T>(Func<IDictionary<string, VmHandle>, T> change, CancellationToken cancellationToken = default)
    {
        // Both are locked even if one changes: ports are chosen so that no machine of either has them. Always in this order.
        using var held = await FileLock.AcquireAsync(path + ".lock", null, cancellationToken).ConfigureAwait(false);
        using var other = vmFilePath is null ? null : await FileLock.AcquireAsync(vmFilePath + ".lock", null, cancellationToken).ConfigureAwait(false);
        var files = Paths.ToDictionary(p => p, Load, StringComparer.Ordinal);
        var before = files.SelectMany(f => Decode(f.Key, f.Value)).ToDictionary(StringComparer.Ordinal);
        var after = new Dictionary<string, VmHandle>(before, StringComparer.Ordinal);
        var result = change(after);
        var touched = new HashSet<string>(StringComparer.Ordinal);
        foreach (var gone in before.Keys.Where(id => !after.ContainsKey(id)))
        {
            touched.Add(FileOf(gone));
            files[FileOf(gone)].Remove(gone);
        }

        foreach (var (id, handle) in after)
        {
            if (before.TryGetValue(id, out var old) && ReferenceEquals(old, handle)) continue;
            var file = files[FileOf(id)];
            touched.Add(FileOf(id));
            var record = file[id] as JsonObject;
            if (record is null) file[id] = record = [];
            VmHandleJson.Write(handle, record);
        }

        foreach (var file in touched) AtomicFile.Write(file, Encode(files[file]), AtomicFile.Private);
        return result;
    }

    /// <summary>Adds or replaces a record.</summary>
    public Task PutAsync(VmHandle handle, CancellationToken cancellationToken = default) =>
        UpdateAsync(all => all[handle.Name] = handle, cancellationToken);

    /// <summary>Removes a record, if it is there.</summary>
    public Task RemoveAsync(string id, CancellationToken cancellationToken = default) =>
        UpdateAsync(all => all.Remove(id), cancellationToken);

    private IEnumerable<string> Paths => vmFilePath is null ? [path] : [path, vmFilePath];

    private string FileOf(string id) => vmFilePath is not null && VmName.IsVmFileId(id) ? vmFilePath : path;

    private static JsonObject Load(string file)
    {
        if (!File.Exists(file)) return [];
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(file), null, new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject ?? throw Corrupt(file, "it does not hold a JSON object", null);
        }
        catch (JsonException e)
        {
            throw Corrupt(file, e.Message, e);
        }
    }

    private Dictionary<string, VmHandle> Decode(string file, JsonObject records)
    {
        var result = new Dictionary<string, VmHandle>(StringComparer.Ordinal);
        foreach (var (id, record) in records)
        {
            // A record in the other world's file is nobody's; it stays where it is.
            if (FileOf(id) != file) continue;
            try
            {
                result[id] = VmHandleJson.Read(record as JsonObject ?? throw new FormatException("it is not an object"));
            }
            catch (FormatException e)
            {
                throw Corrupt(file, $"record \"{id}\": {e.Message}", e);
            }
        }

        return result;
    }

    private static CharlyException Corrupt(string file, string why, Exception? inner) => new(
        Errors.RegistryCorrupt,
        $"the machine registry {file} can't be read: {why}",
        "It was left as it is. Correct it, or move it away: charly vm destroy NAME still ends and removes what it knew, and then they can be created anew.",
        target: file,
        inner: inner);

    private static byte[] Encode(JsonObject file)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true })) file.WriteTo(writer);
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}

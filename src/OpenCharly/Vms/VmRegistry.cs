using System.Text.Json;
using System.Text.Json.Nodes;
using OpenCharly.Foundation;

namespace OpenCharly.Vms;

/// <summary>
/// The registry of machines, <c>vms.json</c>: read, changed and written under an exclusive lock. A file that can't be
/// read is an error and is never overwritten; what is in it beyond our keys stays.
/// </summary>
/// <param name="path">The file.</param>
public sealed class VmRegistry(string path)
{
    /// <summary>All records by machine id; none if there is no file.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.RegistryCorrupt"/>.</exception>
    public IReadOnlyDictionary<string, VmHandle> Read() => Decode(Load());

    /// <summary>The record of a machine, or null.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.RegistryCorrupt"/>.</exception>
    public VmHandle? Find(string id) => Read().GetValueOrDefault(id);

    /// <summary>Changes the registry; other processes wait meanwhile.</summary>
    /// <param name="change">Gets a working copy, whose additions, replacements and removals are then written; if it throws, nothing is.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <exception cref="CharlyException"><see cref="Errors.RegistryCorrupt"/>.</exception>
    public async Task<T> UpdateAsync<T>(Func<IDictionary<string, VmHandle>, T> change, CancellationToken cancellationToken = default)
    {
        using var held = await FileLock.AcquireAsync(path + ".lock", null, cancellationToken).ConfigureAwait(false);
        var file = Load();
        var before = Decode(file);
        var after = new Dictionary<string, VmHandle>(before, StringComparer.Ordinal);
        var result = change(after);
        foreach (var gone in before.Keys.Where(id => !after.ContainsKey(id))) file.Remove(gone);
        foreach (var (id, handle) in after)
        {
            if (before.TryGetValue(id, out var old) && ReferenceEquals(old, handle)) continue;
            var record = file[id] as JsonObject;
            if (record is null) file[id] = record = [];
            VmHandleJson.Write(handle, record);
        }

        AtomicFile.Write(path, Encode(file), AtomicFile.Private);
        return result;
    }

    /// <summary>Adds or replaces a record.</summary>
    public Task PutAsync(VmHandle handle, CancellationToken cancellationToken = default) =>
        UpdateAsync(all => all[handle.Name] = handle, cancellationToken);

    /// <summary>Removes a record, if it is there.</summary>
    public Task RemoveAsync(string id, CancellationToken cancellationToken = default) =>
        UpdateAsync(all => all.Remove(id), cancellationToken);

    private JsonObject Load()
    {
        if (!File.Exists(path)) return [];
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(path), null, new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject ?? throw Corrupt("it does not hold a JSON object", null);
        }
        catch (JsonException e)
        {
            throw Corrupt(e.Message, e);
        }
    }

    private Dictionary<string, VmHandle> Decode(JsonObject file)
    {
        var result = new Dictionary<string, VmHandle>(StringComparer.Ordinal);
        foreach (var (id, record) in file)
        {
            try
            {
                result[id] = VmHandleJson.Read(record as JsonObject ?? throw new FormatException("it is not an object"));
            }
            catch (FormatException e)
            {
                throw Corrupt($"record \"{id}\": {e.Message}", e);
            }
        }

        return result;
    }

    private CharlyException Corrupt(string why, Exception? inner) => new(
        Errors.RegistryCorrupt,
        $"the machine registry {path} can't be read: {why}",
        "It was left as it is. Correct it, or move it away and create the machines anew.",
        target: path,
        inner: inner);

    private static byte[] Encode(JsonObject file)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true })) file.WriteTo(writer);
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}

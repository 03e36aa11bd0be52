using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OpenCharly.Model;

namespace OpenCharly.Boxes;

/// <summary>The JSON values of labels: compact, in a fixed order, so that the same box always has the same labels.</summary>
internal static class LabelJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A value; empty if nothing was written.</summary>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options)) write(writer);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>A list; empty text for an empty list.</summary>
    public static string List<T>(IReadOnlyCollection<T> items, Action<Utf8JsonWriter, T> write) => items.Count == 0 ? "" : Of(json =>
    {
        json.WriteStartArray();
        foreach (var item in items) write(json, item);
        json.WriteEndArray();
    });

    /// <summary>A list of texts.</summary>
    public static string Texts(IReadOnlyCollection<string> items) => List(items, (json, item) => json.WriteStringValue(item));

    /// <summary>An object of texts, in the order of their names.</summary>
    public static string Map(IReadOnlyDictionary<string, string> map) => Map(map, (json, text) => json.WriteStringValue(text));

    /// <summary>An object, in the order of its names.</summary>
    public static string Map<T>(IReadOnlyDictionary<string, T> map, Action<Utf8JsonWriter, T> write) => map.Count == 0 ? "" : Of(json =>
    {
        json.WriteStartObject();
        foreach (var (name, value) in map.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(name);
            write(json, value);
        }

        json.WriteEndObject();
    });

    /// <summary>A requirement without what is empty.</summary>
    public static void Write(Utf8JsonWriter json, CandyRequirement requirement)
    {
        json.WriteStartObject();
        json.WriteString("name", requirement.Name);
        Text(json, "description", requirement.Description);
        Text(json, "default", requirement.Default);
        Text(json, "key", requirement.Key);
        json.WriteEndObject();
    }

    /// <summary>Security settings without what is not set.</summary>
    public static string Security(SecuritySettings? security)
    {
        if (security is null) return "";
        var text = Of(json =>
        {
            json.WriteStartObject();
            if (security.Privileged is { } privileged) json.WriteBoolean("privileged", privileged);
            Text(json, "cgroupns", security.CgroupNamespace);
            Text(json, "ipc_mode", security.IpcMode);
            Texts(json, "cap_add", security.CapAdd);
            Texts(json, "devices", security.Devices);
            Texts(json, "security_opt", security.SecurityOptions);
            Texts(json, "group_add", security.GroupAdd);
            Texts(json, "mounts", security.Mounts);
            Text(json, "shm_size", security.ShmSize);
            Text(json, "memory_max", security.MemoryMax);
            Text(json, "memory_high", security.MemoryHigh);
            Text(json, "memory_swap_max", security.MemorySwapMax);
            Text(json, "cpus", security.Cpus);
            json.WriteEndObject();
        });
        return text == "{}" ? "" : text;
    }

    /// <summary>A member, unless it is empty.</summary>
    public static void Text(Utf8JsonWriter json, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text)) json.WriteString(name, text);
    }

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> items)
    {
        if (items.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var item in items) json.WriteStringValue(item);
        json.WriteEndArray();
    }
}

using System.Security.Cryptography;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>An image as the engine writes it into a folder (transport <c>dir:</c>): manifest, configuration, layers that are not compressed.</summary>
internal sealed class ImageFolder
{
    private const string ManifestFile = "manifest.json";

    private readonly string _folder;
    private readonly byte[] _manifest;
    private readonly byte[] _config;

    private ImageFolder(string folder, byte[] manifest, byte[] config, IReadOnlyList<(string Digest, long Size)> layers) =>
        (_folder, _manifest, _config, Layers) = (folder, manifest, config, layers);

    /// <summary>Digest and size of each layer, the lowest first.</summary>
    public IReadOnlyList<(string Digest, long Size)> Layers { get; private set; }

    /// <summary>Reads a folder.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageEngine"/> for one that the engine did not write so.</exception>
    public static ImageFolder Read(string folder)
    {
        try
        {
            var manifest = File.ReadAllBytes(Path.Combine(folder, ManifestFile));
            using var document = JsonDocument.Parse(manifest);
            var config = File.ReadAllBytes(Path.Combine(folder, Hex(document.RootElement.GetProperty("config").GetProperty("digest").GetString()!)));
            var layers = document.RootElement.GetProperty("layers").EnumerateArray().Select(l => (l.GetProperty("digest").GetString()!, l.GetProperty("size").GetInt64())).ToList();
            return new ImageFolder(folder, manifest, config, layers);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FileNotFoundException)
        {
            throw new CharlyException(Errors.ImageEngine, $"what the container engine wrote of the image can't be read: {e.Message}", "Update the engine, and report this if that does not help.", inner: e);
        }
    }

    /// <summary>Merges groups of layers, and writes the image anew. The history says of each step that it was, and keeps its order.</summary>
    public void Merge(IReadOnlyList<Range> groups)
    {
        var merged = new Dictionary<int, (string Digest, long Size, int Last)>();
        foreach (var group in groups)
        {
            var (begin, end) = (group.Start.Value, group.End.Value);
            merged[begin] = (WriteMerged(begin, end), 0, end - 1);
            merged[begin] = merged[begin] with { Size = new FileInfo(Path.Combine(_folder, Hex(merged[begin].Digest))).Length };
        }

        var config = Config(merged);
        var configDigest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(config));
        File.WriteAllBytes(Path.Combine(_folder, Hex(configDigest)), config);
        File.WriteAllBytes(Path.Combine(_folder, ManifestFile), Manifest(merged, configDigest, config.Length));
        Layers = [.. Kept(merged).Select(k => merged.TryGetValue(k, out var one) ? (one.Digest, one.Size) : Layers[k])];
    }

    private string WriteMerged(int begin, int end)
    {
        var layers = Enumerable.Range(begin, end - begin).Select(i => (Stream)File.OpenRead(Path.Combine(_folder, Hex(Layers[i].Digest)))).ToList();
        var part = Path.Combine(_folder, $"merged-{begin}");
        try
        {
            using var target = File.Create(part);
            LayerMerge.Write(layers, target);
            target.Position = 0;
            var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(target));
            File.Move(part, Path.Combine(_folder, Hex(digest)), overwrite: true);
            return digest;
        }
        finally
        {
            foreach (var layer in layers) layer.Dispose();
        }
    }

    // Index of the first layer of each group, and of each layer that is in none.
    private IEnumerable<int> Kept(Dictionary<int, (string Digest, long Size, int Last)> merged)
    {
        for (var i = 0; i < Layers.Count; i++)
        {
            yield return i;
            if (merged.TryGetValue(i, out var one)) i = one.Last;
        }
    }

    private byte[] Config(Dictionary<int, (string Digest, long Size, int Last)> merged)
    {
        using var document = JsonDocument.Parse(_config);
        var diffs = document.RootElement.GetProperty("rootfs").GetProperty("diff_ids").EnumerateArray().Select(d => d.GetString()!).ToList();
        return Written(json =>
        {
            json.WriteStartObject();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name == "rootfs")
                {
                    json.WriteStartObject("rootfs");
                    json.WriteString("type", "layers");
                    json.WriteStartArray("diff_ids");
                    foreach (var at in Kept(merged)) json.WriteStringValue(merged.TryGetValue(at, out var one) ? one.Digest : diffs[at]);
                    json.WriteEndArray();
                    json.WriteEndObject();
                }
                else if (property.Name == "history") History(json, property.Value, merged);
                else property.WriteTo(json);
            }

            json.WriteEndObject();
        });
    }

    // Engines take a history only if as many of its steps made a layer as there are layers.
    private void History(Utf8JsonWriter json, JsonElement history, Dictionary<int, (string Digest, long Size, int Last)> merged)
    {
        var steps = history.EnumerateArray().ToList();
        if (steps.Count(s => !IsEmpty(s)) != Layers.Count) return;
        var silent = merged.SelectMany(m => Enumerable.Range(m.Key, m.Value.Last - m.Key)).ToHashSet();
        json.WriteStartArray("history");
        var at = 0;
        foreach (var step in steps)
        {
            var isSilent = !IsEmpty(step) && silent.Contains(at++);
            if (!isSilent)
            {
                step.WriteTo(json);
                continue;
            }

            json.WriteStartObject();
            foreach (var property in step.EnumerateObject().Where(p => p.Name != "empty_layer")) property.WriteTo(json);
            json.WriteBoolean("empty_layer", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static bool IsEmpty(JsonElement step) => step.TryGetProperty("empty_layer", out var empty) && empty.ValueKind == JsonValueKind.True;

    private byte[] Manifest(Dictionary<int, (string Digest, long Size, int Last)> merged, string config, long configSize)
    {
        using var document = JsonDocument.Parse(_manifest);
        return Written(json =>
        {
            json.WriteStartObject();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name == "config") Described(json, "config", property.Value, config, configSize);
                else if (property.Name == "layers")
                {
                    var layers = property.Value.EnumerateArray().ToList();
                    json.WriteStartArray("layers");
                    foreach (var at in Kept(merged))
                    {
                        if (merged.TryGetValue(at, out var one)) Described(json, null, layers[at], one.Digest, one.Size);
                        else layers[at].WriteTo(json);
                    }

                    json.WriteEndArray();
                }
                else property.WriteTo(json);
            }

            json.WriteEndObject();
        });
    }

    private static void Described(Utf8JsonWriter json, string? name, JsonElement was, string digest, long size)
    {
        if (name is null) json.WriteStartObject();
        else json.WriteStartObject(name);
        if (was.TryGetProperty("mediaType", out var type)) json.WriteString("mediaType", type.GetString());
        json.WriteNumber("size", size);
        json.WriteString("digest", digest);
        json.WriteEndObject();
    }

    private static byte[] Written(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) write(json);
        return stream.ToArray();
    }

    private static string Hex(string digest) => digest[(digest.IndexOf(':', StringComparison.Ordinal) + 1)..] is var hex && hex.All(char.IsAsciiHexDigitLower) ? hex
        : throw new CharlyException(Errors.ImageEngine, $"\"{digest}\" is no digest", "Update the engine, and report this if that does not help.");
}

using System.Buffers;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Android;

/// <summary>One package that a deployment brought to a device.</summary>
/// <param name="Candy">Candy that it belongs to.</param>
/// <param name="Item">The package or file as the candy names it.</param>
/// <param name="Digest">What it was installed from: of a file its content, of a package its source, architecture and version.</param>
/// <param name="Packages">Ids that were not on the device before.</param>
public sealed record AndroidInstalled(string Candy, string Item, string Digest, IReadOnlyList<string> Packages);

/// <summary>What a deployment brought to a device: its ledger, which lives on this machine.</summary>
public sealed record AndroidRecord
{
    private const string Schema = "2026.161.1649";

    /// <summary>Deploy key.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the device.</summary>
    public required string Device { get; init; }

    /// <summary>Packages, in the order in which they were installed.</summary>
    public IReadOnlyList<AndroidInstalled> Installed { get; init; } = [];

    /// <summary>When the last of them was.</summary>
    public DateTimeOffset DeployedAt { get; init; }

    /// <summary>Reads the record of a deployment; null if there is none.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.LedgerRecord"/> for one that can't be read.</exception>
    public static AndroidRecord? Read(HostPaths paths, string name)
    {
        var file = PathOf(paths, name);
        if (!File.Exists(file)) return null;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            var root = document.RootElement;
            if (root.GetProperty("schema_version").GetString() != Schema) throw new JsonException("its schema version is not known");
            return new AndroidRecord
            {
                Name = root.GetProperty("name").GetString()!,
                Device = root.GetProperty("device").GetString()!,
                DeployedAt = root.GetProperty("deployed_at").GetDateTimeOffset(),
                Installed = [.. root.GetProperty("installed").EnumerateArray().Select(i => new AndroidInstalled(
                    i.GetProperty("candy").GetString()!, i.GetProperty("item").GetString()!, i.GetProperty("digest").GetString()!,
                    [.. i.GetProperty("packages").EnumerateArray().Select(p => p.GetString()!)]))],
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CharlyException(Errors.LedgerRecord, $"the record {file} can't be read: {e.Message}", "Uninstall by hand what it lists, then delete it. Nothing was changed.", target: name, inner: e);
        }
    }

    /// <summary>Writes the record; one without packages goes.</summary>
    public void Write(HostPaths paths)
    {
        if (Installed.Count == 0)
        {
            File.Delete(PathOf(paths, Name));
            return;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("schema_version", Schema);
            json.WriteString("name", Name);
            json.WriteString("device", Device);
            json.WriteString("deployed_at", DeployedAt);
            json.WriteStartArray("installed");
            foreach (var item in Installed)
            {
                json.WriteStartObject();
                json.WriteString("candy", item.Candy);
                json.WriteString("item", item.Item);
                json.WriteString("digest", item.Digest);
                json.WriteStartArray("packages");
                foreach (var package in item.Packages) json.WriteStringValue(package);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        AtomicFile.Write(PathOf(paths, Name), buffer.WrittenSpan, AtomicFile.Private);
    }

    private static string PathOf(HostPaths paths, string name) => Path.Combine(paths.AndroidRecords, Uri.EscapeDataString(name) + ".json");
}

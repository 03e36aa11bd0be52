using System.Text.Json;
using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Output;

/// <summary>Boxes and their images for people, and as JSON.</summary>
internal static class BoxOutput
{
    private const string Prefix = "ai.opencharly.";

    public static IReadOnlyList<TableColumnSpec> BuiltColumns { get; } = [new("BOX"), new("IMAGE"), new("SIZE", IsNumber: true), new("SECONDS", IsNumber: true), new("PUSHED")];

    public static IReadOnlyList<string> BuiltRow(BuiltBox box) =>
        [box.Name, box.Reference, box.Size > 0 ? new ByteSize(box.Size).ToHuman() : "-", box.Duration.TotalSeconds.ToString("0.0"), box.IsPushed ? "yes" : "no"];

    public static IReadOnlyList<TableColumnSpec> MergedColumns { get; } = [new("BOX"), new("IMAGE"), new("LAYERS", IsNumber: true), new("WERE", IsNumber: true), new("SIZE", IsNumber: true), new("WAS", IsNumber: true)];

    public static IReadOnlyList<string> MergedRow(MergedBox box) =>
        [box.Name, box.Reference, Count(box.Layers), Count(box.LayersBefore), box.IsDryRun ? "-" : new ByteSize(Math.Max(box.Size, 1)).ToHuman(), new ByteSize(Math.Max(box.SizeBefore, 1)).ToHuman()];

    private static string Count(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static string Image(BoxImage image) => $"{image.Reference}  {image.Id[..Math.Min(12, image.Id.Length)]}  {new ByteSize(Math.Max(image.Size, 1)).ToHuman()}\n";

    public static string Line(BoxListItem item) => string.Join('\t', item.Fields.Select(f => f.Value).Prepend(item.Name)) + "\n";

    public static string Route(BoxListItem item) => string.Join('\t', item.Fields.Select(f => $"{f.Key}={f.Value}").Prepend(item.Name)) + "\n";

    public static string Target(BoxListItem item) => item.Name + (item.Fields.Count > 0 ? " [auto]" : "") + "\n";

    public static void Write(Utf8JsonWriter json, BoxListItem item)
    {
        json.WriteStartObject();
        json.WriteString("name", item.Name);
        foreach (var (key, value) in item.Fields) json.WriteString(key, value);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, GeneratedBox box)
    {
        json.WriteStartObject();
        json.WriteString("name", box.Name);
        json.WriteString("image", box.Reference);
        json.WriteString("path", box.Path);
        json.Texts("needs", box.Needs);
        json.Texts("files", box.Files.Keys);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, BuiltBox box)
    {
        json.WriteStartObject();
        json.WriteString("name", box.Name);
        json.WriteString("image", box.Reference);
        json.WriteString("id", box.Id);
        json.WriteNumber("size", box.Size);
        json.Seconds("seconds", box.Duration);
        json.WriteBoolean("pushed", box.IsPushed);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, MergedBox box)
    {
        json.WriteStartObject();
        json.WriteString("name", box.Name);
        json.WriteString("image", box.Reference);
        json.WriteNumber("layers", box.Layers);
        json.WriteNumber("layers_before", box.LayersBefore);
        json.WriteNumber("size", box.Size);
        json.WriteNumber("size_before", box.SizeBefore);
        json.WriteBoolean("dry_run", box.IsDryRun);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ReconciledBox box)
    {
        json.WriteStartObject();
        json.WriteString("name", box.Name);
        json.Texts("distro", box.Distro);
        json.Texts("before", box.Before);
        json.Texts("after", box.After);
        json.Text("file", box.File);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, BoxImage image)
    {
        json.WriteStartObject();
        json.WriteString("image", image.Reference);
        json.WriteString("id", image.Id);
        json.WriteNumber("size", image.Size);
        json.Time("created", image.Created);
        foreach (var (name, value) in Fields(image.Labels)) Field(json, name, value);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, BoxDetails box)
    {
        json.WriteStartObject();
        foreach (var (name, value) in Fields(box)) Field(json, name, value);
        json.WriteEndObject();
    }

    /// <summary>Everything of a box by name: its image and base, then what its labels say; structured values are JSON.</summary>
    public static IEnumerable<(string Name, string Value)> Fields(BoxDetails box) =>
    [
        ("name", box.Name), ("image", box.Reference), ("base", box.Base), ("candy", List(box.Candies)), ("inherited", List(box.Inherited)), .. Fields(box.Labels).Where(f => f.Name != "status"),
        ("status", box.Status),
    ];

    public static IEnumerable<(string Name, string Value)> Fields(BoxLabels labels) => BoxLabelWriter.Write(labels).Select(l => (l.Key[Prefix.Length..], l.Value));

    private static string List(IEnumerable<string> items) => JsonText.Line(json =>
    {
        json.WriteStartArray();
        foreach (var item in items) json.WriteStringValue(item);
        json.WriteEndArray();
    }).TrimEnd('\n');

    private static void Field(Utf8JsonWriter json, string name, string value)
    {
        if (value.Length > 0 && value[0] is '[' or '{')
        {
            json.WritePropertyName(name);
            try
            {
                json.WriteRawValue(value);
                return;
            }
            catch (JsonException)
            {
                json.WriteStringValue(value);
                return;
            }
        }

        if (name is "uid" or "gid" && int.TryParse(value, out var number)) json.WriteNumber(name, number);
        else json.WriteString(name, value);
    }
}

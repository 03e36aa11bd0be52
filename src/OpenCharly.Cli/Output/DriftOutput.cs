using System.Text.Json;
using OpenCharly.Ledger;

namespace OpenCharly.Cli.Output;

/// <summary>Drift, for people and as JSON.</summary>
internal static class DriftOutput
{
    public static IReadOnlyList<TableColumnSpec> Columns { get; } =
    [
        new("BUNDLE"), new("CANDY"), new("KIND"), new("PATH", Wraps: true), new("BEFORE"), new("AFTER"), new("OWNER"), new("CHANGED"),
    ];

    public static IReadOnlyList<string> Row(DriftItem item) =>
    [
        item.Bundle, item.Candy, item.Kind.ToKebab(), item.Path, Short(item.Before), Short(item.After), item.Owner ?? "-",
        item.ChangedAt is { } time ? Times.Short(time) : "-",
    ];

    public static void Write(Utf8JsonWriter json, DriftItem item)
    {
        json.WriteStartObject();
        json.WriteString("target", item.Target);
        json.WriteString("bundle", item.Bundle);
        json.WriteString("candy", item.Candy);
        json.WriteString("step", item.Step);
        json.WriteString("kind", item.Kind.ToKebab());
        json.WriteString("path", item.Path);
        json.Text("before", item.Before);
        json.Text("after", item.After);
        json.Text("owner", item.Owner);
        json.Time("changed_at", item.ChangedAt);
        json.WriteEndObject();
    }

    // A digest is recognised by its first digits.
    private static string Short(string? value) => value is null ? "-" : value.StartsWith("sha256:", StringComparison.Ordinal) ? value[..Math.Min(15, value.Length)] : value;
}

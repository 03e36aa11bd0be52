using System.Text.Json;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Output;

/// <summary>What this machine has and lacks.</summary>
internal static class HostText
{
    public static string Of(HostReport report, Palette palette)
    {
        var system = report.System;
        var width = report.Items.Max(i => i.Name.Length);
        var groups = report.Items.GroupBy(i => i.Group).Select(group => $"\n{Title(group.Key)}\n" + string.Concat(group.Select(item => Line(item, width, palette))));
        return $"{$"{system.Distribution} {system.Version}".Trim()}, {system.Architecture}, {system.Kernel}\n{string.Concat(groups)}\n{Summary(report)}\n";
    }

    /// <summary>Lines of a few things, without groups.</summary>
    public static string Of(IReadOnlyList<HostItem> items, Palette palette) => string.Concat(items.Select(i => Line(i, items.Max(other => other.Name.Length), palette)));

    public static void Write(Utf8JsonWriter json, HostReport report)
    {
        json.WriteStartObject();
        json.WriteStartObject("system");
        json.WriteString("distribution", report.System.Distribution);
        json.WriteString("version", report.System.Version);
        json.WriteString("kernel", report.System.Kernel);
        json.WriteString("architecture", report.System.Architecture);
        json.WriteEndObject();
        json.Objects("groups", report.Items.GroupBy(i => i.Group), (writer, group) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name", Title(group.Key));
            writer.Objects("items", group, Write);
            writer.WriteEndObject();
        });
        json.WriteStartObject("hardware");
        json.WriteNumber("processors", report.Hardware.Processors);
        json.Number("memory", report.Hardware.Memory);
        json.WriteNumber("disk_free", report.Hardware.DiskFree);
        json.Text("accelerator", report.Hardware.Accelerator);
        json.Texts("gpus", report.Hardware.Gpus);
        json.WriteEndObject();
        json.WriteStartObject("summary");
        foreach (var status in Enum.GetValues<HostItemStatus>()) json.WriteNumber(Word(status), report.Items.Count(i => i.Status == status));
        json.WriteBoolean("ready", report.IsReady);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, HostItem item)
    {
        json.WriteStartObject();
        json.WriteString("name", item.Name);
        json.WriteString("status", Word(item.Status));
        json.WriteBoolean("required", item.IsRequired);
        json.WriteString("detail", item.Detail);
        json.WriteString("purpose", item.Purpose);
        json.Text("hint", item.Hint);
        json.WriteEndObject();
    }

    private static string Line(HostItem item, int width, Palette palette)
    {
        var word = Word(item.Status).PadRight(7);
        var status = item.Status switch
        {
            HostItemStatus.Ok => palette.Green(word),
            HostItemStatus.Missing when item.IsRequired => palette.Red(word),
            _ => palette.Yellow(word),
        };
        var purpose = item.Status == HostItemStatus.Ok ? "" : $" ({item.Purpose}{(item.IsRequired ? "; required" : "")})";
        var hint = item.Hint is null ? "" : $"           {palette.Cyan("help")}: {item.Hint}\n";
        return $"  {status}  {item.Name.PadRight(width)}  {item.Detail}{purpose}\n{hint}";
    }

    private static string Summary(HostReport report)
    {
        var counts = Enum.GetValues<HostItemStatus>().Select(s => $"{report.Items.Count(i => i.Status == s)} {Word(s)}");
        var lacking = report.Items.Where(i => i is { IsRequired: true, Status: HostItemStatus.Missing }).Select(i => i.Name).ToArray();
        return string.Join(", ", counts) + (lacking.Length == 0 ? "" : $"; required and missing: {string.Join(", ", lacking)}");
    }

    private static string Word(HostItemStatus status) => status switch
    {
        HostItemStatus.Ok => "ok",
        HostItemStatus.Warning => "warning",
        _ => "missing",
    };

    private static string Title(HostGroup group) => group switch
    {
        HostGroup.System => "system",
        HostGroup.ContainerEngines => "container engines",
        HostGroup.Virtualisation => "virtualisation",
        HostGroup.Encryption => "encryption",
        HostGroup.Tunnels => "tunnels",
        _ => "hardware",
    };
}

using System.Text.Json;
using OpenCharly.Model;

namespace OpenCharly.Cli.Output;

/// <summary>How settings are printed.</summary>
internal static class SettingText
{
    public static IReadOnlyList<TableColumnSpec> Columns { get; } = [new("KEY"), new("VALUE", Wraps: true), new("SOURCE")];

    public static IReadOnlyList<string> Row(Setting setting) => [setting.Key, setting.Value ?? "-", Word(setting.Source)];

    public static void Write(Utf8JsonWriter json, Setting setting)
    {
        json.WriteStartObject();
        json.WriteString("key", setting.Key);
        json.WriteString("value", setting.Value);
        json.WriteString("source", Word(setting.Source));
        json.WriteEndObject();
    }

    private static string Word(SettingSource source) => source.ToString().ToLowerInvariant();
}

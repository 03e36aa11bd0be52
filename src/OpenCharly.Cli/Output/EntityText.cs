using System.Text.Json;
using OpenCharly.Model;

namespace OpenCharly.Cli.Output;

/// <summary>Candies and boxes for people.</summary>
internal static class EntityText
{
    /// <summary>A name on a line, with the status where it is not the best.</summary>
    public static string Line(string name, string status) => status == "working" ? $"{name}\n" : $"{name} [{status}]\n";
}

/// <summary>Candies and boxes as JSON.</summary>
internal static class EntityJson
{
    public static void Write(Utf8JsonWriter json, Candy candy)
    {
        json.WriteStartObject();
        json.WriteString("name", candy.Name);
        json.WriteString("version", candy.Version);
        json.WriteString("status", candy.Status);
        json.WriteString("feature", candy.Description?.Feature ?? "");
        json.Texts("require", candy.Require.Select(r => r.Text));
        json.Texts("candy", candy.Members.Select(m => m.Text));
        json.WriteString("path", candy.Folder);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Box box)
    {
        json.WriteStartObject();
        json.WriteString("name", box.Name);
        json.WriteString("version", box.Version);
        json.WriteBoolean("enabled", box.Enabled);
        json.Text("base", box.Base);
        json.Texts("candy", box.Candies.Select(c => c.Text));
        json.WriteString("path", box.Position.File);
        json.WriteEndObject();
    }
}

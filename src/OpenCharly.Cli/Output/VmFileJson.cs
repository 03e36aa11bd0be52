using System.Text.Json;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Output;

/// <summary>Provisioning and images as JSON.</summary>
internal static class VmFileJson
{
    public static void Write(Utf8JsonWriter json, ProvisionResult result)
    {
        json.WriteStartObject();
        json.WriteString("name", result.Name);
        json.WriteNumber("step", result.Step);
        json.WriteString("kind", result.Kind);
        json.WriteString("summary", result.Summary);
        json.WriteNumber("exit_code", result.ExitCode);
        json.WriteString("stdout", result.StandardOutput);
        json.WriteString("stderr", result.StandardError);
        json.Seconds("duration_seconds", result.Duration);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, VmImage image)
    {
        json.WriteStartObject();
        json.WriteString("name", image.Name);
        json.WriteString("path", image.Path);
        json.WriteNumber("size", image.Size);
        json.Text("format", image.Format);
        json.Number("virtual_size", image.VirtualSize);
        json.Text("backing_file", image.BackingFile);
        json.Text("url", image.Url);
        json.WriteEndObject();
    }
}

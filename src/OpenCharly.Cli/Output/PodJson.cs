using System.Text.Json;
using OpenCharly.Operations;
using OpenCharly.Pods;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.Cli.Output;

/// <summary>Pods as JSON, with the members of pod.md §15.4.</summary>
internal static class PodJson
{
    public static void Write(Utf8JsonWriter json, PodPreview preview)
    {
        json.WriteStartObject();
        json.WriteString("name", preview.Name);
        json.WriteString("verb", preview.Verb.ToKebab());
        json.WriteString("status", CharlyPod.WordOf(preview.Status));
        json.Texts("changes", preview.Changes);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, CharlyPod pod) => Write(json, DeploymentState.Of(pod));

    public static void Write(Utf8JsonWriter json, DeploymentState pod)
    {
        json.WriteStartObject();
        json.WriteString("kind", pod.Kind);
        json.WriteString("image", pod.Name);
        Text("image_ref", pod.ImageReference);
        Text("instance", pod.Instance);
        json.WriteString("status", pod.Status);
        Text("uptime", pod.Uptime);
        json.WriteString("container", pod.Container);
        if (pod.Ports.Count > 0) json.Objects("ports", pod.Ports, Port);
        Texts("devices", pod.Devices);
        if (pod.Tools.Count > 0) json.Objects("tools", pod.Tools, Tool);
        Texts("volumes", pod.Volumes);
        Text("network", pod.Network);
        Text("tunnel", pod.Tunnel);
        Texts("secrets", pod.Secrets);
        json.WriteString("run_mode", pod.RunMode);
        json.Time("ttl_deadline", pod.Deadline);
        if (pod.Nested.Count > 0) json.Objects("nested", pod.Nested, Child);
        Text("source", pod.Source);
        json.WriteEndObject();

        void Text(string name, string value)
        {
            if (value.Length > 0) json.WriteString(name, value);
        }

        void Texts(string name, IReadOnlyList<string> values)
        {
            if (values.Count > 0) json.Texts(name, values);
        }
    }

    public static void Write(Utf8JsonWriter json, PodConfiguration result)
    {
        json.WriteStartObject();
        json.WriteString("name", result.Name);
        json.WriteString("image", result.Image);
        json.WriteString("mode", result.Mode);
        json.WriteString("container", result.Container);
        json.Texts("ports", result.Ports);
        json.WriteStartObject("files");
        foreach (var file in result.Files) json.WriteString(file.Name, file.Text);
        json.WriteEndObject();
        json.WriteBoolean("dry_run", result.IsDryRun);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, EncryptedVolumeStatus volume)
    {
        json.WriteStartObject();
        json.WriteString("name", volume.Name);
        json.WriteBoolean("initialized", volume.IsInitialized);
        json.WriteBoolean("mounted", volume.IsMounted);
        json.WriteString("path", volume.Path);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, SidecarTemplate template)
    {
        json.WriteStartObject();
        json.WriteString("name", template.Name);
        json.WriteString("image", template.Image);
        json.Texts("parameters", template.RequiredParameters);
        json.WriteString("description", template.Description);
        json.WriteEndObject();
    }

    public static string LogLine(string line) => JsonText.Line(json =>
    {
        json.WriteStartObject();
        json.WriteString("text", line);
        json.WriteEndObject();
    });

    private static void Child(Utf8JsonWriter json, PodChild child)
    {
        json.WriteStartObject();
        json.WriteString("kind", child.Kind);
        json.WriteString("image", child.Name);
        json.WriteString("status", child.Status);
        if (child.Note is { } note) json.WriteString("note", note);
        json.WriteEndObject();
    }

    private static void Tool(Utf8JsonWriter json, PodTool tool)
    {
        json.WriteStartObject();
        json.WriteString("name", tool.Name);
        json.WriteString("status", "ok");
        if (tool.Port is { } port) json.WriteNumber("port", port);
        json.WriteEndObject();
    }

    private static void Port(Utf8JsonWriter json, PodPublishedPort port)
    {
        json.WriteStartObject();
        json.WriteString("host_ip", port.HostIp);
        json.WriteNumber("host_port", port.HostPort);
        json.WriteNumber("container_port", port.ContainerPort);
        json.WriteString("protocol", port.Protocol);
        json.WriteEndObject();
    }
}

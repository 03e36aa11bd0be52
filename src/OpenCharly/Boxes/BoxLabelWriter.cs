using System.Globalization;
using System.Text.Json;
using OpenCharly.Model;

namespace OpenCharly.Boxes;

/// <summary>Writes what an image says of itself as labels, in a fixed order and without those that would be empty.</summary>
public static class BoxLabelWriter
{
    /// <summary>The labels with their full names.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Write(BoxLabels labels)
    {
        var written = new List<KeyValuePair<string, string>>();
        Add(LabelNames.Version, labels.Version);
        Add(LabelNames.Box, labels.Box);
        Add("registry", labels.Registry);
        Flag("bootc", labels.IsBootc);
        Add("uid", labels.Uid.ToString(CultureInfo.InvariantCulture));
        Add("gid", labels.Gid.ToString(CultureInfo.InvariantCulture));
        Add("user", labels.User);
        Add("home", labels.Home);
        Add("port", LabelJson.Texts([.. labels.Ports.Select(p => p.ToString())]));
        Add("port_proto", LabelJson.Map(labels.PortProtocols.ToDictionary(p => p.Key.ToString(CultureInfo.InvariantCulture), p => p.Value)));
        Add("port_relay", LabelJson.List(labels.PortRelays, (json, port) => json.WriteNumberValue(port)));
        Add("volume", LabelJson.List(labels.Volumes, Volume));
        Add("alias", LabelJson.Map(labels.Aliases));
        Add("security", LabelJson.Security(labels.Security));
        Add("network", labels.Network);
        Add("env", LabelJson.Texts([.. labels.Environment.Select(e => $"{e.Key}={e.Value}")]));
        Add("env_candy", LabelJson.Map(labels.EnvironmentByCandy, Texts));
        Add("path_append", LabelJson.Texts(labels.PathEntries));
        Add("hook", LabelJson.Map(labels.Hooks));
        Add("route", LabelJson.List(labels.Routes, Route));
        Add("init", labels.Init);
        Add("service", LabelJson.List(labels.Services, Service));
        foreach (var (init, names) in labels.ServiceNames.OrderBy(s => s.Key, StringComparer.Ordinal)) Add(LabelNames.ServicesOf + init, LabelJson.Texts(names));
        Add("platform.distro", LabelJson.Texts(labels.Distros));
        Add("platform.format", LabelJson.Texts(labels.Formats));
        Add("builder.use", LabelJson.Map(labels.BuildersUsed));
        Add("builder.provide", LabelJson.Texts(labels.BuildersProvided));
        Add("candy_version", LabelJson.Map(labels.CandyVersions));
        Add("secret", LabelJson.List(labels.Secrets, Secret));
        Add("data", LabelJson.List(labels.Data, Data));
        Flag("data_box", labels.IsDataImage);
        Add("env_provide", LabelJson.Map(labels.EnvProvide));
        Add("env_require", LabelJson.List(labels.EnvRequire, LabelJson.Write));
        Add("env_accept", LabelJson.List(labels.EnvAccept, LabelJson.Write));
        Add("secret_require", LabelJson.List(labels.SecretRequire, LabelJson.Write));
        Add("secret_accept", LabelJson.List(labels.SecretAccept, LabelJson.Write));
        Add("mcp_provide", LabelJson.List(labels.McpProvide, Mcp));
        Add("mcp_require", LabelJson.List(labels.McpRequire, LabelJson.Write));
        Add("mcp_accept", LabelJson.List(labels.McpAccept, LabelJson.Write));
        Add("eval", labels.Checks);
        Add("description", labels.Description);
        Add("shell", labels.Shell);
        Add("status", labels.Status);
        Add("info", labels.Info);
        Add("skill", labels.Skill);
        Add("eval_level", labels.CheckLevel);
        return written;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value)) written.Add(new KeyValuePair<string, string>(LabelNames.Prefix + name, value));
        }

        void Flag(string name, bool value) => Add(name, value ? "true" : "");
    }

    private static void Volume(Utf8JsonWriter json, CandyVolume volume)
    {
        json.WriteStartObject();
        json.WriteString("name", volume.Name);
        json.WriteString("path", volume.Path);
        json.WriteEndObject();
    }

    private static void Route(Utf8JsonWriter json, LabelRoute route)
    {
        json.WriteStartObject();
        json.WriteString("name", route.Name);
        json.WriteString("host", route.Host);
        json.WriteNumber("port", route.Port);
        json.WriteEndObject();
    }

    private static void Service(Utf8JsonWriter json, LabelService service)
    {
        json.WriteStartObject();
        json.WriteString("name", service.Name);
        LabelJson.Text(json, "candy", service.Candy);
        json.WriteString("scope", service.IsUser ? "user" : "system");
        json.WriteBoolean("auto_start", service.AutoStart);
        json.WriteEndObject();
    }

    private static void Secret(Utf8JsonWriter json, CandySecret secret)
    {
        json.WriteStartObject();
        json.WriteString("name", secret.Name);
        LabelJson.Text(json, "target", secret.Target);
        LabelJson.Text(json, "env", secret.Variable);
        json.WriteEndObject();
    }

    private static void Data(Utf8JsonWriter json, LabelData data)
    {
        json.WriteStartObject();
        json.WriteString("volume", data.Volume);
        json.WriteString("staging", data.Staging);
        LabelJson.Text(json, "candy", data.Candy);
        LabelJson.Text(json, "dest", data.Destination);
        json.WriteEndObject();
    }

    private static void Mcp(Utf8JsonWriter json, McpEndpoint endpoint)
    {
        json.WriteStartObject();
        json.WriteString("name", endpoint.Name);
        json.WriteString("url", endpoint.Url);
        json.WriteString("transport", endpoint.Transport);
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, IReadOnlyList<string> items)
    {
        json.WriteStartArray();
        foreach (var item in items) json.WriteStringValue(item);
        json.WriteEndArray();
    }
}

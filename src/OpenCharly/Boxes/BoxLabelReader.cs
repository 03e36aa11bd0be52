using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Boxes;

/// <summary>Reads what an image says of itself in its labels (pod.md §3.5).</summary>
public static class BoxLabelReader
{
    /// <summary>Whether labels are those of a box.</summary>
    public static bool IsBox(IReadOnlyDictionary<string, string> labels) => labels.GetValueOrDefault(LabelNames.Prefix + LabelNames.Version) is { Length: > 0 };

    /// <summary>Reads all labels of an image.</summary>
    /// <param name="image">The image, for messages.</param>
    /// <param name="labels">Its labels with their full names; those of others don't matter.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageMetadata"/> if it is not a box, or a label can't be read.</exception>
    public static BoxLabels Read(string image, IReadOnlyDictionary<string, string> labels)
    {
        var read = new LabelReading(image, labels);
        var version = read.Text(LabelNames.Version) ?? throw new CharlyException(
            Errors.ImageMetadata, $"image {image} has no embedded metadata; rebuild it", "Build it with: charly box build", target: image);
        var user = read.Text("user") ?? "user";
        return new BoxLabels
        {
            Version = version,
            Box = read.Text(LabelNames.Box, "image") ?? "",
            Registry = read.Text("registry") ?? "",
            IsBootc = read.Flag("bootc"),
            Uid = read.Number("uid", 1000),
            Gid = read.Number("gid", 1000),
            User = user,
            Home = read.Text("home") ?? $"/home/{user}",
            Ports = read.List("port", v => ContainerPort.TryParse(v.AsText(), out var port) ? port : throw read.Wrong("port", $"holds \"{v.AsText()}\", which is no port")),
            PortProtocols = Protocols(read),
            PortRelays = read.List("port_relay", v => v.AsNumber()),
            Volumes = read.List("volume", v => new CandyVolume(v.Text("name"), v.Text("path"))),
            Aliases = read.Map("alias", v => v.AsText()),
            Security = read.Json("security", null, Security),
            Network = read.Text("network"),
            Environment = read.List("env", v => Pair(read, v.AsText())),
            EnvironmentByCandy = read.Map("env_candy", v => (IReadOnlyList<string>)[.. v.Items().Select(i => i.AsText())], "env_layer"),
            PathEntries = read.Texts("path_append"),
            Hooks = read.Map("hook", v => v.AsText()),
            Routes = read.List("route", v => new LabelRoute(v.OptionalText("name") ?? "", v.Text("host"), v.Number("port"))),
            Init = read.Text("init"),
            Services = read.List("service", v => new LabelService(v.Text("name"), v.OptionalText("candy") ?? "", v.OptionalText("scope") == "user", v.OptionalFlag("auto_start") ?? true)),
            ServiceNames = read.Names(LabelNames.ServicesOf).ToDictionary(i => i, i => read.Texts(LabelNames.ServicesOf + i), StringComparer.Ordinal),
            Distros = read.Texts("platform.distro"),
            Formats = read.Texts("platform.format"),
            BuildersUsed = read.Map("builder.use", v => v.AsText()),
            BuildersProvided = read.Texts("builder.provide"),
            CandyVersions = read.Map("candy_version", v => v.AsText(), "layer_version"),
            Secrets = read.List("secret", v => new CandySecret(v.Text("name"), v.OptionalText("env") ?? "", v.OptionalText("target") ?? "")),
            Data = read.List("data", v => new LabelData(v.Text("volume"), v.Text("staging"), v.OptionalText("candy", "layer") ?? "", v.OptionalText("dest") ?? "")),
            IsDataImage = read.Flag("data_box"),
            EnvProvide = read.Map("env_provide", v => v.AsText()),
            EnvRequire = read.List("env_require", Requirement),
            EnvAccept = read.List("env_accept", Requirement),
            SecretRequire = read.List("secret_require", Requirement),
            SecretAccept = read.List("secret_accept", Requirement),
            McpProvide = read.List("mcp_provide", v => new McpEndpoint(v.Text("name"), v.Text("url"), v.OptionalText("transport") ?? "http")),
            McpRequire = read.List("mcp_require", Requirement),
            McpAccept = read.List("mcp_accept", Requirement),
            Checks = read.Text("eval") ?? "",
            Description = read.Text("description") ?? "",
            Shell = read.Text("shell") ?? "",
            Status = read.Text("status") ?? "testing",
            Info = read.Text("info") ?? "",
            Skill = read.Text("skill") ?? "",
            CheckLevel = read.Text("eval_level") ?? "",
        };
    }

    private static Dictionary<int, string> Protocols(LabelReading read) => read.Map("port_proto", v => v.AsText()).ToDictionary(
        p => ContainerPort.TryParse(p.Key, out var port) ? port.Number : throw read.Wrong("port_proto", $"holds \"{p.Key.ToString(CultureInfo.InvariantCulture)}\", which is no port"),
        p => p.Value);

    private static KeyValuePair<string, string> Pair(LabelReading read, string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0 ? new KeyValuePair<string, string>(text[..at], text[(at + 1)..]) : throw read.Wrong("env", $"holds \"{text}\", which is not NAME=VALUE");
    }

    private static CandyRequirement Requirement(LabelValue value) =>
        new(value.Text("name"), value.OptionalText("description") ?? "", value.OptionalText("key"), value.OptionalText("default"));

    private static SecuritySettings Security(LabelValue value) => new()
    {
        Privileged = value.OptionalFlag("privileged"),
        CgroupNamespace = value.OptionalText("cgroupns"),
        IpcMode = value.OptionalText("ipc_mode"),
        CapAdd = value.Texts("cap_add"),
        Devices = value.Texts("devices", "device"),
        SecurityOptions = value.Texts("security_opt"),
        GroupAdd = value.Texts("group_add"),
        Mounts = value.Texts("mounts", "mount"),
        ShmSize = value.OptionalText("shm_size"),
        MemoryMax = value.OptionalText("memory_max"),
        MemoryHigh = value.OptionalText("memory_high"),
        MemorySwapMax = value.OptionalText("memory_swap_max"),
        Cpus = value.OptionalText("cpus"),
    };
}

using OpenCharly.Model;

namespace OpenCharly.Boxes;

/// <summary>
/// What an image says of itself in its labels (pod.md §3.5, candy-and-plan.md §8.2): all that deploying it needs, so that no
/// project has to be at hand. What a deployment decides by itself (tunnel, dns, engine) is in no label.
/// </summary>
public sealed record BoxLabels
{
    /// <summary>Calendar version; newest images are told by it.</summary>
    public required string Version { get; init; }

    /// <summary>Name of the box; empty for images that old versions built.</summary>
    public string Box { get; init; } = "";

    /// <summary>Registry that it belongs to, such as <c>registry.example.org/team</c>; empty if none.</summary>
    public string Registry { get; init; } = "";

    /// <summary>Whether it boots as a machine of its own, with systemd.</summary>
    public bool IsBootc { get; init; }

    /// <summary>Numeric id of its user.</summary>
    public int Uid { get; init; } = 1000;

    /// <summary>Numeric group id of its user.</summary>
    public int Gid { get; init; } = 1000;

    /// <summary>Its user.</summary>
    public string User { get; init; } = "user";

    /// <summary>Home folder of its user.</summary>
    public string Home { get; init; } = "/home/user";

    /// <summary>Ports, in order.</summary>
    public IReadOnlyList<ContainerPort> Ports { get; init; } = [];

    /// <summary>What ports speak, where that is not http: port to scheme.</summary>
    public IReadOnlyDictionary<int, string> PortProtocols { get; init; } = new Dictionary<int, string>();

    /// <summary>Ports that a relay inside of the container forwards to its loopback.</summary>
    public IReadOnlyList<int> PortRelays { get; init; } = [];

    /// <summary>Volumes; their names begin with <c>charly-BOX-</c>, which a deployment replaces by its own beginning.</summary>
    public IReadOnlyList<CandyVolume> Volumes { get; init; } = [];

    /// <summary>Command aliases: name to command.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Security settings; null if it asks for nothing.</summary>
    public SecuritySettings? Security { get; init; }

    /// <summary>Default network; null for the usual one.</summary>
    public string? Network { get; init; }

    /// <summary>Environment, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Names of the variables that single candies brought, by candy.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> EnvironmentByCandy { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Folders that stand in front of PATH.</summary>
    public IReadOnlyList<string> PathEntries { get; init; } = [];

    /// <summary>Scripts: <c>post_enable</c>, <c>pre_remove</c>.</summary>
    public IReadOnlyDictionary<string, string> Hooks { get; init; } = new Dictionary<string, string>();

    /// <summary>HTTP routes.</summary>
    public IReadOnlyList<LabelRoute> Routes { get; init; } = [];

    /// <summary>Init system: <c>supervisord</c>, <c>systemd</c> or another; null if it has none.</summary>
    public string? Init { get; init; }

    /// <summary>Services, in order.</summary>
    public IReadOnlyList<LabelService> Services { get; init; } = [];

    /// <summary>Names of services as the init system knows them, by init system.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ServiceNames { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Distribution tags, most specific first.</summary>
    public IReadOnlyList<string> Distros { get; init; } = [];

    /// <summary>Package formats, the primary one first.</summary>
    public IReadOnlyList<string> Formats { get; init; } = [];

    /// <summary>Boxes whose images its builders ran in, by builder.</summary>
    public IReadOnlyDictionary<string, string> BuildersUsed { get; init; } = new Dictionary<string, string>();

    /// <summary>Builders that it can serve as.</summary>
    public IReadOnlyList<string> BuildersProvided { get; init; } = [];

    /// <summary>Its candies with their versions, those of its bases included; the order is that of their names.</summary>
    public IReadOnlyDictionary<string, string> CandyVersions { get; init; } = new Dictionary<string, string>();

    /// <summary>Secrets that are mounted.</summary>
    public IReadOnlyList<CandySecret> Secrets { get; init; } = [];

    /// <summary>Data that its volumes start with.</summary>
    public IReadOnlyList<LabelData> Data { get; init; } = [];

    /// <summary>Whether it holds nothing but data, and so no program to copy it with.</summary>
    public bool IsDataImage { get; init; }

    /// <summary>Variables that it gives to other deployments: name to template.</summary>
    public IReadOnlyDictionary<string, string> EnvProvide { get; init; } = new Dictionary<string, string>();

    /// <summary>Variables without which it does not work.</summary>
    public IReadOnlyList<CandyRequirement> EnvRequire { get; init; } = [];

    /// <summary>Variables that it takes if they are there.</summary>
    public IReadOnlyList<CandyRequirement> EnvAccept { get; init; } = [];

    /// <summary>Secrets without which it does not work.</summary>
    public IReadOnlyList<CandyRequirement> SecretRequire { get; init; } = [];

    /// <summary>Secrets that it takes if they are there.</summary>
    public IReadOnlyList<CandyRequirement> SecretAccept { get; init; } = [];

    /// <summary>MCP endpoints that it offers.</summary>
    public IReadOnlyList<McpEndpoint> McpProvide { get; init; } = [];

    /// <summary>MCP endpoints that it needs.</summary>
    public IReadOnlyList<CandyRequirement> McpRequire { get; init; } = [];

    /// <summary>MCP endpoints that it takes if they are there.</summary>
    public IReadOnlyList<CandyRequirement> McpAccept { get; init; } = [];

    /// <summary>Checks as a JSON object of the lists <c>candy</c>, <c>box</c> and <c>deploy</c>, as candies and box wrote them; empty if there are none.</summary>
    public string Checks { get; init; } = "";

    /// <summary>What it is, in one line.</summary>
    public string Description { get; init; } = "";

    /// <summary>Shell snippets as a JSON object; empty if there are none.</summary>
    public string Shell { get; init; } = "";

    /// <summary>Status word: <c>broken</c>, <c>testing</c> or <c>working</c>; an image that says nothing counts as testing.</summary>
    public string Status { get; init; } = "testing";

    /// <summary>What the status is about.</summary>
    public string Info { get; init; } = "";

    /// <summary>Skill text; empty if none.</summary>
    public string Skill { get; init; } = "";

    /// <summary>How far its checks go; empty if it does not say.</summary>
    public string CheckLevel { get; init; } = "";
}

/// <summary>An HTTP route of an image.</summary>
/// <param name="Name">Candy that it comes from.</param>
/// <param name="Host">Host name.</param>
/// <param name="Port">Port of the container.</param>
public sealed record LabelRoute(string Name, string Host, int Port);

/// <summary>A service of an image.</summary>
/// <param name="Name">Name that its init system knows it by.</param>
/// <param name="Candy">Candy that it comes from.</param>
/// <param name="IsUser">Whether it belongs to the user's own service manager.</param>
/// <param name="AutoStart">Whether it starts by itself.</param>
public sealed record LabelService(string Name, string Candy, bool IsUser, bool AutoStart);

/// <summary>Data in an image that a volume starts with.</summary>
/// <param name="Volume">Name of the volume, without the beginning that label volumes have.</param>
/// <param name="Staging">Folder in the image that holds it.</param>
/// <param name="Candy">Candy that it comes from.</param>
/// <param name="Destination">Folder in the volume; empty for its root.</param>
public sealed record LabelData(string Volume, string Staging, string Candy, string Destination);

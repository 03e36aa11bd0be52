namespace OpenCharly.Model;

/// <summary>A port.</summary>
/// <param name="Number">1 to 65535.</param>
/// <param name="Scheme">Scheme, <c>http</c> by default.</param>
public sealed record CandyPort(int Number, string Scheme);

/// <summary>A volume.</summary>
/// <param name="Name">Name.</param>
/// <param name="Path">Path in the container.</param>
public sealed record CandyVolume(string Name, string Path);

/// <summary>Data that a volume starts with.</summary>
/// <param name="Source">Folder of the candy.</param>
/// <param name="Volume">Volume.</param>
/// <param name="Destination">Folder in the volume; null for its root.</param>
public sealed record CandyData(string Source, string Volume, string? Destination);

/// <summary>An HTTP route.</summary>
/// <param name="Host">Host name.</param>
/// <param name="Port">Port.</param>
public sealed record CandyRoute(string Host, int Port);

/// <summary>A mounted secret.</summary>
/// <param name="Name">Name.</param>
/// <param name="Variable">Environment variable that names its file.</param>
/// <param name="Target">Path in the container.</param>
public sealed record CandySecret(string Name, string Variable, string Target);

/// <summary>A variable, secret or endpoint that a candy needs or takes.</summary>
/// <param name="Name">Name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Key">Credential store path (secrets).</param>
/// <param name="Default">Value if there is none.</param>
public sealed record CandyRequirement(string Name, string Description, string? Key, string? Default);

/// <summary>An MCP endpoint.</summary>
/// <param name="Name">Name.</param>
/// <param name="Url">Address template.</param>
/// <param name="Transport"><c>http</c> or <c>sse</c>.</param>
public sealed record McpEndpoint(string Name, string Url, string Transport);

/// <summary>A file fetched back after applying (§6.9).</summary>
/// <param name="Name">Name.</param>
/// <param name="Path">Path on the target.</param>
/// <param name="RetrieveTo">Path on the operator's machine.</param>
/// <param name="Mode">Mode, octal.</param>
/// <param name="WaitSeconds">How long to wait for it.</param>
/// <param name="Rewrites">Replacements, in order.</param>
/// <param name="IsOptional">Whether it may be missing.</param>
public sealed record CandyArtifact(
    string Name, string Path, string RetrieveTo, string? Mode, int WaitSeconds, IReadOnlyList<(string Find, string Replace)> Rewrites, bool IsOptional);

/// <summary>A path copied out of a foreign image.</summary>
/// <param name="Source">Image.</param>
/// <param name="Path">Path in it.</param>
/// <param name="Destination">Path in the box.</param>
public sealed record CandyExtract(string Source, string Path, string Destination);

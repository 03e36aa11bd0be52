using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>
/// One check of a candy, box, template or deploy entry (candy-and-plan.md §9.1), as written: variables are still in its
/// texts. There is one kind a verb, and no others.
/// </summary>
public abstract record Check
{
    private protected Check()
    {
    }

    /// <summary>The verb, as files spell it.</summary>
    public abstract string Verb { get; }

    /// <summary>What the verb is about: a path, a command, a name.</summary>
    public abstract string Subject { get; }

    /// <summary>Id; null if it has none.</summary>
    public string? Id { get; init; }

    /// <summary>What it is for; empty if it does not say.</summary>
    public string Description { get; init; } = "";

    /// <summary>Whether it is switched off, and with it an earlier check of the same id.</summary>
    public bool IsSwitchedOff { get; init; }

    /// <summary>When it applies: <c>build</c>, <c>deploy</c>, <c>runtime</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ["build"];

    /// <summary>Distributions that it does not apply to, normalised to <c>debian:13</c>.</summary>
    public IReadOnlyList<string> ExcludedDistros { get; init; } = [];

    /// <summary>How long one attempt may take; the verb's own limit if null.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long it is tried again until it passes; once if null.</summary>
    public TimeSpan? Eventually { get; init; }

    /// <summary>Time between two attempts.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Free words.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Peer that it runs on; null for the deployment itself.</summary>
    public string? Peer { get; init; }

    /// <summary>Variable that keeps what it saw, for later checks; null if none.</summary>
    public string? Capture { get; init; }

    /// <summary>Regular expression for the part to keep: its first group, or all that it matches.</summary>
    public string? CaptureExtract { get; init; }

    /// <summary>How many times it runs.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Variable that holds the number of the run, from 0, if it runs several times.</summary>
    public string IndexVariable { get; init; } = "INDEX";

    /// <summary>Whether it runs at the same time as its parallel neighbours.</summary>
    public bool IsParallel { get; init; }

    /// <summary>The check as written.</summary>
    public required YamlMapping Source { get; init; }

    /// <summary>Where it stands.</summary>
    public SourcePosition Position => Source.Position;
}

/// <summary>A check without a verb that only switches off an earlier one of its id.</summary>
public sealed record SwitchedOffCheck : Check
{
    /// <inheritdoc/>
    public override string Verb => "skip";

    /// <inheritdoc/>
    public override string Subject => Id ?? "";
}

/// <summary>A file, folder or link.</summary>
/// <param name="Path">Path on the target; <c>~/</c> is the home folder.</param>
public sealed record FileCheck(string Path) : Check
{
    /// <inheritdoc/>
    public override string Verb => "file";

    /// <inheritdoc/>
    public override string Subject => Path;

    /// <summary>Whether it must be there, or must not.</summary>
    public bool Exists { get; init; } = true;

    /// <summary>Octal mode; leading zeros don't count.</summary>
    public string? Mode { get; init; }

    /// <summary>Name of its owner.</summary>
    public string? Owner { get; init; }

    /// <summary>Name of its group.</summary>
    public string? Group { get; init; }

    /// <summary><c>file</c>, <c>directory</c> or <c>symlink</c>.</summary>
    public string? FileType { get; init; }

    /// <summary>What its content must be like; a plain text means that it holds it.</summary>
    public Matcher? Contains { get; init; }

    /// <summary>SHA-256 of its content, hexadecimal.</summary>
    public string? Sha256 { get; init; }
}

/// <summary>A command, run by bash as the deploy user.</summary>
/// <param name="Command">The script.</param>
public sealed record CommandCheck(string Command) : Check
{
    /// <inheritdoc/>
    public override string Verb => "command";

    /// <inheritdoc/>
    public override string Subject => Command;

    /// <summary>Exit codes that are right.</summary>
    public IReadOnlyList<int> ExitStatus { get; init; } = [0];

    /// <summary>What standard output must be like.</summary>
    public Matcher? Output { get; init; }

    /// <summary>What standard error must be like.</summary>
    public Matcher? Error { get; init; }

    /// <summary>Whether it runs in the container, where the deployment is one.</summary>
    public bool InContainer { get; init; } = true;

    /// <summary>Whether it runs on the operator's machine.</summary>
    public bool FromHost { get; init; }

    /// <summary>Whether it is only started, and runs until a <c>kill</c> check or the end.</summary>
    public bool IsBackground { get; init; }
}

/// <summary>A package of the distribution.</summary>
/// <param name="Package">Its name.</param>
public sealed record PackageCheck(string Package) : Check
{
    /// <inheritdoc/>
    public override string Verb => "package";

    /// <inheritdoc/>
    public override string Subject => Package;

    /// <summary>Whether it must be installed, or must not.</summary>
    public bool Installed { get; init; } = true;

    /// <summary>Versions of which it must have one; any if empty.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>Its names on other distributions, by tag.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();
}

/// <summary>A service of supervisord or systemd.</summary>
/// <param name="Service">Its name, with or without <c>.service</c>.</param>
public sealed record ServiceCheck(string Service) : Check
{
    /// <inheritdoc/>
    public override string Verb => "service";

    /// <inheritdoc/>
    public override string Subject => Service;

    /// <summary>Whether it must run; null if that does not matter.</summary>
    public bool? Running { get; init; }

    /// <summary>Whether it must start with the machine; null if that does not matter.</summary>
    public bool? Enabled { get; init; }
}

/// <summary>A port of the target.</summary>
/// <param name="Port">Number, 1 to 65535; 0 while a variable stands for it.</param>
public sealed record PortCheck(int Port) : Check
{
    /// <inheritdoc/>
    public override string Verb => "port";

    /// <inheritdoc/>
    public override string Subject => IsUdp ? $"{Port}/udp" : $"{Port}";

    /// <summary>Whether it is a UDP port.</summary>
    public bool IsUdp { get; init; }

    /// <summary>Whether something must listen; null if that does not matter.</summary>
    public bool? Listening { get; init; }

    /// <summary>Whether a connection must come up; null if that does not matter.</summary>
    public bool? Reachable { get; init; }

    /// <summary>Address that it must listen on; any if null.</summary>
    public string? Address { get; init; }
}

/// <summary>An address that is dialled from the target.</summary>
/// <param name="Address"><c>host:port</c>.</param>
public sealed record AddressCheck(string Address) : Check
{
    /// <inheritdoc/>
    public override string Verb => "addr";

    /// <inheritdoc/>
    public override string Subject => Address;

    /// <summary>Whether a connection must come up, or must not.</summary>
    public bool Reachable { get; init; } = true;
}

/// <summary>A request over HTTP from the target.</summary>
/// <param name="Url">Where to.</param>
public sealed record HttpCheck(string Url) : Check
{
    /// <inheritdoc/>
    public override string Verb => "http";

    /// <inheritdoc/>
    public override string Subject => Url;

    /// <summary>Status codes that are right; any if empty.</summary>
    public IReadOnlyList<int> Status { get; init; } = [];

    /// <summary>What the body must be like.</summary>
    public Matcher? Body { get; init; }

    /// <summary>What the header lines together must be like.</summary>
    public Matcher? HeaderText { get; init; }

    /// <summary>What single headers of the answer must be like.</summary>
    public IReadOnlyDictionary<string, Matcher> Headers { get; init; } = new Dictionary<string, Matcher>();

    /// <summary>Method.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Body of the request.</summary>
    public string? RequestBody { get; init; }

    /// <summary>Whether any certificate will do.</summary>
    public bool AllowInsecure { get; init; }

    /// <summary>Whether the answer to the first request counts, even if it leads elsewhere.</summary>
    public bool NoFollowRedirects { get; init; }

    /// <summary>File on the target with the certificates to trust.</summary>
    public string? CaFile { get; init; }

    /// <summary>Whether the request comes from the operator's machine.</summary>
    public bool FromHost { get; init; }
}

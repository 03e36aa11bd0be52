namespace OpenCharly.Model;

/// <summary>A process.</summary>
/// <param name="Process">Exact name of its program.</param>
public sealed record ProcessCheck(string Process) : Check
{
    /// <inheritdoc/>
    public override string Verb => "process";

    /// <inheritdoc/>
    public override string Subject => Process;

    /// <summary>Whether one must run, or none must.</summary>
    public bool Running { get; init; } = true;
}

/// <summary>An account.</summary>
/// <param name="User">Its name.</param>
public sealed record UserCheck(string User) : Check
{
    /// <inheritdoc/>
    public override string Verb => "user";

    /// <inheritdoc/>
    public override string Subject => User;

    /// <summary>Whether it must exist, or must not.</summary>
    public bool Exists { get; init; } = true;

    /// <summary>Numeric id.</summary>
    public string? Uid { get; init; }

    /// <summary>Numeric id of the primary group.</summary>
    public string? Gid { get; init; }

    /// <summary>Home folder.</summary>
    public string? Home { get; init; }

    /// <summary>Log-in shell.</summary>
    public string? Shell { get; init; }

    /// <summary>Groups that it must be in.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];
}

/// <summary>A group of accounts.</summary>
/// <param name="Group">Its name.</param>
public sealed record GroupCheck(string Group) : Check
{
    /// <inheritdoc/>
    public override string Verb => "group";

    /// <inheritdoc/>
    public override string Subject => Group;

    /// <summary>Whether it must exist, or must not.</summary>
    public bool Exists { get; init; } = true;

    /// <summary>Numeric id.</summary>
    public string? Gid { get; init; }
}

/// <summary>A host name, resolved on the target.</summary>
/// <param name="Name">The name.</param>
public sealed record DnsCheck(string Name) : Check
{
    /// <inheritdoc/>
    public override string Verb => "dns";

    /// <inheritdoc/>
    public override string Subject => Name;

    /// <summary>Whether it must resolve, or must not.</summary>
    public bool Resolvable { get; init; } = true;

    /// <summary>Addresses that must be among the answers.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Server to ask, as <c>address[:port]</c>; the target's own resolver if null.</summary>
    public string? Server { get; init; }
}

/// <summary>A network interface.</summary>
/// <param name="Interface">Its name.</param>
public sealed record InterfaceCheck(string Interface) : Check
{
    /// <inheritdoc/>
    public override string Verb => "interface";

    /// <inheritdoc/>
    public override string Subject => Interface;

    /// <summary>Whether it must exist, or must not.</summary>
    public bool Exists { get; init; } = true;

    /// <summary>Largest packet, in bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>Addresses that it must have, with or without prefix length.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];
}

/// <summary>A mount point.</summary>
/// <param name="MountPoint">Its path.</param>
public sealed record MountCheck(string MountPoint) : Check
{
    /// <inheritdoc/>
    public override string Verb => "mount";

    /// <inheritdoc/>
    public override string Subject => MountPoint;

    /// <summary>Whether something must be mounted there, or nothing must.</summary>
    public bool Exists { get; init; } = true;

    /// <summary>What is mounted: a device, a path.</summary>
    public string? MountSource { get; init; }

    /// <summary>File system, such as <c>ext4</c>.</summary>
    public string? FileSystem { get; init; }

    /// <summary>Options that must be among those in force.</summary>
    public IReadOnlyList<string> MountOptions { get; init; } = [];
}

/// <summary>A parameter of the kernel.</summary>
/// <param name="Parameter">Its name, as sysctl writes it.</param>
public sealed record KernelParameterCheck(string Parameter) : Check
{
    /// <inheritdoc/>
    public override string Verb => "kernel-param";

    /// <inheritdoc/>
    public override string Subject => Parameter;

    /// <summary>What its value must be like; blanks between words count as one space.</summary>
    public Matcher? Value { get; init; }
}

/// <summary>A text that is compared without asking the target, such as one that an earlier check captured.</summary>
/// <param name="Value">The text.</param>
public sealed record MatchingCheck(string Value) : Check
{
    /// <inheritdoc/>
    public override string Verb => "matching";

    /// <inheritdoc/>
    public override string Subject => Value;

    /// <summary>What it must be like; a plain text means that it holds it.</summary>
    public Matcher? Contains { get; init; }
}

/// <summary>A check through an instrument that needs a live desktop, device, cluster or endpoint.</summary>
/// <param name="Instrument">The instrument: <c>mcp</c>, <c>adb</c>, <c>k8s</c> and so on.</param>
/// <param name="Method">What the instrument is to do.</param>
public sealed record InstrumentCheck(string Instrument, string Method) : Check
{
    /// <inheritdoc/>
    public override string Verb => Instrument;

    /// <inheritdoc/>
    public override string Subject => Method;
}

/// <summary>Statistics over earlier checks; fails if one of them failed.</summary>
/// <param name="Ids">Their ids; <c>*</c> and <c>?</c> are wildcards.</param>
public sealed record SummarizeCheck(IReadOnlyList<string> Ids) : Check
{
    /// <inheritdoc/>
    public override string Verb => "summarize";

    /// <inheritdoc/>
    public override string Subject => string.Join(", ", Ids);

    /// <summary>What the line of statistics must be like.</summary>
    public Matcher? Output { get; init; }
}

/// <summary>Stops a check that runs in the background; fails if it no longer runs.</summary>
/// <param name="Target">Id of that check.</param>
public sealed record KillCheck(string Target) : Check
{
    /// <inheritdoc/>
    public override string Verb => "kill";

    /// <inheritdoc/>
    public override string Subject => Target;

    /// <summary>Signal without <c>SIG</c>.</summary>
    public string Signal { get; init; } = "TERM";
}

using OpenCharly.Model;
using OpenCharly.Vms.Keys;

namespace OpenCharly.Vms.CloudInit;

/// <summary>Everything that a charly machine's cloud-init documents are made of (vm.md §5.1).</summary>
public sealed record CloudInitInput
{
    /// <summary>Host name if the entity gives none: the machine's name, with <c>-instance</c> for an instance.</summary>
    public required string MachineName { get; init; }

    /// <summary>Instance id, a version 4 UUID that stays for the life of the machine.</summary>
    public required string InstanceId { get; init; }

    /// <summary>What the disk is made of: tells the distribution, the base user and what is installed already.</summary>
    public required VmSource Source { get; init; }

    /// <summary>Distribution, such as <c>debian</c>; null to tell it from the source. A clone needs its parent's.</summary>
    public string? Distro { get; init; }

    /// <summary>Account that ssh logs in to (vm.md §5.5).</summary>
    public required string SshUser { get; init; }

    /// <summary>The entity's part; null for defaults.</summary>
    public VmCloudInit? Config { get; init; }

    /// <summary>Public key line for the account; null if the cloud-init channel is off or there is no key.</summary>
    public string? PublicKey { get; init; }

    /// <summary>The guest's own host key, made on this machine; null to let the guest make its own.</summary>
    public GuestHostKey? HostKey { get; init; }
}

/// <summary>What the cloud-init documents of a VMFile machine are made of (vm.md §5.2).</summary>
public sealed record VmFileCloudInitInput
{
    /// <summary>Name of the machine, also its host name if none is given.</summary>
    public required string MachineName { get; init; }

    /// <summary>Instance id, another one at each prepare: <c>&lt;name&gt;-&lt;8 hex&gt;</c>.</summary>
    public required string InstanceId { get; init; }

    /// <summary>Host name.</summary>
    public string? Hostname { get; init; }

    /// <summary>Account that is made.</summary>
    public string User { get; init; } = "vm";

    /// <summary>Public key line for the account.</summary>
    public string? PublicKey { get; init; }

    /// <summary>The guest's own host key.</summary>
    public GuestHostKey? HostKey { get; init; }

    /// <summary>Raw user-data, handed on unchanged with nothing injected; beats all else.</summary>
    public string? RawUserData { get; init; }
}

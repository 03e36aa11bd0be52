namespace OpenCharly.Operations;

/// <summary>What a thing on this machine is needed for.</summary>
public enum HostGroup
{
    /// <summary>Needed by everything.</summary>
    System,

    /// <summary>Programs that build images and run containers.</summary>
    ContainerEngines,

    /// <summary>Programs that make and run virtual machines.</summary>
    Virtualisation,

    /// <summary>Encrypted volumes and secrets.</summary>
    Encryption,

    /// <summary>Ways in from other networks.</summary>
    Tunnels,

    /// <summary>What the machine itself has.</summary>
    Hardware,
}

/// <summary>How a thing on this machine is.</summary>
public enum HostItemStatus
{
    /// <summary>There, and it works.</summary>
    Ok,

    /// <summary>There, but something about it stands in the way.</summary>
    Warning,

    /// <summary>Not there.</summary>
    Missing,
}

/// <summary>One thing that was looked for on this machine.</summary>
/// <param name="Group">What it is needed for.</param>
/// <param name="Name">The program, or what it is about.</param>
/// <param name="Status">How it is.</param>
/// <param name="IsRequired">Whether nothing much works without it.</param>
/// <param name="Detail">The version or amount that was found, or what is wrong.</param>
/// <param name="Purpose">What it is for, in a few words.</param>
/// <param name="Hint">What to do about it, with the command of this distribution where there is one; null if nothing is to be done.</param>
public sealed record HostItem(HostGroup Group, string Name, HostItemStatus Status, bool IsRequired, string Detail, string Purpose, string? Hint);

/// <summary>The system that was looked at.</summary>
/// <param name="Distribution"><c>ID</c> of os-release such as <c>debian</c>; <c>macos</c>; empty if unknown.</param>
/// <param name="Version"><c>VERSION_ID</c> of os-release such as <c>13</c>; empty if there is none.</param>
/// <param name="Kernel">Name and release of the kernel.</param>
/// <param name="Architecture">The processor's, such as <c>x86_64</c>.</param>
public sealed record HostSystem(string Distribution, string Version, string Kernel, string Architecture);

/// <summary>What this machine has.</summary>
/// <param name="Processors">Number of processors that this process may use.</param>
/// <param name="Memory">Bytes of memory; null if the system does not say.</param>
/// <param name="DiskFree">Bytes free where images are kept.</param>
/// <param name="Accelerator">What guests run on: <c>kvm</c>, <c>hvf</c> or <c>tcg</c>; null if there is no QEMU to try it with.</param>
/// <param name="Gpus">PCI addresses of display devices.</param>
public sealed record HostHardware(int Processors, long? Memory, long DiskFree, string? Accelerator, IReadOnlyList<string> Gpus);

/// <summary>What looking at this machine found.</summary>
/// <param name="System">The system.</param>
/// <param name="Hardware">What it has.</param>
/// <param name="Items">Everything that was looked for, group by group.</param>
public sealed record HostReport(HostSystem System, HostHardware Hardware, IReadOnlyList<HostItem> Items)
{
    /// <summary>Whether everything that is required is there.</summary>
    public bool IsReady => !Items.Any(i => i is { IsRequired: true, Status: HostItemStatus.Missing });
}

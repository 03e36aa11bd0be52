namespace OpenCharly.Vms.Gpu;

/// <summary>A display device of this machine, as a candidate for a guest (vm.md §2.7).</summary>
public sealed record GpuDevice
{
    /// <summary>PCI address, <c>domain:bus:slot.function</c>.</summary>
    public required string Address { get; init; }

    /// <summary>Vendor id, four hex digits.</summary>
    public required string VendorId { get; init; }

    /// <summary>Device id, four hex digits.</summary>
    public required string DeviceId { get; init; }

    /// <summary>Vendor in words, for the usual three; else the id.</summary>
    public required string Vendor { get; init; }

    /// <summary>Driver that holds it; null if none does.</summary>
    public string? Driver { get; init; }

    /// <summary>IOMMU group; null without an IOMMU.</summary>
    public int? IommuGroup { get; init; }

    /// <summary>Addresses of all devices of its group, itself included: they can only go to a guest together.</summary>
    public IReadOnlyList<string> Group { get; init; } = [];

    /// <summary>Whether <c>/dev/vfio/&lt;group&gt;</c> is there and this user may open it; null if it is not there.</summary>
    public bool? CanOpen { get; init; }

    /// <summary>Whether it drives the console that the host booted with.</summary>
    public bool IsBootDisplay { get; init; }
}

/// <summary>What this machine needs to hand a display device to a guest.</summary>
/// <param name="IommuGroups">Groups that the kernel has; none means that the IOMMU is off.</param>
/// <param name="KernelOption">The option of the kernel command line that switches it on: <c>intel_iommu=on</c>, <c>amd_iommu=on</c> or null.</param>
/// <param name="HasVfio">Whether the driver vfio-pci is loaded.</param>
/// <param name="MemoryLock">Hard limit of locked memory in bytes; null for none.</param>
/// <param name="Devices">The display devices.</param>
public sealed record GpuReport(int IommuGroups, string? KernelOption, bool HasVfio, long? MemoryLock, IReadOnlyList<GpuDevice> Devices)
{
    private const long EnoughMemory = 16L << 30;

    /// <summary>Whether enough memory may be locked for a guest with a device, 16 GiB.</summary>
    public bool IsMemoryLockEnough => MemoryLock is null or >= EnoughMemory;
}

using OpenCharly.Vms.Gpu;

namespace OpenCharly.Operations;

/// <summary>Looks for display devices that a guest could have.</summary>
public sealed class GetVmGpus
{
    private readonly GpuProbe _probe;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with; <c>CHARLY_SYSFS_ROOT</c> makes it look at another tree.</param>
    public GetVmGpus(CharlyContext context) => _probe = new GpuProbe(context.Environment.Variable("CHARLY_SYSFS_ROOT") ?? "/");

    /// <summary>Devices, and what this machine needs to hand one over.</summary>
    public GpuReport Run() => _probe.Read();
}

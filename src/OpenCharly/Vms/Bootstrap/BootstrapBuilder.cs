using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Images;

namespace OpenCharly.Vms.Bootstrap;

/// <summary>Makes bootable base images from a distribution's packages, on this machine (vm.md §1.1, bootstrap).</summary>
public sealed class BootstrapBuilder(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, IProgress<CharlyEvent> progress)
{
    /// <summary>The image of a source: from the cache, or built now.</summary>
    public Task<BaseImage> EnsureAsync(BootstrapSource source, bool refresh, CancellationToken cancellationToken = default)
    {
        _ = (environment, paths, processes, progress);
        throw new NotImplementedException();
    }
}

using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Vms.Images;

/// <summary>The cache of downloaded base images (vm.md §1.1, "URL fetch").</summary>
public sealed class ImageStore(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, IProgress<CharlyEvent> progress, HttpClient? http = null)
{
    /// <summary>The image of a source: from the cache, from a path, or downloaded now.</summary>
    public Task<BaseImage> EnsureAsync(CloudImageSource source, bool refresh, CancellationToken cancellationToken = default)
    {
        _ = (environment, paths, processes, progress, http);
        throw new NotImplementedException();
    }
}

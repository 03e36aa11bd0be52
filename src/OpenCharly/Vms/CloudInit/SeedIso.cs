using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.CloudInit;

/// <summary>Writes the NoCloud seed: an ISO image with volume id <c>cidata</c> (vm.md §5.3).</summary>
public sealed class SeedIso(CharlyEnvironment environment, IProcessRunner processes, IProgress<CharlyEvent> progress)
{
    /// <summary>Writes a seed with mode 0600, replacing what stands there.</summary>
    public Task WriteAsync(string path, CloudInitDocuments documents, CancellationToken cancellationToken = default)
    {
        _ = (environment, processes, progress);
        throw new NotImplementedException(path + documents.Digest);
    }
}

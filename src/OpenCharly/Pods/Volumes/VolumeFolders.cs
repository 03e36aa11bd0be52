using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Pods.Volumes;

/// <summary>Makes the folders of this machine that volumes are backed by. What is there already is the user's own affair.</summary>
/// <param name="processes">Runs <c>chown</c>.</param>
/// <param name="environment">Says whether this is root.</param>
internal sealed class VolumeFolders(IProcessRunner processes, CharlyEnvironment environment)
{
    /// <summary>Makes the folders of bind volumes that are missing.</summary>
    public async Task MakeAsync(PodPlan pod, CancellationToken cancellationToken)
    {
        foreach (var folder in pod.Volumes.Mounts.Where(m => m.Kind == VolumeKind.Bind).Select(m => m.Source).Where(f => !Directory.Exists(f)))
        {
            AtomicFile.EnsureFolder(folder);
            await GiveAsync(pod, folder, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Gives an empty folder to the user in the container. Without root there is nothing to give: the container's user namespace
    /// keeps the user's own id.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodVolume"/>.</exception>
    public async Task GiveAsync(PodPlan pod, string folder, CancellationToken cancellationToken)
    {
        if (!environment.IsRoot || Directory.EnumerateFileSystemEntries(folder).Any()) return;
        var owner = string.Create(CultureInfo.InvariantCulture, $"{pod.Uid}:{pod.Gid}");
        var result = await processes.RunAsync(new ProcessRequest("chown", owner, folder), cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw new CharlyException(Errors.PodVolume, $"the folder {folder} can't be given to {owner}, the user in the container: {result.Tail(1)}", "Choose a folder on a file system with owners.", target: folder);
    }
}

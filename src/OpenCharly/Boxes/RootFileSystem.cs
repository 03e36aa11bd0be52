using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>Makes root file systems out of Debian packages, for boxes that stand on no image (candy-and-plan.md §4.1, <c>from:</c>).</summary>
/// <param name="processes">Runs programs.</param>
internal sealed class RootFileSystem(IProcessRunner processes)
{
    private const string Program = "mmdebstrap";

    // What is cut short is made again from the start, here and in every build that stands on it: no file has to be on disk
    // before the next one is written. dpkg keeps that setting in the tree.
    private const string NoSync = "--dpkgopt=force-unsafe-io";

    /// <summary>Makes the archive, unless it is there.</summary>
    /// <param name="suite">Suite.</param>
    /// <param name="path">Path of the archive.</param>
    /// <param name="renew">Whether to make it even if it is there.</param>
    /// <param name="cancellationToken">Gives up; nothing is left behind.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/>, <see cref="Errors.BootstrapFailed"/>.</exception>
    public async Task MakeAsync(string suite, string path, bool renew, CancellationToken cancellationToken)
    {
        if (File.Exists(path) && !renew) return;
        AtomicFile.EnsureFolder(Path.GetDirectoryName(path)!);
        var part = path + ".part.tar";
        try
        {
            var made = await processes.RunAsync(new ProcessRequest(Program, "--variant=minbase", "--include=ca-certificates", NoSync, suite, part), cancellationToken).ConfigureAwait(false);
            if (!made.Succeeded)
            {
                throw new CharlyException(
                    Errors.BootstrapFailed, $"the root file system of {suite} could not be made: {made.Tail(4)}", "Look whether the package mirror answers: apt-get update", target: suite);
            }

            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }
}

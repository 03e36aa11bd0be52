using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.CloudInit;

/// <summary>
/// Writes the NoCloud seed: an ISO image with volume id <c>cidata</c> (vm.md §5.3). xorriso, genisoimage and mkisofs are
/// tried in turn, then the built-in writer; <c>CHARLY_ISO=builtin</c> puts that one first.
/// </summary>
/// <param name="environment">Where <c>CHARLY_ISO</c> comes from.</param>
/// <param name="processes">Runs the programs.</param>
/// <param name="progress">Hears why a program was passed over.</param>
public sealed class SeedIso(CharlyEnvironment environment, IProcessRunner processes, IProgress<CharlyEvent> progress)
{
    private const string Volume = "cidata";

    private static readonly (string Program, string[] Arguments)[] Programs =
    [
        ("xorriso", ["-as", "mkisofs"]),
        ("genisoimage", []),
        ("mkisofs", []),
    ];

    /// <summary>Writes a seed with mode 0600, replacing what stands there.</summary>
    /// <param name="path">The image; its folder is made if it is not there.</param>
    /// <param name="documents">What it holds: <c>user-data</c>, <c>meta-data</c>, and <c>network-config</c> if there is one.</param>
    /// <param name="isQuick">Whether the built-in writer comes first in any case: it takes no time, while a program takes a tenth of a second.</param>
    /// <param name="cancellationToken">Stops the program; nothing is left behind.</param>
    /// <exception cref="CharlyException"><see cref="Errors.VmValidation"/> for empty user-data, <see cref="Errors.IsoFailed"/>.</exception>
    public async Task WriteAsync(string path, CloudInitDocuments documents, bool isQuick = false, CancellationToken cancellationToken = default)
    {
        if (documents.UserData.Length == 0)
        {
            throw new CharlyException(Errors.VmValidation, $"the user-data for {path} is empty", "Give at least the line #cloud-config.", target: path);
        }

        var files = new List<(string Name, byte[] Content)> { ("user-data", Bytes(documents.UserData)), ("meta-data", Bytes(documents.MetaData)) };
        if (documents.NetworkConfig is { } network) files.Add(("network-config", Bytes(network)));

        var isBuiltinFirst = isQuick || environment.Variable("CHARLY_ISO") == "builtin";
        if (isBuiltinFirst || !await WriteByProgramAsync(path, files, cancellationToken).ConfigureAwait(false)) WriteBuiltin(path, files);
    }

    private async Task<bool> WriteByProgramAsync(string path, List<(string Name, byte[] Content)> files, CancellationToken cancellationToken)
    {
        foreach (var (program, arguments) in Programs)
        {
            if (processes.Find(program) is null) continue;

            // The programs know nothing of modes, so all happens in a private folder beside the image.
            var folder = $"{Path.GetFullPath(path)}.{Guid.NewGuid():N}.tmp";
            try
            {
                foreach (var (name, content) in files) AtomicFile.Write(Path.Combine(folder, name), content, AtomicFile.Private);
                var output = Path.Combine(folder, "seed.iso");
                var result = await processes.RunAsync(
                    new ProcessRequest(program, [.. arguments, "-volid", Volume, "-joliet", "-rock", "-output", output, .. files.Select(f => Path.Combine(folder, f.Name))]),
                    cancellationToken).ConfigureAwait(false);
                if (result.Succeeded && File.Exists(output))
                {
                    File.SetUnixFileMode(output, AtomicFile.Private);
                    File.Move(output, path, overwrite: true);
                    return true;
                }

                progress.Report(new NoticeEvent(NoticeLevel.Debug, $"{program} could not write {path}: {result.Tail()}"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Failed(path, e);
            }
            finally
            {
                if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            }
        }

        return false;
    }

    private static void WriteBuiltin(string path, List<(string Name, byte[] Content)> files)
    {
        try
        {
            AtomicFile.Write(path, IsoImage.Create(Volume, files), AtomicFile.Private);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(path, e);
        }
    }

    private static CharlyException Failed(string path, Exception cause) => new(
        Errors.IsoFailed,
        $"the seed {path} could not be written: {cause.Message}",
        "Check that the folder is writable and the disk is not full; install xorriso, genisoimage or mkisofs, or set CHARLY_ISO=builtin.",
        target: path,
        inner: cause);

    private static byte[] Bytes(string text) => new UTF8Encoding(false).GetBytes(text);
}

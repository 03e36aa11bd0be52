using System.Management.Automation;
using OpenCharly.Foundation;

namespace OpenCharly.PowerShell.Binding;

/// <summary>Paths as PowerShell means them, drives and <c>$PWD</c> included, as paths of the file system.</summary>
internal static class PathBinding
{
    private const string FileSystem = "FileSystem";

    /// <summary>
    /// The one path that a user wrote without wildcards; it need not exist. A path of another kind of drive ends the
    /// cmdlet. To be asked on the pipeline's thread: the session's state belongs to it.
    /// </summary>
    public static string FileAt(this PSCmdlet cmdlet, string path)
    {
        try
        {
            return Locate(cmdlet, path);
        }
        catch (Exception error) when (RecordOf(error, path) is { } record)
        {
            cmdlet.ThrowTerminatingError(record);
            throw;
        }
    }

    /// <summary>The one path that a user wrote, if one was.</summary>
    public static string? FileAtOrNull(this PSCmdlet cmdlet, string? path) => path is null ? null : cmdlet.FileAt(path);

    /// <summary>Paths taken as they are written; they need not exist. One that is no path of the file system is an error of its own.</summary>
    public static IReadOnlyList<string> FilesAt(this PSCmdlet cmdlet, IEnumerable<string> paths) => Each(cmdlet, paths, path => [Locate(cmdlet, path)]);

    /// <summary>Existing files that match; a path that matches nothing is an error of its own.</summary>
    public static IReadOnlyList<string> FilesMatching(this PSCmdlet cmdlet, IEnumerable<string> paths) => Each(cmdlet, paths, path =>
    {
        var found = cmdlet.SessionState.Path.GetResolvedProviderPathFromPSPath(path, out var provider);
        return provider.Name == FileSystem ? found : throw Foreign(path, provider);
    });

    private static List<string> Each(PSCmdlet cmdlet, IEnumerable<string> paths, Func<string, IEnumerable<string>> find)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            try
            {
                files.AddRange(find(path));
            }
            catch (Exception error) when (RecordOf(error, path) is { } record)
            {
                cmdlet.WriteError(record);
            }
        }

        return files;
    }

    private static string Locate(PSCmdlet cmdlet, string path)
    {
        var file = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        return provider.Name == FileSystem ? file : throw Foreign(path, provider);
    }

    private static CharlyException Foreign(string path, ProviderInfo provider) => new(
        Errors.Usage,
        $"{path} is a path of the provider {provider.Name}, not of the file system",
        "Name a file or folder, or change to a folder first.",
        target: path);

    private static ErrorRecord? RecordOf(Exception error, string path) => error switch
    {
        CharlyException => ErrorRecords.From(error, path),
        ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException => new ErrorRecord(error, Errors.FileMissing.Id, ErrorCategory.ObjectNotFound, path)
        {
            ErrorDetails = new ErrorDetails(error.Message) { RecommendedAction = "Check the path, and the folder that you are in." },
        },
        _ => null,
    };
}

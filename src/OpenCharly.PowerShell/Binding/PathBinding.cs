using System.Management.Automation;
using OpenCharly.Foundation;

namespace OpenCharly.PowerShell.Binding;

/// <summary>Paths as PowerShell means them, drives and <c>$PWD</c> included, as paths of the file system.</summary>
internal static class PathBinding
{
    /// <summary>The one path that a user wrote without wildcards; it need not exist.</summary>
    public static string FileAt(this PSCmdlet cmdlet, string path) => cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    /// <summary>Existing files that match; a path that matches nothing is an error of its own.</summary>
    public static IReadOnlyList<string> FilesMatching(this PSCmdlet cmdlet, IEnumerable<string> paths)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            try
            {
                files.AddRange(cmdlet.SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _));
            }
            catch (ItemNotFoundException error)
            {
                cmdlet.WriteError(new ErrorRecord(error, Errors.FileMissing.Id, ErrorCategory.ObjectNotFound, path));
            }
        }

        return files;
    }
}

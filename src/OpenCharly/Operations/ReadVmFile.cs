using OpenCharly.Foundation;
using OpenCharly.Vms.Definitions;

namespace OpenCharly.Operations;

/// <summary>Reads a VMFile.</summary>
/// <param name="context">What it works with.</param>
public sealed class ReadVmFile(CharlyContext context)
{
    /// <summary>The file with its machines; what is odd in it is told as warnings.</summary>
    /// <param name="path">The file; <c>VMFile.kdl</c> of the project's folder if null.</param>
    /// <exception cref="CharlyException"><see cref="Errors.VmFileMissing"/>, <see cref="Errors.VmFileSyntax"/>, <see cref="Errors.VmFileValidation"/>.</exception>
    public VmFileDocument Run(string? path = null)
    {
        var file = VmFileReader.Read(context.Environment, path ?? DefaultPath);
        foreach (var warning in file.Warnings) context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, warning.ToString()));
        return file;
    }

    /// <summary>The file that is meant if none is named.</summary>
    internal string DefaultPath => Path.Combine(context.ProjectFolder, VmFileDocument.DefaultName);
}

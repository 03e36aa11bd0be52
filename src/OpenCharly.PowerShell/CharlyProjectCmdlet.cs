using System.Management.Automation;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell;

/// <summary>A cmdlet that looks at whole projects, by the folders that they are in.</summary>
public abstract class CharlyProjectCmdlet : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Path",
        HelpMessage = "Folders of projects; wildcards are allowed. The current folder if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath",
        HelpMessage = "Folders of projects, taken as they are written.")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(HelpMessage = "Looks at disabled boxes, too.")]
    public SwitchParameter IncludeDisabled { get; set; }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => RunEach(Folders, 1, WorkOnAsync);

    // The folder of the file system that the user is in, even where the current location is no folder.
    private IReadOnlyList<string> Folders =>
        ParameterSetName == "LiteralPath" ? this.FilesAt(LiteralPath) : Path.Length == 0 ? [WorkingFolder] : this.FilesMatching(Path);

    /// <summary>Does the work for one project.</summary>
    private protected abstract Task WorkOnAsync(Work work, string folder);
}

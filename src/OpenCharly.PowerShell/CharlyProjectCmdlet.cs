using System.Management.Automation;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell;

/// <summary>A cmdlet that looks at whole projects, by the folders that they are in.</summary>
public abstract class CharlyProjectCmdlet : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Folders of projects; wildcards are allowed. The current folder if left out.")]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = ["."];

    [Parameter(HelpMessage = "Looks at disabled boxes, too.")]
    public SwitchParameter IncludeDisabled { get; set; }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => RunEach(this.FilesMatching(Path), 1, WorkOnAsync);

    /// <summary>Does the work for one project.</summary>
    private protected abstract Task WorkOnAsync(Work work, string folder);
}

using System.Management.Automation;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell;

/// <summary>What cmdlets on boxes of the project share. They work on all names at once, for a base that several boxes share is made once.</summary>
public abstract class CharlyBoxCmdlet : CharlyCmdlet
{
    private readonly List<string> _names = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of boxes; all that are enabled if left out.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BoxCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Tag of the images; what the boxes say, else the time as YYYY.DDD.HHMM, if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Tag { get; set; }

    [Parameter(HelpMessage = "Takes disabled boxes, too, if no name is given.")]
    public SwitchParameter IncludeDisabled { get; set; }

    /// <summary>What is done, for the question whether it shall be; null if nothing is changed.</summary>
    private protected abstract string? Action { get; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _names.AddRange(Name);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Action is { } action && !ShouldProcess(_names.Count == 0 ? "all boxes" : string.Join(", ", _names), action)) return;
        RunAll(work => RunAsync(work, _names));
    }

    /// <summary>Does it.</summary>
    private protected abstract Task RunAsync(Work work, IReadOnlyList<string> names);
}

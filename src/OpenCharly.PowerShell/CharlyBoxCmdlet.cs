using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell;

/// <summary>What cmdlets on boxes of the project share. They work on all names at once, for a base that several boxes share is made once.</summary>
public abstract class CharlyBoxCmdlet : CharlyCmdlet
{
    private readonly List<string> _names = [];
    private bool _isNamed;

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of boxes; wildcards are allowed; all that are enabled if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(BoxCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Tag of the images; what the boxes say, else the time as YYYY.DDD.HHMM, if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Tag { get; set; }

    [Parameter(HelpMessage = "Takes disabled boxes, too, if no plain name is given.")]
    public SwitchParameter IncludeDisabled { get; set; }

    /// <summary>What is done, for the question whether it shall be; null if nothing is changed.</summary>
    private protected abstract string? Action { get; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _isNamed |= Name.Length > 0;
        _names.AddRange(Name.SelectMany(Expand).Where(name => !_names.Contains(name)));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // A pattern that no box fits is not the same as no name.
        if (GotNothing(_names) || (_isNamed && _names.Count == 0)) return;
        if (Action is { } action && !ShouldProcess(_names.Count == 0 ? "all boxes" : string.Join(", ", _names), action)) return;
        RunAll(work => RunAsync(work, _names));
    }

    private IEnumerable<string> Expand(string name)
    {
        if (!NamePattern.IsPattern(name)) return [name];
        return TryAsk(name, work => new InspectBox(work.Context).RunAsync(name, work.Cancel), out var boxes)
            ? boxes.Where(box => IncludeDisabled || box.Box.Enabled).Select(box => box.Name)
            : [];
    }

    /// <summary>Does it.</summary>
    private protected abstract Task RunAsync(Work work, IReadOnlyList<string> names);
}

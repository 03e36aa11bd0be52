using System.Management.Automation;
using OpenCharly.Checks;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell;

/// <summary>What the cmdlets that run checks have in common: names with wildcards, and which checks run.</summary>
public abstract class CharlyCheckCmdlet : CharlyCmdlet
{
    private readonly List<string> _names = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Deploy keys; wildcards are allowed. Takes deployments and machines from the pipeline.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [DeployKey]
    [ArgumentCompleter(typeof(DeploymentCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Words, of which one must be in the id, candy, verb or scenario of a check; with * and ? it must match one of them whole.")]
    [ValidateNotNullOrEmpty]
    public string[] Filter { get; set; } = [];

    [Parameter(HelpMessage = "Only checks of candies, of the box, of the local template, or of the deploy entry.")]
    [ValidateSet("candy", "box", "local", "deploy")]
    public string[] Section { get; set; } = [];

    [Parameter(HelpMessage = "Leaves out the scenarios of candies.")]
    public SwitchParameter NoScenario { get; set; }

    [Parameter(HelpMessage = "Ends in an error instead of starting a machine that is off.")]
    public SwitchParameter NoStart { get; set; }

    [Parameter(HelpMessage = "How many seconds to wait for ssh; 120 if left out.")]
    [ValidateRange(1, 86400)]
    public int? SshTimeoutSec { get; set; }

    [Parameter(HelpMessage = "How many targets are checked at the same time.")]
    [ValidateRange(1, 128)]
    public int ThrottleLimit { get; set; } = 4;

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => _names.AddRange(Name);

    /// <inheritdoc/>
    protected sealed override void EndProcessing()
    {
        if (_names.Count == 0 || !TryAsk("deployments", work => NamesAsync(work, _names), out var names)) return;
        RunEach([.. names.Where(IsWanted)], ThrottleLimit, (work, name) => WorkOnAsync(work, RequestFor(name)));
    }

    /// <summary>Whether a deployment is worked on; asked on the pipeline's thread.</summary>
    private protected virtual bool IsWanted(string name) => true;

    /// <summary>The names that are worked on: of deployments, with wildcards, unless the cmdlet knows others.</summary>
    private protected virtual Task<IReadOnlyList<string>> NamesAsync(Work work, IReadOnlyList<string> names) => new CheckBundle(work.Context).NamesAsync(names, work.Cancel);

    /// <summary>Works on one deployment.</summary>
    private protected abstract Task WorkOnAsync(Work work, CheckRequest request);

    private CheckRequest RequestFor(string name) => new()
    {
        Name = name,
        Selection = new CheckSelection { Filter = Filter, Sections = Section, WithScenarios = !NoScenario },
        NoStart = NoStart,
        SshTimeout = SshTimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    };
}

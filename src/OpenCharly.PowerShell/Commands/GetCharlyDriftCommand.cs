using System.Management.Automation;
using OpenCharly.Ledger;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Tells what on the targets of bundles is no longer as it was applied.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyDrift")]
[OutputType(typeof(DriftItem))]
public sealed class GetCharlyDriftCommand : CharlyCmdlet
{
    private readonly List<string> _names = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Deploy keys; wildcards are allowed. All if left out. Takes deployments and machines from the pipeline.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [DeployKey]
    [ArgumentCompleter(typeof(DeploymentCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "How many targets are compared at the same time.")]
    [ValidateRange(1, 128)]
    public int ThrottleLimit { get; set; } = 4;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _names.AddRange(Name);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (GotNothing(_names)) return;
        if (!TryAsk("deployments", work => new GetDrift(work.Context).GroupAsync(_names, work.Cancel), out var groups)) return;
        RunEach(groups, ThrottleLimit, group => group.Host, CompareAsync);
    }

    private static async Task CompareAsync(Work work, DriftGroup group)
    {
        foreach (var item in await new GetDrift(work.Context).RunAsync(group, work.Cancel).ConfigureAwait(false)) work.Write(item);
    }
}

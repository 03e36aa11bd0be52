using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Targets;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Lists deployments as the per-host file, the project and the ledgers know them.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyBundle")]
[OutputType(typeof(BundleStatus))]
public sealed class GetCharlyBundleCommand : CharlyCmdlet
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Deploy keys; wildcards are allowed. All if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [DeployKey]
    [ArgumentCompleter(typeof(DeploymentCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(HelpMessage = "Does not ask the targets: lists only what this machine's files know.")]
    public SwitchParameter NoProbe { get; set; }

    [Parameter(HelpMessage = "Lists nested deployments as well, each behind the one that it is in.")]
    public SwitchParameter Nested { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name.Length == 0) Run("deployments", work => ListAsync(work, []));
        else RunEach(Name, 1, (work, name) => ListAsync(work, [name]));
    }

    private async Task ListAsync(Work work, string[] names)
    {
        var query = new BundleQuery { Names = names, Probe = !NoProbe, AllTargets = true, Nested = Nested };
        foreach (var bundle in await new GetBundles(work.Context).RunAsync(query, work.Cancel).ConfigureAwait(false))
        {
            if (_seen.Add(bundle.Name)) work.Write(bundle);
        }
    }
}

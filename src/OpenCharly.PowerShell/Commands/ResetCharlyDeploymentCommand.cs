using System.Management.Automation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Forgets what the per-host file says of deployments; targets and quadlets stay as they are.</summary>
[Cmdlet(VerbsCommon.Reset, "CharlyDeployment", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = "Name")]
[OutputType(typeof(Deployment))]
public sealed class ResetCharlyDeploymentCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "Name",
        HelpMessage = "Deploy keys; wildcards are allowed. Takes deployments and machines from the pipeline.")]
    [Alias("Key")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [DeployKey]
    [ArgumentCompleter(typeof(DeploymentCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "All", HelpMessage = "Forgets all deployments.")]
    public SwitchParameter All { get; set; }

    [Parameter(HelpMessage = "Emits the entries that were removed.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (All)
        {
            Reset("all deployments", null);
            return;
        }

        foreach (var name in Name.SelectMany(Expand)) Reset(name, [name]);
    }

    private IEnumerable<string> Expand(string name)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name)) return [name];
        var query = new BundleQuery { Names = [name], Probe = false };
        return TryAsk(name, work => new GetBundles(work.Context).RunAsync(query, work.Cancel), out var bundles) ? bundles.Select(bundle => bundle.Name) : [];
    }

    private void Reset(string what, string[]? keys)
    {
        if (!ShouldProcess(what, "Forget what the per-host file says")) return;
        Run(what, async work =>
        {
            foreach (var deployment in await new ResetDeployments(work.Context).RunAsync(keys, dryRun: false, work.Cancel).ConfigureAwait(false))
            {
                if (PassThru) work.Write(deployment);
            }
        });
    }
}

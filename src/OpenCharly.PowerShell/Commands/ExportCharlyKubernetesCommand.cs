using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Targets;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Writes the Kustomize tree of deployments to a cluster.</summary>
[Cmdlet(VerbsData.Export, "CharlyKubernetes", SupportsShouldProcess = true)]
[OutputType(typeof(DeployResult), typeof(InstallPlan))]
public sealed class ExportCharlyKubernetesCommand : CharlyCmdlet
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Deploy keys whose target is k8s. Takes deployments from the pipeline.")]
    [ValidateNotNullOrEmpty]
    [DeployKey]
    [ArgumentCompleter(typeof(DeploymentCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(Position = 1, HelpMessage = "Box to deploy; the entry's own if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Ref { get; set; }

    [Parameter(HelpMessage = "Cluster profile instead of the entry's own.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    public string? Cluster { get; set; }

    [Parameter(HelpMessage = "Pins the version of the image.")]
    [ValidateNotNullOrEmpty]
    public string? Tag { get; set; }

    [Parameter(HelpMessage = "Brings the cluster to what was written, with kubectl.")]
    public SwitchParameter Apply { get; set; }

    [Parameter(HelpMessage = "Emits a plan with the text of the files and changes nothing.")]
    public SwitchParameter DryRun { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var names = Name.Where(_asked.Add).Where(name => DryRun || ShouldProcess(name, Apply ? "Write its manifests and apply them" : "Write its manifests")).ToArray();
        RunEach(names, 1, async (work, name) =>
        {
            var request = new BundleRequest { Name = name, Ref = Ref, Cluster = Cluster, Tag = Tag, Apply = Apply };
            if (DryRun) work.Write(await new CompilePlan(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
            else work.WriteResult(await new AddBundle(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
        });
    }
}

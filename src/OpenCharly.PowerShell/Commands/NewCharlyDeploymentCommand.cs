using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Targets;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Deploys images of boxes without a project: as pods that are started, or as the tree of a cluster.</summary>
[Cmdlet(VerbsCommon.New, "CharlyDeployment", SupportsShouldProcess = true)]
[OutputType(typeof(DeployResult))]
public sealed class NewCharlyDeploymentCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Images in local storage: full references, or names of boxes. Takes images from the pipeline.")]
    [Alias("Reference", "Box")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BoxCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(Position = 1, HelpMessage = "Deploy key; the last part of the repository if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Key { get; set; }

    [Parameter(HelpMessage = "Instance, for several deployments of one image.")]
    [ValidateNotNullOrEmpty]
    public string? Instance { get; set; }

    [Parameter(HelpMessage = "Variables as NAME=VALUE.")]
    [ValidateNotNullOrEmpty]
    public string[] Environment { get; set; } = [];

    [Parameter(HelpMessage = "Pins of ports as HOST:CONTAINER, for pods.")]
    [ValidateNotNullOrEmpty]
    public string[] Port { get; set; } = [];

    [Parameter(HelpMessage = "Cluster profile: writes a Kustomize tree instead of starting a pod.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ClusterCompleter))]
    public string? Cluster { get; set; }

    [Parameter(HelpMessage = "Namespace in the cluster; the profile's if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    [Parameter(HelpMessage = "Changes nothing, and emits what would be written.")]
    public SwitchParameter DryRun { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach([.. Name.Where(b => DryRun || ShouldProcess(b, Cluster is null ? "Deploy as a pod" : $"Write its manifests for {Cluster}"))], 1, async (work, box) =>
    {
        var request = new DeployFromBoxRequest
        {
            Reference = box, Name = Key, Instance = Instance, Environment = Environment, Ports = Port, Cluster = Cluster, Namespace = Namespace, DryRun = DryRun,
        };
        work.WriteResult(await new DeployFromBox(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    });
}

using System.Management.Automation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Writes entries of the per-host file to a file that Import-CharlyDeployment reads, here or on another machine.</summary>
[Cmdlet(VerbsData.Export, "CharlyDeployment", SupportsShouldProcess = true)]
[OutputType(typeof(Deployment))]
public sealed class ExportCharlyDeploymentCommand : CharlyCmdlet
{
    private readonly List<string> _names = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Deploy keys; wildcards are allowed. All if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [DeployKey]
    [ArgumentCompleter(typeof(DeploymentCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, HelpMessage = "The file to write.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter(HelpMessage = "Also exports the enabled boxes of the project, with their runtime fields.")]
    public SwitchParameter All { get; set; }

    [Parameter(HelpMessage = "Does not replace a file that exists.")]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    [Parameter(HelpMessage = "Emits the deployments.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _names.AddRange(Name);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (GotNothing(_names)) return;
        var file = this.FileAt(Path);
        if (!ShouldProcess(file, "Export deployments")) return;
        var request = new ExportDeploymentsRequest { Names = _names, All = All, File = file, Overwrite = !NoClobber };
        Run(file, async work =>
        {
            var export = await new ExportDeployments(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false);
            if (!PassThru) return;
            foreach (var deployment in export.Deployments) work.Write(deployment);
        });
    }
}

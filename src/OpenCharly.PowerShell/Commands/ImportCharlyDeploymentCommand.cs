using System.Management.Automation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Merges deploy entries of files into the per-host file.</summary>
[Cmdlet(VerbsData.Import, "CharlyDeployment", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(Deployment))]
public sealed class ImportCharlyDeploymentCommand : CharlyCmdlet
{
    private readonly List<string> _files = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Files with deploy entries; wildcards are allowed. Later files win.")]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(HelpMessage = "Takes only the entry of this deploy key.")]
    [Alias("Box")]
    [ValidateNotNullOrEmpty]
    public string? Key { get; set; }

    [Parameter(HelpMessage = "Begins with nothing instead of what is there.")]
    public SwitchParameter Replace { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _files.AddRange(this.FilesMatching(Path));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_files.Count == 0) return;
        var dryRun = !ShouldProcess(string.Join(", ", _files), Replace ? "Replace the per-host file by" : "Import deployments of");
        var request = new ImportDeploymentsRequest { Files = _files, Key = Key, Replace = Replace, DryRun = dryRun };
        Run(_files[0], async work =>
        {
            foreach (var deployment in await new ImportDeployments(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false))
            {
                if (!dryRun) work.Write(deployment);
            }
        });
    }
}

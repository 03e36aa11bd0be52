using System.Management.Automation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Merges deploy entries of files into the per-host file.</summary>
[Cmdlet(VerbsData.Import, "CharlyDeployment", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = "Path")]
[OutputType(typeof(Deployment))]
public sealed class ImportCharlyDeploymentCommand : CharlyCmdlet
{
    private readonly List<string> _files = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path",
        HelpMessage = "Files with deploy entries; wildcards are allowed. Later files win.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath",
        HelpMessage = "Files with deploy entries, taken as they are written.")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(HelpMessage = "Takes only the entry of this deploy key.")]
    [Alias("Box")]
    [ValidateNotNullOrEmpty]
    public string? Key { get; set; }

    [Parameter(HelpMessage = "Begins with nothing instead of what is there.")]
    public SwitchParameter Replace { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _files.AddRange(ParameterSetName == "LiteralPath" ? this.FilesAt(LiteralPath) : this.FilesMatching(Path));

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

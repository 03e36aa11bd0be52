using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Takes over the records of virtual machines from files.</summary>
[Cmdlet(VerbsData.Import, "CharlyVmState", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = "Path")]
[OutputType(typeof(VmDeployState))]
public sealed class ImportCharlyVmStateCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path",
        HelpMessage = "Files that Export-CharlyVmState wrote; wildcards are allowed.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath",
        HelpMessage = "Files that Export-CharlyVmState wrote, taken as they are written.")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(HelpMessage = "Replaces records of machines that are known here and off.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach([.. (ParameterSetName == "LiteralPath" ? this.FilesAt(LiteralPath) : this.FilesMatching(Path)).Where(f => ShouldProcess(f, "Import records of virtual machines"))], 1, async (work, file) =>
    {
        foreach (var state in await new ImportVmState(work.Context).RunAsync(new ImportVmStateRequest(file, Force), work.Cancel).ConfigureAwait(false)) work.Write(state);
    });
}

using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Writes the records of virtual machines to a file, without their disks.</summary>
[Cmdlet(VerbsData.Export, "CharlyVmState", SupportsShouldProcess = true)]
[OutputType(typeof(VmDeployState))]
public sealed class ExportCharlyVmStateCommand : CharlyCmdlet
{
    private readonly List<string> _names = [];

    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of virtual machines; wildcards are allowed. All if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [VmName]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, HelpMessage = "The file to write.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter(HelpMessage = "Does not replace a file that exists.")]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    [Parameter(HelpMessage = "Emits what is known of the machines.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _names.AddRange(Name);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (GotNothing(_names)) return;
        var file = this.FileAt(Path);
        if (!ShouldProcess(file, "Export records of virtual machines")) return;
        var request = new ExportVmStateRequest { Names = _names, File = file, Overwrite = !NoClobber };
        Run(file, async work =>
        {
            var states = await new ExportVmState(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false);
            foreach (var state in PassThru ? states : []) work.Write(state);
        });
    }
}

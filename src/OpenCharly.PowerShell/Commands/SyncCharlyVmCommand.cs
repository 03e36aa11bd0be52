using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Brings a folder into virtual machines, sending only what differs.</summary>
[Cmdlet(VerbsData.Sync, "CharlyVm", SupportsShouldProcess = true)]
[OutputType(typeof(TransferResult))]
public sealed class SyncCharlyVmCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Names of virtual machines. Takes machines from the pipeline.")]
    [ValidateNotNullOrEmpty]
    [VmName]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1, HelpMessage = "Folder or file here; with a slash at its end, what the folder holds.")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter(Mandatory = true, Position = 2, HelpMessage = "Path in the guest.")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    [Parameter(HelpMessage = "Owner of everything in the guest, user or user:group.")]
    [ValidateNotNullOrEmpty]
    public string? Chown { get; set; }

    [Parameter(HelpMessage = "Patterns of what is left out, as rsync reads them.")]
    public string[] Exclude { get; set; } = [];

    [Parameter(HelpMessage = "Deletes in the guest what is not here.")]
    public SwitchParameter Delete { get; set; }

    [Parameter(HelpMessage = "How many machines are worked on at the same time.")]
    [ValidateRange(1, 128)]
    public int ThrottleLimit { get; set; } = 4;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var from = this.FileAt(Path).TrimEnd('/') + (Path.EndsWith('/') ? "/" : "");
        RunEach([.. Name.Where(n => ShouldProcess($"virtual machine {n}", $"Bring {from} to {Destination}"))], ThrottleLimit, async (work, name) =>
        {
            var request = new SyncVmRequest { Name = name, From = from, To = Destination, Chown = Chown, Excludes = Exclude, Delete = Delete };
            work.Write(await new SyncVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
        });
    }
}

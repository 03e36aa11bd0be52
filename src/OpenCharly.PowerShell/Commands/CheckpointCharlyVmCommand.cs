using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Takes a snapshot of a virtual machine, of a running one with its memory.</summary>
[Cmdlet(VerbsData.Checkpoint, "CharlyVm", SupportsShouldProcess = true)]
[OutputType(typeof(VmSnapshot))]
public sealed class CheckpointCharlyVmCommand : CharlyVmCmdlet
{
    [Parameter(Mandatory = true, Position = 1, HelpMessage = "Name of the new snapshot: letters, digits, dashes and underscores.")]
    [ValidateNotNullOrEmpty]
    public string Snapshot { get; set; } = "";

    [Parameter(HelpMessage = "Inside the disk, or a file of its own that clones can stand on; the backend's default if left out.")]
    public VmSnapshotMode? Mode { get; set; }

    [Parameter(HelpMessage = "A word on what it is.")]
    [ValidateNotNullOrEmpty]
    public string? Description { get; set; }

    [Parameter(HelpMessage = "Freezes the guest's file systems meanwhile, by its agent.")]
    public SwitchParameter Quiesce { get; set; }

    [Parameter(HelpMessage = "Leaves the memory of a running machine out.")]
    public SwitchParameter DiskOnly { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"virtual machine {name}", $"Take the snapshot {Snapshot}");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var request = new CreateVmSnapshotRequest { Name = name, Snapshot = Snapshot, Mode = Mode, Description = Description, Quiesce = Quiesce, DiskOnly = DiskOnly };
        work.Write(await new CreateVmSnapshot(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    }
}

using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Adds a machine to the project whose disk stands on a snapshot of another one.</summary>
[Cmdlet(VerbsCommon.Copy, "CharlyVm", SupportsShouldProcess = true)]
[OutputType(typeof(VmDeployState))]
public sealed class CopyCharlyVmCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Machine to clone.")]
    [ValidateNotNullOrEmpty]
    [VmName]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, HelpMessage = "Names of the new machines.")]
    [ValidateNotNullOrEmpty]
    public string[] Destination { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Snapshot to stand on; a new one if left out.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    public string? Snapshot { get; set; }

    [Parameter(HelpMessage = "Keeps the machine identity of the cloned one.")]
    public SwitchParameter KeepIdentity { get; set; }

    [Parameter(HelpMessage = "Only declares the machines, without making their disks.")]
    public SwitchParameter NoBuild { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach([.. Destination.Where(d => ShouldProcess($"virtual machine {Name}", $"Clone as {d}"))], 1, async (work, name) =>
    {
        var request = new CloneVmRequest { Name = name, From = Snapshot is null ? Name : $"{Name}@{Snapshot}", CloudInitClean = !KeepIdentity, Build = !NoBuild };
        work.Write(await new CloneVm(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    });
}

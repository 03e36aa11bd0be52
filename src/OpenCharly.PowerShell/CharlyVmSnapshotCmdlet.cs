using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell;

/// <summary>A cmdlet that works on snapshots of one machine; snapshots from the pipeline bring their machine along.</summary>
public abstract class CharlyVmSnapshotCmdlet : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Name of the virtual machine. Takes it from snapshots in the pipeline.")]
    [ValidateNotNullOrEmpty]
    [VmName]
    [Alias("Name")]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string Vm { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "Name of the snapshot.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    public string Snapshot { get; set; } = "";

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        if (Approve()) Run(Vm, WorkAsync);
    }

    /// <summary>Asks the user.</summary>
    private protected abstract bool Approve();

    /// <summary>Does the work.</summary>
    private protected abstract Task WorkAsync(Work work);

    /// <summary>The snapshot that the parameters name.</summary>
    private protected VmSnapshotRequest Request => new(Vm, Snapshot);
}

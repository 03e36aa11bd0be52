using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Vms;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Lists the snapshots of virtual machines.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyVmCheckpoint")]
[OutputType(typeof(VmSnapshot))]
public sealed class GetCharlyVmCheckpointCommand : CharlyVmCmdlet
{
    [Parameter(Position = 1, HelpMessage = "Names of snapshots, with wildcards; all if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    public string[] Snapshot { get; set; } = ["*"];

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var patterns = Snapshot.Select(s => new WildcardPattern(s)).ToArray();
        foreach (var snapshot in await new GetVmSnapshots(work.Context).RunAsync(name, work.Cancel).ConfigureAwait(false))
        {
            if (Array.Exists(patterns, p => p.IsMatch(snapshot.Name))) work.Write(snapshot);
        }
    }
}

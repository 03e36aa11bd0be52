using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Removes short-lived deployments whose time is over, and machines of such that no record speaks of.</summary>
[Cmdlet(VerbsCommon.Clear, "CharlyOrphan", SupportsShouldProcess = true)]
[OutputType(typeof(ReapedOrphan))]
public sealed class ClearCharlyOrphanCommand : CharlyCmdlet
{
    [Parameter(HelpMessage = "Only tells what would be removed.")]
    public SwitchParameter DryRun { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (DryRun || ShouldProcess("short-lived deployments whose time is over", "Remove")) Run("orphans", ReapAsync);
    }

    private async Task ReapAsync(Work work)
    {
        foreach (var orphan in await new ReapOrphans(work.Context).RunAsync(DryRun, work.Cancel).ConfigureAwait(false))
        {
            work.Write(orphan);
        }
    }
}

using System.Management.Automation;
using OpenCharly.Ledger;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Reads the ledgers of targets: what was applied there, and how it would be undone.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyLedger")]
[OutputType(typeof(LedgerRecord))]
public sealed class GetCharlyLedgerCommand : CharlyDeploymentCmdlet
{
    private protected override async Task WorkOnAsync(Work work, string name) =>
        work.Write(await new GetLedger(work.Context).RunAsync(name, work.Cancel).ConfigureAwait(false));
}

using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Finishes runs that were cut, or takes them back.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "CharlyBundle", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DeployResult))]
public sealed class RepairCharlyBundleCommand : CharlyDeploymentCmdlet
{
    [Parameter(HelpMessage = "Takes the cut run back, to the state before it, instead of finishing it.")]
    public SwitchParameter Rollback { get; set; }

    [Parameter(HelpMessage = "Only says what would be done.")]
    public SwitchParameter DryRun { get; set; }

    [Parameter(HelpMessage = "Ends in an error instead of starting a machine that is off.")]
    public SwitchParameter NoStart { get; set; }

    [Parameter(HelpMessage = "How many seconds to wait for ssh; 120 if left out.")]
    [ValidateRange(1, 86400)]
    public int? SshTimeoutSec { get; set; }

    [Parameter(HelpMessage = "Host of the deployment instead of the entry's: local, [user@]host[:port] or an ssh alias.")]
    [Alias("Host")]
    [ValidateNotNullOrEmpty]
    public string? TargetHost { get; set; }

    private protected override bool Approve(string name) => DryRun || ShouldProcess(name, Rollback ? "Take the cut run back" : "Finish the cut run");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var request = new RepairBundleRequest
        {
            Name = name,
            Rollback = Rollback,
            DryRun = DryRun,
            NoStart = NoStart,
            SshTimeout = SshTimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Host = TargetHost,
        };
        work.WriteResult(await new RepairBundle(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false));
    }
}

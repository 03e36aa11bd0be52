using System.Management.Automation;
using OpenCharly.Arbitration;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Lists who holds exclusive resources, and what was stopped for them.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyLease")]
[OutputType(typeof(LeaseStatus))]
public sealed class GetCharlyLeaseCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Claimants; wildcards are allowed. All if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(LeaseCompleter))]
    public string[] Name { get; set; } = ["*"];

    [Parameter(HelpMessage = "Only leases whose claimant is gone.")]
    public SwitchParameter Stranded { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var patterns = Name.Select(n => new WildcardPattern(n)).ToArray();
        Run("leases", async work =>
        {
            foreach (var lease in await new GetLeases(work.Context).RunAsync(work.Cancel).ConfigureAwait(false))
            {
                if ((lease.IsStranded || !Stranded) && patterns.Any(p => p.IsMatch(lease.Name))) work.Write(lease);
            }
        });
    }
}

using System.Management.Automation;
using OpenCharly.Arbitration;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Ends leases and starts again what had been stopped for them.</summary>
[Cmdlet(VerbsData.Restore, "CharlyLease", SupportsShouldProcess = true)]
[OutputType(typeof(LeaseRestore))]
public sealed class RestoreCharlyLeaseCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Claimants whose leases end; all stranded leases if left out.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LeaseCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name.Length == 0 && ShouldProcess("all stranded leases", "Start again what was stopped for them")) Run("leases", work => RestoreAsync(work, null));
        RunEach([.. Name.Where(name => ShouldProcess($"lease of {name}", "Start again what was stopped for it"))], 1, RestoreAsync);
    }

    private static async Task RestoreAsync(Work work, string? name)
    {
        foreach (var ended in await new RestoreLeases(work.Context).RunAsync(name, work.Cancel).ConfigureAwait(false))
        {
            work.Write(ended);
        }
    }
}

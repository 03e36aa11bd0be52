using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Removes what is left in libvirt of machines that are gone.</summary>
[Cmdlet(VerbsCommon.Clear, "CharlyVmOrphan", SupportsShouldProcess = true)]
[OutputType(typeof(string))]
public sealed class ClearCharlyVmOrphanCommand : CharlyCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!TryAsk("libvirt", work => new CleanVmOrphans(work.Context).FindAsync(work.Cancel), out var domains)) return;
        RunEach([.. domains.Where(d => ShouldProcess($"domain {d}", "Remove, its disks kept"))], 1, async (work, domain) =>
        {
            await new CleanVmOrphans(work.Context).RunAsync(domain, work.Cancel).ConfigureAwait(false);
            work.Write(domain);
        });
    }
}

using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Looks at what this machine has of all that charly can use.</summary>
[Cmdlet(VerbsDiagnostic.Test, "CharlyHost")]
[OutputType(typeof(HostItem), typeof(bool))]
public sealed class TestCharlyHostCommand : CharlyCmdlet
{
    [Parameter(Position = 0, HelpMessage = "Only what is needed for these; everything if left out.")]
    [ValidateNotNullOrEmpty]
    public HostGroup[] Group { get; set; } = [];

    [Parameter(HelpMessage = "Emits only whether everything that is required is there.")]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run("host", async work =>
    {
        var report = await new CheckHost(work.Context).RunAsync(work.Cancel).ConfigureAwait(false);
        var items = report.Items.Where(i => Group.Length == 0 || Group.Contains(i.Group)).ToArray();
        if (Quiet) work.Write(!items.Any(i => i is { IsRequired: true, Status: HostItemStatus.Missing }));
        foreach (var item in Quiet ? [] : items) work.Write(item);
    });
}

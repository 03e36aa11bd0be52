using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Looks at what stands between the user and a file that GnuPG encrypts.</summary>
[Cmdlet(VerbsDiagnostic.Test, "CharlyGpg")]
[OutputType(typeof(HostItem), typeof(bool))]
public sealed class TestCharlyGpgCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The file; .secrets of the project if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    [Parameter(HelpMessage = "Emits only whether nothing stands in the way.")]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var file = this.FileAtOrNull(Path);
        Run("gpg", work => LookAsync(work, file));
    }

    private async Task LookAsync(Work work, string? file)
    {
        var items = await new CheckGpg(work.Context).RunAsync(file, work.Cancel).ConfigureAwait(false);
        if (Quiet) work.Write(!items.Any(i => i is { IsRequired: true, Status: not HostItemStatus.Ok }));
        foreach (var item in Quiet ? [] : items) work.Write(item);
    }
}

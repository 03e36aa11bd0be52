using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Writes or emits keys of GnuPG in lines of ASCII.</summary>
[Cmdlet(VerbsData.Export, "CharlyGpgKey", SupportsShouldProcess = true)]
[OutputType(typeof(string))]
public sealed class ExportCharlyGpgKeyCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Fingerprint, key id or address; your own key if left out.")]
    [Alias("KeyId")]
    [ValidateNotNullOrEmpty]
    public string? Fingerprint { get; set; }

    [Parameter(HelpMessage = "The secret part, for another machine of yours; its passphrase protects it.")]
    public SwitchParameter Secret { get; set; }

    [Parameter(HelpMessage = "A file to write, which only you can read; emitted as text if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var file = Path is null ? null : this.FileAt(Path);
        if (file is not null && !ShouldProcess(file, $"Export the key {Fingerprint}".TrimEnd())) return;
        Run(Fingerprint ?? "own key", async work =>
        {
            var text = await new GpgKeys(work.Context).ExportAsync(Fingerprint, Secret, file, work.Cancel).ConfigureAwait(false);
            if (file is null) work.Write(text);
        });
    }
}

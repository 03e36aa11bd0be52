using System.Management.Automation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Takes keys of GnuPG into the user's keyring.</summary>
[Cmdlet(VerbsData.Import, "CharlyGpgKey", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(GpgKey))]
public sealed class ImportCharlyGpgKeyCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path",
        HelpMessage = "Files of keys; wildcards are allowed.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath",
        HelpMessage = "Files of keys, taken as they are written.")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var files = ParameterSetName == "Path" ? this.FilesMatching(Path) : this.FilesAt(LiteralPath);
        RunEach([.. files.Where(file => ShouldProcess(file, "Import the keys"))], 1, async (work, file) =>
        {
            foreach (var key in await new GpgKeys(work.Context).ImportAsync(file, cancellationToken: work.Cancel).ConfigureAwait(false)) work.Write(key);
        });
    }
}

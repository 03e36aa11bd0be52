using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Copies files into or out of a virtual machine.</summary>
[Cmdlet(VerbsCommon.Copy, "CharlyVmItem", SupportsShouldProcess = true)]
[OutputType(typeof(TransferResult))]
public sealed class CopyCharlyVmItemCommand : CharlyCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Paths here, with wildcards, or machine:path for what is in a guest.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [Alias("FullName")]
    [ArgumentCompleter(typeof(VmPathCompleter))]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1, HelpMessage = "Path here, or machine:path for one in a guest.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(VmPathCompleter))]
    public string Destination { get; set; } = "";

    [Parameter(HelpMessage = "Copies folders with all that they hold.")]
    public SwitchParameter Recurse { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach([.. Path.SelectMany(Expand).Where(p => ShouldProcess(p, $"Copy to {Destination}"))], 1, async (work, path) =>
        work.Write(await new CopyVmItem(work.Context).RunAsync(new CopyVmItemRequest(path, Destination, Recurse), work.Cancel).ConfigureAwait(false)));

    // What lies here is matched here; what is in a guest is matched there. A file whose own name has brackets means itself.
    private IEnumerable<string> Expand(string path) =>
        !CopyVmItem.IsInMachine(path) && WildcardPattern.ContainsWildcardCharacters(path) && !InvokeProvider.Item.Exists(path, force: true, literalPath: true)
            ? this.FilesMatching([path])
            : [path];
}

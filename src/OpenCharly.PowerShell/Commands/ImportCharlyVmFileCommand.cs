using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.Vms.Definitions;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Reads a VMFile and emits the machines that it defines.</summary>
[Cmdlet(VerbsData.Import, "CharlyVmFile")]
[OutputType(typeof(VmDefinition))]
public sealed class ImportCharlyVmFileCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "VMFiles to read, with wildcards; VMFile.kdl of the current folder if left out.")]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [VmFileDocument.DefaultName];

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach(Files(), 1, (work, file) =>
    {
        foreach (var machine in new ReadVmFile(work.Context).Run(file).Machines) work.Write(machine);
        return Task.CompletedTask;
    });

    // A path without wildcards is the engine's to miss: its error says what a VMFile is.
    private string[] Files() => [.. Path.SelectMany(p => WildcardPattern.ContainsWildcardCharacters(p) ? this.FilesMatching([p]) : [this.FileAt(p)])];
}

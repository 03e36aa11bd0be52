using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.Vms.Definitions;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Reads a VMFile and emits the machines that it defines.</summary>
[Cmdlet(VerbsData.Import, "CharlyVmFile", DefaultParameterSetName = "Path")]
[OutputType(typeof(VmDefinition))]
public sealed class ImportCharlyVmFileCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Path",
        HelpMessage = "VMFiles to read, with wildcards; VMFile.kdl of the current folder if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [VmFileDocument.DefaultName];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath",
        HelpMessage = "VMFiles to read, taken as they are written.")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach(Files(), 1, (work, file) =>
    {
        foreach (var machine in new ReadVmFile(work.Context).Run(file).Machines) work.Write(machine);
        return Task.CompletedTask;
    });

    // A path without wildcards is the engine's to miss: its error says what a VMFile is.
    private IReadOnlyList<string> Files() => ParameterSetName == "LiteralPath"
        ? this.FilesAt(LiteralPath)
        : [.. Path.SelectMany(p => WildcardPattern.ContainsWildcardCharacters(p) ? this.FilesMatching([p]) : this.FilesAt([p]))];
}

using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Brings the files of projects and the per-host file to the newest schema.</summary>
[Cmdlet(VerbsData.Update, "CharlySchema", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(SchemaChange))]
public sealed class UpdateCharlySchemaCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Path",
        HelpMessage = "Folders of projects; wildcards are allowed. The current folder if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath",
        HelpMessage = "Folders of projects, taken as they are written.")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var folders = ParameterSetName == "LiteralPath" ? this.FilesAt(LiteralPath) : Path.Length == 0 ? [WorkingFolder] : this.FilesMatching(Path);
        foreach (var folder in folders) Update(folder);
    }

    private void Update(string folder)
    {
        if (!TryAsk(folder, work => Task.FromResult(new UpdateSchema(work.Context.In(folder)).Plan()), out var update)) return;
        var files = update.Files.Where(file => ShouldProcess(file.File, string.Join("; ", file.Changes))).ToArray();
        Run(folder, async work =>
        {
            foreach (var file in await new UpdateSchema(work.Context.In(folder)).ApplyAsync(files, work.Cancel).ConfigureAwait(false)) work.Write(file);
            foreach (var left in update.Left) work.WriteError(new CharlyException(left.Code, left.Message, left.Help, left.Position, folder));
        });
    }
}

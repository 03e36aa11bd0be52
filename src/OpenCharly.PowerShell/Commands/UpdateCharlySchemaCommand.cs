using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Brings the files of projects and the per-host file to the newest schema.</summary>
[Cmdlet(VerbsData.Update, "CharlySchema", SupportsShouldProcess = true)]
[OutputType(typeof(SchemaChange))]
public sealed class UpdateCharlySchemaCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Folders of projects; wildcards are allowed. The current folder if left out.")]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = ["."];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var folder in this.FilesMatching(Path)) Update(folder);
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

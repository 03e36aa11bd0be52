using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Vms.Templates;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Makes the folders of templates, or first sources for one.</summary>
[Cmdlet(VerbsData.Initialize, "CharlyTemplate", SupportsShouldProcess = true, DefaultParameterSetName = Folders)]
[OutputType(typeof(VmTemplate), ParameterSetName = [Folders])]
[OutputType(typeof(string), ParameterSetName = [Sources])]
public sealed class InitializeCharlyTemplateCommand : CharlyCmdlet
{
    private const string Folders = "Folders";
    private const string Sources = "Sources";

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Names of templates.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public string[] Name { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = Sources, HelpMessage = "Writes a build script and a list of variants instead; files that are there stay.")]
    public SwitchParameter Local { get; set; }

    [Parameter(ParameterSetName = Sources, HelpMessage = "Folder in which the folder of sources is made; the current one if left out.")]
    [Alias("Dir")]
    [ValidateNotNullOrEmpty]
    public string Directory { get; set; } = ".";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var folder = Local ? this.FileAt(Directory) : "";
        RunEach([.. Name.Where(n => ShouldProcess($"template {n}", "Initialize"))], 1, async (work, name) =>
        {
            var initialize = new InitializeTemplate(work.Context);
            if (!Local)
            {
                work.Write(await initialize.RunAsync(name, work.Cancel).ConfigureAwait(false));
                return;
            }

            foreach (var file in initialize.Scaffold(name, folder)) work.Write(file);
        });
    }
}

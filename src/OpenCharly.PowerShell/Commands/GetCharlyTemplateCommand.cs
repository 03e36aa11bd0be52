using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;
using OpenCharly.PowerShell.Completion;
using OpenCharly.Vms.Templates;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Lists the templates on this machine, or shows some.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyTemplate")]
[OutputType(typeof(VmTemplate))]
public sealed class GetCharlyTemplateCommand : CharlyCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Names of templates, with wildcards; all if left out.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [TemplateName]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach(Name.Length == 0 ? ["*"] : Name, 1, (work, name) =>
    {
        var templates = new GetTemplates(work.Context);
        if (!WildcardPattern.ContainsWildcardCharacters(name))
        {
            work.Write(templates.Show(name));
            return Task.CompletedTask;
        }

        var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
        foreach (var template in templates.Run().Where(t => pattern.IsMatch(t.Name))) work.Write(template);
        return Task.CompletedTask;
    });
}

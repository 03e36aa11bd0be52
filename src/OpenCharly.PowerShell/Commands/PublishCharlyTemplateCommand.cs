using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms.Templates;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Sends revisions of templates to the registry.</summary>
[Cmdlet(VerbsData.Publish, "CharlyTemplate", SupportsShouldProcess = true)]
[OutputType(typeof(TemplateRevision))]
public sealed class PublishCharlyTemplateCommand : CharlyTemplateCmdlet
{
    [Parameter(HelpMessage = "Revision; the current one if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"template {name}", "Push");

    private protected override async Task WorkOnAsync(Work work, string name) =>
        work.Write(await new PushTemplate(work.Context).RunAsync(name, Revision, work.Cancel).ConfigureAwait(false));
}

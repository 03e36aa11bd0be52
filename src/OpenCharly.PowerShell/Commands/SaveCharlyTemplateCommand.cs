using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms.Templates;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Fetches revisions of templates from the registry and makes them current.</summary>
[Cmdlet(VerbsData.Save, "CharlyTemplate", SupportsShouldProcess = true)]
[OutputType(typeof(TemplateRevision))]
public sealed class SaveCharlyTemplateCommand : CharlyTemplateCmdlet
{
    [Parameter(HelpMessage = "Revision; the registry's current one if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"template {name}", "Pull");

    private protected override async Task WorkOnAsync(Work work, string name) =>
        work.Write(await new PullTemplate(work.Context).RunAsync(name, Revision, work.Cancel).ConfigureAwait(false));
}

using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Removes templates with all their revisions; refused while a machine's disk stands on one.</summary>
[Cmdlet(VerbsCommon.Remove, "CharlyTemplate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCharlyTemplateCommand : CharlyTemplateCmdlet
{
    [Parameter(HelpMessage = "No error for a template that is not there.")]
    public SwitchParameter Force { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"template {name}", "Remove with all its revisions");

    private protected override Task WorkOnAsync(Work work, string name) => new RemoveTemplate(work.Context).RunAsync(name, Force, work.Cancel);
}

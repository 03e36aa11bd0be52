using System.Management.Automation;
using OpenCharly.Operations;
using OpenCharly.Vms.Templates;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Builds the next revision of templates and makes it current.</summary>
[Cmdlet("Build", "CharlyTemplate", SupportsShouldProcess = true)]
[OutputType(typeof(TemplateRevision))]
public sealed class BuildCharlyTemplateCommand : CharlyTemplateCmdlet
{
    [Parameter(HelpMessage = "Lets the builder forget what it kept.")]
    public SwitchParameter Force { get; set; }

    [Parameter(HelpMessage = "TOML file with variants, each of which is made and built.")]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    private protected override bool Approve(string name) => ShouldProcess($"template {name}", "Build");

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var request = new BuildTemplateRequest { Name = name, Force = Force, Config = Config };
        foreach (var revision in await new BuildTemplate(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false)) work.Write(revision);
    }
}

using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Tells whether revisions of templates are as their checksums say.</summary>
[Cmdlet(VerbsDiagnostic.Test, "CharlyTemplate")]
[OutputType(typeof(bool))]
public sealed class TestCharlyTemplateCommand : CharlyTemplateCmdlet
{
    [Parameter(HelpMessage = "Revision; the current one if left out.")]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    private protected override async Task WorkOnAsync(Work work, string name)
    {
        var result = await new VerifyTemplate(work.Context).RunAsync(name, Revision, work.Cancel).ConfigureAwait(false);
        foreach (var file in result.Files.Where(f => !f.IsIntact)) work.WriteVerbose($"{file.Name} has the checksum {file.Actual ?? "of nothing: it is not there"}, expected was {file.Expected}");
        work.Write(result.IsIntact);
    }
}

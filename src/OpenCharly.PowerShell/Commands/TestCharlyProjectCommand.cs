using System.Management.Automation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Tells whether projects are without errors.</summary>
[Cmdlet(VerbsDiagnostic.Test, "CharlyProject", DefaultParameterSetName = "Path")]
[OutputType(typeof(bool))]
public sealed class TestCharlyProjectCommand : CharlyProjectCmdlet
{
    private protected override async Task WorkOnAsync(Work work, string folder)
    {
        var report = await new ValidateProject(work.Context.In(folder)).RunAsync(IncludeDisabled, work.Cancel).ConfigureAwait(false);
        work.Write(report.IsValid);
    }
}

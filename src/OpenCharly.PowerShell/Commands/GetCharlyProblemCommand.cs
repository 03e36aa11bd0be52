using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Emits every problem of projects, each with its place.</summary>
[Cmdlet(VerbsCommon.Get, "CharlyProblem", DefaultParameterSetName = "Path")]
[OutputType(typeof(Problem))]
public sealed class GetCharlyProblemCommand : CharlyProjectCmdlet
{
    private protected override async Task WorkOnAsync(Work work, string folder)
    {
        var report = await new ValidateProject(work.Context.In(folder)).RunAsync(IncludeDisabled, work.Cancel).ConfigureAwait(false);
        foreach (var problem in report.Problems) work.Write(problem);
    }
}

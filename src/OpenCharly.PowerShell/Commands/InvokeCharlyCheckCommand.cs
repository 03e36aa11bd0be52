using System.Management.Automation;
using OpenCharly.Checks;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Runs the checks of what is applied.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "CharlyCheck", SupportsShouldProcess = true)]
[OutputType(typeof(CheckResult))]
public sealed class InvokeCharlyCheckCommand : CharlyCheckCmdlet
{
    // Checks look, but their commands may do anything, and a machine that is off is started for them.
    private protected override bool IsWanted(string name) => ShouldProcess(name, "Run the checks");

    private protected override async Task WorkOnAsync(Work work, CheckRequest request)
    {
        var report = await new CheckBundle(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false);
        foreach (var result in report.Results) work.Write(result);
    }
}

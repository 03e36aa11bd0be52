using System.Management.Automation;
using OpenCharly.Checks;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Tells whether bundles are as they were applied and pass their checks.</summary>
[Cmdlet(VerbsDiagnostic.Test, "CharlyBundle")]
[OutputType(typeof(bool))]
public sealed class TestCharlyBundleCommand : CharlyCheckCmdlet
{
    private protected override async Task WorkOnAsync(Work work, CheckRequest request)
    {
        var result = await new VerifyBundle(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false);
        foreach (var item in result.Drift) work.WriteVerbose($"{item.Candy}: {item.Path} is {item.Kind}");
        foreach (var check in result.Checks.Results.Where(c => c.Status == CheckStatus.Fail)) work.WriteVerbose($"{check.Candy}: check {check.Id} failed: expected {check.Expected}, found {check.Actual}");
        work.Write(result.Passed);
    }
}

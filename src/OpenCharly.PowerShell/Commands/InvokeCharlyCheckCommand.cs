using System.Management.Automation;
using OpenCharly.Checks;
using OpenCharly.Operations;

namespace OpenCharly.PowerShell.Commands;

/// <summary>Runs the checks of what is applied, of images, or of beds that are made for it.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "CharlyCheck", SupportsShouldProcess = true)]
[OutputType(typeof(CheckResult))]
public sealed class InvokeCharlyCheckCommand : CharlyCheckCmdlet
{
    [Parameter(HelpMessage = "The names are boxes or images: each is checked in a throw-away container.")]
    public SwitchParameter Box { get; set; }

    [Parameter(HelpMessage = "The names are beds: each is brought up, checked, and taken down again.")]
    public SwitchParameter Bed { get; set; }

    private protected override Task<IReadOnlyList<string>> NamesAsync(Work work, IReadOnlyList<string> names) =>
        Box || Bed ? Task.FromResult(names) : base.NamesAsync(work, names);

    // Checks look, but their commands may do anything, and a machine that is off is started for them.
    private protected override bool IsWanted(string name) => ShouldProcess(name, Bed ? "Bring up, check and destroy the bed" : "Run the checks");

    private protected override async Task WorkOnAsync(Work work, CheckRequest request)
    {
        if (Bed)
        {
            await RunBedAsync(work, request).ConfigureAwait(false);
            return;
        }

        var report = Box
            ? await new CheckBox(work.Context).RunAsync(request.Name, request.Selection, work.Cancel).ConfigureAwait(false)
            : await new CheckBundle(work.Context).RunAsync(request, work.Cancel).ConfigureAwait(false);
        foreach (var result in report.Results) work.Write(result);
    }

    // That a check failed is in its result; whatever else went wrong is an error.
    private static async Task RunBedAsync(Work work, CheckRequest request)
    {
        var run = await new RunBed(work.Context).RunAsync(new RunBedRequest { Name = request.Name, Selection = request.Selection, SshTimeout = request.SshTimeout }, work.Cancel).ConfigureAwait(false);
        foreach (var result in run.Reports.SelectMany(report => report.Results)) work.Write(result);
        if (run.Failure is { } failure && run.Reports.All(report => report.Passed)) work.WriteError(failure);
        foreach (var leftover in run.Leftovers) work.WriteError(leftover);
    }
}

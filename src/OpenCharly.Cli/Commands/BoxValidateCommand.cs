using System.CommandLine;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly box validate</c>.</summary>
internal sealed class BoxValidateCommand : Command
{
    private readonly Option<bool> _includeDisabled = Parameters.Flag("--include-disabled", "Look at disabled boxes, too");

    public BoxValidateCommand(CommandHost host) : base("validate", "Print every problem of the project, each with its place")
    {
        Add(_includeDisabled);
        SetAction(host.Action(RunAsync));
    }

    public bool IncludesDisabled(ParseResult parsed) => parsed.GetValue(_includeDisabled);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var report = await new ValidateProject(run.Context).RunAsync(IncludesDisabled(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.PrintAll(report.Problems, _ => ProblemText.Of(report, run.Palette), ErrorReport.WriteProblem);
        return report.IsValid ? 0 : 1;
    }
}

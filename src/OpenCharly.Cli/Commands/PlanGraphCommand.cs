using System.CommandLine;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Plans;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly plan graph</c>: a picture of plans, from a file or compiled for a target.</summary>
internal sealed class PlanGraphCommand : Command
{
    private static readonly Dictionary<string, PlanPicture> Pictures = new(StringComparer.Ordinal)
    {
        ["tree"] = PlanPicture.Tree, ["mermaid"] = PlanPicture.Mermaid, ["html"] = PlanPicture.Html,
    };

    private readonly BundleParameters _parameters;
    private readonly SelectionOptions _selection;
    private readonly Option<PlanPicture> _as = Parameters.OneOf("--as", "How it is drawn: tree (the default), mermaid or html", Pictures);
    private readonly Option<string?> _output = Parameters.Text("--output", "FILE", "File to write; standard output if left out", "-o");

    public PlanGraphCommand(CommandHost host) : base("graph", "Draw a plan as a tree, a Mermaid chart or a page; NAME may be a file of plans")
    {
        _parameters = new BundleParameters(host, this);
        _selection = new SelectionOptions(host, this);
        Add(_as);
        Add(_output);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var plans = _selection.Of(run.Parsed).Of(await PlansAsync(run, cancellationToken).ConfigureAwait(false));
        var picture = run.Parsed.GetValue(_as);
        if (run.Parsed.GetValue(_output) is not { } file)
        {
            run.Print(DrawPlan.Run(plans, picture));
            return 0;
        }

        run.Tell(NoticeLevel.Info, $"wrote {await new DrawPlan(run.Context).WriteAsync(plans, picture, file, cancellationToken: cancellationToken).ConfigureAwait(false)}");
        return 0;
    }

    private async Task<IReadOnlyList<InstallPlan>> PlansAsync(Invocation run, CancellationToken cancellationToken)
    {
        var requests = await _parameters.RequestsAsync(run, cancellationToken).ConfigureAwait(false);
        return requests is [{ Ref: null } only] && PlanFile.IsFile(run, only.Name)
            ? await PlanFile.ReadAsync(run, only.Name, cancellationToken).ConfigureAwait(false)
            : await new CompilePlans(run.Context).RunAsync(requests, _parameters.Throttle(run.Parsed), cancellationToken).ConfigureAwait(false);
    }
}

using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly box merge</c>.</summary>
internal sealed class BoxMergeCommand : Command
{
    private readonly Argument<string[]> _names = new("boxes") { Description = "Boxes whose images are in local storage", HelpName = "BOX", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _tag = Parameters.Text("--tag", "TAG", "Tag of the images (default: the newest of each box)");
    private readonly Option<int?> _most = Parameters.Whole("--max-mb", "N", "Layers above N MB stay as they are (default: what the box says, else 128)");
    private readonly Option<int?> _total = Parameters.Whole("--max-total-mb", "N", "Most MB of a merged layer (default: what the box says, else no limit)");
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public BoxMergeCommand(CommandHost host) : base("merge", "Merge the small layers of images of boxes")
    {
        _names.CompletionSources.Add(context => new NameCompletions(host, context).Boxes());
        Add(_names);
        foreach (var option in (Option[])[_tag, _most, _total, _dryRun]) Add(option);
        SetAction(host.Action(RunAsync));
    }

    public MergeBoxesRequest Request(ParseResult parsed) => new()
    {
        Names = parsed.GetValue(_names) ?? [],
        Tag = parsed.GetValue(_tag),
        MaxMegabytes = parsed.GetValue(_most),
        MaxTotalMegabytes = parsed.GetValue(_total),
        DryRun = parsed.GetValue(_dryRun),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var merged = await new MergeBoxes(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.PrintAll(merged, all => all.Count == 0 ? "" : run.Table(BoxOutput.MergedColumns, all.Select(BoxOutput.MergedRow)), BoxOutput.Write);
        return 0;
    }
}

/// <summary><c>charly box reconcile</c>.</summary>
internal sealed class BoxReconcileCommand : Command
{
    private readonly Argument<string[]> _names;
    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public BoxReconcileCommand(CommandHost host) : base("reconcile", "Bring build: of boxes in line with their distributions")
    {
        Add(_names = BoxParameters.Names(host));
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var isDry = run.Parsed.GetValue(_dryRun);
        var boxes = await new ReconcileBoxes(run.Context).RunAsync(run.Parsed.GetValue(_names) ?? [], isDry, cancellationToken).ConfigureAwait(false);
        run.PrintAll(boxes, all => string.Concat(all.Where(b => b.IsChanged).Select(b => $"{b.Name}: {(isDry ? "would build" : "builds")} {string.Join(", ", b.After)} instead of {(b.Before.Count == 0 ? "nothing" : string.Join(", ", b.Before))} ({b.File})\n")), BoxOutput.Write);
        return 0;
    }
}

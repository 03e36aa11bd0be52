using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly bundle drift</c>: what is no longer as it was applied.</summary>
internal sealed class BundleDriftCommand : Command
{
    /// <summary>Exit code where something drifted.</summary>
    public const int Drifted = 7;

    private readonly Argument<string[]> _names = new("names")
    {
        Description = "Deploy keys, with the wildcards * and ?; all if none is given",
        HelpName = "NAME",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public BundleDriftCommand(CommandHost host) : base("drift", "Tell what on targets is no longer as it was applied (exit code 7 if something is not)")
    {
        _names.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        Add(_names);
        SetAction(host.Action(RunAsync));
    }

    public DriftQuery Request(ParseResult parsed) => new() { Names = parsed.GetValue(_names) ?? [] };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var items = await new GetDrift(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.PrintAll(
            items,
            all => all.Count == 0 ? "Nothing has drifted.\n" : run.Table(DriftOutput.Columns, all.Select(DriftOutput.Row)),
            DriftOutput.Write);
        return items.Count == 0 ? 0 : Drifted;
    }
}

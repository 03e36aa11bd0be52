using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
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

    private readonly Option<int?> _throttle = TargetOptions.ThrottleOption();

    public BundleDriftCommand(CommandHost host) : base("drift", "Tell what on targets is no longer as it was applied (exit code 7 if something is not)")
    {
        _names.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        Add(_names);
        Add(_throttle);
        SetAction(host.Action(RunAsync));
    }

    public DriftQuery Request(ParseResult parsed) => new() { Names = parsed.GetValue(_names) ?? [] };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var throttle = run.Parsed.GetValue(_throttle) ?? AddBundles.DefaultThrottle;
        var compared = await new GetDrift(run.Context).RunAsync(Request(run.Parsed), throttle, cancellationToken).ConfigureAwait(false);
        var items = compared.SelectMany(c => c.Items).ToList();
        var failures = compared.Select(c => c.Failure).OfType<CharlyException>().ToList();
        run.PrintAll(items, all => all.Count > 0 ? run.Table(DriftOutput.Columns, all.Select(DriftOutput.Row)) : NothingDrifted(compared.Count, failures.Count), DriftOutput.Write);

        // A target that was not compared is worse than one of which it is known what drifted.
        return run.TellFailures(failures) is var failed and not 0 ? failed : items.Count == 0 ? 0 : Drifted;
    }

    private static string NothingDrifted(int targets, int failed) =>
        failed == 0 ? "Nothing has drifted.\n" : failed < targets ? $"Nothing has drifted on {targets - failed} of {targets} targets; the others were not compared.\n" : "";
}

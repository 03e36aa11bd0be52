using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary>Several targets, and how many of them at a time: <c>--on NAME</c>, repeated, and <c>--throttle N</c>.</summary>
internal sealed class TargetOptions
{
    public TargetOptions(CommandHost host, Command command)
    {
        On.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        command.Add(On);
        command.Add(Throttle);
    }

    public Option<string[]> On { get; } = new("--on")
    {
        Description = "A target, with the wildcards * and ?; may be given several times, and then NAME is left out",
        HelpName = "NAME",
        Arity = ArgumentArity.OneOrMore,
    };

    public Option<int?> Throttle { get; } = ThrottleOption();

    public static Option<int?> ThrottleOption()
    {
        var option = Parameters.Whole("--throttle", "N", $"How many targets are worked on at a time (default: {AddBundles.DefaultThrottle})");
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var number) && number is < 1 or > 128) result.AddError($"--throttle {number}: from 1 to 128 targets can be worked on at a time.");
        });
        return option;
    }

    public IReadOnlyList<string> Named(ParseResult parsed) => parsed.GetValue(On) ?? [];

    public int ThrottleOf(ParseResult parsed) => parsed.GetValue(Throttle) ?? AddBundles.DefaultThrottle;

    public Task<IReadOnlyList<string>> ExpandAsync(Invocation run, CancellationToken cancellationToken) =>
        ExpandAsync(run, Named(run.Parsed), cancellationToken);

    /// <summary>Each target once: names as they are, wildcards as the deployments that they match.</summary>
    public static async Task<IReadOnlyList<string>> ExpandAsync(Invocation run, IReadOnlyList<string> named, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        foreach (var name in named)
        {
            if (!NamePattern.IsPattern(name))
            {
                names.Add(name);
                continue;
            }

            var matches = await new GetBundles(run.Context).RunAsync(new BundleQuery { Names = [name], Probe = false, AllTargets = true }, cancellationToken).ConfigureAwait(false);
            names.AddRange(matches.Select(bundle => bundle.Name));
        }

        return names.Count > 0 ? [.. names.Distinct(StringComparer.Ordinal)] : throw new Foundation.CharlyException(
            Foundation.Errors.CfgEntry, $"no deployment matches {string.Join(", ", named)}", "See what there is with: charly bundle status --offline");
    }
}

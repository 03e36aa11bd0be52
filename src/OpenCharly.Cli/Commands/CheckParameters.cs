using System.CommandLine;
using OpenCharly.Checks;
using OpenCharly.Cli.Completion;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary>The parameters that everything that runs checks takes alike.</summary>
internal sealed class CheckParameters
{
    /// <summary>Exit code where a check failed.</summary>
    public const int Failed = 7;

    private static readonly Dictionary<string, string> Sections = new(StringComparer.Ordinal)
    {
        ["candy"] = "candy", ["box"] = "box", ["local"] = "local", ["deploy"] = "deploy",
    };

    private readonly Argument<string[]> _names = new("names")
    {
        Description = "Deploy keys, with the wildcards * and ?",
        HelpName = "NAME",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _instance = Parameters.Text("--instance", "NAME", "Instance", "-i");
    private readonly Option<string[]> _filter = new("--filter")
    {
        Description = "Only checks with this word in id, candy, verb or scenario, or matching it whole with * and ?; may be given several times",
        HelpName = "WORD",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _section = Parameters.OneOf<string?>("--section", "Only checks of candies, box, local template or deploy entry", Sections!);
    private readonly Option<bool> _noScenarios = Parameters.Flag("--no-scenarios", "Leave out the scenarios of candies");
    private readonly Option<bool> _noStart = Parameters.Flag("--no-start", "Fail if the machine is off, instead of starting it");
    private readonly Option<TimeSpan?> _sshTimeout = Parameters.Duration("--ssh-timeout", "How long to wait for ssh (default: 120)");
    private readonly Option<string?> _host = Parameters.Text("--host", "HOST", "local, [user@]host[:port] or an ssh alias, instead of the entry's");

    private readonly Option<int?> _throttle = TargetOptions.ThrottleOption();

    public CheckParameters(CommandHost host, Command command)
    {
        _names.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        command.Add(_names);
        command.Add(_instance);
        command.Add(_filter);
        command.Add(_section);
        command.Add(_noScenarios);
        command.Add(_noStart);
        command.Add(_sshTimeout);
        command.Add(_host);
        command.Add(_throttle);
    }

    public int Throttle(ParseResult parsed) => parsed.GetValue(_throttle) ?? AddBundles.DefaultThrottle;

    /// <summary>A request for each bundle that is meant; lines of progress name their bundle where there are several.</summary>
    public async Task<IReadOnlyList<CheckRequest>> RequestsAsync(Invocation run, CancellationToken cancellationToken)
    {
        var names = await new CheckBundle(run.Context).NamesAsync(Names(run.Parsed), cancellationToken).ConfigureAwait(false);
        if (names.Count > 1) run.NameTargets(names);
        return [.. names.Select(name => Request(run.Parsed, name))];
    }

    public IReadOnlyList<string> Names(ParseResult parsed)
    {
        var names = parsed.GetValue(_names) ?? [];
        return parsed.GetValue(_instance) is { } instance ? [.. names.Select(n => $"{n}/{instance}")] : names;
    }

    public CheckRequest Request(ParseResult parsed, string name) => new()
    {
        Name = name,
        Selection = new CheckSelection
        {
            Filter = parsed.GetValue(_filter) ?? [],
            Sections = parsed.GetValue(_section) is { } section ? [section] : [],
            WithScenarios = !parsed.GetValue(_noScenarios),
        },
        NoStart = parsed.GetValue(_noStart),
        SshTimeout = parsed.GetValue(_sshTimeout),
        Host = parsed.GetValue(_host),
    };
}

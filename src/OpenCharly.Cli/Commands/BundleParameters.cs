using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary>What a plan is compiled from: the parameters that <c>bundle add</c> and <c>plan export</c> take alike.</summary>
internal sealed class BundleParameters
{
    private readonly Argument<string?> _name;
    private readonly TargetOptions _targets;
    private readonly Argument<string?> _ref;
    private readonly Option<string[]> _addCandy = new("--add-candy", "--add-layer")
    {
        Description = "One more candy, after the entry's own; may be given several times",
        HelpName = "REF",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _tag = Parameters.Text("--tag", "CALVER", "Pin the version of the image");
    private readonly Option<bool> _pull = Parameters.Flag("--pull", "Fetch remote references anew");
    private readonly Option<string?> _host = Parameters.Text("--host", "HOST", "local, [user@]host[:port] or an ssh alias, instead of the entry's");
    private readonly Option<string?> _builderImage = Parameters.Text("--builder-image", "IMAGE", "Image that language builders run in");
    private readonly Option<bool> _skipIncompatible = Parameters.Flag("--skip-incompatible", "Leave out candies that do not fit the target's distribution");
    private readonly Option<bool> _noStart = Parameters.Flag("--no-start", "Fail if the machine is off, instead of starting it");
    private readonly Option<TimeSpan?> _sshTimeout = Parameters.Duration("--ssh-timeout", "How long to wait for ssh (default: 120)");
    private readonly GateOptions _gates;

    public BundleParameters(CommandHost host, Command command)
    {
        _addCandy.CompletionSources.Add(context => new NameCompletions(host, context).Candies());
        command.Add(_name = new Argument<string?>("name")
        {
            Description = "What it is applied to: vm:NAME, host, or the name of a deploy entry; left out with --on",
            HelpName = "NAME",
            Arity = ArgumentArity.ZeroOrOne,
        });
        command.Add(_ref = Parameters.CandyReference(host));
        _targets = new TargetOptions(host, command);

        // With --on, the one word is the reference.
        _name.CompletionSources.Add(context => context.ParseResult.GetResult(_targets.On) is { Implicit: false }
            ? new NameCompletions(host, context).Candies()
            : new NameCompletions(host, context).Bundles());
        command.Validators.Add(result =>
        {
            if (result.GetResult(_name) is null or { Tokens.Count: 0 } && result.GetResult(_targets.On) is null) result.AddError($"Required argument missing for command: '{command.Name}'.");
        });
        command.Add(_addCandy);
        command.Add(_tag);
        command.Add(_pull);
        command.Add(_host);
        command.Add(_builderImage);
        command.Add(_skipIncompatible);
        command.Add(_noStart);
        command.Add(_sshTimeout);
        _gates = new GateOptions(command);
    }

    /// <summary>Whether <c>--on</c> names the targets, so that results are those of a set, of one target too.</summary>
    public bool HasMany(ParseResult parsed) => _targets.Named(parsed).Count > 0;

    /// <summary>How many targets are worked on at a time.</summary>
    public int Throttle(ParseResult parsed) => _targets.ThrottleOf(parsed);

    /// <summary>A request for each target.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> for two words beside <c>--on</c>.</exception>
    public async Task<IReadOnlyList<BundleRequest>> RequestsAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (!HasMany(run.Parsed)) return [Request(run.Parsed)];
        if (run.Parsed.GetValue(_ref) is { } second)
        {
            throw new CharlyException(Errors.Usage, $"with --on, \"{second}\" is one word too many", "Write the REF alone, and each target behind an --on of its own.");
        }

        var request = Request(run.Parsed);
        var names = await _targets.ExpandAsync(run, cancellationToken).ConfigureAwait(false);
        return [.. names.Select(name => request with { Name = name, Ref = run.Parsed.GetValue(_name) })];
    }

    /// <summary>The request for the one target that the line names.</summary>
    public BundleRequest Request(ParseResult parsed) => new()
    {
        Name = parsed.GetValue(_name) ?? "",
        Ref = parsed.GetValue(_ref),
        AddCandies = parsed.GetValue(_addCandy) ?? [],
        Options = _gates.Of(parsed) with
        {
            SkipIncompatible = parsed.GetValue(_skipIncompatible),
            BuilderImage = parsed.GetValue(_builderImage),
        },
        Tag = parsed.GetValue(_tag),
        Pull = parsed.GetValue(_pull),
        NoStart = parsed.GetValue(_noStart),
        SshTimeout = parsed.GetValue(_sshTimeout),
        Host = parsed.GetValue(_host),
    };
}

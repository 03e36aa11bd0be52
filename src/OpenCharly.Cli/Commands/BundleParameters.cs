using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary>What a plan is compiled from: the parameters that <c>bundle add</c> and <c>plan export</c> take alike.</summary>
internal sealed class BundleParameters
{
    private readonly Argument<string> _name;
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
        command.Add(_name = Parameters.BundleName(host));
        command.Add(_ref = Parameters.CandyReference(host));
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

    public BundleRequest Request(ParseResult parsed) => new()
    {
        Name = parsed.GetRequiredValue(_name),
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

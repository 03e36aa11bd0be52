using System.CommandLine;
using System.Diagnostics;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary>What all commands on pods take.</summary>
internal static class PodParameters
{
    public static Argument<string> Key(CommandHost host)
    {
        var argument = new Argument<string>("key") { Description = "Deploy key of the pod: BASE or BASE/INSTANCE", HelpName = "KEY" };
        argument.CompletionSources.Add(context => new NameCompletions(host, context).Pods());
        return argument;
    }

    public static Argument<string[]> Keys(CommandHost host)
    {
        var argument = new Argument<string[]>("key") { Description = "Deploy keys, with the wildcards * and ?; all if none is given", HelpName = "KEY", Arity = ArgumentArity.ZeroOrMore };
        argument.CompletionSources.Add(context => new NameCompletions(host, context).Pods());
        return argument;
    }

    public static Option<string?> Instance() => Parameters.Text("--instance", "NAME", "Instance of the base that KEY names", "-i");

    public static Option<string[]> Many(string name, string helpName, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName, Arity = ArgumentArity.ZeroOrMore, DefaultValueFactory = _ => [] };
}

/// <summary>A command on one pod.</summary>
internal abstract class PodCommand : Command
{
    private readonly Argument<string> _key;
    private readonly Option<string?> _instance = PodParameters.Instance();

    protected PodCommand(CommandHost host, string name, string description) : base(name, description)
    {
        Add(_key = PodParameters.Key(host));
        Add(_instance);
        SetAction(host.Action(DispatchAsync));
    }

    /// <summary>Prints what a verb would do.</summary>
    protected static async Task<int> PreviewAsync(Invocation run, Task<PodPreview> preview)
    {
        run.Print(await preview.ConfigureAwait(false), PodText.Preview, PodJson.Write);
        return 0;
    }

    /// <summary>The verb that this is on deployments of other targets, too; null for one that only pods have.</summary>
    protected virtual DeploymentVerb? Verb => null;

    public PodRequest Pod(ParseResult parsed) => new() { Name = parsed.GetRequiredValue(_key), Instance = parsed.GetValue(_instance) };

    protected abstract Task<int> RunAsync(Invocation run, CancellationToken cancellationToken);

    /// <summary>The same on a machine.</summary>
    protected virtual Task<int> OnMachineAsync(Invocation run, string name, CancellationToken cancellationToken) => throw new UnreachableException($"{Name} has no machines");

    /// <summary>The command line for a place with a shell, and whether it gets a terminal.</summary>
    protected virtual (string? Command, bool Terminal) InPlace(ParseResult parsed) => (null, false);

    protected static async Task<int> SessionAsync(Invocation run, InteractiveCommand session, CancellationToken cancellationToken)
    {
        run.Pause();
        return await InteractiveProgram.RunAsync(session, cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> DispatchAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (Verb is not { } verb) return await RunAsync(run, cancellationToken).ConfigureAwait(false);
        var pod = Pod(run.Parsed);
        var (command, terminal) = InPlace(run.Parsed);
        return await new FindVerbTarget(run.Context).RunAsync(pod, verb, cancellationToken).ConfigureAwait(false) switch
        {
            VerbTarget.Machine machine => await OnMachineAsync(run, machine.Name, cancellationToken).ConfigureAwait(false),
            VerbTarget.Place place => await SessionAsync(run, place.Session(command, terminal && run.Terminal.CanAsk), cancellationToken).ConfigureAwait(false),
            VerbTarget.Elsewhere there => await SessionAsync(run, there.Session(Words(run.Parsed, pod.Name, there.Leaf), terminal && run.Terminal.CanAsk), cancellationToken).ConfigureAwait(false),
            _ => await RunAsync(run, cancellationToken).ConfigureAwait(false),
        };
    }

    // What was typed, for charly elsewhere: the key is another one there, and where the project is on this machine is nothing to it.
    internal static IReadOnlyList<string> Words(ParseResult parsed, string key, string leaf)
    {
        var words = new List<string>();
        var isKey = true;
        for (var i = 0; i < parsed.Tokens.Count; i++)
        {
            var word = parsed.Tokens[i].Value;
            if (word is "--dir" or "-C" or "--repo")
            {
                i++;
            }
            else if (isKey && word == key)
            {
                words.Add(leaf);
                isKey = false;
            }
            else
            {
                words.Add(word);
            }
        }

        return words;
    }
}

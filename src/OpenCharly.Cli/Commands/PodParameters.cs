using System.CommandLine;
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
        SetAction(host.Action(RunAsync));
    }

    /// <summary>Prints what a verb would do.</summary>
    protected static async Task<int> PreviewAsync(Invocation run, Task<PodPreview> preview)
    {
        run.Print(await preview.ConfigureAwait(false), PodText.Preview, PodJson.Write);
        return 0;
    }

    public PodRequest Pod(ParseResult parsed) => new() { Name = parsed.GetRequiredValue(_key), Instance = parsed.GetValue(_instance) };

    protected abstract Task<int> RunAsync(Invocation run, CancellationToken cancellationToken);
}

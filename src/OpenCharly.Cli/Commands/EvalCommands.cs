using System.CommandLine;
using OpenCharly.Checks;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly eval box</c>: the checks of an image in a throw-away container.</summary>
internal sealed class EvalBoxCommand : Command, IOffersFormats
{
    private readonly Argument<string[]> _names = new("refs") { Description = "Boxes, or full references of images that are here", HelpName = "REF", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _filter = Parameters.Many("--filter", "WORD", "Only checks with this word in id, verb or subject; may be given several times", splits: false);

    public EvalBoxCommand(CommandHost host) : base("box", "Run the checks of an image in a throw-away container (exit code 7 if one fails)")
    {
        _names.CompletionSources.Add(context => new NameCompletions(host, context).Boxes().Concat(new NameCompletions(host, context).LocalImages()));
        Add(_names);
        Add(_filter);
        SetAction(host.Action(RunAsync));
    }

    public IReadOnlyList<OutputFormat> Formats { get; } = [OutputFormat.Text, OutputFormat.Tap];

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var reports = new List<CheckReport>();
        var selection = new CheckSelection { Filter = run.Parsed.GetValue(_filter) ?? [] };
        foreach (var name in run.Parsed.GetRequiredValue(_names)) reports.Add(await new CheckBox(run.Context).RunAsync(name, selection, cancellationToken).ConfigureAwait(false));
        run.Print(CheckOutput.Print(run, reports));
        return reports.TrueForAll(r => r.Passed) ? 0 : CheckParameters.Failed;
    }
}

/// <summary><c>charly eval run</c>: brings a bed up, runs all its checks, takes it down.</summary>
internal sealed class EvalRunCommand : Command, IOffersFormats
{
    private readonly Argument<string> _name = new("bed") { Description = "Name of a bed: a key of eval:", HelpName = "BED" };
    private readonly Option<string[]> _filter = Parameters.Many("--filter", "WORD", "Only checks with this word in id, candy, verb or scenario; may be given several times", splits: false);
    private readonly Option<TimeSpan?> _sshTimeout = Parameters.Duration("--ssh-timeout", "How long to wait for ssh (default: 120)");

    public EvalRunCommand(CommandHost host) : base("run", "Bring a bed up, run all its checks, take it down (exit code 7 if one fails)")
    {
        _name.CompletionSources.Add(context => new NameCompletions(host, context).Beds());
        Add(_name);
        Add(_filter);
        Add(_sshTimeout);
        SetAction(host.Action(RunAsync));
    }

    public IReadOnlyList<OutputFormat> Formats { get; } = [OutputFormat.Text, OutputFormat.Tap];

    public RunBedRequest Request(ParseResult parsed) => new()
    {
        Name = parsed.GetRequiredValue(_name), Selection = new CheckSelection { Filter = parsed.GetValue(_filter) ?? [] }, SshTimeout = parsed.GetValue(_sshTimeout),
    };

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var bed = await new RunBed(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.Print(CheckOutput.Print(run, [.. bed.Reports]));
        var failed = bed.Reports.All(r => r.Passed) ? bed.Failure : null;
        if (run.TellFailures([.. bed.Leftovers, .. failed is null ? Array.Empty<Foundation.CharlyException>() : [failed]]) is var worst and not 0) return worst;
        return bed.Passed ? 0 : CheckParameters.Failed;
    }
}

/// <summary><c>charly eval mcp ping</c>: whether the MCP servers that a pod provides are there.</summary>
internal sealed class McpPingCommand : Command
{
    private readonly Argument<string> _name = new("name") { Description = "Deploy key of the pod", HelpName = "NAME" };

    public McpPingCommand(CommandHost host) : base("ping", "Ask the MCP servers that a pod provides (exit code 7 if one does not answer)")
    {
        _name.CompletionSources.Add(context => new NameCompletions(host, context).Pods());
        Add(_name);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var answers = await new PingMcp(run.Context).RunAsync(run.Parsed.GetRequiredValue(_name), cancellationToken).ConfigureAwait(false);
        run.PrintAll(
            answers, all => run.Table([new("NAME"), new("ANSWERS"), new("URL", Wraps: true), new("TIME", IsNumber: true), new("DETAIL", Wraps: true)], all.Select(Row)),
            (json, answer) =>
            {
                json.WriteStartObject();
                json.WriteString("name", answer.Name);
                json.WriteString("source", answer.Source);
                json.WriteString("url", answer.Url);
                json.WriteBoolean("answers", answer.Answers);
                json.WriteString("detail", answer.Detail);
                json.Seconds("seconds", answer.Duration);
                json.WriteEndObject();
            });
        return answers.All(a => a.Answers) ? 0 : CheckParameters.Failed;
    }

    private static IReadOnlyList<string> Row(McpAnswer answer) => [answer.Name, answer.Answers ? "yes" : "no", answer.Url, Times.Duration(answer.Duration), answer.Detail];
}

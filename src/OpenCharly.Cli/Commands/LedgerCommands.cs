using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly ledger show</c>.</summary>
internal sealed class LedgerShowCommand : Command
{
    private readonly Argument<string> _name = new("name")
    {
        Description = "Deploy key whose target is asked; this machine if left out",
        HelpName = "NAME",
        DefaultValueFactory = _ => "host",
    };

    public LedgerShowCommand(CommandHost host) : base("show", "Print what the ledger of a target has on record")
    {
        _name.CompletionSources.Add(context => new NameCompletions(host, context).Bundles());
        Add(_name);
        SetAction(host.Action(RunAsync));
    }

    public string Request(ParseResult parsed) => parsed.GetRequiredValue(_name);

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var ledger = await new GetLedger(run.Context).RunAsync(Request(run.Parsed), cancellationToken).ConfigureAwait(false);
        run.Print(ledger, record => LedgerText.Of(run, record), LedgerRecordJson.Write);
        return 0;
    }
}

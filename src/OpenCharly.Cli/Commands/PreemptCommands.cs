using System.CommandLine;
using System.Text.Json;
using OpenCharly.Arbitration;
using OpenCharly.Cli.Completion;
using OpenCharly.Cli.Output;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly preempt status</c>.</summary>
internal sealed class PreemptStatusCommand : Command
{
    private static readonly IReadOnlyList<TableColumnSpec> Columns =
        [new("CLAIMANT"), new("TOKENS", Wraps: true), new("TRANSIENT"), new("PREEMPTED HOLDERS", Wraps: true), new("CREATED"), new("STATE", Wraps: true)];

    public PreemptStatusCommand(CommandHost host) : base("status", "List who holds exclusive resources, and what was stopped for them") => SetAction(host.Action(RunAsync));

    private static async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        var leases = await new GetLeases(run.Context).RunAsync(cancellationToken).ConfigureAwait(false);
        run.PrintAll(leases, all => all.Count == 0 ? "no active leases\n" : run.Table(Columns, all.Select(Row)), Write);
        return 0;
    }

    private static IReadOnlyList<string> Row(LeaseStatus lease) =>
    [
        lease.Name, string.Join(", ", lease.Tokens), lease.Transient ? "yes" : "no", lease.Preempted.Count > 0 ? string.Join(", ", lease.Preempted) : "-",
        Times.Short(lease.Created), lease.IsStranded ? "STRANDED: charly preempt restore" : lease.State,
    ];

    private static void Write(Utf8JsonWriter json, LeaseStatus lease)
    {
        json.WriteStartObject();
        json.WriteString("claimant", lease.Name);
        json.Texts("tokens", lease.Tokens);
        json.WriteBoolean("transient", lease.Transient);
        json.Texts("preempted", lease.Preempted);
        json.Time("created", lease.Created);
        json.WriteString("state", lease.State);
        json.WriteEndObject();
    }
}

/// <summary><c>charly preempt restore</c>.</summary>
internal sealed class PreemptRestoreCommand : Command
{
    private readonly Argument<string?> _claimant = new("claimant")
    {
        Description = "Whose lease ends, even if it is still there; all stranded leases if left out",
        HelpName = "CLAIMANT",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _dryRun = Parameters.DryRun();

    public PreemptRestoreCommand(CommandHost host) : base("restore", "End leases and start again what was stopped for them")
    {
        _claimant.CompletionSources.Add(context => new NameCompletions(host, context).Claimants());
        Add(_claimant);
        Add(_dryRun);
        SetAction(host.Action(RunAsync));
    }

    private async Task<int> RunAsync(Invocation run, CancellationToken cancellationToken)
    {
        if (run.Parsed.GetValue(_dryRun)) return ChangePreviews.Print(run, await new RestoreLeases(run.Context).PreviewAsync(run.Parsed.GetValue(_claimant), cancellationToken).ConfigureAwait(false));
        var ended = await new RestoreLeases(run.Context).RunAsync(run.Parsed.GetValue(_claimant), cancellationToken).ConfigureAwait(false);
        run.PrintAll(ended, all => all.Count == 0 ? "no stranded leases\n" : string.Concat(all.Select(Line)), Write);
        return run.TellFailures([.. ended.Where(e => e.Failed.Count > 0).Select(e => new CharlyException(
            Errors.LeaseHolder, $"not started again for {e.Name}: {string.Join("; ", e.Failed)}", $"Mend what is named, then: charly preempt restore {e.Name}", target: e.Name))]);
    }

    private static string Line(LeaseRestore lease) =>
        $"{lease.Name}: {(lease.IsEnded ? "ended" : "kept")}{(lease.Restored.Count > 0 ? ", started again: " + string.Join(", ", lease.Restored) : "")}\n";

    private static void Write(Utf8JsonWriter json, LeaseRestore lease)
    {
        json.WriteStartObject();
        json.WriteString("claimant", lease.Name);
        json.WriteBoolean("ended", lease.IsEnded);
        json.Texts("restored", lease.Restored);
        json.Texts("left", lease.Left);
        json.Texts("failed", lease.Failed);
        json.WriteEndObject();
    }
}

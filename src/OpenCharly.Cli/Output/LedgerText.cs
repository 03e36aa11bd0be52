using System.Text;
using OpenCharly.Ledger;

namespace OpenCharly.Cli.Output;

/// <summary>A ledger for people.</summary>
internal static class LedgerText
{
    private static readonly IReadOnlyList<TableColumnSpec> DeployColumns =
        [new("DEPLOY"), new("ID"), new("TARGET"), new("APPLIED"), new("CANDIES", Wraps: true)];

    private static readonly IReadOnlyList<TableColumnSpec> CandyColumns =
        [new("CANDY"), new("VERSION"), new("STEPS", IsNumber: true), new("UNDO", IsNumber: true), new("APPLIED"), new("HELD BY", Wraps: true)];

    public static string Of(Invocation run, LedgerRecord ledger)
    {
        var text = new StringBuilder();
        if (ledger.Deploys.Count == 0 && ledger.Candies.Count == 0) text.Append("Nothing is on record on ").Append(ledger.Target).Append(".\n");
        if (ledger.Deploys.Count > 0) text.Append(run.Table(DeployColumns, ledger.Deploys.Select(Row)));
        if (ledger.Candies.Count > 0) text.Append('\n').Append(run.Table(CandyColumns, ledger.Candies.Select(c => Row(c, ledger))));
        if (ledger.UnfinishedRun is { } cut)
        {
            text.Append($"\ncut short: {cut.Verb} of {cut.DeployName}, begun {Times.Short(cut.StartedAt)}, {cut.FinishedSteps} steps finished\n");
            foreach (var step in cut.OpenSteps) text.Append("  may be half done: ").Append(step).Append('\n');
        }

        return text.ToString();
    }

    private static IReadOnlyList<string> Row(DeployRecord deploy) =>
        [deploy.Name ?? "-", deploy.DeployId, deploy.Target, Times.Short(deploy.DeployedAt), string.Join(' ', deploy.Candy)];

    private static IReadOnlyList<string> Row(CandyRecord candy, LedgerRecord ledger) =>
    [
        candy.Candy, candy.Version is { Length: > 0 } version ? version : "-", candy.Steps.Count.ToString(), candy.ReverseOps.Count.ToString(),
        Times.Short(candy.DeployedAt),
        string.Join(' ', candy.DeployedBy.Select(id => ledger.Deploys.FirstOrDefault(d => d.DeployId == id)?.Name ?? id)),
    ];
}

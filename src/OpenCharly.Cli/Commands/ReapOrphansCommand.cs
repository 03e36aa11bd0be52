using System.CommandLine;
using System.Text.Json;
using OpenCharly.Cli.Output;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly reap-orphans</c>.</summary>
internal static class ReapOrphansCommand
{
    private static readonly IReadOnlyList<TableColumnSpec> Columns = [new("NAME"), new("INSTANCE"), new("WHY"), new("DEADLINE")];

    public static void Fill(Command group, CommandHost host)
    {
        var dryRun = Parameters.DryRun();
        group.Add(dryRun);
        group.SetAction(host.Action(async (run, cancellationToken) =>
        {
            var orphans = await new ReapOrphans(run.Context).RunAsync(run.Parsed.GetValue(dryRun), cancellationToken).ConfigureAwait(false);
            run.PrintAll(orphans, all => all.Count == 0 ? "nothing is left over\n" : run.Table(Columns, all.Select(Row)), Write);
            return run.TellFailures([.. orphans.Select(o => o.Failure).OfType<Foundation.CharlyException>()]);
        }));
    }

    private static IReadOnlyList<string> Row(ReapedOrphan orphan) => [orphan.Name, orphan.Instance, orphan.Reason, orphan.Deadline is { } time ? Times.Short(time) : "-"];

    private static void Write(Utf8JsonWriter json, ReapedOrphan orphan)
    {
        json.WriteStartObject();
        json.WriteString("name", orphan.Name);
        json.WriteString("instance", orphan.Instance);
        json.WriteString("reason", orphan.Reason);
        if (orphan.Deadline is { } time) json.Time("deadline", time);
        json.WriteBoolean("removed", orphan.Failure is null);
        json.WriteEndObject();
    }
}

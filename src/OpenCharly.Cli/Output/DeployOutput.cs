using System.Text;
using System.Text.Json;
using OpenCharly.Foundation;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.Cli.Output;

/// <summary>What adding, applying and removing led to.</summary>
internal static class DeployOutput
{
    private static readonly IReadOnlyList<TableColumnSpec> UndoColumns =
    [
        new("CANDY"), new("OPERATION"), new("STATUS"), new("DETAIL", Wraps: true),
    ];

    private static readonly IReadOnlyList<TableColumnSpec> SetColumns =
    [
        new("TARGET"), new("RESULT"), new("STEPS", Wraps: true), new("CHANGED"), new("TIME", IsNumber: true), new("ERROR"),
    ];

    /// <summary>Prints the result; a failure is thrown after it, so that it is told like any other error.</summary>
    /// <returns>0.</returns>
    public static int Print(Invocation run, DeployResult result)
    {
        run.Print(result, r => Text(run, r), Write);
        return result.Failure is null ? 0 : throw result.Failure;
    }

    /// <summary>Works on several targets: each line of progress names its target, and in the end one table tells what became of each.</summary>
    /// <param name="run">The run.</param>
    /// <param name="names">The targets.</param>
    /// <param name="verb">The verb of results for targets that were not reached before an interruption.</param>
    /// <param name="work">The work; told where finished results go.</param>
    /// <param name="cancellationToken">Stops all.</param>
    /// <returns>The exit code of the worst failure.</returns>
    public static async Task<int> RunAllAsync(
        Invocation run,
        IReadOnlyList<string> names,
        string verb,
        Func<Action<DeployResult>, CancellationToken, Task<IReadOnlyList<DeployResult>>> work,
        CancellationToken cancellationToken)
    {
        var finished = new List<DeployResult>();
        try
        {
            return PrintAll(run, await work(finished.Add, cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException e)
        {
            var cut = names.Distinct(StringComparer.Ordinal).Where(n => finished.All(f => f.Name != n)).Select(n => new DeployResult
            {
                Name = n,
                Verb = verb,
                Failure = new CharlyException(Errors.Interrupted, $"{n}: stopped before it was finished", "Run the same command again: what was finished is on record.", target: n, inner: e),
            });
            return PrintAll(run, [.. finished, .. cut]);
        }
    }

    private static int PrintAll(Invocation run, IReadOnlyList<DeployResult> results)
    {
        if (run.IsJson)
        {
            run.Print(JsonText.Array(results, Write));
        }
        else
        {
            var width = results.Max(r => r.Name.Length);
            var details = results.SelectMany(r => Details(run, r).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"{r.Name.PadRight(width)} | {line}\n"));
            run.Print(string.Concat(details) + run.Table(SetColumns, results.Select(SetRow)));
        }

        return run.TellFailures([.. results.Select(r => r.Failure).OfType<CharlyException>()]);
    }

    private static IReadOnlyList<string> SetRow(DeployResult result) =>
    [
        result.Name, Outcome(result), Count(result), result.Failure is null && !result.DryRun ? result.Changed ? "yes" : "no" : result.Changed ? "yes" : "-", Times.Duration(result.Duration),
        result.Failure is { } failure ? failure.Code.Id : "",
    ];

    public static string Text(Invocation run, DeployResult result) => Details(run, result) + Summary(result) + "\n";

    private static string Details(Invocation run, DeployResult result)
    {
        var text = new StringBuilder();
        if (result is { DryRun: true, Plan: { } plan }) text.Append(PlanOutput.Text(run, plan)).Append('\n');
        if (result.Undone.Count > 0 && (result.DryRun || run.IsVerbose || result.Undone.Any(u => u.Status == "failed")))
        {
            text.Append(run.Table(UndoColumns, result.Undone.Select(Row)));
        }

        foreach (var item in result.DryRun || run.IsVerbose ? result.Items : []) text.Append("  ").Append(item).Append('\n');

        // A real run tells this as a warning before it begins.
        foreach (var line in result.DryRun ? result.NotUndoable : []) text.Append("can't be undone: ").Append(line).Append('\n');
        foreach (var skipped in result.Steps.Where(s => s.Status == StepStatus.Skipped)) text.Append(SkipLine(skipped)).Append('\n');
        if (result.Checks.Count > 0) text.Append(CheckOutput.Brief(run, result.Checks));
        foreach (var member in result.Members) text.Append(Text(run, member));
        return text.ToString();
    }

    /// <summary>One line: <c>vm:web applied: 18 done, 2 unchanged in 12s</c>.</summary>
    public static string Summary(DeployResult result)
    {
        var counts = Count(result);
        var nothing = result.Changed || result.DryRun || result.Failure is not null ? "" : ", nothing changed";
        return $"{result.Name} {Outcome(result)}{(counts.Length > 0 ? ": " + counts : "")}{nothing} in {Times.Duration(result.Duration)}";
    }

    private static string Outcome(DeployResult result) => (result.Verb, result.Failure, result.DryRun) switch
    {
        ("del", not null, _) => "not removed",
        ("del", _, true) => "would be removed",
        ("del", _, _) => "removed",
        ("update", not null, _) => "not updated",
        ("update", _, true) => "would be updated",
        ("update", _, _) => "updated",
        ("rollback", not null, _) => "not taken back",
        ("rollback", _, true) => "would be taken back",
        ("rollback", _, _) => "taken back",
        (_, { } failure, _) when failure.Code != Errors.ChecksFailed && failure.Code != Errors.ChecksNotRun => "not applied",
        (_, _, true) => "would be applied",
        _ => "applied",
    };

    private static string Count(DeployResult result) => string.Join(", ", Counts(result).Where(c => c.Count > 0).Select(c => $"{c.Count} {c.Word}"));

    public static void Write(Utf8JsonWriter json, DeployResult result)
    {
        json.WriteStartObject();
        json.WriteString("name", result.Name);
        json.WriteString("verb", result.Verb);
        json.Text("deploy_id", result.Plan?.DeployId);
        json.WriteBoolean("changed", result.Changed);
        json.WriteBoolean("dry_run", result.DryRun);
        json.Seconds("duration_seconds", result.Duration);
        json.Objects("steps", result.Steps, WriteStep);
        json.Objects("undone", result.Undone, WriteUndo);
        json.Texts("not_undoable", result.NotUndoable);
        json.Objects("artifacts", result.Artifacts, WriteArtifact);
        json.Texts("items", result.Items);
        json.Objects("checks", result.Checks, CheckOutput.Write);
        json.Objects("members", result.Members, Write);
        if (result.State is { } state)
        {
            json.WritePropertyName("vm_state");
            VmJson.Write(json, state);
        }

        if (result.Failure is { } failure)
        {
            json.WritePropertyName("failure");
            ErrorReport.WriteObject(json, failure);
        }

        json.WriteEndObject();
    }

    private static IEnumerable<(int Count, string Word)> Counts(DeployResult result)
    {
        foreach (var (status, word) in new[]
        {
            (StepStatus.Done, "done"), (StepStatus.Unchanged, "unchanged"), (StepStatus.Skipped, "skipped"),
            (StepStatus.Failed, "failed"), (StepStatus.NotRun, "not run"),
        })
        {
            yield return (result.Steps.Count(s => s.Status == status), word);
        }

        yield return (result.Items.Count, result.Items.Count == 1 ? "item" : "items");
        var prefix = result.Verb == "add" ? "undo " : "";
        foreach (var group in result.Undone.GroupBy(u => u.Status)) yield return (group.Count(), prefix + (group.Key == "done" ? "undone" : group.Key));
    }

    private static string SkipLine(StepResult skipped) => skipped.Step.Skip == SkipReason.GateClosed
        ? PlanOutput.GateLine(skipped.Step)
        : $"[skip] {skipped.Step.Candy}: {skipped.Step.Summary}{(skipped.Reason is { } reason ? ": " + reason : "")}";

    private static IReadOnlyList<string> Row(UndoResult undone) =>
    [
        undone.Candy, undone.Operation.Kind, undone.Status, undone.Detail,
    ];

    private static void WriteStep(Utf8JsonWriter json, StepResult result)
    {
        json.WriteStartObject();
        json.WriteNumber("index", result.Step.Index);
        json.WriteString("candy", result.Step.Candy);
        json.WriteString("kind", result.Step.Kind.ToString());
        json.WriteString("scope", StepNames.Of(result.Step.Scope));
        json.WriteString("summary", result.Step.Summary);
        json.WriteString("digest", result.Step.Digest);
        json.WriteString("status", result.Status.ToKebab());
        json.Text("reason", result.Reason);
        json.Seconds("duration_seconds", result.Duration);
        json.Number("exit_code", result.ExitCode);
        json.WriteString("output", result.Output);
        json.WriteEndObject();
    }

    private static void WriteArtifact(Utf8JsonWriter json, RetrievedArtifact artifact)
    {
        json.WriteStartObject();
        json.WriteString("candy", artifact.Candy);
        json.WriteString("name", artifact.Name);
        json.WriteString("file", artifact.File);
        json.WriteNumber("bytes", artifact.Bytes);
        json.WriteEndObject();
    }

    private static void WriteUndo(Utf8JsonWriter json, UndoResult undone)
    {
        json.WriteStartObject();
        json.WriteString("candy", undone.Candy);
        json.WriteString("kind", undone.Operation.Kind);
        json.Text("format", undone.Operation.Format);
        json.Texts("targets", undone.Operation.Targets);
        json.WriteString("scope", StepNames.Of(undone.Operation.Scope));
        json.WriteString("status", undone.Status);
        json.WriteString("detail", undone.Detail);
        json.WriteEndObject();
    }
}

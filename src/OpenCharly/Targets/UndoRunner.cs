using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;

namespace OpenCharly.Targets;

/// <summary>Runs an undo plan: operation after operation, those that fail do not stop the others.</summary>
/// <param name="session">The target.</param>
/// <param name="run">The run that it belongs to.</param>
/// <param name="saves">Whether what stands there is saved first, so that the run can be taken back.</param>
internal sealed class UndoRunner(TargetSession session, RunIntent run, bool saves = true)
{
    private readonly Dictionary<int, StringBuilder> _output = [];
    private readonly Dictionary<int, int> _exits = [];
    private readonly Dictionary<int, IReadOnlyList<string>> _needed = [];
    private readonly Dictionary<int, string> _remarks = [];
    private int? _current;

    /// <summary>Whether anything ran as root.</summary>
    public bool UsedRoot { get; private set; }

    /// <summary>Runs it.</summary>
    /// <param name="plan">What to undo.</param>
    /// <param name="isFirst">Whether this is the first thing that the run does.</param>
    /// <param name="cancellationToken">Stops it; the journal then shows where.</param>
    public async Task<(LedgerState State, IReadOnlyList<UndoResult> Results)> RunAsync(UndoPlan plan, bool isFirst, CancellationToken cancellationToken)
    {
        var results = await RunAsync(plan.Items, isFirst, cancellationToken).ConfigureAwait(false);
        var failed = plan.Items.Zip(results).Where(p => p.Second.Status == "failed").Select(p => p.First.Index).ToHashSet();
        return (plan.After(failed, _needed), results);
    }

    /// <summary>Runs operations in their order.</summary>
    /// <param name="all">The operations.</param>
    /// <param name="isFirst">Whether this is the first thing that the run does.</param>
    /// <param name="cancellationToken">Stops it; the journal then shows where.</param>
    public async Task<IReadOnlyList<UndoResult>> RunAsync(IReadOnlyList<UndoItem> all, bool isFirst, CancellationToken cancellationToken)
    {
        var items = all.Where(i => i.Kept is null).ToList();
        var facts = session.Facts;
        for (var at = 0; at < items.Count;)
        {
            var asRoot = ReverseOps.AsRoot(items[at].Run);
            var batch = items.Skip(at).TakeWhile(i => ReverseOps.AsRoot(i.Run) == asRoot || facts.Uid == 0).ToList();
            var nonce = TargetSession.NewNonce();
            var prologue = JournalPrologue.Render(nonce, session.Paths, run.Run, facts.Uid, facts.Gid, withPackages: false);
            var script = UndoScript.Render(run, isFirst && at == 0, saves, prologue, nonce, batch, session.Paths, facts.Uid);
            UsedRoot |= asRoot && facts.Uid != 0;
            var output = new BatchOutput(nonce, new RunJournal()) { Started = i => _current = i, Line = OnLine, Note = OnNote };
            var result = await session.RunAsync(script, asRoot, output.Take, cancellationToken).ConfigureAwait(false);
            output.Flush();
            if (batch.Exists(i => !_exits.ContainsKey(i.Index)))
            {
                throw new CharlyException(
                    Errors.RunTarget,
                    $"{session.Options.Host}: the script ended with {result.ExitCode} before everything was undone: {result.Tail(3)}",
                    $"Look at {session.Paths.Root} on the target: its owner, mode and free space. Then run the same command again.",
                    target: session.Options.Host);
            }

            at += batch.Count;
        }

        return [.. all.Select(Result)];
    }

    /// <summary>What would be done.</summary>
    public static IReadOnlyList<UndoResult> Preview(UndoPlan plan) =>
    [
        .. plan.Items.Select(i => i.Kept is { } kept
            ? new UndoResult(i.Candy, i.Operation, "kept", kept)
            : new UndoResult(i.Candy, i.Operation, "planned", UndoScript.Describe(i.Run))),
    ];

    private UndoResult Result(UndoItem item)
    {
        if (item.Kept is { } kept) return new UndoResult(item.Candy, item.Operation, "kept", kept);
        var said = _output.GetValueOrDefault(item.Index)?.ToString().Trim() ?? "";
        var tail = string.Join('\n', said.Split('\n').TakeLast(3));
        var remark = _remarks.TryGetValue(item.Index, out var what) ? "; " + what : "";
        return _exits[item.Index] switch
        {
            0 when _needed.TryGetValue(item.Index, out var needed) => new UndoResult(item.Candy, item.Operation, "done", $"{UndoScript.Describe(item.Run)}; still needed: {string.Join(", ", needed)}{remark}"),
            0 => new UndoResult(item.Candy, item.Operation, "done", UndoScript.Describe(item.Run) + remark),
            UndoScript.Missing => new UndoResult(item.Candy, item.Operation, "missing", $"nothing left to undo: {UndoScript.Describe(item.Run)}"),
            var code => new UndoResult(item.Candy, item.Operation, "failed", $"{UndoScript.Describe(item.Run)}: exit code {code}{(tail.Length > 0 ? ": " + tail : "")}"),
        };
    }

    private void OnLine(int? index, OutputLine line)
    {
        if (index is not { } item) return;
        if (!_output.TryGetValue(item, out var buffer)) _output[item] = buffer = new StringBuilder();
        buffer.Append(line.Text).Append('\n');
        session.Progress.Report(new NoticeEvent(NoticeLevel.Debug, line.Text));
    }

    private void OnNote(string note)
    {
        var fields = note.Split('\t');
        if (fields is ["E", var index, var code]) _exits[int.Parse(index, System.Globalization.CultureInfo.InvariantCulture)] = int.Parse(code, System.Globalization.CultureInfo.InvariantCulture);
        else if (fields is ["M", var remark] && _current is { } at) _remarks[at] = remark;
        else if (fields is ["Q", var packages] && _current is { } item) _needed[item] = packages.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}

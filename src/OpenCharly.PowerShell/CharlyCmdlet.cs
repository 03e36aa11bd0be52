using System.Management.Automation;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.PowerShell.Binding;

namespace OpenCharly.PowerShell;

/// <summary>
/// The bridge between the engine's tasks and PowerShell's pipeline, and the only place that knows of both: operations
/// run in the background, and everything that they say is written by the pipeline's own thread.
/// </summary>
#pragma warning disable CA1001 // Never disposed: StopProcessing comes on another thread and may be late, and a source without a timer holds nothing.
public abstract class CharlyCmdlet : PSCmdlet
#pragma warning restore CA1001
{
    /// <summary>How long a stopped operation gets to kill what it started, before the prompt comes back without it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(800);

    private readonly CancellationTokenSource _stop = new();

    /// <summary>The file system folder that the user is in; the process has one of its own, which means nothing here.</summary>
    private protected string WorkingFolder => SessionState.Path.CurrentFileSystemLocation.ProviderPath;

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    /// <summary>Whether nothing came down a pipeline that was there: that is not the same as asking for everything.</summary>
    private protected bool GotNothing(IReadOnlyCollection<string> names) => names.Count == 0 && MyInvocation.ExpectingInput;

    /// <summary>Runs one operation for one target; its error is written and ends nothing else.</summary>
    private protected void Run(string target, Func<Work, Task> body) => RunEach([target], 1, (work, _) => body(work));

    /// <summary>Runs one operation that works on many targets by itself.</summary>
    private protected void RunAll(Func<Work, Task> body) => RunEach([""], 1, (work, _) => body(work));

    /// <summary>Runs one operation for each target, at most <paramref name="throttle"/> at a time.</summary>
    private protected void RunEach(IReadOnlyList<string> targets, int throttle, Func<Work, string, Task> body) =>
        RunEach(targets, throttle, name => name, body);

    /// <summary>Runs one operation for each item, at most <paramref name="throttle"/> at a time.</summary>
    private protected void RunEach<T>(IReadOnlyList<T> items, int throttle, Func<T, string> nameOf, Func<Work, T, Task> body)
    {
        if (items.Count == 0) return;
        var queue = new PipelineQueue();
        var events = new EventWriter(this);
        var context = new CharlyContext(CharlyEnvironment.FromProcess(WorkingFolder), new QueuedProgress(queue, events), ask: (question, token) => AskAsync(queue, question, token));
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var task = Task.Run(() => WorkAsync(items, throttle, nameOf, body, context, queue, cancel.Token));
        try
        {
            queue.Drain(_stop.Token);
        }
        finally
        {
            // Reached early when the user stops the pipeline, or when the next command wants no more objects.
            cancel.Cancel();
            Task.WhenAny(task, Task.Delay(Grace)).GetAwaiter().GetResult();
            _ = task.ContinueWith(_ => cancel.Dispose(), TaskScheduler.Default);
        }

        if (_stop.IsCancellationRequested) throw new PipelineStoppedException();
        task.GetAwaiter().GetResult();
        events.Complete();
    }

    /// <summary>The answer to a question that a cmdlet needs before it can go on; false if that failed, which is written.</summary>
    private protected bool TryAsk<T>(string target, Func<Work, Task<T>> question, out T answer)
    {
        T? found = default;
        var answered = false;
        Run(target, async work =>
        {
            found = await question(work).ConfigureAwait(false);
            answered = true;
        });
        answer = found!;
        return answered;
    }

    // The host of PowerShell is asked on the pipeline's thread; one that shows nothing to anybody has no answer.
    private Task<string?> AskAsync(PipelineQueue queue, string question, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Post(() =>
        {
            try
            {
                Host.UI.Write($"{question}: ");
                answer.TrySetResult(SecretText.Plain(Host.UI.ReadLineAsSecureString()));
            }
            catch (SystemException)
            {
                answer.TrySetResult(null);
            }
        });
        return answer.Task.WaitAsync(cancellationToken);
    }

    private async Task WorkAsync<T>(
        IReadOnlyList<T> items,
        int throttle,
        Func<T, string> nameOf,
        Func<Work, T, Task> body,
        CharlyContext context,
        PipelineQueue queue,
        CancellationToken cancellationToken)
    {
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = throttle, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(items, options, async (item, stop) =>
            {
                var work = new Work(this, queue, nameOf(item).Length > 0 ? context.For(nameOf(item)) : context, nameOf(item), stop);
                try
                {
                    await body(work, item).ConfigureAwait(false);
                }
                catch (Exception error) when (!stop.IsCancellationRequested)
                {
                    work.WriteError(error);
                }
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The pipeline thread knows: it is what cancelled.
        }
        finally
        {
            queue.Complete();
        }
    }

    private sealed class QueuedProgress(PipelineQueue queue, EventWriter events) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value) => queue.Post(() => events.Write(value));
    }
}

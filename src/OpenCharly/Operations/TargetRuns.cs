using OpenCharly.Foundation;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>
/// One use case for many targets, some at a time. A target that fails ends nothing but its own work; requests for the
/// same target are done one after the other, in their order.
/// </summary>
internal static class TargetRuns
{
    /// <summary>Runs all requests.</summary>
    /// <param name="requests">The requests, in the order of the results.</param>
    /// <param name="nameOf">The target of a request.</param>
    /// <param name="verb">The verb of results that stand for an error.</param>
    /// <param name="throttle">How many targets are worked on at a time, from 1.</param>
    /// <param name="run">The use case.</param>
    /// <param name="finished">Told each result as it comes; calls never overlap.</param>
    /// <param name="cancellationToken">Stops all targets.</param>
    /// <returns>A result for each request. Errors are results with a <see cref="DeployResult.Failure"/>.</returns>
    public static async Task<IReadOnlyList<DeployResult>> RunAsync<T>(
        IReadOnlyList<T> requests,
        Func<T, string> nameOf,
        string verb,
        int throttle,
        Func<T, CancellationToken, Task<DeployResult>> run,
        Action<DeployResult>? finished,
        CancellationToken cancellationToken)
    {
        var results = new DeployResult[requests.Count];
        var gate = new Lock();
        var targets = Enumerable.Range(0, requests.Count).GroupBy(i => nameOf(requests[i]), StringComparer.Ordinal);
        var options = new ParallelOptions { MaxDegreeOfParallelism = throttle, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(targets, options, async (target, stop) =>
        {
            CharlyException? earlier = null;
            foreach (var index in target)
            {
                results[index] = earlier is null
                    ? await OneAsync(target.Key, verb, requests[index], run, stop).ConfigureAwait(false)
                    : new DeployResult { Name = target.Key, Verb = verb, Failure = Skipped(target.Key, earlier) };
                earlier ??= results[index].Failure;
                lock (gate) finished?.Invoke(results[index]);
            }
        }).ConfigureAwait(false);
        return results;
    }

    private static async Task<DeployResult> OneAsync<T>(
        string name, string verb, T request, Func<T, CancellationToken, Task<DeployResult>> run, CancellationToken cancellationToken)
    {
        CharlyException failure;
        try
        {
            return await run(request, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            failure = e;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure = new CharlyException(Errors.Io, e.Message, "Look at the file or folder that the message names, and at its permissions.", target: name, inner: e);
        }

        return new DeployResult { Name = name, Verb = verb, Failure = failure };
    }

    private static CharlyException Skipped(string name, CharlyException earlier) => new(
        earlier.Code,
        $"{name}: not tried, because what came before it for the same target failed",
        "Mend that first, then run the same command again.",
        target: name);
}

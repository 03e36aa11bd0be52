using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>What one of several targets answered, or why it did not.</summary>
/// <param name="Name">Deploy key or target.</param>
/// <param name="Answer">The answer; null after a failure.</param>
/// <param name="Failure">The failure; null if there was none.</param>
public sealed record TargetAnswer<T>(string Name, T? Answer, CharlyException? Failure)
    where T : class;

/// <summary>One question for many targets, some at a time. A target that fails keeps no other from answering.</summary>
internal static class TargetAnswers
{
    /// <summary>Asks all.</summary>
    /// <param name="requests">The requests, in the order of the answers.</param>
    /// <param name="nameOf">The name of an answer.</param>
    /// <param name="throttle">How many are asked at a time, from 1.</param>
    /// <param name="ask">The question.</param>
    /// <param name="cancellationToken">Stops all.</param>
    public static async Task<IReadOnlyList<TargetAnswer<TAnswer>>> AskAsync<TRequest, TAnswer>(
        IReadOnlyList<TRequest> requests,
        Func<TRequest, string> nameOf,
        int throttle,
        Func<TRequest, CancellationToken, Task<TAnswer>> ask,
        CancellationToken cancellationToken)
        where TAnswer : class
    {
        var answers = new TargetAnswer<TAnswer>[requests.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = throttle, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, requests.Count, options, async (i, stop) =>
        {
            var name = nameOf(requests[i]);
            try
            {
                answers[i] = new TargetAnswer<TAnswer>(name, await ask(requests[i], stop).ConfigureAwait(false), null);
            }
            catch (CharlyException e)
            {
                answers[i] = new TargetAnswer<TAnswer>(name, null, e);
            }
        }).ConfigureAwait(false);
        return answers;
    }
}

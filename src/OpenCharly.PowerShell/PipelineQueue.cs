using System.Threading.Channels;

namespace OpenCharly.PowerShell;

/// <summary>What background work wants done on the pipeline's thread, in order.</summary>
internal sealed class PipelineQueue
{
    private readonly Channel<Action> _channel = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Adds an action; dropped if nobody drains any more.</summary>
    public void Post(Action action) => _channel.Writer.TryWrite(action);

    /// <summary>Nothing more will come.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    /// <summary>Does what comes, on the calling thread, until all is done or <paramref name="stop"/> is cancelled.</summary>
    public void Drain(CancellationToken stop)
    {
        try
        {
            while (_channel.Reader.WaitToReadAsync(stop).AsTask().GetAwaiter().GetResult())
            {
                while (!stop.IsCancellationRequested && _channel.Reader.TryRead(out var action)) action();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A stopping pipeline takes no more output.
        }
        finally
        {
            Complete();
        }
    }
}

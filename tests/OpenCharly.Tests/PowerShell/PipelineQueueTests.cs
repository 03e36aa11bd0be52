using OpenCharly.PowerShell;

namespace OpenCharly.Tests.PowerShell;

public sealed class PipelineQueueTests
{
    [Fact]
    public async Task What_is_posted_elsewhere_is_done_in_order_by_the_thread_that_drains()
    {
        var queue = new PipelineQueue();
        var done = new List<(int Number, int Thread)>();
        var writer = Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                var number = i;
                queue.Post(() => done.Add((number, Environment.CurrentManagedThreadId)));
            }

            queue.Complete();
        });
        var thread = 0;
        await Task.Run(() =>
        {
            thread = Environment.CurrentManagedThreadId;
            queue.Drain(CancellationToken.None);
        });
        await writer;
        Assert.Equal(Enumerable.Range(0, 1000), done.Select(d => d.Number));
        Assert.All(done, d => Assert.Equal(thread, d.Thread));
    }

    [Fact]
    public void A_stopped_queue_does_nothing_more_and_returns()
    {
        using var stop = new CancellationTokenSource();
        var queue = new PipelineQueue();
        var done = 0;
        queue.Post(() =>
        {
            done++;
            stop.Cancel();
        });
        queue.Post(() => done++);
        queue.Drain(stop.Token);
        Assert.Equal(1, done);
    }

    [Fact]
    public void A_queue_that_waits_in_vain_is_woken_by_the_stop()
    {
        using var stop = new CancellationTokenSource();
        var queue = new PipelineQueue();
        queue.Post(() => Task.Run(stop.Cancel));
        queue.Drain(stop.Token);
        Assert.True(stop.IsCancellationRequested);
    }

    [Fact]
    public void An_action_that_throws_ends_the_drain_with_its_error_and_later_posts_are_dropped()
    {
        var queue = new PipelineQueue();
        queue.Post(() => throw new InvalidOperationException("no more"));
        Assert.Throws<InvalidOperationException>(() => queue.Drain(CancellationToken.None));
        var done = false;
        queue.Post(() => done = true);
        queue.Drain(CancellationToken.None);
        Assert.False(done);
    }
}

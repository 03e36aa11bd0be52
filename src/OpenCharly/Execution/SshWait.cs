using System.Net.Sockets;
using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>Waits until a machine that is coming up lets us in (vm.md §7.2): first its ssh port, then a log-in.</summary>
/// <param name="clock">The clock.</param>
/// <param name="progress">Gets a <see cref="WaitEvent"/> for each attempt.</param>
public sealed class SshWait(TimeProvider clock, IProgress<CharlyEvent> progress)
{
    private const string PortProbe = "ssh port answers";
    private const string LogInProbe = "ssh lets us in";
    private const int ProbeCount = 2;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BannerLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LogInLimit = TimeSpan.FromSeconds(20);

    /// <summary>Waits.</summary>
    /// <param name="executor">The machine.</param>
    /// <param name="host">Host name or address for the port probe.</param>
    /// <param name="port">Its TCP port.</param>
    /// <param name="limit">How long for both probes together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.DeployUnreachable"/> at the limit, naming the probe and what it saw
    /// last; <see cref="Errors.SshHostKey"/> at once, because waiting does not change a key.</exception>
    public async Task WaitAsync(
        IExecutor executor, string host, int port, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        var deadline = new Deadline(clock.GetUtcNow() + limit, limit, executor.Venue);
        await ProbeAsync(PortProbe, 1, deadline, token => ReadBannerAsync(host, port, token), cancellationToken).ConfigureAwait(false);
        await ProbeAsync(LogInProbe, 2, deadline, token => LogInAsync(executor, token), cancellationToken).ConfigureAwait(false);
    }

    private async Task ProbeAsync(
        string name, int index, Deadline deadline, Func<CancellationToken, Task<(bool Done, string Seen)>> attempt, CancellationToken cancellationToken)
    {
        var seen = "nothing yet";
        for (var pause = ShortestPause; ; pause = pause + ShortestPause < LongestPause ? pause + ShortestPause : LongestPause)
        {
            progress.Report(new WaitEvent(name, index, ProbeCount, deadline.At, seen));
            var left = deadline.At - clock.GetUtcNow();
            if (left > TimeSpan.Zero)
            {
                using var expiry = new CancellationTokenSource(left, clock);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, expiry.Token);
                try
                {
                    (var done, seen) = await attempt(both.Token).ConfigureAwait(false);
                    if (done) return;
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    // The deadline cut the attempt short: what the one before saw still says the most.
                }
            }

            left = deadline.At - clock.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                throw new CharlyException(
                    Errors.DeployUnreachable,
                    $"{deadline.Venue}: waited {deadline.Limit.TotalSeconds:0} s for probe {index} of {ProbeCount}, '{name}'; last seen: {seen}",
                    "Look at the machine's console, or allow more time: --ssh-timeout or CHARLY_VM_SSH_TIMEOUT.",
                    target: deadline.Venue);
            }

            await Task.Delay(pause < left ? pause : left, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    // A forwarded port accepts connections long before the guest behind it listens: only ssh's greeting counts.
    private async Task<(bool Done, string Seen)> ReadBannerAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        using var limit = new CancellationTokenSource(BannerLimit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var step = $"no connection to {host}:{port} within {BannerLimit.TotalSeconds:0} s";
        try
        {
            await client.ConnectAsync(host, port, both.Token).ConfigureAwait(false);
            step = $"{host}:{port} accepts connections, but says nothing";
            var bytes = new byte[256];
            var count = await client.GetStream().ReadAsync(bytes, both.Token).ConfigureAwait(false);
            var banner = Encoding.ASCII.GetString(bytes, 0, count).TrimEnd();
            return count == 0 ? (false, $"{host}:{port} accepts connections and closes them")
                : banner.StartsWith("SSH-", StringComparison.Ordinal) ? (true, banner)
                : (false, $"{host}:{port} is no ssh server");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return (false, $"{host}:{port}: {e.GetBaseException().Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, step);
        }
    }

    private async Task<(bool Done, string Seen)> LogInAsync(IExecutor executor, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(LogInLimit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var result = await executor.RunAsync(new ScriptRequest("true"), both.Token).ConfigureAwait(false);
            return (result.Succeeded, $"exit code {result.ExitCode}");
        }
        catch (CharlyException e) when (e.Code == Errors.SshFailed || e.Code == Errors.RunLost)
        {
            return (false, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, $"no log-in within {LogInLimit.TotalSeconds:0} s");
        }
    }

    private sealed record Deadline(DateTimeOffset At, TimeSpan Limit, string Venue);
}

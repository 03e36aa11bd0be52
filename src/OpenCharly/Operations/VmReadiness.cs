using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>
/// Waits for a machine by a list of named probes, one after the other. When time is over, the error tells which probe of
/// how many was not met, what it saw last, and what the console says.
/// </summary>
internal sealed class VmReadiness(VmServices services)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GreetingLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(30);

    /// <summary>With so many panics during one wait a kernel that always boots again is given up.</summary>
    private const int PanicLimit = 3;

    /// <summary>Waits.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmWait"/>; <see cref="Errors.VmNotRunning"/> if the machine is or goes off;
    /// <see cref="Errors.VmState"/> if it has no network or is suspended.</exception>
    public Task WaitAsync(VmHandle handle, VmWaitCondition condition, TimeSpan timeout, CancellationToken cancellationToken) =>
        WaitAsync(handle, Probes(handle, condition), mayBeOff: condition == VmWaitCondition.Stopped, timeout, cancellationToken);

    /// <summary>Waits until a running machine meets a condition of the caller's.</summary>
    /// <param name="handle">The machine.</param>
    /// <param name="condition">What is waited for, for the error.</param>
    /// <param name="trial">Null when it is met, or what was seen instead.</param>
    /// <param name="timeout">Limit.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException">As above, and what the trial throws.</exception>
    public Task WaitAsync(VmHandle handle, string condition, Func<CancellationToken, Task<string?>> trial, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Probe last = new(condition, async token => await trial(token).ConfigureAwait(false) is { } seen ? new(false, seen) : new(true, ""), IsCheap: false);
        return WaitAsync(handle, [new("the machine runs", IsRunningAsync(handle), IsCheap: true), last], mayBeOff: false, timeout, cancellationToken);
    }

    private async Task WaitAsync(VmHandle handle, List<Probe> probes, bool mayBeOff, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var deadline = DateTimeOffset.UtcNow + timeout;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        var panics = new PanicWatch(services.Files(VmName.Of(handle)).ConsoleLog, fromEnd: handle.Backend == "libvirt");
        panics.Look();
        var before = panics.Count;
        for (var i = 0; i < probes.Count; i++)
        {
            var seen = "nothing yet";
            try
            {
                for (var pause = Pause; ; pause = probes[i].IsCheap ? Pause : Min(pause * 2, LongestPause))
                {
                    var outcome = await probes[i].TryAsync(limit.Token).ConfigureAwait(false);
                    if (outcome.IsMet) break;
                    if (outcome.Seen != seen) Report(probes, i, deadline, outcome.Seen);
                    seen = outcome.Seen;
                    if (!mayBeOff) await ThrowIfOffAsync(handle, probes, i, seen, limit.Token).ConfigureAwait(false);
                    panics.Look();
                    if (panics.StandsStill || panics.Count - before >= PanicLimit) throw Panicked(handle, probes, i, panics);
                    await Task.Delay(pause, limit.Token).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw Expired(handle, probes, i, seen, Stopwatch.GetElapsedTime(start));
            }
        }

        panics.Look();
        if (panics.Count == before) return;
        var name = VmName.Of(handle);
        services.Notice(NoticeLevel.Warning, $"the kernel of {name} panicked {Times(panics.Count - before)} and booted again; its console tells why: charly vm log {name} --console");
    }

    private List<Probe> Probes(VmHandle handle, VmWaitCondition condition)
    {
        if (condition == VmWaitCondition.Stopped) return [new("the machine is off", IsOffAsync(handle), IsCheap: true)];
        if (handle.Network.Type == "None")
        {
            throw new CharlyException(
                Errors.VmState,
                $"machine {VmName.Of(handle)} has no network, so ssh can't reach it",
                $"Use its console: charly vm console {VmName.Of(handle)}",
                target: VmName.Of(handle).ToString());
        }

        List<Probe> probes =
        [
            new("the machine runs", IsRunningAsync(handle), IsCheap: true),
            new("sshd greets", GreetsAsync(handle), IsCheap: true),
            new("a first command runs over ssh", AnswersAsync(handle), IsCheap: false),
        ];
        if (condition == VmWaitCondition.CloudInit) probes.Add(new("cloud-init has ended", CloudInitEndedAsync(handle), IsCheap: false));
        return probes;
    }

    private Attempt IsOffAsync(VmHandle handle) => async cancellationToken =>
    {
        var live = await services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false);
        return new(!live.IsOn, $"state {live.Status.ToString().ToLowerInvariant()}");
    };

    private Attempt IsRunningAsync(VmHandle handle) => async cancellationToken =>
    {
        var live = await services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (live.Status == VmStatus.Suspended)
        {
            throw new CharlyException(
                Errors.VmState, $"machine {VmName.Of(handle)} is suspended", $"Continue it: charly vm resume {VmName.Of(handle)}", target: VmName.Of(handle).ToString());
        }

        return new(live.Status == VmStatus.Running || handle.Backend == "noop", $"state {live.Status.ToString().ToLowerInvariant()}");
    };

    private Attempt GreetsAsync(VmHandle handle) => async cancellationToken =>
    {
        var host = await services.Router.For(handle).AddressAsync(handle, cancellationToken).ConfigureAwait(false);
        if (host is null) return new(false, "no address yet");
        var port = handle.SshHostPort ?? 22;

        // On a bridge the address is known only now, and may be another one than last time.
        if (handle.Network.Type is "Tap" or "Vnic") await new VmBoot(services).MoveSshAsync(handle, host, port, cancellationToken).ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(GreetingLimit);
        try
        {
            // User networking accepts every connection at once; only a greeting tells that somebody is behind it.
            using var socket = new TcpClient();
            await socket.ConnectAsync(host, port, limit.Token).ConfigureAwait(false);
            var buffer = new byte[64];
            var count = await socket.GetStream().ReadAsync(buffer, limit.Token).ConfigureAwait(false);
            var text = Encoding.ASCII.GetString(buffer, 0, count).Trim();
            return new(text.StartsWith("SSH-", StringComparison.Ordinal), count == 0 ? $"{host}:{port} hangs up" : $"{host}:{port} says \"{text}\"");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return new(false, $"{host}:{port}: {(e.InnerException ?? e).Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(false, $"{host}:{port} is silent");
        }
    };

    private Attempt AnswersAsync(VmHandle handle) => async cancellationToken =>
    {
        // Also a changed host key is tried again: until cloud-init has put ours in place, the image's own answers.
        var result = await RunAsync(handle, "true", cancellationToken).ConfigureAwait(false);
        return result is null ? new(false, $"no answer within {AttemptLimit.TotalSeconds:0} s") : new(result.Succeeded, Explain(result));
    };

    private Attempt CloudInitEndedAsync(VmHandle handle) => async cancellationToken =>
    {
        const string query =
            "if test -e /run/cloud-init/result.json; then cat /run/cloud-init/result.json; "
            + "elif test -e /run/cloud-init/disabled || ! command -v cloud-init >/dev/null; then echo none; "
            + "else echo running; fi";
        var result = await RunAsync(handle, query, cancellationToken).ConfigureAwait(false);
        if (result is null || !result.Succeeded) return new(false, result is null ? "ssh does not answer" : Explain(result));
        switch (result.StandardOutput.Trim())
        {
            case "running" or "":
                return new(false, "it is still running");
            case "none":
                services.Notice(NoticeLevel.Info, "this machine has no cloud-init to wait for");
                break;
            case var json when CloudInitErrors(json) is { Length: > 0 } errors:
                services.Notice(NoticeLevel.Warning, $"cloud-init ended with errors: {errors}");
                break;
        }

        return new(true, "");
    };

    private async Task<CommandResult?> RunAsync(VmHandle handle, string command, CancellationToken cancellationToken)
    {
        var line = new SshCommandLine(services.SshAccess.DestinationFor(VmName.Of(handle)), services.Context.Paths);
        try
        {
            return await services.Context.Processes.RunAsync(
                new ProcessRequest("ssh", line.Run(command)) { Timeout = AttemptLimit }, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.Io)
        {
            return null;
        }
    }

    private async Task ThrowIfOffAsync(VmHandle handle, IReadOnlyList<Probe> probes, int index, string seen, CancellationToken cancellationToken)
    {
        if (handle.Backend == "noop") return;
        var live = await services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (live.IsOn) return;
        var name = VmName.Of(handle);
        throw new CharlyException(
            Errors.VmNotRunning,
            $"machine {name} is not running, while probe {index + 1} of {probes.Count} waited until {probes[index].Name}; last seen: {seen}. "
                + VmConsoleTail.Describe(services.Files(name).ConsoleLog),
            $"Start it: charly vm start {name}. If it went off by itself, its console tells why: charly vm log {name} --console",
            target: name.ToString());
    }

    private CharlyException Panicked(VmHandle handle, IReadOnlyList<Probe> probes, int index, PanicWatch panics)
    {
        var name = VmName.Of(handle);
        return new CharlyException(
            Errors.VmWait,
            $"machine {name}: its kernel panicked {Times(panics.Count)}, while probe {index + 1} of {probes.Count} waited until {probes[index].Name}. "
                + VmConsoleTail.Describe(services.Files(name).ConsoleLog),
            $"See the whole of it: charly vm log {name} --console; then boot it again: charly vm restart {name} --force. The machine was left as it is.",
            target: name.ToString());
    }

    private CharlyException Expired(VmHandle handle, IReadOnlyList<Probe> probes, int index, string seen, TimeSpan elapsed)
    {
        var name = VmName.Of(handle);
        return new CharlyException(
            Errors.VmWait,
            $"machine {name}: probe {index + 1} of {probes.Count} waited until {probes[index].Name}, and it was not so within {elapsed.TotalSeconds:0} s; "
                + $"last seen: {seen}. {VmConsoleTail.Describe(services.Files(name).ConsoleLog)}",
            $"Allow more time (charly vm wait {name} --timeout N), or see what it does: charly vm log {name} --console. The machine was left as it is.",
            target: name.ToString());
    }

    private void Report(IReadOnlyList<Probe> probes, int index, DateTimeOffset deadline, string seen) =>
        services.Context.Progress.Report(new WaitEvent(probes[index].Name, index + 1, probes.Count, deadline, seen));

    private static string Explain(CommandResult result) =>
        SshFailure.IsHostKey(result.StandardError) ? "the guest still shows another host key than ours"
        : result.Tail(1) is { Length: > 0 } text ? text
        : $"exit code {result.ExitCode}";

    private static string CloudInitErrors(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.TryGetProperty("v1", out var v1) && v1.TryGetProperty("errors", out var errors)
                ? string.Join("; ", errors.EnumerateArray().Select(e => e.ToString()))
                : "";
        }
        catch (JsonException e)
        {
            return $"its result can't be read ({e.Message})";
        }
    }

    private static string Times(int count) => count == 1 ? "once" : $"{count} times";

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private delegate Task<Outcome> Attempt(CancellationToken cancellationToken);

    private sealed record Outcome(bool IsMet, string Seen);

    private sealed record Probe(string Name, Attempt TryAsync, bool IsCheap);
}

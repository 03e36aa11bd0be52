using System.Net;
using System.Net.Sockets;
using OpenCharly.Boxes;

namespace OpenCharly.Operations;

/// <summary>Something in a pod that others can talk to, and that answered just now.</summary>
/// <param name="Name"><c>supervisord dbus charly wl sway cdp vnc</c>.</param>
/// <param name="Port">Port of this machine; null for what is reached inside the container.</param>
public sealed record PodTool(string Name, int? Port = null)
{
    /// <inheritdoc/>
    public override string ToString() => Port is null ? Name : $"{Name}:{Port}";
}

/// <summary>Looks which tools of a running pod answer (pod.md §15.4).</summary>
internal static class PodTools
{
    private static readonly IReadOnlyList<(string Tool, IReadOnlyList<string> Signs)> Inside =
        [("supervisord", ["supervisord"]), ("dbus", ["dbus-daemon", "dbus-broker"]), ("charly", ["charly"]), ("wl", ["wl"]), ("sway", ["sway"])];

    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);

    // Names of processes, and what has no process of its own; a container may have nothing but a shell.
    private const string Script =
        """
        for f in /proc/[0-9]*/comm; do read -r c <"$f" && echo "$c"; done 2>/dev/null
        command -v charly >/dev/null 2>&1 && echo charly
        for s in /run/user/*/wayland-* /tmp/wayland-*; do [ -S "$s" ] && echo wl; done
        true
        """;

    /// <summary>Those behind published ports; the engine is not asked.</summary>
    public static async Task<IReadOnlyList<PodTool>> OnPortsAsync(IEnumerable<PodPublishedPort> ports, CancellationToken cancellationToken)
    {
        var asked = ports.Where(p => p.Protocol == "tcp" && p.ContainerPort is 9222 or 5900).Select(async port =>
            await AnswersAsync(port, cancellationToken).ConfigureAwait(false) ? new PodTool(port.ContainerPort == 9222 ? "cdp" : "vnc", port.HostPort) : null);
        return [.. (await Task.WhenAll(asked).ConfigureAwait(false)).OfType<PodTool>()];
    }

    /// <summary>Those inside; a container that can't be asked has none.</summary>
    public static async Task<IReadOnlyList<PodTool>> InsideAsync(ContainerEngine engine, string container, CancellationToken cancellationToken)
    {
        var result = await engine.RunAsync(["exec", container, "sh", "-c", Script], cancellationToken).ConfigureAwait(false);
        var found = result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
        return [.. Inside.Where(i => i.Signs.Any(found.Contains)).Select(i => new PodTool(i.Tool))];
    }

    private static async Task<bool> AnswersAsync(PodPublishedPort port, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            var address = IPAddress.TryParse(port.HostIp, out var given) && !given.Equals(IPAddress.Any) && !given.Equals(IPAddress.IPv6Any) ? given : IPAddress.Loopback;
            await socket.ConnectAsync(new IPEndPoint(address, port.HostPort), limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}

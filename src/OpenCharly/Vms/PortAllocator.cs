using System.Net;
using System.Net.Sockets;
using OpenCharly.Foundation;

namespace OpenCharly.Vms;

/// <summary>
/// Picks host ports for ssh (vm.md §3.6). Called while the registry is locked, with the record of the new machine written
/// under the same lock, so that two creates at once never get the same one.
/// </summary>
internal static class PortAllocator
{
    /// <summary>Where ssh forwards are bound.</summary>
    public const string Loopback = "127.0.0.1";

    private const int Tries = 32;

    /// <summary>A port that is free now and on nobody's record.</summary>
    /// <param name="preferred">Port to keep if it is still free; null for any.</param>
    /// <param name="recorded">Ports of other machines.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PortInUse"/> if the operating system offers none.</exception>
    public static int Allocate(int? preferred, IReadOnlySet<int> recorded)
    {
        if (preferred is { } old && !recorded.Contains(old) && IsFree(Loopback, old, "tcp")) return old;
        for (var i = 0; i < Tries; i++)
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var port = ((IPEndPoint)probe.LocalEndPoint!).Port;
            if (!recorded.Contains(port)) return port;
        }

        throw new CharlyException(
            Errors.PortInUse, $"no free port was found in {Tries} tries", "Say which port to use: ssh: {port: N}.");
    }

    /// <summary>All host ports that machines other than <paramref name="except"/> have on record.</summary>
    public static IReadOnlySet<int> Recorded(IEnumerable<VmHandle> handles, string except)
    {
        var result = new HashSet<int>();
        foreach (var handle in handles.Where(h => h.Name != except))
        {
            if (handle.SshHostPort is { } port) result.Add(port);
            result.UnionWith(handle.PortForwards.Select(HostPort).OfType<int>());
        }

        return result;
    }

    /// <summary>Throws if a port that a machine is about to listen on is taken, and says by whom.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PortInUse"/>.</exception>
    public static void ThrowIfBusy(string bind, int port, string protocol, VmName machine, IEnumerable<VmHandle> handles)
    {
        if (IsFree(bind, port, protocol)) return;
        var other = handles.FirstOrDefault(h => h.Name != machine.Id && (h.SshHostPort == port || h.PortForwards.Any(f => HostPort(f) == port)));
        var owner = PortOwner.Find(port, protocol);
        var who = other is not null ? $"machine {VmName.Of(other)}" + (owner is null ? "" : $" ({owner})") : owner ?? "another program";
        throw new CharlyException(
            Errors.PortInUse,
            $"port {port} on {bind} is taken by {who}",
            other is null
                ? "Stop that program, or say another port: ssh: {port: N}, or ssh: {port_auto: true} to get a free one."
                : $"Stop it (charly vm stop {VmName.Of(other)}), or give one of the two another port: ssh: {{port: N}} or {{port_auto: true}}.",
            target: machine.ToString());
    }

    /// <summary>Whether a port can be listened on.</summary>
    public static bool IsFree(string bind, int port, string protocol)
    {
        if (!IPAddress.TryParse(bind, out var address)) address = IPAddress.Loopback;
        try
        {
            if (protocol == "udp")
            {
                using var datagram = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                datagram.Bind(new IPEndPoint(address, port));
                return true;
            }

            // Bound and listening: two sockets may be bound to one port as long as neither listens.
            using var stream = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            stream.Bind(new IPEndPoint(address, port));
            stream.Listen(1);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AccessDenied)
        {
            throw new CharlyException(
                Errors.PortInUse, $"port {port} may not be listened on: {e.Message}", "Use a port above 1023.", target: port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static int? HostPort(string forward)
    {
        var parts = forward.Split('/')[0].Split(':');
        return parts.Length >= 2 && int.TryParse(parts[^2], out var port) ? port : null;
    }
}

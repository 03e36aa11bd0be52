using System.Net;
using System.Net.Sockets;
using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Pods;

/// <summary>Which host ports a pod publishes: pins first, then what it had before, then free ones (pod.md §4.2).</summary>
/// <param name="Mappings">The mappings, in the order in which they are published.</param>
/// <param name="Warnings">What the user should know: pins that other entries have as well, texts that could not be read.</param>
internal sealed record PortPlan(IReadOnlyList<PortMapping> Mappings, IReadOnlyList<string> Warnings)
{
    private const int Tries = 32;

    /// <summary>Resolves ports.</summary>
    /// <param name="exposed">Ports of the image, in the order of its label.</param>
    /// <param name="pins">Pins of the entry.</param>
    /// <param name="previous">What the entry published before.</param>
    /// <param name="occupied">Host ports on record of every other entry, with the key that has them.</param>
    /// <param name="free">Finds a port that is free now, by protocol; the operating system if null.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodPort"/> if no free port was found.</exception>
    public static PortPlan Resolve(
        IReadOnlyList<ContainerPort> exposed,
        IReadOnlyList<PortMapping> pins,
        IReadOnlyList<PortMapping> previous,
        IReadOnlyDictionary<int, string> occupied,
        Func<string, int>? free = null)
    {
        var chosen = new List<PortMapping>();
        var warnings = new List<string>();
        var used = new HashSet<PortMapping>();
        foreach (var port in exposed)
        {
            var protocol = port.IsUdp ? "udp" : "tcp";
            if (chosen.Any(m => m.ContainerPort == port.Number && m.EffectiveProtocol == protocol)) continue;
            var own = pins.Where(p => Fits(p, port.Number, protocol)).ToArray();
            if (own.Length > 0)
            {
                foreach (var pin in own)
                {
                    used.Add(pin);
                    chosen.Add(pin.Protocol is null && port.IsUdp ? pin with { Protocol = protocol } : pin);
                }

                continue;
            }

            var before = previous.FirstOrDefault(p => Fits(p, port.Number, protocol) && !occupied.ContainsKey(p.HostPort) && !IsTaken(chosen, pins, p.HostPort, protocol));
            chosen.Add(before ?? new PortMapping(null, Allocate(protocol, chosen, pins, occupied, free ?? FreePort), port.Number, port.IsUdp ? protocol : null));
        }

        chosen.AddRange(pins.Where(p => !used.Contains(p) && !chosen.Contains(p)));
        foreach (var mapping in chosen.Where(m => pins.Any(p => p.HostPort == m.HostPort) && occupied.ContainsKey(m.HostPort)))
        {
            warnings.Add($"port {mapping.HostPort} is also on record for {occupied[mapping.HostPort]}");
        }

        return new PortPlan(chosen, warnings);
    }

    /// <summary>The ports of a pod in this machine's own network: nothing stands between, so they are what the image listens on.</summary>
    public static PortPlan OnHost(IReadOnlyList<ContainerPort> exposed, IReadOnlyList<PortMapping> pins)
    {
        var mappings = exposed.Select(p => new PortMapping(null, p.Number, p.Number, p.IsUdp ? "udp" : null))
            .Concat(pins.Where(p => p.HostPort == p.ContainerPort).Select(p => p with { Address = null, Protocol = p.IsUdp ? "udp" : null })).Distinct().ToArray();
        return new PortPlan(mappings, [.. pins.Where(p => p.HostPort != p.ContainerPort).Select(p => $"the pin {p} is left out: with network host the pod listens on port {p.ContainerPort} of this machine itself")]);
    }

    /// <summary>The pins of an entry.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodPort"/> for a pin that can't be read.</exception>
    public static IReadOnlyList<PortMapping> Pins(IEnumerable<SourcedText> pins)
    {
        var read = new List<PortMapping>();
        foreach (var pin in pins.Where(p => p.Text != "auto"))
        {
            if (!PortMapping.TryParse(pin.Text, out var mapping)) throw new CharlyException(Errors.PodPort, $"invalid deploy port pin \"{pin.Text}\"", PortMapping.Forms, pin.Position);
            if (read.Any(r => r.HostPort == mapping.HostPort && r.EffectiveProtocol == mapping.EffectiveProtocol && (r.Address == mapping.Address || r.Address is null || mapping.Address is null) && r != mapping))
            {
                throw new CharlyException(Errors.PodPort, $"invalid deploy port pin \"{pin.Text}\": the host port {mapping.HostPort} is pinned twice", "Give each container port a host port of its own.", pin.Position);
            }

            if (!read.Contains(mapping)) read.Add(mapping);
        }

        return read;
    }

    /// <summary>What can be read of mappings that nobody typed; the others become warnings.</summary>
    public static IReadOnlyList<PortMapping> Readable(IEnumerable<string> mappings, ICollection<string> warnings)
    {
        var read = new List<PortMapping>();
        foreach (var text in mappings.Where(t => t != "auto"))
        {
            if (PortMapping.TryParse(text, out var mapping)) read.Add(mapping);
            else warnings.Add($"the port \"{text}\" is skipped: {PortMapping.Forms}");
        }

        return read;
    }

    /// <summary>A port that nothing listens on, on the loopback interface.</summary>
    internal static int FreePort(string protocol)
    {
        using var probe = protocol == "udp"
            ? new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    // A pin without a protocol is one for the port of that number, whatever its protocol.
    private static bool Fits(PortMapping mapping, int port, string protocol) =>
        mapping.ContainerPort == port && (mapping.Protocol is null || mapping.Protocol == protocol);

    private static bool IsTaken(IEnumerable<PortMapping> chosen, IEnumerable<PortMapping> pins, int host, string protocol) =>
        chosen.Any(m => m.HostPort == host && m.EffectiveProtocol == protocol) || pins.Any(p => p.HostPort == host);

    private static int Allocate(string protocol, List<PortMapping> chosen, IReadOnlyList<PortMapping> pins, IReadOnlyDictionary<int, string> occupied, Func<string, int> free)
    {
        for (var i = 0; i < Tries; i++)
        {
            var port = free(protocol);
            if (!occupied.ContainsKey(port) && chosen.All(m => m.HostPort != port) && pins.All(p => p.HostPort != port)) return port;
        }

        throw new CharlyException(Errors.PodPort, $"no free {protocol} port was found in {Tries} tries", "Pin one: port: [\"HOST:CONTAINER\"].");
    }
}

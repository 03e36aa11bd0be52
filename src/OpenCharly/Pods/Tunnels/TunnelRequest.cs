using OpenCharly.Foundation;

namespace OpenCharly.Pods.Tunnels;

/// <summary>A port that a tunnel entry names.</summary>
/// <param name="Number">Host port, or container port.</param>
/// <param name="Hostname">Its own host name (cloudflare); null for the entry's.</param>
/// <param name="Position">Where it stands.</param>
public sealed record TunnelPort(int Number, string? Hostname, SourcePosition? Position);

/// <summary>A tunnel as an entry writes it (pod.md §12.1).</summary>
public sealed record TunnelRequest
{
    /// <summary><c>tailscale</c> or <c>cloudflare</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>Where it stands.</summary>
    public SourcePosition? Position { get; init; }

    /// <summary>Whether all ports are public.</summary>
    public bool IsPublicAll { get; init; }

    /// <summary>Whether all ports that are not public are private.</summary>
    public bool IsPrivateAll { get; init; }

    /// <summary>Ports that the internet reaches.</summary>
    public IReadOnlyList<TunnelPort> Public { get; init; } = [];

    /// <summary>Ports that only the tailnet reaches.</summary>
    public IReadOnlyList<TunnelPort> Private { get; init; } = [];

    /// <summary>Whether public ports were written as a map of host names.</summary>
    public bool IsMap { get; init; }

    /// <summary>Name of the tunnel; the container's if null.</summary>
    public string? Name { get; init; }

    /// <summary>Host name for ports without one of their own.</summary>
    public string? Hostname { get; init; }
}

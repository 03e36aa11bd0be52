namespace OpenCharly.Execution;

/// <summary>A machine as the ssh client is told about it; everything else comes from the user's ssh configuration.</summary>
/// <param name="Host">Host name, address (IPv6 without brackets) or alias from an ssh_config file.</param>
public sealed record SshDestination(string Host)
{
    /// <summary>Log-in user; ssh decides if null.</summary>
    public string? User { get; init; }

    /// <summary>TCP port; ssh decides if null.</summary>
    public int? Port { get; init; }

    /// <summary>The user's own words for ssh's command line, such as <c>-J</c> and <c>gate.example.org</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>An ssh_config file to use instead of the user's and the system's; null for those.</summary>
    public string? ConfigFile { get; init; }

    /// <summary><c>[user@]host</c>, as ssh takes it.</summary>
    public string Address => User is null ? Host : $"{User}@{Host}";

    /// <summary><c>ssh://[user@]host[:port]</c>.</summary>
    public string Venue =>
        $"ssh://{(User is null ? "" : User + "@")}{(Host.Contains(':') ? $"[{Host}]" : Host)}{(Port is null ? "" : $":{Port}")}";
}

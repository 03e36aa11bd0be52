namespace OpenCharly.Vms.Keys;

/// <summary>Lines of a <c>known_hosts</c> file.</summary>
public static class KnownHosts
{
    /// <summary>One line that binds a host key to an alias and to an address.</summary>
    /// <param name="alias">Name that ssh looks up, such as <c>charly-web</c> (it is also written as <c>HostKeyAlias</c>).</param>
    /// <param name="host">Address, such as <c>127.0.0.1</c>; null for none.</param>
    /// <param name="port">Port; anything but 22 is written in the <c>[host]:port</c> form that ssh looks up.</param>
    /// <param name="publicKey">The host's public key line; its comment is dropped.</param>
    /// <returns>The line with its newline.</returns>
    public static string Line(string alias, string? host, int port, string publicKey)
    {
        var names = new List<string> { alias };
        if (port != 22) names.Add($"[{alias}]:{port}");
        if (host is not null) names.Add(port == 22 ? host : $"[{host}]:{port}");
        var key = publicKey.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return $"{string.Join(',', names)} {key[0]} {key[1]}\n";
    }
}

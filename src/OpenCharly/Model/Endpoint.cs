using System.Globalization;

namespace OpenCharly.Model;

/// <summary>A host and a port.</summary>
/// <param name="Host">Name or address, an IPv6 address without brackets.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record Endpoint(string Host, int Port)
{
    /// <summary>Reads <c>host:port</c> or <c>[address]:port</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="endpoint">What it says.</param>
    /// <param name="defaultPort">Port if the text has none; 0 if it must have one.</param>
    public static bool TryParse(string text, out Endpoint endpoint, int defaultPort = 0)
    {
        endpoint = new Endpoint("", 0);
        var (host, rest) = (text, "");
        if (text.StartsWith('[') && text.IndexOf(']') is var close and > 1)
        {
            (host, rest) = (text[1..close], text[(close + 1)..]);
            if (rest.Length > 0 && rest[0] != ':') return false;
            rest = rest.TrimStart(':');
        }
        else if (text.Count(c => c == ':') == 1)
        {
            (host, rest) = (text[..text.IndexOf(':')], text[(text.IndexOf(':') + 1)..]);
        }

        var port = defaultPort;
        if (rest.Length > 0 && !int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out port)) return false;
        if (host.Length == 0 || port is < 1 or > 65535 || host.Any(c => !(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '%'))) return false;
        endpoint = new Endpoint(host, port);
        return true;
    }
}

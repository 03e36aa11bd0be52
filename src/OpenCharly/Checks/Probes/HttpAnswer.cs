using System.Globalization;
using System.Text;

namespace OpenCharly.Checks.Probes;

/// <summary>An answer over HTTP.</summary>
/// <param name="Status">Status code.</param>
/// <param name="Headers">Header lines, in order.</param>
/// <param name="Body">Body as text.</param>
internal sealed record HttpAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, string Body)
{
    /// <summary>What curl wrote: status code, all header blocks on the way, the last body. Null if there was no answer.</summary>
    public static HttpAnswer? FromCurl(string status, string heads, string body)
    {
        if (!int.TryParse(status.Trim(), out var code) || code == 0) return null;
        var blocks = heads.Replace("\r\n", "\n", StringComparison.Ordinal).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        return new HttpAnswer(code, blocks.Length == 0 ? [] : Read(blocks[^1]), body);
    }

    /// <summary>An answer as it came over the wire; null if it is none.</summary>
    public static HttpAnswer? Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (!text.StartsWith("HTTP/", StringComparison.Ordinal) || end < 0) return null;
        var head = text[..end].Replace("\r\n", "\n", StringComparison.Ordinal);
        if (head.Split('\n')[0].Split(' ') is not [_, var status, ..] || !int.TryParse(status, out var code)) return null;
        var headers = Read(head);
        var body = text[(end + 4)..];
        var isChunked = headers.Any(h => h.Name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) && h.Value.Contains("chunked", StringComparison.OrdinalIgnoreCase));
        return new HttpAnswer(code, headers, isChunked ? Join(body) : body);
    }

    /// <summary>Where the answer sends the client; null if nowhere.</summary>
    public Uri? Location(Uri from)
    {
        if (Status is not (301 or 302 or 303 or 307 or 308)) return null;
        var location = Headers.FirstOrDefault(h => h.Name.Equals("Location", StringComparison.OrdinalIgnoreCase)).Value;
        return location is not null && Uri.TryCreate(from, location, out var next) ? next : null;
    }

    private static List<(string Name, string Value)> Read(string head)
    {
        var headers = new List<(string, string)>();
        foreach (var line in head.Split('\n').Skip(1))
        {
            if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var at) headers.Add((line[..at].Trim(), line[(at + 1)..].Trim()));
        }

        return headers;
    }

    // Lengths count bytes, so the text goes back to bytes first.
    private static string Join(string chunks)
    {
        var bytes = Encoding.UTF8.GetBytes(chunks).AsSpan();
        var body = new List<byte>(bytes.Length);
        while (bytes.IndexOf("\r\n"u8) is >= 0 and var end
               && int.TryParse(Encoding.ASCII.GetString(bytes[..end]).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var size)
               && size > 0 && end + 2 + size <= bytes.Length)
        {
            body.AddRange(bytes.Slice(end + 2, size));
            bytes = bytes[Math.Min(bytes.Length, end + 4 + size)..];
        }

        return Encoding.UTF8.GetString([.. body]);
    }
}

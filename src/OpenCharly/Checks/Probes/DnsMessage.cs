using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace OpenCharly.Checks.Probes;

/// <summary>The two messages of the domain name system (RFC 1035) that a check needs: a question, and its answer.</summary>
internal static class DnsMessage
{
    public const ushort TypeA = 1;
    public const ushort TypeAaaa = 28;

    private const ushort ClassInternet = 1;
    private const int HeaderLength = 12;
    private const ushort RecursionDesired = 0x0100;

    /// <summary>A question for one name and type.</summary>
    public static byte[] Question(string name, ushort type)
    {
        var message = new List<byte>(new byte[HeaderLength]);
        message[1] = 1;
        message[2] = RecursionDesired >> 8;
        message[5] = 1;
        foreach (var label in Ascii(name).TrimEnd('.').Split('.'))
        {
            message.Add((byte)Math.Min(label.Length, 63));
            message.AddRange(Encoding.ASCII.GetBytes(label[..Math.Min(label.Length, 63)]));
        }

        message.AddRange([0, (byte)(type >> 8), (byte)type, 0, (byte)ClassInternet]);
        return [.. message];
    }

    /// <summary>The addresses of an answer in base64; none for an error, or for what is no answer.</summary>
    public static IReadOnlyList<string> Addresses(string base64)
    {
        var text = string.Concat(base64.Where(c => !char.IsWhiteSpace(c)));
        var buffer = new byte[text.Length];
        if (text.Length == 0 || !Convert.TryFromBase64String(text, buffer, out var length)) return [];
        var addresses = new List<string>();
        var message = buffer.AsSpan(0, length);
        if (length < HeaderLength) return [];
        var at = HeaderLength;
        for (var i = 0; i < BinaryPrimitives.ReadUInt16BigEndian(message[4..]); i++) at = AfterName(message, at) + 4;
        for (var i = 0; i < BinaryPrimitives.ReadUInt16BigEndian(message[6..]); i++)
        {
            at = AfterName(message, at);
            if (at + 10 > length) break;
            var type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            var size = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            at += 10;
            if (at + size > length) break;
            if ((type == TypeA && size == 4) || (type == TypeAaaa && size == 16)) addresses.Add(new IPAddress(message.Slice(at, size)).ToString());
            at += size;
        }

        return addresses;
    }

    private static int AfterName(ReadOnlySpan<byte> message, int at)
    {
        while (at < message.Length)
        {
            var length = message[at];
            if (length == 0) return at + 1;
            if ((length & 0xC0) == 0xC0) return at + 2;
            at += length + 1;
        }

        return at;
    }

    private static string Ascii(string name)
    {
        try
        {
            return new IdnMapping().GetAscii(name.TrimEnd('.'));
        }
        catch (ArgumentException)
        {
            // A name with underscores, for example, which no registry takes but servers answer.
            return name;
        }
    }
}

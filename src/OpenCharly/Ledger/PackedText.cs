using System.IO.Compression;
using System.Text;

namespace OpenCharly.Ledger;

/// <summary>Text as one short word without blanks, for a line of the journal: compressed, in base 64.</summary>
internal static class PackedText
{
    public static string Pack(string text)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return Convert.ToBase64String(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>The text again.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public static string Unpack(string word)
    {
        try
        {
            using var gzip = new GZipStream(new MemoryStream(Convert.FromBase64String(word)), CompressionMode.Decompress);
            using var reader = new StreamReader(gzip, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (InvalidDataException e)
        {
            throw new FormatException("damaged", e);
        }
    }
}

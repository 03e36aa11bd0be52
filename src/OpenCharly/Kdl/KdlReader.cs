using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Kdl;

/// <summary>
/// Reads KDL, versions 1 and 2, into nodes and values that know their line and column. A document says its version
/// with a first line <c>/- kdl-version 2</c>; one that doesn't is read as version 2 and, if that fails, as version 1.
/// The language is made so that no text means different things in both.
/// </summary>
public static class KdlReader
{
    private const int MaxCharacters = 4 << 20;

    /// <summary>Reads a document.</summary>
    /// <param name="text">The text; a byte order mark is tolerated.</param>
    /// <param name="file">Name of the file, for positions.</param>
    /// <param name="version">1 or 2 to read it as that version, whatever it says; null to find out.</param>
    /// <exception cref="CharlyException"><see cref="Errors.KdlSyntax"/>; <see cref="Errors.KdlLimit"/> for more than 4 MiB or
    /// more than 128 levels.</exception>
    public static KdlDocument Read(string text, string file, int? version = null)
    {
        if (text.Length > MaxCharacters)
        {
            throw new CharlyException(
                Errors.KdlLimit, $"the file {file} is larger than 4 MiB", "Split it into several files.", new SourcePosition(file, 1, 1), file);
        }

        if ((version ?? Marker(text)) is { } known) return ReadAs(text, file, known);
        try
        {
            return ReadAs(text, file, 2);
        }
        catch (KdlSyntaxException newer)
        {
            try
            {
                return ReadAs(text, file, 1);
            }
            catch (KdlSyntaxException older) when (older.Offset <= newer.Offset)
            {
                // What came further is what its author meant, so that reading's error is the one of use.
                throw newer;
            }
        }
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="CharlyException">As <see cref="Read"/>; <see cref="Errors.KdlSyntax"/> also for bytes that are no UTF-8.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static KdlDocument ReadFile(string path)
    {
        var bytes = File.ReadAllBytes(path);
        try
        {
            return Read(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes), path);
        }
        catch (DecoderFallbackException e)
        {
            var before = Encoding.UTF8.GetString(bytes, 0, Math.Clamp(e.Index, 0, bytes.Length));
            var cursor = new KdlCursor(before, path, 2);
            throw new CharlyException(
                Errors.KdlSyntax, $"{path} is not UTF-8: byte {e.Index + 1} can't be read", "Save the file as UTF-8.", cursor.PositionOf(before.Length), path, e);
        }
    }

    private static KdlDocument ReadAs(string text, string file, int version) =>
        new(version, new KdlParser(new KdlCursor(text, file, version)).ReadDocument());

    /// <summary>The version that the first line names: <c>/- kdl-version 1</c> or <c>2</c>; null if it names none.</summary>
    private static int? Marker(string text)
    {
        var cursor = new KdlCursor(text, "", 2);
        if (!cursor.Take("/-")) return null;
        SkipSpaces(cursor);
        if (!cursor.Take("kdl-version") || SkipSpaces(cursor) == 0) return null;
        var digit = cursor.Current;
        if (digit is not ('1' or '2')) return null;
        cursor.Offset++;
        SkipSpaces(cursor);
        return cursor.IsAtEnd || cursor.SeesNewline ? digit - '0' : null;
    }

    private static int SkipSpaces(KdlCursor cursor)
    {
        var begin = cursor.Offset;
        while (!cursor.IsAtEnd && KdlCharacters.IsSpace(cursor.Current, 2)) cursor.Offset++;
        return cursor.Offset - begin;
    }
}

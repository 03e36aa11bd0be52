using System.Buffers;
using System.Text;

namespace OpenCharly.Foundation;

/// <summary>The one place where text becomes part of a POSIX shell script.</summary>
public static class Shell
{
    private static readonly SearchValues<char> Safe =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,");

    /// <summary>
    /// Quotes <paramref name="text"/> as one shell word that stands for exactly that text in any POSIX shell.
    /// Plain words stay as they are; everything else is wrapped in single quotes.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.ShellNul"/> for a NUL character, which no shell word can hold.</exception>
    public static string Quote(string text)
    {
        if (text.Length == 0) return "''";
        if (text.Contains('\0'))
        {
            throw new CharlyException(Errors.ShellNul, "text for the shell holds a NUL character", "Remove the NUL character.");
        }

        return text.AsSpan().ContainsAnyExcept(Safe) || text[0] is '-' or '=' or '~' or '%' or '+'
            ? "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'"
            : text;
    }

    /// <summary>Quotes each word and joins them with blanks.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    /// <summary>
    /// Renders bytes as a shell command that prints exactly them: the content travels as base64, so that binary
    /// content and text without a final newline come out unchanged.
    /// </summary>
    public static string Emit(ReadOnlySpan<byte> content) =>
        content.IsEmpty ? ":" : $"printf %s {Convert.ToBase64String(content)} | base64 -d";

    /// <summary>As <see cref="Emit(ReadOnlySpan{byte})"/>, for text in UTF-8.</summary>
    public static string Emit(string content) => Emit(Encoding.UTF8.GetBytes(content));
}

using System.Text;

namespace OpenCharly.Cli.Output;

/// <summary>Enumeration values as text: <c>WrongState</c> is <c>wrong-state</c>.</summary>
internal static class KebabCase
{
    public static string ToKebab<T>(this T value) where T : struct, Enum
    {
        var text = new StringBuilder();
        foreach (var letter in value.ToString())
        {
            if (char.IsAsciiLetterUpper(letter) && text.Length > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}

using System.Buffers;
using System.Text;

namespace OpenCharly.Plans;

/// <summary>The env.d files, one a candy, that carry its environment into the user's shells (candy-and-plan.md §6.5).</summary>
public static class EnvFile
{
    // Beyond the blanks, quotes and operators of the specification: a tilde, which a shell would take for a home folder
    // at the begin of a value and after a colon.
    private static readonly SearchValues<char> Special = SearchValues.Create(" \t\n\r\"'$*?[](){}<>|&;`\\!~");

    /// <summary>Folder of all env.d files below a home folder.</summary>
    public static string FolderOf(string home) => $"{home.TrimEnd('/')}/.config/opencharly/env.d";

    /// <summary>Path of a candy's file.</summary>
    public static string PathOf(string home, string candy) => $"{FolderOf(home)}/{candy}.env";

    /// <summary>The whole text of a file.</summary>
    /// <param name="candy">The candy, or the deployment, that it belongs to.</param>
    /// <param name="variables">Variables; written in ordinal order of their names.</param>
    /// <param name="pathEntries">Folders put in front of PATH, in order.</param>
    public static string Text(string candy, IReadOnlyDictionary<string, string> variables, IReadOnlyList<string> pathEntries)
    {
        var text = new StringBuilder($"# opencharly env for layer {candy} — managed by charly; do not edit\n");
        foreach (var (name, value) in variables.OrderBy(v => v.Key, StringComparer.Ordinal)) text.Append($"export {name}={Quote(value)}\n");
        if (pathEntries.Count > 0) text.Append($"export PATH=\"{string.Join(':', pathEntries.Select(Escape))}:$PATH\"\n");
        return text.ToString();
    }

    /// <summary>Text for the inside of double quotes of a POSIX shell.</summary>
    internal static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is '\\' or '"' or '$' or '`') escaped.Append('\\');
            escaped.Append(c);
        }

        return escaped.ToString();
    }

    private static string Quote(string value) =>
        value.Length == 0 || value.AsSpan().ContainsAny(Special) ? $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'" : value;
}

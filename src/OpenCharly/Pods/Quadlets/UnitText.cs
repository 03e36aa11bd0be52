using System.Buffers;
using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Pods.Quadlets;

/// <summary>The one place where text becomes part of a systemd unit.</summary>
internal static class UnitText
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(" \t\"'\\{}[]");

    /// <summary>A line <c>Environment=NAME=value</c> (pod.md §14.2).</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodEnvironment"/> for a value that no line can hold.</exception>
    public static string Environment(string name, string value)
    {
        if (value.Any(c => char.IsControl(c) && c != '\t'))
        {
            throw new CharlyException(
                Errors.PodEnvironment, $"the value of {name} holds a line break or control character, which no unit can hold", "Write the variable into a file and name that with env_file.", target: name);
        }

        // The generator hands values on to a command line, where systemd would replace specifiers and variables.
        var escaped = Literal(value);
        return value.AsSpan().ContainsAny(Quoted)
            ? $"Environment={name}=\"{escaped.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
            : $"Environment={name}={escaped}";
    }

    /// <summary>A value that stands for itself: what systemd would replace is doubled.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodEntry"/> for a value with a line break, which would add lines to the unit.</exception>
    public static string Value(string text) => text.Any(char.IsControl)
        ? throw new CharlyException(Errors.PodEntry, $"\"{text.ReplaceLineEndings("⏎")}\" holds a line break or control character", "Write it on one line.", target: text)
        : Literal(text);

    /// <summary>One word of a command line or of <c>PodmanArgs=</c>: quoted where it would fall apart.</summary>
    public static string Word(string text)
    {
        var value = Value(text);
        return value.Length > 0 && !value.AsSpan().ContainsAny(" \t\"'\\") ? value : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    private static string Literal(string text) => text.Replace("%", "%%", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal);

    /// <summary>Joins sections with one blank line between.</summary>
    public static string Join(string head, IEnumerable<(string Name, IReadOnlyList<string> Lines)> sections)
    {
        var text = new StringBuilder(head);
        var isFirst = true;
        foreach (var (name, lines) in sections)
        {
            if (!isFirst) text.Append('\n');
            isFirst = false;
            text.Append('[').Append(name).Append("]\n");
            foreach (var line in lines) text.Append(line).Append('\n');
        }

        return text.ToString();
    }
}

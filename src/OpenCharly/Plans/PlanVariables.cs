using System.Text.RegularExpressions;

namespace OpenCharly.Plans;

/// <summary>Fills <c>${NAME}</c> and <c>${NAME:-default}</c> in, as artifacts use them.</summary>
public static partial class PlanVariables
{
    /// <summary>Fills in what has a value, and the defaults of what has none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="valueOf">The value of a variable; null or empty if it has none.</param>
    public static string Fill(string text, Func<string, string?> valueOf) => Reference().Replace(
        text,
        m => valueOf(m.Groups[1].Value) is { Length: > 0 } value ? value
            : m.Groups[2].Success ? Fill(m.Groups[2].Value, valueOf)
            : "");

    /// <summary>Fills in only what has a value; all else, defaults included, stays for later.</summary>
    /// <param name="text">The text.</param>
    /// <param name="valueOf">The value of a variable; null if it is not known yet.</param>
    public static string FillKnown(string text, Func<string, string?> valueOf) =>
        Reference().Replace(text, m => valueOf(m.Groups[1].Value) is { Length: > 0 } value ? value : m.Value);

    /// <summary>The variables that are named in a text and have no default.</summary>
    public static IEnumerable<string> Needed(string text) =>
        Reference().Matches(text).Where(m => !m.Groups[2].Success).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:[^{}]|\{[^{}]*\})*))?\}")]
    private static partial Regex Reference();
}

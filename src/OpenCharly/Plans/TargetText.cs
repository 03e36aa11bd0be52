using System.Text.RegularExpressions;
using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>Text that may name the machine's architecture, which only the target knows when a script runs there.</summary>
internal static partial class TargetText
{
    /// <summary>Bash that sets both variables; the run may hold the answer of <c>uname -m</c> in <c>CHARLY_MACHINE</c>.</summary>
    public const string Preamble =
        "export BUILD_ARCH=${CHARLY_MACHINE:-$(uname -m)}\n"
        + "case $BUILD_ARCH in x86_64) export ARCH=amd64 ;; aarch64) export ARCH=arm64 ;; armv7*) export ARCH=arm ;; *) export ARCH=$BUILD_ARCH ;; esac";

    /// <summary>Whether a variable is one of the two.</summary>
    public static bool IsTargetVariable(string name) => name is "ARCH" or "BUILD_ARCH";

    /// <summary>Whether the text names one of them.</summary>
    public static bool IsDynamic(string text) => Reference().IsMatch(text);

    /// <summary>One shell word: everything quoted but the two variables.</summary>
    public static string Quote(string text)
    {
        if (!IsDynamic(text)) return Shell.Quote(text);
        var word = new System.Text.StringBuilder();
        var from = 0;
        foreach (Match match in Reference().Matches(text))
        {
            if (match.Index > from) word.Append(Shell.Quote(text[from..match.Index]));
            word.Append('"').Append(match.Value).Append('"');
            from = match.Index + match.Length;
        }

        if (from < text.Length) word.Append(Shell.Quote(text[from..]));
        return word.ToString();
    }

    /// <summary>The text as it will read on a machine of this kind.</summary>
    /// <param name="text">The text.</param>
    /// <param name="machine"><c>uname -m</c>.</param>
    public static string Resolve(string text, string machine) => Reference().Replace(text, match => match.Groups[1].Value switch
    {
        "BUILD_ARCH" => machine,
        _ => machine switch
        {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            _ => machine.StartsWith("armv7", StringComparison.Ordinal) ? "arm" : machine,
        },
    });

    [GeneratedRegex(@"\$\{(ARCH|BUILD_ARCH)\}")]
    private static partial Regex Reference();
}

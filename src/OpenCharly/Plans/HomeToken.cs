using System.Text.RegularExpressions;

namespace OpenCharly.Plans;

/// <summary>
/// The home folder in texts that are written before anyone knows which home it will be (candy-and-plan.md §5.6):
/// a leading <c>~</c> or <c>~/</c>, and <c>$HOME</c> or <c>${HOME}</c> anywhere, become a token, which the target
/// resolves.
/// </summary>
public static partial class HomeToken
{
    /// <summary>The token.</summary>
    public const string Token = "{{.Home}}";

    /// <summary>Replaces the spellings of the home folder by the token. <c>$HOMEX</c> is another variable and stays.</summary>
    public static string Tokenize(string text)
    {
        var tilde = text == "~" || text.StartsWith("~/", StringComparison.Ordinal);
        return Variable().Replace(tilde ? Token + text[1..] : text, Token);
    }

    /// <summary>Replaces the token by a home folder. Resolving twice is the same as resolving once.</summary>
    public static string Resolve(string text, string home) => text.Replace(Token, home, StringComparison.Ordinal);

    /// <summary>Both at once, for compilers that know the home already.</summary>
    public static string Expand(string text, string home) => Resolve(Tokenize(text), home);

    [GeneratedRegex(@"\$\{HOME\}|\$HOME(?![A-Za-z0-9_])")]
    private static partial Regex Variable();
}

using System.Text.RegularExpressions;
using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>The body of a <c>cmd</c> task, in which <c>/ctx/</c> denotes the candy's folder (§3.2).</summary>
internal static partial class CommandBody
{
    /// <summary>Whether the body looks at the candy's folder, so that it has to travel to the target.</summary>
    public static bool MentionsContext(string body) => Context().IsMatch(body);

    /// <summary>One shell word that holds the body with the candy's folder in place of <c>/ctx</c>.</summary>
    /// <param name="body">The body.</param>
    /// <param name="folder">A shell word, without quotes around it, that stands for the folder.</param>
    public static string Quote(string body, string folder)
    {
        var word = new System.Text.StringBuilder();
        var from = 0;
        foreach (Match match in Context().Matches(body))
        {
            if (match.Index > from) word.Append(Shell.Quote(body[from..match.Index]));
            word.Append('"').Append(folder).Append('"');
            from = match.Index + match.Length;
        }

        if (from < body.Length || word.Length == 0) word.Append(Shell.Quote(body[from..]));
        return word.ToString();
    }

    // Only as the begin of a path of its own: not in /srv/ctx/ or /ctxt.
    [GeneratedRegex(@"(?<![A-Za-z0-9_./~}\-])/ctx(?![A-Za-z0-9_.\-])")]
    private static partial Regex Context();
}

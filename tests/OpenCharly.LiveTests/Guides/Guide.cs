using System.Text;
using System.Text.RegularExpressions;

namespace OpenCharly.LiveTests.Guides;

/// <summary>A command of a guide: what is typed and what is printed.</summary>
/// <param name="Lines">The lines that are typed, prompts taken off.</param>
/// <param name="Output">What the guide says is printed.</param>
public sealed record GuideCommand(IReadOnlyList<string> Lines, string Output);

/// <summary>A piece of a guide: text, a file that it shows, or commands of one shell.</summary>
/// <param name="Text">The text as it stands; for a file its content.</param>
/// <param name="Fence">The line that opens a block; empty for text.</param>
/// <param name="Commands">The commands of a session.</param>
public sealed record GuidePart(string Text, string Fence, IReadOnlyList<GuideCommand> Commands)
{
    /// <summary>The file that the block is the content of; null if it is a session or text.</summary>
    public string? File => Fence.Split(" file=") is [_, var file] ? file : null;

    /// <summary>Whether the block is a session in PowerShell.</summary>
    public bool IsPowerShell => Commands.Count > 0 && Fence.StartsWith("```powershell", StringComparison.Ordinal);

    /// <summary>Whether the block is a session in bash.</summary>
    public bool IsConsole => Commands.Count > 0 && !IsPowerShell;
}

/// <summary>
/// A Markdown page whose blocks can be run: <c>console</c> with <c>$ </c> before what is typed (<c>&gt; </c> where it goes
/// on), <c>powershell</c> with <c>PS&gt; </c> (<c>&gt;&gt; </c>), and any language with <c>file=NAME</c> for a file.
/// </summary>
public static partial class Guide
{
    public static IReadOnlyList<GuidePart> Parse(string markdown)
    {
        var parts = new List<GuidePart>();
        var text = new StringBuilder();
        string? fence = null;
        foreach (var line in markdown.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                if (fence is null || text.Length > 0) parts.Add(fence is null ? new GuidePart(text.ToString(), "", []) : Block(fence, text.ToString()));
                fence = fence is null ? line : null;
                text.Clear();
                continue;
            }

            text.Append(line).Append('\n');
        }

        if (text.Length > 0) parts.Add(new GuidePart(text.ToString(), "", []));
        return parts;
    }

    /// <summary>The page with what was printed instead of what it said.</summary>
    public static string Render(IReadOnlyList<GuidePart> parts, Func<GuideCommand, string> outputOf)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            if (part.Fence.Length == 0)
            {
                text.Append(part.Text);
                continue;
            }

            text.Append(part.Fence).Append('\n');
            if (part.Commands.Count == 0) text.Append(part.Text);
            var (first, next) = part.IsPowerShell ? ("PS> ", ">> ") : ("$ ", "> ");
            foreach (var command in part.Commands)
            {
                for (var i = 0; i < command.Lines.Count; i++) text.Append(i == 0 ? first : next).Append(command.Lines[i]).Append('\n');
                if (outputOf(command) is { Length: > 0 } output) text.Append(output).Append('\n');
            }

            text.Append("```\n");
        }

        return text.ToString();
    }

    /// <summary>Output without what is another one each time: times, durations, and the widths that follow from them.</summary>
    public static string Masked(string output)
    {
        var lines = output.ReplaceLineEndings("\n").TrimEnd().Split('\n').Select(line =>
        {
            var masked = Clock().Replace(line, "TIME");
            masked = Duration().Replace(masked, "TOOK");
            return Blanks().Replace(masked, " ").TrimEnd();
        }).ToList();

        // Of several targets at once only the order of each one's own lines is sure.
        var isMixed = lines.Any(l => l.Contains(" | ", StringComparison.Ordinal));
        return string.Join('\n', isMixed ? lines.OrderBy(l => l.Contains(" | ", StringComparison.Ordinal) ? l[..l.IndexOf(" | ", StringComparison.Ordinal)] : "~", StringComparer.Ordinal) : lines);
    }

    private static GuidePart Block(string fence, string text)
    {
        var (first, next) = fence.StartsWith("```powershell", StringComparison.Ordinal) ? ("PS> ", ">> ") : ("$ ", "> ");
        if (fence.Contains(" file=", StringComparison.Ordinal) || !text.StartsWith(first, StringComparison.Ordinal)) return new GuidePart(text, fence, []);
        var commands = new List<(List<string> Lines, StringBuilder Output)>();
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith(first, StringComparison.Ordinal)) commands.Add(([line[first.Length..]], new StringBuilder()));
            else if (line.StartsWith(next, StringComparison.Ordinal) && commands[^1].Output.Length == 0) commands[^1].Lines.Add(line[next.Length..]);
            else commands[^1].Output.Append(line).Append('\n');
        }

        return new GuidePart(text, fence, [.. commands.Select(c => new GuideCommand(c.Lines, c.Output.ToString().TrimEnd('\n')))]);
    }

    [GeneratedRegex(@"20\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?Z?)?|\b\d\d:\d\d:\d\d\b|(Mon|Tue|Wed|Thu|Fri|Sat|Sun) TIME")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\b\d+(\.\d+)? ?(ms|s)\b|\b\d+m \d\ds\b")]
    private static partial Regex Duration();

    [GeneratedRegex(@"[ ]{2,}|-{2,}|─{2,}")]
    private static partial Regex Blanks();
}

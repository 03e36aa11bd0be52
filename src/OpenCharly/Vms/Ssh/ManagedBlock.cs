namespace OpenCharly.Vms.Ssh;

/// <summary>A run of lines of ours in somebody else's file, between two marker comments.</summary>
/// <param name="owner">Word in the markers.</param>
/// <param name="header">Text behind the begin marker. Blocks of other things carry a tag there and are left alone;
/// empty for an owner all of whose blocks are meant.</param>
internal sealed class ManagedBlock(string owner, string header)
{
    private readonly string _begin = header.Length > 0 ? $"# {owner}:begin {header}" : $"# {owner}:begin";
    private readonly string _end = $"# {owner}:end";

    /// <summary>The block around <paramref name="content"/>, whose last line ends with a newline.</summary>
    public string Render(string content) => $"{_begin}\n{content}{_end}\n";

    /// <summary>The first block with its markers, or null; one without an end marker doesn't count, since its extent is unknown.</summary>
    public string? Find(string text) => Locate(text) is var (start, end) ? text[start..end] : null;

    /// <summary>The text without any such block; every byte outside stays.</summary>
    public string Remove(string text)
    {
        while (Locate(text) is var (start, end)) text = text[..start] + text[end..];
        return text;
    }

    private (int Start, int End)? Locate(string text)
    {
        for (var start = LineWith(text, _begin, 0); start >= 0; start = LineWith(text, _begin, start + 1))
        {
            var end = LineWith(text, _end, start + 1);
            if (end < 0) return null;

            // A begin without its own end: the block that counts is the later one.
            var next = LineWith(text, _begin, start + 1);
            if (next >= 0 && next < end) continue;
            var newline = text.IndexOf('\n', end);
            return (start, newline < 0 ? text.Length : newline + 1);
        }

        return null;
    }

    /// <summary>Start of the next line that is a marker.</summary>
    private int LineWith(string text, string marker, int from)
    {
        for (var at = from; (at = text.IndexOf(marker, at, StringComparison.Ordinal)) >= 0; at++)
        {
            var isLineStart = at == 0 || text[at - 1] == '\n';
            var after = at + marker.Length;
            var isWhole = after == text.Length || text[after] is '\r' or '\n' || (header.Length == 0 && text[after] == ' ');
            if (isLineStart && isWhole) return at;
        }

        return -1;
    }
}

namespace OpenCharly.Ledger;

/// <summary>The output of a look, taken apart: each part begins with a line of mark, name and, behind a tab, an argument.</summary>
internal sealed class ProbeSections
{
    private readonly List<Part> _parts = [];

    /// <summary>Takes output apart.</summary>
    /// <param name="output">What a script printed.</param>
    /// <param name="nonce">Its mark.</param>
    public ProbeSections(string output, string nonce)
    {
        foreach (var part in output.Split(nonce)[1..])
        {
            var end = part.IndexOf('\n');
            var header = (end < 0 ? part : part[..end]).Split('\t', 2);

            // printf ended each text with a newline of its own.
            var text = end < 0 ? "" : part[(end + 1)..];
            _parts.Add(new Part(header[0], header.Length > 1 ? header[1] : "", text.EndsWith('\n') ? text[..^1] : text));
        }
    }

    /// <summary>Whether the last part is there, so that nothing is missing.</summary>
    public bool IsWhole => _parts.Count > 0 && _parts[^1].Name == "end";

    /// <summary>Whether there is such a part.</summary>
    public bool Has(string name) => _parts.Exists(p => p.Name == name);

    /// <summary>Argument of the first part of that name; empty if there is none.</summary>
    public string Argument(string name) => _parts.Find(p => p.Name == name)?.Argument ?? "";

    /// <summary>Text of the first part of that name, with that argument if one is given; null if there is none.</summary>
    public string? Text(string name, string? argument = null) => _parts.Find(p => p.Name == name && (argument is null || p.Argument == argument))?.Text;

    /// <summary>All parts of that name, in order.</summary>
    public IEnumerable<(string Argument, string Text)> All(string name) => _parts.Where(p => p.Name == name).Select(p => (p.Argument, p.Text));

    // A class, not a tuple: for every generic method over a value type of its own, start-up pays anew.
    private sealed record Part(string Name, string Argument, string Text);
}

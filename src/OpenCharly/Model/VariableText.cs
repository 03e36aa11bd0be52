using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>
/// A text of variables: lines <c>NAME=value</c>, an optional <c>export</c>, comments, blank lines; no quotes and no shell (pod.md §7).
/// Edits leave every other line as it is. What stands in a line is never told, since it may be a secret.
/// </summary>
/// <param name="text">The text.</param>
/// <param name="file">Where it is from, for messages.</param>
internal sealed class VariableText(string text, string file)
{
    private readonly List<string> _lines = [.. text.Split('\n')];

    /// <summary>The text as it is now.</summary>
    public string Text => string.Join('\n', _lines);

    /// <summary>All variables, in order; of several lines with one name the last counts.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretFile"/> for a line that is none.</exception>
    public IReadOnlyList<KeyValuePair<string, string>> Read()
    {
        var read = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        for (var number = 1; number <= _lines.Count; number++)
        {
            var line = _lines[number - 1].TrimStart();
            if (line.Trim().Length == 0 || line[0] == '#') continue;
            var (name, value) = Split(line);
            if (name is null) throw new CharlyException(Errors.SecretFile, "the line is not NAME=value", "Write one variable a line; # begins a comment.", new SourcePosition(file, number, 1), file);
            read[name] = value;
        }

        return [.. read];
    }

    /// <summary>Gives a variable a value: at its place, or at the end.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> for a name or a value that no line can have.</exception>
    public void Set(string name, string value)
    {
        if (!Names.IsVariable(name)) throw new CharlyException(Errors.Usage, $"\"{name}\" can't name a variable", "Use letters, digits and underscores, and begin with no digit.", target: name);
        if (value.AsSpan().IndexOfAny('\n', '\r') >= 0) throw new CharlyException(Errors.Usage, $"the value of {name} has several lines", "A variable has one; keep it as base64.", target: name);
        var at = Find(name);
        if (at >= 0)
        {
            var export = _lines[at].TrimStart().StartsWith("export ", StringComparison.Ordinal) ? "export " : "";
            _lines[at] = $"{export}{name}={value}";
            return;
        }

        if (_lines[^1].Length == 0) _lines.RemoveAt(_lines.Count - 1);
        _lines.AddRange([$"{name}={value}", ""]);
    }

    /// <summary>Takes a variable out.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(string name) => _lines.RemoveAll(l => Split(l.TrimStart()).Name == name) > 0;

    private int Find(string name) => _lines.FindLastIndex(l => Split(l.TrimStart()).Name == name);

    private static (string? Name, string Value) Split(string line)
    {
        if (line.StartsWith("export ", StringComparison.Ordinal)) line = line[7..].TrimStart();
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        var name = equals > 0 ? line[..equals].TrimEnd() : "";
        return Names.IsVariable(name) ? (name, line[(equals + 1)..].TrimEnd('\r')) : (null, "");
    }
}

using OpenCharly.Foundation;

namespace OpenCharly.Yaml;

/// <content>Keys: what they are called, and other names or places for them.</content>
public sealed partial class YamlEditor
{
    /// <summary>Number of documents of a text, empty ones included.</summary>
    /// <exception cref="CharlyException">The text is not YAML.</exception>
    internal static int CountDocuments(string text, string file)
    {
        YamlReader.Read(text, file);
        return YamlLayout.Read(text.TrimStart('\uFEFF')).Count;
    }

    /// <summary>The keys of the mapping at a path; none if there is no mapping.</summary>
    internal IReadOnlyList<string> Keys(params IReadOnlyList<string> path) =>
        Mapping(path) is { } mapping ? [.. mapping.Entries.Select(e => (e.Key as LaidScalar)?.Text).OfType<string>()] : [];

    /// <summary>The text of the scalar at a path; null if there is none, or it is empty.</summary>
    internal string? Scalar(params IReadOnlyList<string> path) => Node(path) is LaidScalar { IsNull: false } scalar ? scalar.Text : null;

    /// <summary>Whether there is a list at a path.</summary>
    internal bool IsList(params IReadOnlyList<string> path) => Node(path) is LaidSequence;

    /// <summary>Whether a value, or the line that its key is on, has a comment.</summary>
    internal bool HasComments(params IReadOnlyList<string> path)
    {
        if (Entry(path) is not { } entry) return false;
        return CommentsBetween(LineStart(entry.Key.Start), LineEnd(ContentEnd(entry))).Count > 0;
    }

    /// <summary>Where the key of a path stands; the beginning of the document if there is no such key.</summary>
    internal SourcePosition Position(params IReadOnlyList<string> path)
    {
        var at = Entry(path)?.Key.Start ?? Root()?.Start ?? 0;
        return new SourcePosition(_file, 1 + _text.AsSpan(0, at).Count('\n'), 1 + Column(at));
    }

    /// <summary>Gives the key at the end of a path another name, in place.</summary>
    /// <exception cref="CharlyException">The name is taken, or the place can't be edited. The text is unchanged.</exception>
    internal void Rename(IReadOnlyList<string> path, string name)
    {
        string[] parent = [.. path.SkipLast(1)];
        if (Has([.. parent, name])) throw Refuse(Entry(path)?.Key.Start ?? 0, $"\"{path[^1]}\" stands beside \"{name}\", which means the same");
        var tree = YamlTree.Of(Root());
        var value = YamlTree.Of(Node(path));
        Attempt(
            () =>
            {
                var key = Entry(path)!.Value.Key;
                _text = _text[..key.Start] + YamlText.Key(name) + _text[key.End..];
            },
            YamlTree.With(YamlTree.Without(tree, path), [.. parent, name], value, _file),
            path);
    }

    /// <summary>Puts another plain word where a scalar stands, in block and flow style alike.</summary>
    /// <exception cref="CharlyException">The place can't be edited. The text is unchanged.</exception>
    internal void Respell(IReadOnlyList<string> path, string word)
    {
        var expected = YamlTree.With(YamlTree.Of(Root()), path, new YamlScalarValue(word, IsPlain: true), _file);
        Attempt(
            () =>
            {
                var old = Node(path)!;
                _text = _text[..old.Start] + word + _text[old.End..];
            },
            expected,
            path);
    }

    /// <summary>Moves a value to another path; refused if that would lose a comment.</summary>
    /// <exception cref="CharlyException">There is something at the other path already, or a comment, or the place can't be edited.</exception>
    internal void Move(IReadOnlyList<string> path, IReadOnlyList<string> to)
    {
        if (Has(to)) throw Refuse(Entry(path)?.Key.Start ?? 0, $"\"{path[^1]}\" stands beside \"{string.Join('.', to)}\", which means the same");
        if (HasComments(path)) throw Refuse(Entry(path)?.Key.Start ?? 0, $"the comments of \"{path[^1]}\" would be lost");
        var value = YamlTree.Of(Node(path));
        Together(() =>
        {
            Set(to, value);
            Remove(path);
        });
    }

    /// <summary>Makes several edits, or none if one is refused.</summary>
    /// <exception cref="CharlyException">What the one was refused for. The text is unchanged.</exception>
    internal void Together(Action edits)
    {
        var before = _text;
        try
        {
            edits();
        }
        catch (CharlyException)
        {
            _text = before;
            throw;
        }
    }

    /// <summary>Puts everything below one key, with its comments.</summary>
    /// <exception cref="CharlyException">The document is no block mapping. The text is unchanged.</exception>
    internal void Nest(string key)
    {
        if (Document() is not { Root: LaidMapping { IsFlow: false, Entries.Count: > 0 } root } document) throw Refuse(0, "its fields are no plain block mapping");
        Attempt(
            () =>
            {
                var start = LineStart(root.Start);
                var newLine = Writer().NewLine;
                var indent = new string(' ', Step());
                var lines = _text[start..document.End].Split('\n').Select(line => line.Trim().Length == 0 ? line : indent + line);
                _text = _text[..start] + YamlText.Key(key) + ":" + newLine + string.Join('\n', lines) + _text[document.End..];
            },
            YamlValue.Map((key, YamlTree.Of(root))),
            [key]);
    }

    private LaidNode? Node(IReadOnlyList<string> path) => path.Count == 0 ? Root() : Entry(path)?.Value;

    private (LaidNode Key, LaidNode Value)? Entry(IReadOnlyList<string> path) =>
        path.Count > 0 && Mapping(path.SkipLast(1)) is { } mapping && mapping.Find(path[^1]) is >= 0 and var index ? mapping.Entries[index] : null;
}

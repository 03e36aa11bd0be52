using OpenCharly.Foundation;

namespace OpenCharly.Yaml;

/// <summary>
/// Changes single values of a YAML text and leaves every other byte, comments, order, quoting and blank lines
/// included, as it is. Comments inside a value that is replaced or removed go with it.
/// </summary>
/// <remarks>
/// Each edit is checked by reading the text again: it must hold the old tree plus exactly the edit, or the edit is
/// refused and the text stays as it was. That is how unusual spellings end in an error and never in a broken file.
/// </remarks>
public sealed partial class YamlEditor
{
    private readonly string _file;
    private readonly int _document;
    private readonly string _mark;
    private string _text;

    /// <summary>Takes a text to edit.</summary>
    /// <param name="text">The text; may be empty.</param>
    /// <param name="file">Name of the file, for messages.</param>
    /// <param name="document">Which document of the stream to edit, from 0.</param>
    /// <exception cref="CharlyException">The text is not YAML, or has no such document.</exception>
    public YamlEditor(string text, string file, int document = 0)
    {
        _file = file;
        _document = document;
        _mark = text.StartsWith('\uFEFF') ? "\uFEFF" : "";
        _text = text[_mark.Length..];
        YamlReader.Read(_text, file);
        if (document > 0 && YamlLayout.Read(_text).Count <= document)
        {
            throw new CharlyException(Errors.YamlType, $"{file} has no document number {document + 1}", "Name a document that is there.");
        }
    }

    /// <summary>The text as it now is.</summary>
    public string Text => _mark + _text;

    /// <summary>Whether there is a value, even an empty one, at a path of keys.</summary>
    public bool Has(params IReadOnlyList<string> path)
    {
        var node = Root();
        foreach (var key in path)
        {
            if (node is not LaidMapping mapping || mapping.Find(key) is not (>= 0 and var index)) return false;
            node = mapping.Entries[index].Value;
        }

        return true;
    }

    /// <summary>
    /// Sets the value at a path of keys; mappings on the way are made. A mapping set over a mapping keeps the lines of
    /// the keys that stay, a list set over a list keeps the items at its beginning and end that stay.
    /// </summary>
    /// <exception cref="CharlyException">The path leads through something that is not a mapping, or the place can't be
    /// edited without changing something else (anchors, <c>? key</c> spelling). The text is unchanged.</exception>
    public void Set(IReadOnlyList<string> path, YamlValue value)
    {
        if (path.Count == 0) throw new ArgumentException("a path needs a key", nameof(path));
        var tree = YamlTree.Of(Root());
        var expected = YamlTree.With(tree, path, value, _file);
        if (!YamlTree.Same(expected, tree)) Attempt(() => Put(path, value), expected, path);
    }

    /// <summary>Removes the value at a path of keys with its key; nothing happens if there is none.</summary>
    /// <param name="path">The keys.</param>
    /// <param name="removeEmptyParents">Whether mappings that thereby become empty go too; else they become <c>{}</c>.</param>
    /// <returns>Whether there was something to remove.</returns>
    /// <exception cref="CharlyException">As for <see cref="Set"/>.</exception>
    public bool Remove(IReadOnlyList<string> path, bool removeEmptyParents = false)
    {
        if (path.Count == 0) throw new ArgumentException("a path needs a key", nameof(path));
        if (!Has(path)) return false;
        var depth = path.Count;
        while (removeEmptyParents && depth > 1 && Mapping(path.Take(depth - 1)) is { Entries.Count: 1 }) depth--;
        string[] shortened = [.. path.Take(depth)];
        Attempt(() => Cut(shortened), YamlTree.Without(YamlTree.Of(Root()), shortened), path);
        return true;
    }

    private LaidNode? Root() => Document()?.Root;

    private LaidDocument? Document() => YamlLayout.Read(_text) is var all && all.Count > _document ? all[_document] : null;

    private LaidMapping? Mapping(IEnumerable<string> path)
    {
        var node = Root();
        foreach (var key in path)
        {
            node = node is LaidMapping mapping && mapping.Find(key) is >= 0 and var index ? mapping.Entries[index].Value : null;
        }

        return node as LaidMapping;
    }

    private void Put(IReadOnlyList<string> path, YamlValue value)
    {
        if (Root() is not LaidMapping { IsFlow: false } mapping)
        {
            PutRoot(YamlTree.With(YamlTree.Of(Root()), path, value, _file));
            return;
        }

        for (var i = 0; ; i++)
        {
            var index = mapping.Find(path[i]);
            if (index < 0)
            {
                Append(mapping, path[i], Wrap(path.Skip(i + 1), value));
                return;
            }

            var old = mapping.Entries[index].Value;
            if (i == path.Count - 1)
            {
                Replace(path, mapping, index, value);
                return;
            }

            if (old is not LaidMapping { IsFlow: false } next)
            {
                Overwrite(mapping, index, YamlTree.With(YamlTree.Of(old), [.. path.Skip(i + 1)], value, _file));
                return;
            }

            mapping = next;
        }
    }

    private static YamlValue Wrap(IEnumerable<string> keys, YamlValue value) =>
        keys.Reverse().Aggregate(value, (inner, key) => YamlValue.Map((key, inner)));

    private void PutRoot(YamlValue root)
    {
        var text = Writer();
        var document = Document();
        var lines = ((YamlMapValue)root).Entries.SelectMany(e => text.Entry(e.Key, e.Value, 0)).ToArray();
        var (start, end) = document switch
        {
            null => (_text.Length, _text.Length),
            { Root: LaidScalar { Text: "" } } => document.IsExplicit ? (document.Start, document.Start) : (_text.Length, _text.Length),
            _ => (document.Root.Start, document.Root.End),
        };
        if (document?.IsExplicit == true && start == end) start = end = LineEnd(start);
        var inside = start < end ? CommentsBetween(start, end) : [];
        var before = start > 0 && _text[start - 1] is not ('\n' or '\r') ? text.NewLine : "";
        var joined = before + string.Join(text.NewLine, [.. inside, .. lines]);
        var hasTail = start < _text.Length && LineEnd(end) > end;
        if (hasTail)
        {
            // A comment behind the old value stays on a line of its own.
            joined += text.NewLine;
            while (end < _text.Length && _text[end] is ' ' or '\t') end++;
        }
        else if (end == _text.Length)
        {
            joined += text.NewLine;
        }

        _text = _text[..start] + joined + _text[end..];
    }

    private void Append(LaidMapping mapping, string key, YamlValue value)
    {
        var text = Writer();
        var column = Column(mapping.Entries[0].Key.Start);
        var at = ContentEnd(mapping.Entries[^1]);
        if (at == _text.Length && Leaf(mapping.Entries[^1].Value) is LaidScalar { IsBlock: true } scalar && _text[^1] is not ('\n' or '\r'))
        {
            // A line below would give the text a final newline that it did not have; a minus sign says so.
            var header = scalar.Start + _text[scalar.Start..].IndexOfAny(['|', '>']) + 1;
            var length = _text.Length;
            if (_text[header] == '+') _text = _text.Remove(header, 1);
            if (header == _text.Length || _text[header] != '-') _text = _text.Insert(header, "-");
            at += _text.Length - length;
        }

        InsertBelow(at, text.Entry(key, value, column));
    }

    private void InsertBelow(int offset, IReadOnlyList<string> lines)
    {
        var newLine = Writer().NewLine;
        var block = string.Join(newLine, lines);

        // Behind a block scalar the offset is already the beginning of the next line.
        if (offset > 0 && offset <= _text.Length && _text[offset - 1] is '\n' or '\r')
        {
            _text = _text[..offset] + block + newLine + _text[offset..];
            return;
        }

        var at = LineEnd(offset);
        _text = _text[..at] + newLine + block + (at == _text.Length ? newLine : "") + _text[at..];
    }

    private void Replace(IReadOnlyList<string> path, LaidMapping mapping, int index, YamlValue value)
    {
        var old = mapping.Entries[index].Value;
        if (value is YamlMapValue { Entries.Count: > 0 } map && old is LaidMapping { IsFlow: false, HasAnchor: false } now)
        {
            var stays = map.Entries.Select(e => e.Key).ToHashSet(StringComparer.Ordinal);
            var goes = now.Entries.Select(e => (e.Key as LaidScalar)?.Text).Where(k => k is null || !stays.Contains(k)).ToArray();
            if (goes.Length < now.Entries.Count && !goes.Contains(null))
            {
                foreach (var key in goes) Cut([.. path, key!]);
                foreach (var (key, inner) in map.Entries)
                {
                    string[] next = [.. path, key];
                    var current = Mapping(path)!;
                    var at = current.Find(key);
                    if (at < 0 || !YamlTree.Same(YamlTree.Of(current.Entries[at].Value), inner)) Put(next, inner);
                }

                return;
            }
        }

        if (value is YamlListValue { Items.Count: > 0 } list && old is LaidSequence { IsFlow: false, HasAnchor: false } sequence && Splice(sequence, list)) return;
        Overwrite(mapping, index, value);
    }

    // Keeps the items at the beginning and the end of a list that stay the same.
    private bool Splice(LaidSequence old, YamlListValue list)
    {
        if (old.Items.Any(i => i is not LaidScalar { Text.Length: > 0 } || _text[LineStart(i.Start)..i.Start].Trim() != "-")) return false;
        int head = 0, tail = 0;
        var common = Math.Min(old.Items.Count, list.Items.Count);
        while (head < common && Same(head, head)) head++;
        while (tail < common - head && Same(old.Items.Count - 1 - tail, list.Items.Count - 1 - tail)) tail++;
        if (head + tail == 0) return false;
        var column = Column(LineStart(old.Items[0].Start) + _text[LineStart(old.Items[0].Start)..].IndexOf('-', StringComparison.Ordinal));
        var text = Writer();
        var lines = list.Items.Skip(head).Take(list.Items.Count - head - tail).SelectMany(i => text.Item(i, column)).ToArray();
        for (var i = old.Items.Count - tail - 1; i >= head; i--) CutLines(old.Items[i].Start, old.Items[i].End);
        if (lines.Length == 0) return true;
        if (head > 0) InsertBelow(old.Items[head - 1].End, lines);
        else _text = _text.Insert(LineStart(old.Items[0].Start), string.Join(text.NewLine, lines) + text.NewLine);
        return true;

        bool Same(int a, int b) => YamlTree.Same(YamlTree.Of(old.Items[a]), list.Items[b]);
    }

    // Replaces everything from the colon of a key to the end of its value.
    private void Overwrite(LaidMapping mapping, int index, YamlValue value)
    {
        var (key, old) = mapping.Entries[index];
        var colon = Colon(key);
        var end = Math.Max(colon, old is LaidScalar { Text: "", IsPlain: true, HasAnchor: false } ? colon : old.End);
        var rendered = Writer().Render(value, Column(key.Start));
        var newLine = Writer().NewLine;
        var lineEnd = LineEnd(colon);
        var kept = old is LaidMapping { IsFlow: true } or LaidSequence { IsFlow: true } ? CommentsBetween(colon, end) : [];
        string comment;
        if (end <= lineEnd)
        {
            comment = _text[end..lineEnd].TrimEnd();
            end = lineEnd;
        }
        else
        {
            var own = CommentsBetween(colon, lineEnd) is [var first, ..] ? first : null;
            comment = own is not null ? "  " + own : "";
            kept = [.. kept.Skip(own is null ? 0 : 1)];
            if (old is LaidScalar { IsBlock: true })
            {
                end = BlockScalarEnd(old);
            }
            else
            {
                var last = _text[end..LineEnd(end)];
                if (old is LaidScalar or LaidMapping { IsFlow: true } or LaidSequence { IsFlow: true } && last.Trim().Length > 0)
                {
                    if (comment.Length == 0) comment = last;
                    else kept = [.. kept, last.Trim()];
                }

                end = LineEnd(end);
            }
        }

        var indent = new string(' ', Column(key.Start));
        if (kept.Count > 0 && rendered.Body.Count == 0)
        {
            // Comments can't follow a value on lines of its own kind, so they go above the key.
            var start = LineStart(key.Start);
            var above = string.Concat(kept.Select(c => indent + c + newLine));
            _text = _text[..start] + above + _text[start..colon] + rendered.Head + comment + _text[end..];
            return;
        }

        var deeper = rendered.Body.Count > 0 ? new string(' ', rendered.Body[0].Length - rendered.Body[0].TrimStart().Length) : "";
        var body = kept.Count > 0 && rendered.Head.Length == 0 ? [.. kept.Select(c => deeper + c), .. rendered.Body] : rendered.Body;
        _text = _text[..colon] + rendered.Head + comment + string.Concat(body.Select(l => newLine + l))
            + (end == _text.Length && body.Count > 0 ? newLine : "") + _text[end..];
    }

    private void Cut(IReadOnlyList<string> path)
    {
        LaidMapping? parent = null;
        var parentIndex = 0;
        var mapping = Root() as LaidMapping;
        for (var i = 0; mapping is not null; i++)
        {
            if (mapping.IsFlow)
            {
                var shrunk = YamlTree.Without(YamlTree.Of(mapping), [.. path.Skip(i)]);
                if (parent is not null) Overwrite(parent, parentIndex, shrunk);
                else if (((YamlMapValue)shrunk).Entries.Count > 0) PutRoot(shrunk);
                else _text = _text[..mapping.Start] + "{}" + _text[mapping.End..];
                return;
            }

            var index = mapping.Find(path[i]);
            if (i == path.Count - 1)
            {
                if (mapping.Entries.Count == 1 && parent is not null) Overwrite(parent, parentIndex, YamlValue.Map());
                else CutLines(mapping.Entries[index].Key.Start, ContentEnd(mapping.Entries[index]));
                return;
            }

            parent = mapping;
            parentIndex = index;
            mapping = mapping.Entries[index].Value as LaidMapping;
        }
    }

    // Takes out the lines from the one that holds start to the one that holds the last character before end.
    private void CutLines(int start, int end)
    {
        var from = LineStart(start);
        var isBlockScalar = end > 0 && _text[end - 1] is '\n' or '\r';
        var to = isBlockScalar ? end : LineEnd(end);
        if (!isBlockScalar && to < _text.Length) to += _text[to] == '\r' && to + 1 < _text.Length && _text[to + 1] == '\n' ? 2 : 1;
        else if (to == _text.Length && from > 0 && !isBlockScalar) from -= from > 1 && _text[from - 2] == '\r' && _text[from - 1] == '\n' ? 2 : 1;
        _text = _text[..from] + _text[to..];
    }

    private IReadOnlyList<string> CommentsBetween(int start, int end) =>
        [.. YamlLayout.Comments(_text).Where(c => c.Start >= start && c.Start < end).Select(c => _text[c.Start..c.End].TrimEnd())];

    private YamlText Writer() => new(_text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n", Step());

    // The indentation of the first nested mapping; two columns if there is none.
    private int Step()
    {
        foreach (var (key, value) in Root() is LaidMapping { IsFlow: false } root ? root.Entries : [])
        {
            if (value is not LaidMapping { IsFlow: false, Entries.Count: > 0 } inner) continue;
            var step = Column(inner.Entries[0].Key.Start) - Column(key.Start);
            if (step is > 0 and <= 8) return step;
        }

        return 2;
    }

    private void Attempt(Action edit, YamlValue expected, IReadOnlyList<string> path)
    {
        var before = _text;
        Exception? cause = null;
        var isDone = false;
        try
        {
            edit();
            YamlReader.Read(_text, _file);
            isDone = YamlTree.Same(expected, YamlTree.Of(Root()));
        }
        catch (Exception e) when (e is CharlyException or YamlDotNet.Core.YamlException)
        {
            cause = e;
        }

        if (isDone) return;
        _text = before;
        throw Refuse(0, $"{string.Join('.', path)} can't be changed without changing something else", cause);
    }

    private CharlyException Refuse(int offset, string what, Exception? cause = null) => new(
        Errors.YamlType,
        $"{_file} is written in a way that can't be edited automatically: {what}",
        "Change this place by hand, or write it as plain block mappings.",
        new SourcePosition(_file, 1 + _text.AsSpan(0, Math.Min(offset, _text.Length)).Count('\n'), 1 + Column(Math.Min(offset, _text.Length))),
        inner: cause);
}

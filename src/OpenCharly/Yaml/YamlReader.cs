using OpenCharly.Foundation;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OpenCharly.Yaml;

/// <summary>
/// Reads YAML into nodes that keep their raw text and position. Duplicate keys are errors; anchors, aliases and merge
/// keys work; depth, size and alias expansion are bounded, so hostile input ends in an error and not in a full memory.
/// </summary>
public sealed class YamlReader
{
    private const int MaxDepth = 64;
    private const int SmallMapping = 16;
    private const int MaxNodes = 500_000;
    private const int MaxCharacters = 16 << 20;

    private readonly string _file;
    private readonly Parser _parser;
    private readonly Dictionary<string, (YamlNode Node, int Size)> _anchors = new(StringComparer.Ordinal);
    private int _nodes;

    private readonly OddBreaks? _odd;

    private YamlReader(string text, string file)
    {
        _file = file;
        _odd = OddBreaks.In(text);
        _parser = new Parser(new Scanner(new StringReader(_odd?.Hide(text) ?? text), skipComments: true));
    }

    /// <summary>Reads every document of a stream; empty documents are left out.</summary>
    /// <param name="text">The text; a byte order mark and CRLF are tolerated.</param>
    /// <param name="file">Name of the file, for positions.</param>
    /// <exception cref="CharlyException"><see cref="Errors.YamlSyntax"/>, <see cref="Errors.YamlDuplicate"/>, <see cref="Errors.YamlLimit"/>.</exception>
    public static IReadOnlyList<YamlNode> Read(string text, string file)
    {
        if (text.Length > MaxCharacters)
        {
            throw Limit(new SourcePosition(file, 1, 1), "the file is larger than 16 MiB");
        }

        text = text.TrimStart('\uFEFF');
        CheckCharacters(text, file);
        var reader = new YamlReader(text, file);
        try
        {
            return reader.ReadStream();
        }
        catch (YamlException e)
        {
            var message = e.InnerException?.Message ?? e.Message;
            throw new CharlyException(
                Errors.YamlSyntax,
                $"not well-formed YAML: {message}",
                "Correct the syntax at this place.",
                new SourcePosition(file, Math.Max(1, (int)e.Start.Line), Math.Max(1, (int)e.Start.Column)),
                inner: e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            // The scanner answers some broken input so instead of with an error of its own; the last good event is near the place.
            var near = reader._parser.Current?.Start ?? Mark.Empty;
            throw new CharlyException(
                Errors.YamlSyntax, "not well-formed YAML", "Correct the syntax behind this place.",
                new SourcePosition(file, Math.Max(1, (int)near.Line), Math.Max(1, (int)near.Column)), inner: e);
        }
    }

    /// <summary>Reads a file from disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="displayName">The name to show in positions; the path if null.</param>
    /// <exception cref="CharlyException">As for <see cref="Read"/>, and <see cref="Errors.Io"/> if it can't be read.</exception>
    public static IReadOnlyList<YamlNode> ReadFile(string path, string? displayName = null)
    {
        var file = displayName ?? path;
        try
        {
            return Read(Decode(Bytes(path, file), file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CharlyException(
                Errors.Io, $"{file} can't be read: {e.Message}", "Check that it is a file that you may read.", new SourcePosition(file, 1, 1), inner: e);
        }
    }

    // Pipes and devices say that they are empty. They are taken at their word: reading one may never end.
    private static byte[] Bytes(string path, string file)
    {
        FileSystemInfo info = new FileInfo(path);
        var length = info.LinkTarget is null ? ((FileInfo)info).Length : info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } target ? target.Length : 0;
        if (length == 0) return [];
        return length <= 4L * MaxCharacters ? File.ReadAllBytes(path) : throw Limit(new SourcePosition(file, 1, 1), "the file is larger than 16 MiB");
    }

    // YAML forbids control characters and halves of surrogate pairs, but the scanner lets some through and stumbles over others.
    private static void CheckCharacters(string text, string file)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is >= ' ' and < '\u007f' or '\n' or '\t' or '\r') continue;
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
                continue;
            }

            if (!char.IsSurrogate(c) && (!char.IsControl(c) || c == '\u0085')) continue;
            var line = 1 + text.AsSpan(0, i).Count('\n');
            throw new CharlyException(
                Errors.YamlSyntax, $"the character U+{(int)c:X4} can't stand in YAML", "Remove it, or write it as an escape in double quotes.",
                new SourcePosition(file, line, i - text.AsSpan(0, i).LastIndexOf('\n')));
        }
    }

    private static string Decode(byte[] bytes, string file)
    {
        try
        {
            return new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (System.Text.DecoderFallbackException e)
        {
            var line = 1 + bytes.AsSpan(0, Math.Clamp(e.Index, 0, bytes.Length)).Count((byte)'\n');
            throw new CharlyException(
                Errors.YamlSyntax, "the file is not UTF-8 text", "Save it as UTF-8.", new SourcePosition(file, line, 1), inner: e);
        }
    }

    private List<YamlNode> ReadStream()
    {
        var documents = new List<YamlNode>();
        _parser.Consume<StreamStart>();
        while (!_parser.Accept<StreamEnd>(out _))
        {
            _parser.Consume<DocumentStart>();
            _anchors.Clear();
            var node = ReadNode(0);
            if (node is not YamlScalar { IsNull: true }) documents.Add(node);
            _parser.Consume<DocumentEnd>();
        }

        return documents;
    }

    private YamlNode ReadNode(int depth)
    {
        var before = _nodes;
        var current = _parser.Current ?? throw new YamlException("unexpected end of the document");
        var position = At(current.Start);
        if (depth > MaxDepth) throw Limit(position, $"nested more than {MaxDepth} levels deep");
        Count(1, position);
        if (current is AnchorAlias alias)
        {
            _parser.MoveNext();
            if (!_anchors.TryGetValue(alias.Value.Value, out var known))
            {
                throw new YamlException(alias.Start, alias.End, $"alias *{alias.Value.Value} has no anchor before it");
            }

            Count(known.Size, position);
            return known.Node;
        }

        var anchor = current is NodeEvent { Anchor.IsEmpty: false } named ? named.Anchor.Value : null;
        YamlNode node;
        if (current is Scalar scalar)
        {
            _parser.MoveNext();
            node = new YamlScalar(_odd?.Restore(scalar.Value) ?? scalar.Value, scalar.Style is not ScalarStyle.Plain, position);
        }
        else if (current is SequenceStart)
        {
            _parser.MoveNext();
            var items = new List<YamlNode>();
            while (_parser.Current is not SequenceEnd) items.Add(ReadNode(depth + 1));
            _parser.MoveNext();
            node = new YamlSequence(items, position);
        }
        else
        {
            _parser.Consume<MappingStart>();
            node = ReadMapping(depth, position);
        }

        if (anchor is not null) _anchors[anchor] = (node, _nodes - before);
        return node;
    }

    private YamlMapping ReadMapping(int depth, SourcePosition position)
    {
        var entries = new List<YamlEntry>();
        List<YamlEntry>? merged = null;
        HashSet<string>? seen = null;
        while (_parser.Current is not MappingEnd)
        {
            var keyNode = ReadNode(depth + 1);
            if (keyNode is not YamlScalar key)
            {
                throw new CharlyException(Errors.YamlType, "a key must be text", "Use a plain word as key.", keyNode.Position);
            }

            var value = ReadNode(depth + 1);
            if (key is { Text: "<<", IsQuoted: false })
            {
                (merged ??= []).AddRange(MergeSources(value));
            }
            else if (IsNew(key.Text))
            {
                entries.Add(new YamlEntry(key, value));
            }
            else
            {
                throw new CharlyException(
                    Errors.YamlDuplicate, $"the key \"{key.Text}\" stands twice in one mapping", "Remove one of the two.", key.Position);
            }
        }

        _parser.MoveNext();
        if (merged is not null)
        {
            seen ??= [.. entries.Select(e => e.Key.Text)];
            entries.AddRange(merged.Where(e => seen.Add(e.Key.Text)));
        }

        return new YamlMapping(entries.ToArray(), position);

        // Most mappings are small, and looking through them is quicker than keeping a set.
        bool IsNew(string key)
        {
            if (seen is not null) return seen.Add(key);
            foreach (var entry in entries)
            {
                if (entry.Key.Text == key) return false;
            }

            if (entries.Count >= SmallMapping) seen = [.. entries.Select(e => e.Key.Text), key];
            return true;
        }
    }

    private static IEnumerable<YamlEntry> MergeSources(YamlNode value) => value switch
    {
        YamlMapping mapping => mapping.Entries,
        YamlSequence sequence => sequence.Items.SelectMany(MergeSources),
        _ => throw new CharlyException(
            Errors.YamlType, $"a merge key needs a mapping, not {value.Description}", "Point << at a mapping.", value.Position),
    };

    private void Count(int nodes, SourcePosition position)
    {
        _nodes = checked(_nodes + nodes);
        if (_nodes > MaxNodes) throw Limit(position, $"more than {MaxNodes} values, aliases expanded");
    }

    private SourcePosition At(Mark mark) => new(_file, (int)mark.Line, (int)mark.Column);

    private static CharlyException Limit(SourcePosition position, string what) =>
        new(Errors.YamlLimit, what, "Split the file, or remove the aliases that make it grow.", position);
}

using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OpenCharly.Yaml;

/// <summary>Where a value stands in the text: offsets into it, end exclusive; block collections end with their last content.</summary>
internal abstract record LaidNode(int Start, int End, bool HasAnchor);

/// <summary>A scalar.</summary>
internal sealed record LaidScalar(string Text, bool IsPlain, bool IsBlock, int Start, int End, bool HasAnchor) : LaidNode(Start, End, HasAnchor)
{
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";
}

/// <summary>A use of an anchor.</summary>
internal sealed record LaidAlias(string Name, int Start, int End) : LaidNode(Start, End, false);

/// <summary>A sequence.</summary>
internal sealed record LaidSequence(IReadOnlyList<LaidNode> Items, bool IsFlow, int Start, int End, bool HasAnchor) : LaidNode(Start, End, HasAnchor);

/// <summary>A mapping.</summary>
internal sealed record LaidMapping(IReadOnlyList<(LaidNode Key, LaidNode Value)> Entries, bool IsFlow, int Start, int End, bool HasAnchor)
    : LaidNode(Start, End, HasAnchor)
{
    /// <summary>Index of a key, or -1.</summary>
    public int Find(string key)
    {
        for (var i = 0; i < Entries.Count; i++)
        {
            if (Entries[i].Key is LaidScalar scalar && scalar.Text == key) return i;
        }

        return -1;
    }
}

/// <summary>One document: where its content may begin, and its root.</summary>
internal sealed record LaidDocument(int Start, int End, bool IsExplicit, LaidNode Root);

/// <summary>Where everything stands in a YAML text.</summary>
internal sealed class YamlLayout
{
    private readonly Parser _parser;
    private readonly int _length;

    private YamlLayout(string text)
    {
        _length = text.Length;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>The documents of a text that <see cref="YamlReader"/> has read without complaint, empty ones included.</summary>
    public static IReadOnlyList<LaidDocument> Read(string text) => new YamlLayout(text).ReadStream();

    /// <summary>Offsets of all comments, from the number sign to the end of the line.</summary>
    /// <remarks>The scanner of the YAML library can report comments too, but fails on one behind <c>|</c>.</remarks>
    public static IReadOnlyList<(int Start, int End)> Comments(string text)
    {
        var comments = new List<(int, int)>();
        var scalars = new Queue<(int Start, int End)>(Read(text).SelectMany(d => Scalars(d.Root, text)));
        for (var at = 0; at < text.Length; at++)
        {
            while (scalars.TryPeek(out var scalar) && scalar.End <= at) scalars.Dequeue();
            if (scalars.TryPeek(out var here) && here.Start <= at)
            {
                at = here.End - 1;
                continue;
            }

            if (text[at] != '#' || (at > 0 && text[at - 1] is not (' ' or '\t' or '\n' or '\r'))) continue;
            var end = LineEnd(text, at);
            comments.Add((at, end));
            at = end;
        }

        return comments;
    }

    // The stretches of text in which a number sign is content; a block scalar's begins below its header line.
    private static IEnumerable<(int Start, int End)> Scalars(LaidNode node, string text) => node switch
    {
        LaidScalar { IsBlock: true } block => [(LineEnd(text, block.Start), block.End)],
        LaidScalar scalar when scalar.End > scalar.Start => [(scalar.Start, scalar.End)],
        LaidSequence sequence => sequence.Items.SelectMany(i => Scalars(i, text)),
        LaidMapping mapping => mapping.Entries.SelectMany(e => Scalars(e.Key, text).Concat(Scalars(e.Value, text))),
        _ => [],
    };

    private static int LineEnd(string text, int at)
    {
        var end = text.AsSpan(at).IndexOfAny('\r', '\n');
        return end < 0 ? text.Length : at + end;
    }

    private List<LaidDocument> ReadStream()
    {
        var documents = new List<LaidDocument>();
        _parser.Consume<StreamStart>();
        while (!_parser.Accept<StreamEnd>(out _))
        {
            var start = _parser.Consume<DocumentStart>();
            var root = ReadNode();
            var end = _parser.Consume<DocumentEnd>();
            documents.Add(new LaidDocument(
                start.IsImplicit ? 0 : Offset(start.End), Offset(end.Start), !start.IsImplicit, root));
        }

        return documents;
    }

    private LaidNode ReadNode()
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias)) return new LaidAlias(alias.Value.Value, Offset(alias.Start), Offset(alias.End));
        var current = (NodeEvent)_parser.Current!;
        var start = Offset(current.Start);
        var hasAnchor = !current.Anchor.IsEmpty;
        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return new LaidScalar(
                scalar.Value, scalar.Style is ScalarStyle.Plain, scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded, start, Offset(scalar.End), hasAnchor);
        }

        if (_parser.TryConsume<SequenceStart>(out var sequence))
        {
            var items = new List<LaidNode>();
            while (!_parser.Accept<SequenceEnd>(out _)) items.Add(ReadNode());
            var end = _parser.Consume<SequenceEnd>();
            var isFlow = sequence.Style is SequenceStyle.Flow;
            return new LaidSequence(items, isFlow, start, isFlow ? Offset(end.Start) + 1 : items.Count == 0 ? start : items[^1].End, hasAnchor);
        }

        var mapping = _parser.Consume<MappingStart>();
        var entries = new List<(LaidNode, LaidNode)>();
        while (!_parser.Accept<MappingEnd>(out _)) entries.Add((ReadNode(), ReadNode()));
        var mappingEnd = _parser.Consume<MappingEnd>();
        var flow = mapping.Style is MappingStyle.Flow;
        return new LaidMapping(
            entries, flow, start, flow ? Offset(mappingEnd.Start) + 1 : entries.Count == 0 ? start : Math.Max(entries[^1].Item1.End, entries[^1].Item2.End), hasAnchor);
    }

    private int Offset(Mark mark) => (int)Math.Min(mark.Index, _length);
}

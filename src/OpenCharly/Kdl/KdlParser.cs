using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Kdl;

/// <summary>Reads nodes with their arguments, properties and children.</summary>
/// <param name="cursor">The text.</param>
internal sealed class KdlParser(KdlCursor cursor)
{
    private const int MaxDepth = 128;

    private readonly KdlWords _words = new(cursor);
    private int _depth;

    /// <summary>Reads to the end of the text.</summary>
    public IReadOnlyList<KdlNode> ReadDocument()
    {
        if (cursor.Version == 2) ThrowIfDisallowed();
        var nodes = ReadNodes();
        if (cursor.IsAtEnd) return nodes;
        throw cursor.Error("this } closes nothing", "Remove it, or open a block with { before.");
    }

    /// <summary>Nodes up to the end of the text or a closing brace, which is left.</summary>
    private List<KdlNode> ReadNodes()
    {
        List<KdlNode> nodes = [];
        while (true)
        {
            KdlSpaces.SkipBetweenNodes(cursor);
            if (cursor.IsAtEnd || cursor.Current == '}') return nodes;
            if (cursor.Current == ';')
            {
                throw cursor.Error("a semicolon ends a node, and there is none before it", "Remove it.");
            }

            var isCommentedOut = cursor.Take("/-");
            if (isCommentedOut) SkipAfterSlashdash("node");
            var node = ReadNode();
            if (!isCommentedOut) nodes.Add(node);
        }
    }

    private KdlNode ReadNode()
    {
        var position = cursor.Position;
        var type = ReadType();
        if (type is not null && cursor.Version == 2) KdlSpaces.SkipInNode(cursor);
        var name = _words.ReadName("a node");
        var entries = new Entries();
        IReadOnlyList<KdlNode>? children = null;
        var hasAnyBlock = false;
        while (true)
        {
            var isSpaced = KdlSpaces.SkipInNode(cursor);
            if (SeesTerminator()) break;
            var isCommentedOut = cursor.Take("/-");
            if (isCommentedOut) SkipAfterSlashdash("argument, property or block");
            if (cursor.Current == '{')
            {
                if (children is not null && !isCommentedOut) throw cursor.Error($"the node {name.Text} has a second block of children", "Join both blocks.");
                var block = ReadBlock();
                if (!isCommentedOut) children = block;
                hasAnyBlock = true;
                continue;
            }

            if (hasAnyBlock)
            {
                throw cursor.Error(
                    $"after the block of {name.Text} comes {KdlCharacters.Describe(cursor.Text, cursor.Offset)}",
                    "Arguments and properties stand before the block; another node needs a line of its own, or a semicolon before it.");
            }

            if (!isSpaced && !(isCommentedOut && cursor.Version == 2))
            {
                throw cursor.Error(
                    $"a blank is missing before {KdlCharacters.Describe(cursor.Text, cursor.Offset)}", "Separate what belongs to a node by blanks; quote a word that holds this character.");
            }

            ReadEntry(isCommentedOut ? new Entries() : entries);
        }

        TakeTerminator();
        return new KdlNode
        {
            Name = name,
            Type = type,
            Arguments = entries.Arguments,
            Properties = entries.Properties,
            Children = children ?? [],
            HasBlock = children is not null,
            Position = position,
        };
    }

    private void ReadEntry(Entries entries)
    {
        var begin = cursor.Offset;
        var type = ReadType();
        if (type is not null && cursor.Version == 2) KdlSpaces.SkipInNode(cursor);
        if (type is null && _words.ReadNameIfAny() is { } word)
        {
            var after = cursor.Offset;
            if (cursor.Version == 2) KdlSpaces.SkipInNode(cursor);
            if (cursor.Take("="))
            {
                if (cursor.Version == 2) KdlSpaces.SkipInNode(cursor);
                entries.Add(new KdlProperty(word, ReadTypedValue()));
                return;
            }

            cursor.Offset = after;
            if (cursor.Version == 1 && _words.IsBare(begin))
            {
                throw cursor.Error(begin, $"the value {word.Text} needs quotes", $"Write \"{word.Text}\", or the file in KDL 2, where bare words are values.");
            }

            entries.Arguments.Add(new KdlString(word.Text, null, word.Position));
            return;
        }

        var value = _words.ReadValue(type, begin);
        if (cursor.Current == '=') throw cursor.Error("only text can be the key of a property", "Quote the key, and write a type annotation after the =.");
        entries.Arguments.Add(value);
    }

    private KdlValue ReadTypedValue()
    {
        var begin = cursor.Offset;
        var type = ReadType();
        if (type is not null && cursor.Version == 2) KdlSpaces.SkipInNode(cursor);
        return _words.ReadValue(type, begin);
    }

    private string? ReadType()
    {
        if (!cursor.Take("(")) return null;
        if (cursor.Version == 2) KdlSpaces.SkipInNode(cursor);
        var type = _words.ReadName("a type annotation");
        if (cursor.Version == 2) KdlSpaces.SkipInNode(cursor);
        if (cursor.Take(")")) return type.Text;
        throw cursor.Error($"the type annotation ({type.Text} is not closed", "Close it with ).");
    }

    private List<KdlNode> ReadBlock()
    {
        var begin = cursor.Offset++;
        if (++_depth > MaxDepth)
        {
            throw new CharlyException(Errors.KdlLimit, $"the blocks nest deeper than {MaxDepth} levels", "Nest them less.", cursor.PositionOf(begin));
        }

        var nodes = ReadNodes();
        if (!cursor.Take("}")) throw cursor.Error(begin, "this { is not closed", "Close the block with }.");
        _depth--;
        return nodes;
    }

    private void SkipAfterSlashdash(string what)
    {
        if (cursor.Version == 2) KdlSpaces.SkipBetweenNodes(cursor);
        else KdlSpaces.SkipInNode(cursor);
        if (!cursor.IsAtEnd && cursor.Current is not ('}' or ';' or '/')) return;
        throw cursor.Error($"/- comments out the next {what}, and there is none", "Remove the /-, or use // for a comment.");
    }

    private bool SeesTerminator() =>
        cursor.IsAtEnd || cursor.Current is ';' || cursor.SeesNewline || cursor.Sees("//") || (cursor.Current == '}' && _depth > 0);

    private void TakeTerminator()
    {
        if (cursor.Current == '}' || cursor.Take(";") || cursor.TakeNewline()) return;
        KdlSpaces.SkipLineComment(cursor);
    }

    private void ThrowIfDisallowed()
    {
        for (var i = cursor.Offset; i < cursor.Text.Length;)
        {
            var isWhole = Rune.TryGetRuneAt(cursor.Text, i, out var rune);
            if (!isWhole || KdlCharacters.IsDisallowed(rune.Value))
            {
                throw cursor.Error(
                    i, $"{KdlCharacters.Describe(cursor.Text, i)} may not stand in a KDL file as itself", $"Write \\u{{{(int)cursor.Text[i]:x}}} inside of a quoted string, or remove it.");
            }

            i += rune.Utf16SequenceLength;
        }
    }

    /// <summary>What a node has gathered; the last of several properties with one key wins.</summary>
    private sealed class Entries
    {
        public List<KdlValue> Arguments { get; } = [];

        public List<KdlProperty> Properties { get; } = [];

        private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

        public void Add(KdlProperty property)
        {
            if (_places.TryGetValue(property.Name.Text, out var place))
            {
                Properties[place] = property;
                return;
            }

            _places[property.Name.Text] = Properties.Count;
            Properties.Add(property);
        }
    }
}

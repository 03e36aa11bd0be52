namespace OpenCharly.Yaml;

/// <content>Where lines, entries and values begin and end.</content>
public sealed partial class YamlEditor
{
    private int ContentEnd((LaidNode Key, LaidNode Value) entry)
    {
        if (entry.Value is LaidMapping { IsFlow: false, Entries.Count: > 0 } mapping) return ContentEnd(mapping.Entries[^1]);
        return Leaf(entry.Value) switch
        {
            LaidMapping { IsFlow: false, Entries.Count: > 0 } inner => ContentEnd(inner.Entries[^1]),
            LaidScalar { IsBlock: true } block => BlockScalarEnd(block),
            LaidScalar { Text: "", IsPlain: true, HasAnchor: false } empty => ReferenceEquals(empty, entry.Value) ? Colon(entry.Key) : LineEnd(empty.Start),
            var last => last.End,
        };
    }

    // The value whose text ends last.
    private static LaidNode Leaf(LaidNode node) => node switch
    {
        LaidMapping { IsFlow: false, Entries.Count: > 0 } mapping => mapping.Entries[^1].Value is LaidScalar { Text: "" } ? node : Leaf(mapping.Entries[^1].Value),
        LaidSequence { IsFlow: false, Items.Count: > 0 } sequence => Leaf(sequence.Items[^1]),
        _ => node,
    };

    // A block scalar takes in the blank lines below it, which belong to it only if it says so with a plus sign.
    private int BlockScalarEnd(LaidNode scalar)
    {
        var isKept = _text[scalar.Start..LineEnd(scalar.Start)].Split('#')[0].Contains('+');
        var end = scalar.End;
        while (!isKept && end > scalar.Start && _text[end - 1] is '\n' or '\r' or ' ' or '\t') end--;
        return end;
    }

    private int Colon(LaidNode key)
    {
        var at = key.End;
        while (at < _text.Length && _text[at] is ' ' or '\t') at++;
        return at < _text.Length && _text[at] == ':' ? at + 1 : throw Refuse(key.Start, "a key that is not followed by its colon");
    }

    private int LineStart(int offset)
    {
        while (offset > 0 && _text[offset - 1] is not ('\n' or '\r')) offset--;
        return offset;
    }

    private int LineEnd(int offset)
    {
        while (offset < _text.Length && _text[offset] is not ('\n' or '\r')) offset++;
        return offset;
    }

    private int Column(int offset) => offset - LineStart(offset);
}

using OpenCharly.Foundation;

namespace OpenCharly.Yaml;

/// <summary>A value in a YAML document, with the place that it came from.</summary>
/// <param name="Position">Where the value begins.</param>
public abstract record YamlNode(SourcePosition Position)
{
    /// <summary>What this is, for messages: <c>a mapping</c>, <c>a list</c>, <c>text</c>.</summary>
    public abstract string Description { get; }
}

/// <summary>A scalar, kept as its raw text: <c>0755</c> and <c>no</c> keep their spelling.</summary>
/// <param name="Text">The text after YAML's own unescaping.</param>
/// <param name="IsQuoted">True if it was quoted or a block, so that <c>null</c> and <c>~</c> mean themselves.</param>
/// <param name="Position">Where it begins.</param>
public sealed record YamlScalar(string Text, bool IsQuoted, SourcePosition Position) : YamlNode(Position)
{
    /// <summary>True for an empty plain scalar, <c>~</c> and <c>null</c>.</summary>
    public bool IsNull => !IsQuoted && Text is "" or "~" or "null" or "Null" or "NULL";

    /// <inheritdoc/>
    public override string Description => IsNull ? "nothing" : $"\"{(Text.Length > 40 ? Text[..40] + "…" : Text)}\"";
}

/// <summary>A sequence.</summary>
/// <param name="Items">Its items, in order.</param>
/// <param name="Position">Where it begins.</param>
public sealed record YamlSequence(IReadOnlyList<YamlNode> Items, SourcePosition Position) : YamlNode(Position)
{
    /// <inheritdoc/>
    public override string Description => "a list";
}

/// <summary>One entry of a mapping.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
public sealed record YamlEntry(YamlScalar Key, YamlNode Value);

/// <summary>A mapping with unique scalar keys, in the order of the file; merge keys are already merged in.</summary>
/// <param name="Entries">Its entries.</param>
/// <param name="Position">Where it begins.</param>
public sealed record YamlMapping(IReadOnlyList<YamlEntry> Entries, SourcePosition Position) : YamlNode(Position)
{
    private readonly YamlEntry[] _entries = Array(Entries);

    /// <summary>Its entries.</summary>
    public IReadOnlyList<YamlEntry> Entries
    {
        get => _entries;
        init => _entries = Array(value);
    }

    /// <summary>Its entries, for the many places that look for one by name.</summary>
    internal ReadOnlySpan<YamlEntry> Span => _entries;

    /// <inheritdoc/>
    public override string Description => "a mapping";

    /// <summary>The value of a key, or null.</summary>
    public YamlNode? this[string key]
    {
        get
        {
            foreach (var entry in _entries)
            {
                if (entry.Key.Text == key) return entry.Value;
            }

            return null;
        }
    }

    private static YamlEntry[] Array(IReadOnlyList<YamlEntry> entries) => entries as YamlEntry[] ?? [.. entries];
}

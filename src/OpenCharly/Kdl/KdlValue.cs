using OpenCharly.Foundation;

namespace OpenCharly.Kdl;

/// <summary>A value in a KDL document.</summary>
/// <param name="Type">Type annotation, such as <c>u8</c>; null if there is none.</param>
/// <param name="Position">Where the value begins.</param>
public abstract record KdlValue(string? Type, SourcePosition Position)
{
    /// <summary>What this is, for messages.</summary>
    public abstract string Description { get; }
}

/// <summary>Text: a bare word, a quoted, raw or multi-line string.</summary>
/// <param name="Text">The text, escapes resolved, a multi-line string dedented, its line ends as line feeds.</param>
/// <param name="Type">Type annotation.</param>
/// <param name="Position">Where it begins.</param>
public sealed record KdlString(string Text, string? Type, SourcePosition Position) : KdlValue(Type, Position)
{
    /// <inheritdoc/>
    public override string Description => $"\"{(Text.Length > 40 ? Text[..40] + "…" : Text)}\"";
}

/// <summary>A number.</summary>
/// <param name="Text">As written, such as <c>0xff</c>, <c>1_000</c> or <c>#inf</c>.</param>
/// <param name="Value">Its value, as near as a double comes to it.</param>
/// <param name="Integer">Its value if it is written as a whole number that 64 bits hold; else null.</param>
/// <param name="Type">Type annotation.</param>
/// <param name="Position">Where it begins.</param>
public sealed record KdlNumber(string Text, double Value, long? Integer, string? Type, SourcePosition Position) : KdlValue(Type, Position)
{
    /// <inheritdoc/>
    public override string Description => Text.Length > 40 ? Text[..40] + "…" : Text;
}

/// <summary>True or false.</summary>
/// <param name="Value">Which of the two.</param>
/// <param name="Type">Type annotation.</param>
/// <param name="Position">Where it begins.</param>
public sealed record KdlBoolean(bool Value, string? Type, SourcePosition Position) : KdlValue(Type, Position)
{
    /// <inheritdoc/>
    public override string Description => Value ? "true" : "false";
}

/// <summary>Nothing.</summary>
/// <param name="Type">Type annotation.</param>
/// <param name="Position">Where it begins.</param>
public sealed record KdlNull(string? Type, SourcePosition Position) : KdlValue(Type, Position)
{
    /// <inheritdoc/>
    public override string Description => "null";
}

namespace OpenCharly.Foundation;

/// <summary>A place in a text file.</summary>
/// <param name="File">Path of the file as the user would name it.</param>
/// <param name="Line">Line, counted from 1.</param>
/// <param name="Column">Column in UTF-16 units, counted from 1.</param>
public sealed record SourcePosition(string File, int Line, int Column)
{
    /// <summary>The form that editors and terminals make clickable: <c>file:line:column</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}

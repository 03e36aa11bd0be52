namespace OpenCharly.Foundation;

/// <summary>One thing that is wrong with the user's input.</summary>
/// <param name="Code">Stable code.</param>
/// <param name="Message">What is wrong, naming the offending value.</param>
/// <param name="Help">What to do about it.</param>
/// <param name="Position">Where, if it came from a file.</param>
/// <param name="IsWarning">True if the input is usable all the same.</param>
public sealed record Problem(ErrorCode Code, string Message, string Help, SourcePosition? Position = null, bool IsWarning = false)
{
    /// <summary>One line: position, code and message.</summary>
    public override string ToString() =>
        Position is null ? $"{Code.Id}: {Message}" : $"{Position}: {Code.Id}: {Message}";
}

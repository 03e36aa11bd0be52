namespace OpenCharly.Foundation;

/// <summary>
/// The one exception type that the engine throws for foreseeable failures. It carries a stable code, one sentence
/// on what went wrong and one on what to do. Unless the message says otherwise, nothing was changed.
/// </summary>
public class CharlyException : Exception
{
    /// <summary>Makes an error.</summary>
    /// <param name="code">Stable code from <see cref="Errors"/>.</param>
    /// <param name="message">What is wrong, naming the offending value; never a secret.</param>
    /// <param name="help">What the user can do, ideally the exact next command.</param>
    /// <param name="position">Where in a file, if from one.</param>
    /// <param name="target">Name of the machine, candy or file concerned, if any.</param>
    /// <param name="inner">The cause.</param>
    public CharlyException(
        ErrorCode code,
        string message,
        string help,
        SourcePosition? position = null,
        string? target = null,
        Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        Help = help;
        Position = position;
        Target = target;
    }

    /// <summary>The same error with a place, for whoever knows where the value was written; one that has a place keeps it.</summary>
    /// <param name="position">Where in a file; null if it is in none.</param>
    public CharlyException At(SourcePosition? position) => Position is not null || position is null ? this : new CharlyException(Code, Message, Help, position, Target, InnerException);

    /// <summary>Stable code; also the PowerShell error id.</summary>
    public ErrorCode Code { get; }

    /// <summary>What to do about it.</summary>
    public string Help { get; }

    /// <summary>Where in a file, if from one.</summary>
    public SourcePosition? Position { get; }

    /// <summary>Name of the machine, candy or file concerned, if any.</summary>
    public string? Target { get; }

    /// <summary>What went wrong as problems: one, unless several were found at once.</summary>
    public virtual IReadOnlyList<Problem> ToProblems() => [new Problem(Code, Message, Help, Position)];

    /// <summary>Makes an error from a problem found while reading input.</summary>
    public static CharlyException From(Problem problem) =>
        new(problem.Code, problem.Message, problem.Help, problem.Position);
}

namespace OpenCharly.Foundation;

/// <summary>Several problems found at once; the exception's own code and position are those of the first.</summary>
public sealed class CharlyValidationException : CharlyException
{
    /// <summary>Makes one error of all <paramref name="problems"/>; there must be at least one.</summary>
    public CharlyValidationException(IReadOnlyList<Problem> problems)
        : base(First(problems).Code, Describe(problems), First(problems).Help, First(problems).Position)
    {
        Problems = problems;
    }

    /// <summary>Every problem, in the order of the files.</summary>
    public IReadOnlyList<Problem> Problems { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> ToProblems() => Problems;

    /// <summary>Throws if <paramref name="problems"/> holds anything that is not a mere warning.</summary>
    public static void ThrowIfAny(IEnumerable<Problem> problems)
    {
        var errors = problems.Where(p => !p.IsWarning).ToArray();
        if (errors.Length == 1) throw From(errors[0]);
        if (errors.Length > 1) throw new CharlyValidationException(errors);
    }

    private static Problem First(IReadOnlyList<Problem> problems) =>
        problems.Count > 0 ? problems[0] : throw new ArgumentException("at least one problem is needed", nameof(problems));

    private static string Describe(IReadOnlyList<Problem> problems) =>
        problems.Count == 1
            ? problems[0].Message
            : $"{problems.Count} problems:\n" + string.Join('\n', problems.Select(p => "  " + p));
}

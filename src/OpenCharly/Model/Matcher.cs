namespace OpenCharly.Model;

/// <summary>How a matcher compares.</summary>
public enum MatchOperator
{
    /// <summary>The text is exactly the operand.</summary>
    Equal,

    /// <summary>The text is not the operand.</summary>
    NotEqual,

    /// <summary>The text holds the operand.</summary>
    Contains,

    /// <summary>The text does not hold the operand.</summary>
    NotContains,

    /// <summary>The regular expression matches somewhere in the text.</summary>
    Matches,

    /// <summary>The regular expression matches nowhere in the text.</summary>
    NotMatches,

    /// <summary>The number is below the operand.</summary>
    Less,

    /// <summary>The number is at most the operand.</summary>
    LessOrEqual,

    /// <summary>The number is above the operand.</summary>
    Greater,

    /// <summary>The number is at least the operand.</summary>
    GreaterOrEqual,
}

/// <summary>What a text must be like (candy-and-plan.md §9.3).</summary>
public abstract record Matcher
{
    private protected Matcher()
    {
    }

    /// <summary>The words by which files name operators.</summary>
    public static IReadOnlyDictionary<string, MatchOperator> Operators { get; } = new Dictionary<string, MatchOperator>(StringComparer.Ordinal)
    {
        ["equals"] = MatchOperator.Equal, ["not_equals"] = MatchOperator.NotEqual, ["contains"] = MatchOperator.Contains,
        ["not_contains"] = MatchOperator.NotContains, ["matches"] = MatchOperator.Matches, ["not_matches"] = MatchOperator.NotMatches,
        ["lt"] = MatchOperator.Less, ["le"] = MatchOperator.LessOrEqual, ["gt"] = MatchOperator.Greater, ["ge"] = MatchOperator.GreaterOrEqual,
    };
}

/// <summary>Several matchers, all of which must hold.</summary>
/// <param name="Items">The matchers; none at all holds for any text.</param>
public sealed record AllMatcher(IReadOnlyList<Matcher> Items) : Matcher;

/// <summary>One comparison.</summary>
/// <param name="Operator">How.</param>
/// <param name="Operands">With what; it must hold for each of them.</param>
public sealed record OperatorMatcher(MatchOperator Operator, IReadOnlyList<string> Operands) : Matcher;

using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks;

/// <summary>Compares texts with matchers (candy-and-plan.md §9.3).</summary>
internal static class Matching
{
    private const int Shown = 200;

    /// <summary>What the text should have been, for the first matcher that does not hold; null if all hold.</summary>
    public static string? Mismatch(Matcher? matcher, string text) => matcher switch
    {
        AllMatcher all => all.Items.Select(item => Mismatch(item, text)).FirstOrDefault(m => m is not null),
        OperatorMatcher one => one.Operands.Where(operand => !Holds(one.Operator, text, operand)).Select(operand => $"{Word(one.Operator)} {Quote(operand)}").FirstOrDefault(),
        _ => null,
    };

    /// <summary>A text as it is shown in results: on one line, not too long, in quotes.</summary>
    public static string Quote(string text)
    {
        var flat = text.ReplaceLineEndings("⏎");
        return $"\"{(flat.Length > Shown ? flat[..Shown] + "…" : flat)}\"";
    }

    private static bool Holds(MatchOperator op, string text, string operand) => op switch
    {
        MatchOperator.Equal => text == operand,
        MatchOperator.NotEqual => text != operand,
        MatchOperator.Contains => text.Contains(operand, StringComparison.Ordinal),
        MatchOperator.NotContains => !text.Contains(operand, StringComparison.Ordinal),
        MatchOperator.Matches => LinearRegex.TryCreate(operand, out var regex, out _) && regex!.IsMatch(text),
        MatchOperator.NotMatches => LinearRegex.TryCreate(operand, out var regex, out _) && !regex!.IsMatch(text),
        _ => Number(text) is { } left && Number(operand) is { } right && op switch
        {
            MatchOperator.Less => left < right,
            MatchOperator.LessOrEqual => left <= right,
            MatchOperator.Greater => left > right,
            _ => left >= right,
        },
    };

    private static double? Number(string text) =>
        double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Word(MatchOperator op) => op switch
    {
        MatchOperator.Equal => "equal to",
        MatchOperator.NotEqual => "not equal to",
        MatchOperator.Contains => "containing",
        MatchOperator.NotContains => "not containing",
        MatchOperator.Matches => "matching",
        MatchOperator.NotMatches => "not matching",
        MatchOperator.Less => "less than",
        MatchOperator.LessOrEqual => "at most",
        MatchOperator.Greater => "greater than",
        _ => "at least",
    };
}

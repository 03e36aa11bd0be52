using OpenCharly.Checks.Probes;

namespace OpenCharly.Checks;

/// <summary>What one attempt at a check came to.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Expected">What was expected, if it failed.</param>
/// <param name="Actual">What was there instead.</param>
/// <param name="Message">Why it was skipped, or what helps to understand a failure.</param>
internal sealed record Verdict(CheckStatus Status, string? Expected = null, string? Actual = null, string? Message = null)
{
    /// <summary>What a capture keeps of it.</summary>
    public string? Captured { get; init; }

    /// <summary>Another question that must be asked before it can be judged.</summary>
    public Probe? Next { get; init; }

    public static Verdict Pass(string? captured = null) => new(CheckStatus.Pass) { Captured = captured };

    public static Verdict Fail(string expected, string actual, string? message = null) => new(CheckStatus.Fail, expected, actual, message);

    public static Verdict Error(string message) => new(CheckStatus.Fail, Message: message);

    public static Verdict Skip(string reason) => new(CheckStatus.Skip, Message: reason);

    /// <summary>A failure if something that must be so is not, or the other way round.</summary>
    public static Verdict? Unless(bool expected, bool actual, string yes, string no) =>
        expected == actual ? null : Fail(expected ? yes : no, actual ? yes : no);

    /// <summary>A failure if a value was asked for and is another one.</summary>
    public static Verdict? UnlessEqual(string what, string? expected, string? actual) =>
        expected is null || expected == actual ? null : Fail($"{what} {expected}", $"{what} {actual ?? "unknown"}");

    /// <summary>A failure if one of the values that were asked for is not among those that are there.</summary>
    public static Verdict? UnlessAmong(string what, IEnumerable<string> expected, IReadOnlyCollection<string> actual)
    {
        var missing = expected.FirstOrDefault(e => !actual.Contains(e));
        return missing is null ? null : Fail($"{what} {missing}", $"{what} {(actual.Count == 0 ? "none" : string.Join(", ", actual))}");
    }
}

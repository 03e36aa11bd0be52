using System.Diagnostics.CodeAnalysis;
using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Tests.Checks;

public sealed class MatchingTests
{
    [Theory]
    [InlineData("ok", "ok", "okay")]
    [InlineData("{equals: ok}", "ok", "okay")]
    [InlineData("{not_equals: ok}", "okay", "ok")]
    [InlineData("{contains: [a, b]}", "xbxa", "xa")]
    [InlineData("{not_contains: [a, b]}", "xy", "xb")]
    [InlineData("{matches: '^v[0-9]+'}", "v12", "12")]
    [InlineData("{not_matches: err}", "fine", "an error")]
    [InlineData("{lt: 9}", "8.5", "10")]
    [InlineData("{le: 9}", "9.0", "9.1")]
    [InlineData("{gt: 9}", "10", "9")]
    [InlineData("{ge: 9}", "9", "a lot")]
    [InlineData("[{contains: a}, {contains: b}]", "ab", "a")]
    [InlineData("[{contains: a}, [{not_contains: c}, {matches: b$}]]", "ab", "acb")]
    public void A_matcher_holds_or_does_not(string matcher, string good, string bad)
    {
        var check = (CommandCheck)Assert.Single(CheckLab.Parse($"- {{command: x, stdout: {matcher}}}"));
        Assert.Null(Matching.Mismatch(check.Output, good));
        Assert.NotNull(Matching.Mismatch(check.Output, bad));
    }

    [Fact]
    public void Plain_texts_of_a_files_contains_mean_contains()
    {
        var check = (FileCheck)Assert.Single(CheckLab.Parse("- {file: /x, contains: [one, {matches: 't.o'}]}"));
        Assert.Null(Matching.Mismatch(check.Contains, "zero one two"));
        Assert.Equal("containing \"one\"", Matching.Mismatch(check.Contains, "two"));
    }

    [Theory]
    [InlineData(@"\d", "٣", false)] // digits are ASCII
    [InlineData(@"\w+", "abc_9", true)]
    [InlineData(@"^[[:alpha:]]+$", "abc", true)]
    [InlineData(@"^[[:alpha:]]+$", "ab1", false)]
    [InlineData(@"(?P<major>[0-9]+)\.", "7.1", true)]
    [InlineData(@"\Qa.b\E", "a.b", true)]
    [InlineData(@"\Qa.b\E", "axb", false)]
    [InlineData(@"[\d-]x", "-x", true)]
    [InlineData(@"[a[b]", "[", true)]
    [InlineData(@"(?i)HELLO", "hello", true)]
    public void Regular_expressions_are_those_of_RE2([StringSyntax(StringSyntaxAttribute.Regex)] string pattern, string text, bool matches)
    {
        Assert.True(LinearRegex.TryCreate(pattern, out var regex, out var error), error);
        Assert.Equal(matches, regex!.IsMatch(text));
        Assert.True(LinearRegex.IsValid(pattern, out error), error);
    }

    [Theory]
    [InlineData("(a)\\1")]
    [InlineData("(?!a)b")]
    [InlineData("(unclosed")]
    [InlineData("(?<=a)b")]
    [InlineData("(?>a)b")]
    [InlineData("(?<n>a)\\k<n>")]
    [InlineData("\\Ga")]
    [InlineData("a{2,1}")]
    [InlineData("(?")]
    public void What_RE2_does_not_know_is_refused(string pattern)
    {
        Assert.False(LinearRegex.TryCreate(pattern, out _, out var why));
        Assert.False(LinearRegex.IsValid(pattern, out var error));
        Assert.Equal(why, error);
    }

    [Fact]
    public void A_pattern_that_explodes_elsewhere_is_matched_in_linear_time()
    {
        Assert.True(LinearRegex.TryCreate("^(a+)+$", out var regex, out _));
        Assert.DoesNotMatch(regex!, new string('a', 50_000) + "b");
    }
}

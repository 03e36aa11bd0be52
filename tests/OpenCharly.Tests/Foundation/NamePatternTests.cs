using OpenCharly.Foundation;

namespace OpenCharly.Tests.Foundation;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("web", false)]
    [InlineData("w*", true)]
    [InlineData("w?b", true)]
    [InlineData("w[ae]b", true)]
    [InlineData("w[ae", false)]
    [InlineData("wae]", false)]
    [InlineData("]w[", false)]
    [InlineData("", false)]
    public void Wildcards_make_a_pattern(string text, bool isPattern) => Assert.Equal(isPattern, NamePattern.IsPattern(text));

    [Theory]
    [InlineData("*", "")]
    [InlineData("*", "web")]
    [InlineData("**", "web")]
    [InlineData("w*b", "wb")]
    [InlineData("w*b", "web-lab")]
    [InlineData("*-*-*", "a-b-c-d")]
    [InlineData("w?b", "web")]
    [InlineData("w[ae]b", "web")]
    [InlineData("w[a-f]b", "web")]
    [InlineData("w[!a-d]b", "web")]
    [InlineData("w[^a-d]b", "web")]
    [InlineData("web[0-9][0-9]", "web07")]
    [InlineData("*[ab]", "xxb")]
    [InlineData("[]a]x", "]x")]
    [InlineData("[a-]x", "-x")]
    [InlineData("w[e", "w[e")]
    [InlineData("vm:*/[ab]*", "vm:web/blue")]
    public void A_pattern_takes(string pattern, string name) => Assert.True(NamePattern.Matches(pattern, name));

    [Theory]
    [InlineData("", "web")]
    [InlineData("web", "web1")]
    [InlineData("web", "we")]
    [InlineData("w?b", "wb")]
    [InlineData("w[ae]b", "wib")]
    [InlineData("w[!e]b", "web")]
    [InlineData("w[ae]b", "w[ae]b")]
    [InlineData("w*b", "web-")]
    [InlineData("W*", "web")]
    public void A_pattern_leaves(string pattern, string name) => Assert.False(NamePattern.Matches(pattern, name));
}

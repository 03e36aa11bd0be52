using OpenCharly.Kdl;

namespace OpenCharly.Tests.Kdl;

/// <summary>Two versions of one language, told apart by a marker or by what can be read.</summary>
public sealed class KdlVersionTests
{
    [Theory]
    [InlineData("/- kdl-version 1\na true", 1)]
    [InlineData("/-  kdl-version  2  \na #true", 2)]
    [InlineData("\uFEFF/- kdl-version 1\r\na true", 1)]
    [InlineData("a \"b\"", 2)]
    [InlineData("a true", 1)]
    [InlineData("a r\"raw\\\"", 1)]
    [InlineData("a \"two\nlines\"", 1)]
    [InlineData("a \"b\\/c\"", 1)]
    [InlineData("a word", 2)]
    public void The_version_is_found_out(string text, int version) => Assert.Equal(version, KdlReader.Read(text, "t").Version);

    [Fact]
    public void A_marked_version_is_the_only_one_tried()
    {
        Assert.Contains("reserved word", KdlText.Fail("/- kdl-version 2\na true", null).Message, StringComparison.Ordinal);
        Assert.Contains("needs quotes", KdlText.Fail("/- kdl-version 1\na word", null).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_marker_for_another_version_is_a_node_that_is_commented_out() => Assert.Equal("a", KdlText.Show("/- kdl-version 3\na"));

    [Fact]
    public void The_error_is_that_of_the_version_that_came_further()
    {
        // Only version 1 gets past the raw string, so its error further down is what helps.
        Assert.Equal(3, KdlText.Fail("a r\"x\"\nb 2\nc {", null).Position!.Line);
        Assert.Equal(3, KdlText.Fail("a #true\nb word\nc {", null).Position!.Line);
    }

    [Theory]
    [InlineData("a 1 \"x\" true null k=false", "a 1 'x' true null k=false")]
    [InlineData("a r\"C:\\x\" r#\"say \"hi\"\"#", "a 'C:\\x' 'say \"hi\"'")]
    [InlineData("r\"name\" 1", "name 1")]
    [InlineData("r 1; rr; r#a", "r 1; rr; r#a")]
    [InlineData("a \"x\ny\"", "a 'x|y'")]
    [InlineData("a \"\\/\\u{41}\\n\"", "a '/A|'")]
    [InlineData("(t)a (u8)1 k=(v)\"x\"", "(t)a (u8)1 k=(v)'x'")]
    [InlineData("a /-1 2 /-k=3 /-{b}", "a 2")]
    [InlineData("a { b; c; }", "a {b; c}")]
    [InlineData("inf nan=1", "inf nan=1")]
    public void Version_1_is_read(string text, string expected) => Assert.Equal(expected, KdlText.Show(text, 1));

    [Theory]
    [InlineData("a k = 1")]
    [InlineData("a word")]
    [InlineData("a (t)word")]
    [InlineData("a (t) 1")]
    [InlineData("a \"\\s\"")]
    [InlineData("a #true")]
    [InlineData("a\u000Bb 1 c")]
    [InlineData("true")]
    [InlineData("a true=1")]
    [InlineData("a <x>")]
    [InlineData("a 1,2")]
    [InlineData("a r\"x")]
    public void What_is_no_version_1_is_refused(string text) => KdlText.Fail(text, 1);
}

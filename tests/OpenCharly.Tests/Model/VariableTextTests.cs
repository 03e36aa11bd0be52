using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Tests.Model;

/// <summary>Texts of variables, and edits that leave all else alone (pod.md §7).</summary>
public sealed class VariableTextTests
{
    private const string Text = "# tokens\nexport A=1\n\n  B = two words  \nC=\nA=3\n";

    [Fact]
    public void Values_are_what_stands_after_the_sign_and_the_last_line_of_a_name_counts() =>
        Assert.Equal([new("A", "3"), new("B", " two words  "), new("C", "")], Read(Text));

    [Fact]
    public void A_value_is_set_at_its_place_and_every_other_line_stays()
    {
        var text = new VariableText(Text, "x");
        text.Set("B", "$(code) \"quoted\" #no");
        text.Set("NEW", "last");
        Assert.Equal("# tokens\nexport A=1\n\nB=$(code) \"quoted\" #no\nC=\nA=3\nNEW=last\n", text.Text);
        text.Set("A", "4");
        Assert.Equal("4", Read(text.Text)[0].Value);
    }

    [Theory]
    [InlineData("", "X=1\n")]
    [InlineData("A=1", "A=1\nX=1\n")]
    [InlineData("A=1\n", "A=1\nX=1\n")]
    [InlineData("export X=old", "export X=1")]
    public void A_new_variable_is_a_line_of_its_own(string before, string after)
    {
        var text = new VariableText(before, "x");
        text.Set("X", "1");
        Assert.Equal(after, text.Text);
    }

    [Fact]
    public void What_is_removed_is_gone_from_all_its_lines()
    {
        var text = new VariableText(Text, "x");
        Assert.True(text.Remove("A"));
        Assert.False(text.Remove("A"));
        Assert.Equal("# tokens\n\n  B = two words  \nC=\n", text.Text);
    }

    [Theory]
    [InlineData("A=1\nsecretly-told\n")]
    [InlineData("A=1\n1X=secretly-told\n")]
    public void A_line_that_is_none_is_named_by_its_place_and_not_by_what_it_says(string text)
    {
        var error = Assert.Throws<CharlyException>(() => Read(text));
        Assert.Equal((Errors.SecretFile, 2), (error.Code, error.Position!.Line));
        Assert.DoesNotContain("secretly-told", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1X", "v")]
    [InlineData("X", "two\nlines")]
    public void A_name_or_a_value_that_no_line_can_have_is_refused(string name, string value) =>
        Assert.Equal(Errors.Usage, Assert.Throws<CharlyException>(() => new VariableText("", "x").Set(name, value)).Code);

    private static IReadOnlyList<KeyValuePair<string, string>> Read(string text) => new VariableText(text, "x").Read();
}

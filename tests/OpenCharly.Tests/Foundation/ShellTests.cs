using OpenCharly.Foundation;

namespace OpenCharly.Tests.Foundation;

public sealed class ShellTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "''")]
    [InlineData("two words", "'two words'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("$HOME", "'$HOME'")]
    [InlineData("-rf", "'-rf'")]
    [InlineData("a\nb", "'a\nb'")]
    public void A_word_is_quoted_so_that_it_stands_for_itself(string text, string quoted) =>
        Assert.Equal(quoted, Shell.Quote(text));

    [Fact]
    public void A_nul_character_is_refused() =>
        Assert.Equal(Errors.ShellNul, Assert.Throws<CharlyException>(() => Shell.Quote("a\0b")).Code);
}

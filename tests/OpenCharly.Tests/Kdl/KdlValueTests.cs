using OpenCharly.Kdl;

namespace OpenCharly.Tests.Kdl;

/// <summary>Strings and numbers of KDL.</summary>
public sealed class KdlValueTests
{
    [Theory]
    [InlineData("\"\"", "")]
    [InlineData("\"a\\n\\r\\t\\b\\f\\s\\\\\\\"z\"", "a\n\r\t\b\f \\\"z")]
    [InlineData("\"\\u{41}\\u{1F600}\\u{00e9}\"", "A😀é")]
    [InlineData("\"a \\   b\"", "a b")]
    [InlineData("\"a \\\n   b\"", "a b")]
    [InlineData("#\"C:\\x \"y\"\"#", "C:\\x \"y\"")]
    [InlineData("##\"a\"#b\"##", "a\"#b")]
    [InlineData("#\"\"#", "")]
    [InlineData("\"\"\"\n  a\n    b\n\n  \"c\" \"\"d\"\"\n  \"\"\"", "a\n  b\n\n\"c\" \"\"d\"\"")]
    [InlineData("\"\"\"\n\"\"\"", "")]
    [InlineData("\"\"\"\n\n\"\"\"", "")]
    [InlineData("\"\"\"\n  a\n \t \n  \"\"\"", "a\n")]
    [InlineData("\"\"\"\r\n  a\r\n  b\r\n  \"\"\"", "a\nb")]
    [InlineData("\"\"\"\n  a\\r\\n\n  \"\"\"", "a\r\n")]
    [InlineData("\"\"\"\n  foo \\\nbar\n  baz\n  \\   \"\"\"", "foo bar\nbaz")]
    [InlineData("\"\"\"\n  \\\"\"\"\n  \"\"\"", "\"\"\"")]
    [InlineData("#\"\"\"\n  a\\n\n  \"\"\"b\n  \"\"\"#", "a\\n\n\"\"\"b")]
    public void Text_is_read(string text, string expected) => Assert.Equal(expected, KdlText.Text(text));

    [Theory]
    [InlineData("\"a", 1, 3, "no end")]
    [InlineData("\"a\nb\"", 1, 3, "no end")]
    [InlineData("#\"a\"", 1, 3, "no end")]
    [InlineData("#\"a\nb\"#", 1, 3, "no end")]
    [InlineData("\"\"\"\na", 1, 3, "no end")]
    [InlineData("\"\\x\"", 1, 4, "means nothing")]
    [InlineData("\"\\/\"", 1, 4, "means nothing")]
    [InlineData("\"a\\", 1, 5, "means nothing")]
    [InlineData("\"\\u{}\"", 1, 4, "one to six")]
    [InlineData("\"\\u41\"", 1, 4, "one to six")]
    [InlineData("\"\\u{0000041}\"", 1, 4, "one to six")]
    [InlineData("\"\\u{D800}\"", 1, 4, "no character")]
    [InlineData("\"\\u{110000}\"", 1, 4, "no character")]
    [InlineData("\"\"\"a\"\"\"", 1, 3, "begins on the next line")]
    [InlineData("#\"\"\"a\"\"\"#", 1, 3, "begins on the next line")]
    [InlineData("\"\"\"\na\n b\"\"\"", 3, 1, "line of their own")]
    [InlineData("\"\"\"\n  a\n\\s \"\"\"", 3, 1, "line of their own")]
    [InlineData("\"\"\"\n  a\n b\n  \"\"\"", 3, 1, "indented otherwise")]
    [InlineData("\"\"\"\n\ta\n  \"\"\"", 2, 1, "indented otherwise")]
    [InlineData("\"\"\"\n  \\sa\n   \"\"\"", 2, 1, "indented otherwise")]
    public void Broken_text_is_told_with_its_place(string text, int line, int column, string part)
    {
        var error = KdlText.Fail("n " + text);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.Position!.Line, error.Position.Column));
    }

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("+7", 7L)]
    [InlineData("-1_000", -1000L)]
    [InlineData("007", 7L)]
    [InlineData("0xFf", 255L)]
    [InlineData("-0x10", -16L)]
    [InlineData("0o755", 493L)]
    [InlineData("0b1_0_1", 5L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-0x8000000000000000", long.MinValue)]
    public void Whole_numbers_are_read_in_every_base(string text, long expected)
    {
        var number = Assert.IsType<KdlNumber>(KdlText.Value(text));
        Assert.Equal((text, expected), (number.Text, number.Integer));
        Assert.Equal(expected, number.Value);
    }

    [Theory]
    [InlineData("1.5", 1.5)]
    [InlineData("-1.5e3", -1500)]
    [InlineData("1e-2", 0.01)]
    [InlineData("1_0.2_5E+1_0", 10.25e10)]
    [InlineData("9223372036854775808", 9223372036854775808d)]
    [InlineData("0x8000000000000000", 9223372036854775808d)]
    [InlineData("#inf", double.PositiveInfinity)]
    [InlineData("#-inf", double.NegativeInfinity)]
    [InlineData("#nan", double.NaN)]
    [InlineData("1e999", double.PositiveInfinity)]
    public void Other_numbers_are_read_as_doubles(string text, double expected)
    {
        var number = Assert.IsType<KdlNumber>(KdlText.Value(text));
        Assert.Null(number.Integer);
        Assert.Equal(expected, number.Value);
    }

    [Theory]
    [InlineData("1a")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("-.5")]
    [InlineData("1._5")]
    [InlineData("1.2.3")]
    [InlineData("1e")]
    [InlineData("1e1.5")]
    [InlineData("1e5e5")]
    [InlineData("0x")]
    [InlineData("0x_1")]
    [InlineData("0xg")]
    [InlineData("0o8")]
    [InlineData("0b2")]
    public void What_begins_like_a_number_must_be_one(string text)
    {
        var error = KdlText.Fail("n " + text);
        Assert.Contains($"{text} is no number", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, error.Position!.Column);
    }
}

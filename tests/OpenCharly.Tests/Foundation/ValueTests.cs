using OpenCharly.Foundation;

namespace OpenCharly.Tests.Foundation;

public sealed class ValueTests
{
    [Theory]
    [InlineData("4G", 'B', 4L << 30)]
    [InlineData("512 MiB", 'B', 512L << 20)]
    [InlineData("20gb", 'B', 20L << 30)]
    [InlineData("1024", 'M', 1L << 30)]
    [InlineData("1024", 'B', 1024)]
    [InlineData("1t", 'B', 1L << 40)]
    [InlineData("7KiB", 'B', 7 << 10)]
    public void A_size_is_an_integer_with_a_unit(string text, char unit, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, unit, out var size));
        Assert.Equal(bytes, size.Bytes);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1G")]
    [InlineData("1.5G")]
    [InlineData("G")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("4X")]
    [InlineData("4GiBB")]
    [InlineData("99999999999T")]
    public void Anything_else_is_no_size(string? text) => Assert.False(ByteSize.TryParse(text, 'B', out _));

    [Theory]
    [InlineData(20L << 30, "20G")]
    [InlineData(1536L << 20, "1536M")]
    [InlineData(1000, "1000")]
    public void A_size_is_written_with_the_largest_unit_that_divides_it(long bytes, string text) =>
        Assert.Equal(text, new ByteSize(bytes).ToString());

    [Fact]
    public void Calendar_versions_are_compared_number_by_number()
    {
        Assert.True(CalVer.TryParse("2026.144.1443", out var old));
        Assert.True(CalVer.TryParse("2026.163.0928", out var recent));
        Assert.True(old < recent);
        Assert.Equal("2026.163.0928", recent.ToString());
        Assert.False(CalVer.TryParse("2026.163", out _));
        Assert.False(CalVer.TryParse("2026.163.0928\n", out _));
    }

    [Theory]
    [InlineData("packages", "package")]
    [InlineData("pakcage", "package")]
    [InlineData("servce", "service")]
    [InlineData("entirely-different", null)]
    [InlineData("x", null)]
    public void The_nearest_word_is_at_most_two_edits_away(string word, string? expected) =>
        Assert.Equal(expected, Nearest.Find(word, ["package", "service", "task"]));

    [Theory]
    [InlineData("web", true)]
    [InlineData("web-2_A", true)]
    [InlineData("", false)]
    [InlineData("-web", false)]
    [InlineData("we b", false)]
    [InlineData("../web", false)]
    [InlineData("web\n", false)]
    [InlineData("a-eph-1", false)]
    [InlineData("web'", false)]
    public void A_machine_name_is_safe_in_paths_and_commands(string name, bool valid) => Assert.Equal(valid, Names.IsVm(name));
}

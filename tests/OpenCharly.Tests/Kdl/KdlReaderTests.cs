using OpenCharly.Foundation;
using OpenCharly.Kdl;

namespace OpenCharly.Tests.Kdl;

/// <summary>Nodes, entries, blocks, comments and positions of KDL.</summary>
public sealed class KdlReaderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("\n \t\n", "")]
    [InlineData("a", "a")]
    [InlineData("a;b;c", "a; b; c")]
    [InlineData("a;\\\nb", "a; b")]
    [InlineData("a 1 \"x\" y #true #false #null", "a 1 'x' 'y' true false null")]
    [InlineData("a k=1 2 l=m", "a 2 k=1 l='m'")]
    [InlineData("a k = 1", "a k=1")]
    [InlineData("a k=1 l=2 k=3", "a k=3 l=2")]
    [InlineData("\"two words\" \"a key\"=1", "'two words' 'a key'=1")]
    [InlineData("\"\" \"\"=1", "'' ''=1")]
    [InlineData("a {b; c {d}}", "a {b; c {d}}")]
    [InlineData("a {}", "a {}")]
    [InlineData("a {\n\n}\nb", "a {}; b")]
    [InlineData("(t)a (u8)1 (\"a b\")x k=(v)2", "(t)a (u8)1 (a b)'x' k=(v)2")]
    [InlineData("( t ) a ( u8 ) 1", "(t)a (u8)1")]
    [InlineData("a 1 \\\n  2 \\ // why\n  3", "a 1 2 3")]
    [InlineData("a \\", "a")]
    [InlineData("a 1//c\nb", "a 1; b")]
    [InlineData("a/* one /* two */ */1", "a 1")]
    [InlineData("/* only */", "")]
    [InlineData("a\r\nb\rc\u0085d\u2028e\ff\vg", "a; b; c; d; e; f; g")]
    [InlineData("\uFEFFa", "a")]
    [InlineData("-- .a +.b - a-b <x> ', 😀", "-- '.a' '+.b' '-' 'a-b' '<x>' '',' '😀'")]
    public void Nodes_are_read(string text, string expected) => Assert.Equal(expected, KdlText.Show(text, 2));

    [Theory]
    [InlineData("/- a 1 {b}\nc", "c")]
    [InlineData("/-\n// comment\na; b", "b")]
    [InlineData("a /-1 2", "a 2")]
    [InlineData("a 1/-2", "a 1")]
    [InlineData("a /-k=1 l=2", "a l=2")]
    [InlineData("a /-{b}", "a")]
    [InlineData("a /-{b} {c} /-{d}", "a {c}")]
    [InlineData("a 1 /-\n{b}", "a 1")]
    [InlineData("a k=1 /-k=2", "a k=1")]
    [InlineData("a { /-b\nc }", "a {c}")]
    public void What_is_commented_out_leaves_no_trace(string text, string expected) => Assert.Equal(expected, KdlText.Show(text, 2));

    [Theory]
    [InlineData("a {", 1, 3, "not closed")]
    [InlineData("a\n}", 2, 1, "closes nothing")]
    [InlineData("a {} b", 1, 6, "after the block of a")]
    [InlineData("a {} {}", 1, 6, "second block")]
    [InlineData("a /-{} b {}", 1, 8, "after the block")]
    [InlineData("a\"b\"", 1, 2, "a blank is missing")]
    [InlineData("a 1\"b\"", 1, 4, "a blank is missing")]
    [InlineData("a k=", 1, 5, "a value is missing")]
    [InlineData("a k=/-1", 1, 5, "a value is missing")]
    [InlineData("a 1=2", 1, 4, "key of a property")]
    [InlineData("a (t)k=2", 1, 7, "key of a property")]
    [InlineData("a ()1", 1, 4, "needs a name")]
    [InlineData("(t)", 1, 4, "a node needs a name")]
    [InlineData("a (t", 1, 5, "not closed")]
    [InlineData("1 2", 1, 1, "a node needs a name")]
    [InlineData(";", 1, 1, "a semicolon ends a node")]
    [InlineData("a /-", 1, 5, "there is none")]
    [InlineData("a { /- }", 1, 8, "there is none")]
    [InlineData("a /- /- b", 1, 6, "there is none")]
    [InlineData("a \\ b", 1, 3, "after a backslash the line must end")]
    [InlineData("a /* x", 1, 3, "this comment has no end")]
    [InlineData("a true", 1, 3, "reserved word")]
    [InlineData("a -inf", 1, 3, "reserved word")]
    [InlineData("null=1", 1, 1, "reserved word")]
    [InlineData("a #yes", 1, 3, "no keyword")]
    [InlineData("a b#c", 1, 4, "a blank is missing")]
    [InlineData("a [1]", 1, 3, "a value is missing")]
    [InlineData("a \u202Eb", 1, 3, "U+202E may not stand")]
    [InlineData("a \u0001", 1, 3, "U+0001 may not stand")]
    [InlineData("a\n \uFEFFb", 2, 2, "U+FEFF may not stand")]
    public void What_is_wrong_is_told_with_its_place(string text, int line, int column, string part)
    {
        var error = KdlText.Fail(text);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Equal(new SourcePosition("t.kdl", line, column), error.Position);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_character() => Assert.Contains("half a surrogate", KdlText.Fail("a \uD800").Message, StringComparison.Ordinal);

    [Fact]
    public void Every_node_key_and_value_knows_its_line_and_column()
    {
        var node = KdlReader.Read("// head\r\n  (t)vm \"a\" \\\r\n    (u8)7 key=(k)#true {\r\n\tchild\r\n}", "f.kdl").Nodes[0];
        Assert.Equal(new SourcePosition("f.kdl", 2, 3), node.Position);
        Assert.Equal(new SourcePosition("f.kdl", 2, 6), node.Name.Position);
        Assert.Equal(new SourcePosition("f.kdl", 2, 9), node.Arguments[0].Position);
        Assert.Equal(new SourcePosition("f.kdl", 3, 5), node.Arguments[1].Position);
        Assert.Equal(new SourcePosition("f.kdl", 3, 11), node.Properties[0].Name.Position);
        Assert.Equal(new SourcePosition("f.kdl", 3, 15), node["key"]!.Position);
        Assert.Equal(new SourcePosition("f.kdl", 4, 2), node.Children[0].Position);
        Assert.Null(node["other"]);
    }

    [Fact]
    public void Depth_and_size_are_bounded()
    {
        Assert.Equal(Errors.KdlLimit, Assert.ThrowsAny<CharlyException>(() => KdlReader.Read(string.Concat(Enumerable.Repeat("a {", 2000)), "t")).Code);
        Assert.Equal(Errors.KdlLimit, Assert.ThrowsAny<CharlyException>(() => KdlReader.Read(new string('a', (4 << 20) + 1), "t")).Code);
        Assert.Single(KdlReader.Read(string.Concat(Enumerable.Repeat("/*", 100_000)) + string.Concat(Enumerable.Repeat("*/", 100_000)) + "a", "t").Nodes);
    }

    [Fact]
    public void A_file_is_read_as_UTF_8_or_not_at_all()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [0xEF, 0xBB, 0xBF, .. "a \"ö\"\n"u8]);
            Assert.Equal("a 'ö'", KdlText.Show(KdlReader.ReadFile(path)));
            File.WriteAllBytes(path, [.. "a\n \"x"u8, 0xFF, .. "\""u8]);
            var error = Assert.Throws<CharlyException>(() => KdlReader.ReadFile(path));
            Assert.Equal((Errors.KdlSyntax, new SourcePosition(path, 2, 4)), (error.Code, error.Position));
        }
        finally
        {
            File.Delete(path);
        }
    }
}

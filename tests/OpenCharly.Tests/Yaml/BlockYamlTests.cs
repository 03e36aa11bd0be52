using FsCheck;
using FsCheck.Fluent;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Yaml;

public sealed class BlockYamlTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "''")]
    [InlineData("yes", "'yes'")]
    [InlineData("No", "'No'")]
    [InlineData("null", "'null'")]
    [InlineData("0644", "'0644'")]
    [InlineData("12:30:45", "'12:30:45'")]
    [InlineData("1_000", "'1_000'")]
    [InlineData("0x1f", "'0x1f'")]
    [InlineData("1e3", "'1e3'")]
    [InlineData("2024-01-02", "'2024-01-02'")]
    [InlineData(".inf", "'.inf'")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("7d1c1d6e-36a1-4f0c-9f5e-0c7c8e0f1a2b", "7d1c1d6e-36a1-4f0c-9f5e-0c7c8e0f1a2b")]
    [InlineData("web01", "web01")]
    [InlineData("a: b", "'a: b'")]
    [InlineData("a #b", "'a #b'")]
    [InlineData("a:", "'a:'")]
    [InlineData(" a", "' a'")]
    [InlineData("a ", "'a '")]
    [InlineData("- a", "'- a'")]
    [InlineData("*a", "'*a'")]
    [InlineData("&a", "'&a'")]
    [InlineData("!a", "'!a'")]
    [InlineData("@a", "'@a'")]
    [InlineData("{a}", "'{a}'")]
    [InlineData("it's", "'it''s'")]
    [InlineData("ALL=(ALL) NOPASSWD:ALL", "ALL=(ALL) NOPASSWD:ALL")]
    [InlineData("http://mirror.example.org/debian", "http://mirror.example.org/debian")]
    [InlineData("a\rb", "\"a\\rb\"")]
    [InlineData("a\u0085b", "\"a\\u0085b\"")]
    [InlineData("tab\there", "\"tab\\there\"")]
    public void Text_is_quoted_so_that_a_reader_of_YAML_1_1_takes_it_for_text(string text, string expected) =>
        Assert.Equal($"k: {expected}\n", BlockYaml.Write(Nodes.Map(("k", Nodes.Text(text)))));

    [Theory]
    [InlineData("a\nb\n", "k: |\n  a\n  b\n")]
    [InlineData("a\n\n b", "k: |-\n  a\n\n   b\n")]
    [InlineData("a\n\n\n", "k: |+\n  a\n\n\n")]
    [InlineData(" a\nb\n", "k: \" a\\nb\\n\"\n")]
    [InlineData("\n", "k: \"\\n\"\n")]
    public void Lines_become_a_block_where_that_is_safe(string text, string expected) =>
        Assert.Equal(expected, BlockYaml.Write(Nodes.Map(("k", Nodes.Text(text)))));

    [Theory]
    [InlineData("{a: 1, b: [x, {c: true, d: ~}], e: {}, f: [], g: 0755, h: '0755'}", "a: 1\nb:\n  - x\n  - c: true\n    d: ~\ne: {}\nf: []\ng: 0755\nh: '0755'\n")]
    [InlineData("{a: [[x, y], [z]]}", "a:\n  -\n    - x\n    - y\n  -\n    - z\n")]
    public void What_was_read_is_written_in_block_style_with_its_types(string flow, string expected) =>
        Assert.Equal(expected, BlockYaml.Write(YamlReader.Read(flow, "test")[0]));

    [Fact]
    public void Any_text_comes_back_as_it_was()
    {
        var texts = Gen.ArrayOf(Gen.Elements("\n", " ", "#", ":", "-", "'", "\"", "\\", "a", "0", "\t", "\r", "ü", "\u2028", "|", "\U0001f600", "{", ",")).Select(string.Concat);
        Prop.ForAll(
            Arb.From(texts),
            text =>
            {
                var yaml = BlockYaml.Write(Nodes.Map(("k", Nodes.Texts([text, "end"])), ("l", Nodes.Text(text))));
                var read = (YamlMapping)YamlReader.Read(yaml, "test")[0];
                return ((YamlScalar)((YamlSequence)read["k"]!).Items[0]).Text == text && ((YamlScalar)read["l"]!).Text == text;
            }).QuickCheckThrowOnFailure();
    }
}

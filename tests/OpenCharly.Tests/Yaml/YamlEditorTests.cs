using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Yaml;

public sealed class YamlEditorTests
{
    private static string Set(string text, string path, YamlValue value)
    {
        var editor = new YamlEditor(text, "charly.yml");
        editor.Set(path.Split('/'), value);
        return editor.Text;
    }

    private static string Remove(string text, string path, bool removeEmptyParents = false)
    {
        var editor = new YamlEditor(text, "charly.yml");
        editor.Remove(path.Split('/'), removeEmptyParents);
        return editor.Text;
    }

    [Theory]
    [InlineData("", "a", "1", "a: \"1\"\n")]
    [InlineData("# only a comment\n", "a/b", "x", "# only a comment\na:\n  b: x\n")]
    [InlineData("a: 1\n", "b", "x", "a: 1\nb: x\n")]
    [InlineData("a: 1", "b", "x", "a: 1\nb: x\n")]
    [InlineData("a: 1\r\nb: 2\r\n", "c", "x", "a: 1\r\nb: 2\r\nc: x\r\n")]
    [InlineData("a: 1  # one\nb: 2 # two\n", "a", "x", "a: x  # one\nb: 2 # two\n")]
    [InlineData("deploy: {}  # none yet\n", "deploy/vm:web/target", "vm", "deploy:  # none yet\n  \"vm:web\":\n    target: vm\n")]
    [InlineData("deploy:\n# later\nx: 1\n", "deploy/a", "b", "deploy:\n  a: b\n# later\nx: 1\n")]
    [InlineData("a:\n    b: 1\n    # end\n\nc: 2\n", "a/d", "x", "a:\n    b: 1\n    d: x\n    # end\n\nc: 2\n")]
    [InlineData("---\na: 1\n", "b", "x", "---\na: 1\nb: x\n")]
    [InlineData("--- {}\n", "b", "x", "--- \nb: x\n")]
    [InlineData("---\n", "b", "x", "---\nb: x\n")]
    [InlineData("a: {x: 1, w: [2, 3]}\n", "a/z", "4", "a:\n  x: 1\n  w:\n    - 2\n    - 3\n  z: \"4\"\n")]
    [InlineData("a: |  # text\n  one\n  two\n\nb: 1\n", "a", "x", "a: x  # text\n\nb: 1\n")]
    [InlineData("a: |\n  one\n# tail\n", "b", "x", "a: |\n  one\nb: x\n# tail\n")]
    [InlineData("a:\n- 1\n- 2 # two\nb: 1\n", "a", "x", "a: x\nb: 1\n")]
    [InlineData("a: \"x\n  y\"  # c\nb: 1\n", "a", "z", "a: z  # c\nb: 1\n")]
    [InlineData("a: 'x'\n", "a", "x", "a: 'x'\n")]
    public void Setting_a_text_changes_its_own_place_only(string text, string path, string value, string expected) =>
        Assert.Equal(expected, Set(text, path, value));

    [Theory]
    [InlineData("yes", "\"yes\"")]
    [InlineData("null", "\"null\"")]
    [InlineData("", "\"\"")]
    [InlineData("0755", "\"0755\"")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("2026-01-01", "\"2026-01-01\"")]
    [InlineData("2026.163.0928", "\"2026.163.0928\"")]
    [InlineData("a: b", "\"a: b\"")]
    [InlineData("a #b", "\"a #b\"")]
    [InlineData("-x", "\"-x\"")]
    [InlineData("*x", "\"*x\"")]
    [InlineData(" x", "\" x\"")]
    [InlineData("x:", "\"x:\"")]
    [InlineData("grüße", "\"grüße\"")]
    [InlineData("a\tb", "\"a\\tb\"")]
    [InlineData("/var/lib/x", "/var/lib/x")]
    [InlineData("a b-c", "a b-c")]
    public void A_text_is_quoted_where_plain_yaml_would_change_its_meaning(string value, string written) =>
        Assert.Equal($"k: {written}\n", Set("", "k", value));

    [Fact]
    public void Several_lines_become_a_literal_block() =>
        Assert.Equal("k: |\n  one\n    two\n\n  three\n", Set("", "k", "one\n  two\n\nthree\n"));

    [Fact]
    public void Numbers_truth_values_lists_and_mappings_are_written_in_block_style() =>
        Assert.Equal(
            "vm_state:\n  port: 2222\n  live: true\n  none:\n  tags:\n    - a\n    - b: 1\n      c: []\n",
            Set("", "vm_state", YamlValue.Map(
                ("port", 2222), ("live", true), ("none", YamlValue.Null), ("tags", YamlValue.List("a", YamlValue.Map(("b", 1), ("c", YamlValue.List())))))));

    [Fact]
    public void A_mapping_over_a_mapping_keeps_the_lines_that_stay() =>
        Assert.Equal(
            "m:\n  # first\n  a: 1  # one\n  c: new\n",
            Set("m:\n  # first\n  a: 1  # one\n  b: 2\n", "m", YamlValue.Map(("a", 1), ("c", "new"))));

    [Fact]
    public void A_list_over_a_list_keeps_the_items_that_stay() =>
        Assert.Equal(
            "l:\n  - a  # first\n  - new\n  - z # last\n",
            Set("l:\n  - a  # first\n  - m\n  - z # last\n", "l", YamlValue.TextList(["a", "new", "z"])));

    [Theory]
    [InlineData("a: 1\nb: 2\n", "a", false, "b: 2\n")]
    [InlineData("a: 1\nb: 2", "b", false, "a: 1")]
    [InlineData("a:\n  b: 1  # gone\n# stays\nc: 2\n", "a/b", false, "a: {}\n# stays\nc: 2\n")]
    [InlineData("a:\n  b:\n    c: 1\nd: 2\n", "a/b/c", true, "d: 2\n")]
    [InlineData("a: {x: 1, w: 2}  # flow\n", "a/x", false, "a:  # flow\n  w: 2\n")]
    [InlineData("a: 1\n", "a", false, "")]
    [InlineData("a: 1\n", "nothing/here", false, "a: 1\n")]
    [InlineData("a: |+\n  x\n\n\nb: 1\n", "a", false, "b: 1\n")]
    public void Removing_takes_the_lines_of_the_key_and_nothing_else(string text, string path, bool parents, string expected) =>
        Assert.Equal(expected, Remove(text, path, parents));

    [Theory]
    [InlineData("a: &x {b: 1}\nc: *x\n", "a/b")]
    [InlineData("a: &x\n  b: 1\nc: *x\n", "c/d")]
    [InlineData("a: text\n", "a/b")]
    [InlineData("a: [1, 2]\n", "a/b")]
    public void What_can_not_be_edited_without_a_side_effect_is_refused_and_left_alone(string text, string path)
    {
        var editor = new YamlEditor(text, "charly.yml");
        var error = Assert.Throws<CharlyException>(() => editor.Set(path.Split('/'), "x"));
        Assert.Equal(Errors.YamlType, error.Code);
        Assert.Equal(text, editor.Text);
    }

    [Fact]
    public void A_byte_order_mark_and_the_other_documents_stay()
    {
        var editor = new YamlEditor("\uFEFFa: 1\n---\nb: 2\n", "charly.yml", document: 1);
        editor.Set(["c"], "x");
        Assert.Equal("\uFEFFa: 1\n---\nb: 2\nc: x\n", editor.Text);
    }

    [Fact]
    public void The_first_document_of_several_grows_in_its_own_place() =>
        Assert.Equal("a: 1\nc: x\n---\nb: 2\n", Set("a: 1\n---\nb: 2\n", "c", "x"));
}

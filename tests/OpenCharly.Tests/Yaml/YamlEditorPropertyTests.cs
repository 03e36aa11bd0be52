using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Yaml;

public sealed class YamlEditorPropertyTests
{
    private const int Cases = 4000;

    private static readonly string[] Words =
        ["a", "web", "vm:web", "yes", "null", "~", "0755", "x y", "a: b", "#c", "- d", "é", "\"q\"", "it's", "{", "[x", "&a", "*b", "!t", "%e", "@f", "`g", "t\tu", "two\nlines\n", "", " ", "2026-01-01", "1e5", "|", ">", "?", ":", "-", "---", "...", "\u2028", "😀", "\\", "k:"];

    [Fact]
    public void An_edit_changes_exactly_what_it_says_and_keeps_all_comments()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var (text, comments) = Document(random);
            var path = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Word(random)).ToArray();
            var value = Value(random, 2);
            var before = YamlTree.Of(Root(text));
            var editor = new YamlEditor(text, "f");
            YamlValue expected;
            try
            {
                expected = YamlTree.With(before, path, value, "f");
            }
            catch (CharlyException)
            {
                Assert.Throws<CharlyException>(() => editor.Set(path, value));
                continue;
            }

            var isReplacing = Replaces(before, path, value);
            Edit(() => editor.Set(path, value), seed, text);
            Assert.True(YamlTree.Same(expected, YamlTree.Of(Root(editor.Text))), $"seed {seed}\n{text}\n=>\n{editor.Text}");
            if (isReplacing) continue;
            foreach (var comment in comments) Assert.True(editor.Text.Contains(comment, StringComparison.Ordinal), $"seed {seed}: {comment} lost\n{text}\n=>\n{editor.Text}");
        }
    }

    [Fact]
    public void Any_text_can_be_key_and_value_and_comes_back_as_it_was() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(3000),
        Prop.ForAll<string, string>((key, value) =>
        {
            // Half a surrogate pair is no text, and a key beyond 1024 characters is no YAML.
            if (key is null || value is null || key.Length > 1000 || (key + value).EnumerateRunes().Any(r => r == Rune.ReplacementChar)) return true;
            var editor = new YamlEditor("first: 1 # stays\n", "f");
            editor.Set(["map", "k" + key], value);
            var map = (YamlMapping)((YamlMapping)YamlReader.Read(editor.Text, "f")[0])["map"]!;
            return map["k" + key] is YamlScalar scalar && scalar.Text == value && !scalar.IsNull && editor.Text.StartsWith("first: 1 # stays\n", StringComparison.Ordinal);
        }));

    [Theory]
    [InlineData("k *")]
    [InlineData("k &a")]
    [InlineData("k ?")]
    [InlineData("k !t")]
    public void A_key_with_a_sign_of_yaml_in_it_comes_back_as_it_was(string key)
    {
        var editor = new YamlEditor("first: 1\n", "f");
        editor.Set(["map", key], "");
        Assert.Equal("", ((YamlScalar)((YamlMapping)((YamlMapping)YamlReader.Read(editor.Text, "f")[0])["map"]!)[key]!).Text);
    }

    [Fact]
    public void What_is_set_can_be_removed_again()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var (text, comments) = Document(random);
            var editor = new YamlEditor(text, "f");
            string[] path = ["new key", .. Enumerable.Range(0, random.Next(0, 3)).Select(_ => Word(random))];
            Edit(() => editor.Set(path, Value(random, 2)), seed, text);
            var between = editor.Text;
            Edit(() => Assert.True(editor.Remove(path, removeEmptyParents: true)), seed, between);
            Assert.True(YamlTree.Same(YamlTree.Of(Root(text)), YamlTree.Of(Root(editor.Text))), $"seed {seed}\n{text}\n=>\n{editor.Text}");
            foreach (var comment in comments) Assert.Contains(comment, editor.Text, StringComparison.Ordinal);
        }
    }

    private static void Edit(Action edit, int seed, string text)
    {
        try
        {
            edit();
        }
        catch (CharlyException e)
        {
            Assert.Fail($"seed {seed}: {e.Message}\n{text}");
        }
    }

    private static LaidNode? Root(string text) => YamlLayout.Read(text.TrimStart('\uFEFF')) is { Count: > 0 } all ? all[0].Root : null;

    // Whether the edit replaces a value of another kind, whose comments go with it.
    private static bool Replaces(YamlValue tree, IEnumerable<string> path, YamlValue value)
    {
        foreach (var key in path)
        {
            if (tree is not YamlMapValue map) return false;
            var found = map.Entries.Where(e => e.Key == key).Select(e => e.Value).FirstOrDefault();
            if (found is null) return false;
            tree = found;
        }

        return tree is YamlMapValue or YamlListValue;
    }

    private static string Word(Random random) => Words[random.Next(Words.Length)];

    private static YamlValue Value(Random random, int depth) => random.Next(depth > 0 ? 6 : 4) switch
    {
        0 => YamlValue.Number(random.Next(100)),
        1 => YamlValue.Boolean(random.Next(2) == 0),
        2 or 3 => YamlValue.Text(Word(random)),
        4 => YamlValue.List(Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth - 1))),
        _ => YamlValue.Map(Enumerable.Range(0, random.Next(3)).Select(i => (Word(random) + i, Value(random, depth - 1)))),
    };

    private static (string Text, List<string> Comments) Document(Random random)
    {
        var comments = new List<string>();
        var text = new StringBuilder();
        if (random.Next(8) == 0) text.Append("---\n");
        var step = new[] { 1, 2, 4 }[random.Next(3)];
        if (random.Next(10) == 0) text.Append(random.Next(2) == 0 ? "" : "{}\n");
        else Mapping(random, text, comments, 0, step, 3);
        var all = text.ToString();
        if (random.Next(4) == 0) all = all.Replace("\n", "\r\n", StringComparison.Ordinal);
        if (random.Next(4) == 0 && !all.TrimEnd().EndsWith('|')) all = all.TrimEnd('\r', '\n');
        return (all, comments);
    }

    private static void Mapping(Random random, StringBuilder text, List<string> comments, int column, int step, int depth)
    {
        var seen = new HashSet<string>();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var key = Word(random);
            if (!seen.Add(key)) continue;
            if (random.Next(4) == 0) text.Append(' ', column).Append(Comment(comments)).Append('\n');
            if (random.Next(6) == 0) text.Append('\n');
            text.Append(' ', column).Append(YamlText.Quote(key)).Append(random.Next(6) == 0 ? " :" : ":");
            Value(random, text, comments, column, step, depth);
        }
    }

    private static void Value(Random random, StringBuilder text, List<string> comments, int column, int step, int depth)
    {
        switch (random.Next(depth > 0 ? 9 : 5))
        {
            case 0:
                End(random, text, comments);
                break;
            case 1:
                text.Append(' ').Append(YamlText.Quote(Word(random)));
                End(random, text, comments);
                break;
            case 2:
                text.Append(" plain words");
                End(random, text, comments);
                break;
            case 3:
                text.Append(random.Next(2) == 0 ? " |" : " >-");
                End(random, text, comments);
                text.Append(' ', column + step).Append("literal # no comment\n\n").Append(' ', column + step).Append("more\n");
                break;
            case 4:
                text.Append(random.Next(2) == 0 ? " {}" : " {f: [1, {g: h}], i: 'j k'}");
                End(random, text, comments);
                break;
            case 5:
                End(random, text, comments);
                foreach (var _ in Enumerable.Range(0, random.Next(1, 4)))
                {
                    text.Append(' ', column + step).Append("- ").Append(YamlText.Quote(Word(random)));
                    End(random, text, comments);
                }

                break;
            case 6:
                End(random, text, comments);
                text.Append(' ', column + step).Append("- k: v\n").Append(' ', column + step).Append("  l: w");
                End(random, text, comments);
                break;
            default:
                End(random, text, comments);
                Mapping(random, text, comments, column + step, step, depth - 1);
                break;
        }
    }

    private static void End(Random random, StringBuilder text, List<string> comments)
    {
        if (random.Next(3) == 0) text.Append("  ").Append(Comment(comments));
        text.Append('\n');
    }

    private static string Comment(List<string> comments)
    {
        comments.Add($"# comment <{comments.Count}> with: {{odd}} 'signs\"");
        return comments[^1];
    }
}

using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Model;

/// <summary>One letter too many, in any key at any depth of any candy of the catalog, is found where it stands.</summary>
public sealed class CatalogTypoTests
{
    // Below these keys any name will do.
    private static readonly string[] Free = ["env", "env_provide", "var", "header", "oci_label", "example"];

    [Fact]
    public void A_typo_in_any_key_of_any_candy_is_found_at_its_place()
    {
        if (Catalog.IsAbsent()) return;
        var typos = 0;
        var missed = new List<string>();
        foreach (var manifest in Catalog.Manifests)
        {
            var text = File.ReadAllText(manifest);
            var lines = text.Split('\n');
            var root = (YamlMapping)YamlReader.Read(text, manifest)[0];
            foreach (var key in Keys(root).DistinctBy(k => k.Position))
            {
                typos++;
                var (line, column) = (key.Position.Line, key.Position.Column);
                var good = lines[line - 1];
                lines[line - 1] = good.Insert(column - 1 + key.Text.Length, "x");
                var found = Read(string.Join('\n', lines), manifest);
                lines[line - 1] = good;
                if (!found.Any(p => p.Position == new SourcePosition(manifest, line, column) && (p.Help.Contains($"\"{key.Text}\"", StringComparison.Ordinal) || key.Text.AsSpan().ContainsAny(",-.:"))))
                {
                    missed.Add($"{manifest}:{line}:{column}: {key.Text}: {string.Join(" | ", found.Select(p => $"{p} ({p.Help})"))}");
                }
            }
        }

        Assert.True(missed.Count == 0, $"{missed.Count} of {typos} typos are missed:\n{string.Join('\n', missed.Take(20))}");
        Assert.True(typos > 8000, $"only {typos} typos were made");
    }

    private static List<Problem> Read(string text, string manifest)
    {
        var problems = new List<Problem>();
        CandyReader.ReadText(text, manifest, new CandyOrigin(Catalog.Folder!), problems);
        return problems;
    }

    private static IEnumerable<YamlScalar> Keys(YamlNode node) => node switch
    {
        YamlMapping map => map.Entries.SelectMany(e => (IEnumerable<YamlScalar>)[e.Key, .. Free.Contains(e.Key.Text) ? [] : Keys(e.Value)]),
        YamlSequence list => list.Items.SelectMany(Keys),
        _ => [],
    };
}

using System.Security.Cryptography;
using System.Text;
using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Tests.Model;
using OpenCharly.Tests.Plans;

namespace OpenCharly.Tests.Boxes;

/// <summary>
/// Containerfiles of real candies on every family of systems. The candies are not part of this repository, so the reviewed
/// files hold instruction counts and digests, and nothing of their text.
/// </summary>
public sealed class CatalogBoxTests : BoxLab
{
    [Theory]
    [MemberData(nameof(GoldenPlanTests.Chains), MemberType = typeof(GoldenPlanTests))]
    public async Task Boxes_of_real_candies_are_as_reviewed(string distro)
    {
        if (Catalog.IsAbsent()) return;
        var build = TagChain.ForDistro(distro).Format!;
        var summary = new StringBuilder();
        var scripts = new StringBuilder();
        foreach (var manifest in Catalog.Manifests)
        {
            var name = Path.GetFileName(Path.GetDirectoryName(manifest))!;
            Write($"{SampleBoxes.Head}== box/b/charly.yml\nbox: {{name: b, base: \"registry.example.org/base:1\", distro: [\"{distro}\", {distro.Split(':')[0]}], build: [{build}], builder: {{npm: m, pixi: m, cargo: m, aur: m}}, candy: [supervisord, socat, {name}]}}\n== box/m/charly.yml\nbox: {{name: m, base: \"registry.example.org/base:1\", distro: {distro.Split(':')[0]}, build: {build}, produce: [npm, pixi, cargo, aur]}}\n");
            Link();
            GeneratedBox box;
            try
            {
                box = (await GenerateAsync("b"))[^1];
            }
            catch (CharlyException e)
            {
                summary.Append($"{name} refused {string.Join(' ', e.ToProblems().Select(p => p.Code.Id).Distinct())}\n");
                continue;
            }

            foreach (var (path, file) in box.Files.Where(f => f.Key.Contains("/_inline/", StringComparison.Ordinal)))
            {
                var text = Encoding.UTF8.GetString(file.Content.Span);
                if (text.StartsWith("set -e", StringComparison.Ordinal)) scripts.Append("(\n").Append(text).Append("\n)\n");
                Assert.Contains(Path.GetFileName(path), box.Text, StringComparison.Ordinal);
            }

            var counts = box.Text.Split('\n').Select(l => l.Split(' ')[0]).Where(w => w is "FROM" or "COPY" or "RUN" or "USER").GroupBy(w => w).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key} {g.Count()}");
            summary.Append($"{name} {string.Join(' ', counts)} labels {BoxLabelWriter.Write(box.Labels).Count} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(box.Text)))[..12]}\n");
        }

        Golden.Check($"catalog.{distro.Replace(':', '-')}.txt", summary.ToString());
        var parsed = BashRun.Parse(scripts.ToString());
        Assert.True(parsed.ExitCode == 0, parsed.Error);
    }

    private void Link()
    {
        var link = Path.Combine(Project, "candy");
        if (!Directory.Exists(link)) Directory.CreateSymbolicLink(link, Path.Combine(Catalog.Folder!, "candy"));
    }
}

using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>The candy or box of a file that somebody referred to by its path (candy-and-plan.md §2).</summary>
/// <param name="IsCandy">A candy; else a box.</param>
/// <param name="Name">What the file calls it; null if it does not.</param>
/// <param name="Body">Its fields.</param>
internal sealed record PathEntity(bool IsCandy, string? Name, YamlMapping Body)
{
    private const string Help = "Write candy: or box: with the fields below it.";

    private static readonly string[] BoxKeys = ["box", "base", "defaults"];
    private static readonly string[] CandyKeys =
        ["candy", "package", "distro", "task", "tasks", "service", "services", "env", "path_append", "description", "rpm", "deb", "pac", "aur"];

    private static readonly string[] OnlyCandyKeys = ["package", "task", "tasks", "service", "services", "path_append", "rpm", "deb", "pac", "aur"];

    /// <summary>Whether a mapping holds what belongs below <c>candy:</c> or <c>box:</c>.</summary>
    public static bool IsBare(YamlMapping map) => map["name"] is not null || CandyKeys.Concat(BoxKeys).Any(k => map[k] is not null);

    /// <summary>The one entity of a file: a document with its kind around it, a map of one, or bare fields.</summary>
    /// <param name="documents">What the file holds.</param>
    /// <param name="problems">Gets the keys that stand beside the entity.</param>
    /// <param name="bad">Makes the error of a reason and what to do.</param>
    /// <exception cref="CharlyException">What <paramref name="bad"/> makes, if there is none, or more than one.</exception>
    public static PathEntity Read(IReadOnlyList<YamlNode> documents, ICollection<Problem> problems, Func<string, string, CharlyException> bad)
    {
        var all = documents.SelectMany(d => d is YamlMapping root ? Of(root, problems) : []).ToList();
        return all switch
        {
            [] => throw bad("holds no box or candy keys", Help),
            [var one] => one,
            [{ IsCandy: var first }, { IsCandy: var second }] when documents.Count == 1 && first != second => throw bad("holds both a box and a candy", Help),
            _ => throw bad(
                $"holds several entities: {string.Join(", ", all.Take(10).Select(e => (e.IsCandy ? "candy " : "box ") + (e.Name ?? "without a name")))}",
                "Import the file and refer to one of them by its name, or give each a file of its own."),
        };
    }

    private static IEnumerable<PathEntity> Of(YamlMapping root, ICollection<Problem> problems)
    {
        if (root["candy"] is YamlMapping || root["box"] is YamlMapping)
        {
            foreach (var entry in root.Entries.Where(e => e is { Key.Text: "candy" or "box", Value: YamlMapping }))
            {
                var map = (YamlMapping)entry.Value;
                if (root.Entries.FirstOrDefault(e => e.Key.Text is not ("candy" or "box")) is { } beside && EntityShape.IsBody(entry.Key.Text, map))
                {
                    problems.Add(new Problem(
                        Errors.CfgAmbiguous, $"the key \"{beside.Key.Text}\" stands beside {entry.Key.Text}:", $"Move it below {entry.Key.Text}:, or run `charly migrate`.", beside.Key.Position));
                }

                foreach (var (name, body) in EntityShape.Bodies(entry.Key.Text, map)) yield return new PathEntity(entry.Key.Text == "candy", name, body);
            }

            yield break;
        }

        var hasBox = BoxKeys.Any(k => root[k] is not null);

        // Much of what candies hold, boxes hold as well: a list of candies, env, a description, the name of a distro.
        var hasCandy = hasBox ? OnlyCandyKeys.Any(k => root[k] is not null) || root["distro"] is YamlMapping : CandyKeys.Any(k => root[k] is not null);
        var own = (root["name"] as YamlScalar)?.Text;
        if (hasBox) yield return new PathEntity(false, own, root);
        if (hasCandy) yield return new PathEntity(true, own, root);
    }
}

using System.Text.Json;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Boxes;

/// <summary>Checks that an image brings along, from one place.</summary>
/// <param name="Section"><c>candy</c>, <c>box</c>, or <c>deploy</c> for what a box checks of its deployments.</param>
/// <param name="Owner">Name of the candy or box.</param>
/// <param name="Checks">The checks.</param>
internal sealed record LabelCheckGroup(string Section, string Owner, IReadOnlyList<Check> Checks);

/// <summary>
/// The label <c>eval</c> (deploy.md §12): an object of the lists <c>candy</c>, <c>box</c> and <c>deploy</c>. Items of candies say in
/// <c>from</c> whose they are. A plain list, as older images have it, counts as the box's.
/// </summary>
internal static class LabelChecks
{
    private const string Origin = "from";
    private static readonly string[] Sections = ["candy", "box", "deploy"];

    /// <summary>A label with the checks of further candies; of one id the later counts, in the place of the earlier.</summary>
    public static string WithCandies(string label, IEnumerable<Candy> candies) =>
        With(label, candies.SelectMany(c => c.Checks.Select(check => ("candy", check, (string?)c.Name))));

    /// <summary>A label with the checks of a box: what applies to deployments only goes into a list of its own.</summary>
    public static string WithBox(string label, IReadOnlyList<Check> checks) =>
        With(label, checks.Select(check => (check.Scopes.Contains("build") ? "box" : "deploy", check, (string?)null)));

    /// <summary>The checks of a label, in the order in which they are merged.</summary>
    /// <param name="label">The label.</param>
    /// <param name="box">Name of the image's box.</param>
    /// <param name="image">The image, for messages.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageMetadata"/> if they can't be read.</exception>
    public static IReadOnlyList<LabelCheckGroup> Read(string label, string box, string image)
    {
        if (label.Length == 0) return [];
        var groups = new List<LabelCheckGroup>();
        switch (YamlReader.Read(label, image))
        {
            case [YamlSequence list, ..]:
                groups.Add(new LabelCheckGroup("box", box, Read(list.Items, list.Position, "build", image)));
                break;
            case [YamlMapping root, ..]:
                foreach (var section in Sections)
                {
                    if (root[section] is not YamlSequence list) continue;
                    foreach (var (owner, items) in ByOwner(list, box)) groups.Add(new LabelCheckGroup(section, owner, Read(items, list.Position, section == "deploy" ? "deploy" : "build", image)));
                }

                break;
            default:
                throw Unreadable(image, "they are neither a list nor an object");
        }

        return groups;
    }

    private static string With(string label, IEnumerable<(string Section, Check Check, string? Owner)> checks)
    {
        var lists = Sections.ToDictionary(s => s, _ => new List<(string? Id, string Json)>(), StringComparer.Ordinal);
        if (label.Length > 0)
        {
            using var document = JsonDocument.Parse(label);
            var root = document.RootElement;
            foreach (var section in Sections)
            {
                var list = root.ValueKind == JsonValueKind.Array ? (section == "box" ? root : default) : root.TryGetProperty(section, out var own) ? own : default;
                if (list.ValueKind == JsonValueKind.Array) lists[section].AddRange(list.EnumerateArray().Select(i => (i.TryGetProperty("id", out var id) ? id.GetString() : null, i.GetRawText())));
            }
        }

        foreach (var (section, check, owner) in checks)
        {
            var json = LabelJson.Of(writer => YamlJson.Write(writer, Owned(check.Source, owner)));
            var list = lists[section];
            var at = check.Id is null ? -1 : list.FindIndex(c => c.Id == check.Id);
            if (at < 0) list.Add((check.Id, json));
            else list[at] = (check.Id, json);
        }

        var written = Sections.Where(s => lists[s].Count > 0).Select(s => $"\"{s}\":[{string.Join(',', lists[s].Select(c => c.Json))}]").ToArray();
        return written.Length == 0 ? "" : "{" + string.Join(',', written) + "}";
    }

    private static YamlMapping Owned(YamlMapping check, string? owner) => owner is null ? check : new YamlMapping(
        [.. check.Entries, new YamlEntry(new YamlScalar(Origin, IsQuoted: false, check.Position), new YamlScalar(owner, IsQuoted: true, check.Position))], check.Position);

    // Neighbours of one owner together, so that the order stays.
    private static List<(string Owner, List<YamlNode> Items)> ByOwner(YamlSequence list, string box)
    {
        var groups = new List<(string Owner, List<YamlNode> Items)>();
        foreach (var item in list.Items)
        {
            var owner = ((item as YamlMapping)?[Origin] as YamlScalar)?.Text ?? box;
            var check = item is YamlMapping map ? new YamlMapping([.. map.Entries.Where(e => e.Key.Text != Origin)], map.Position) : item;
            if (groups is [.., var last] && last.Owner == owner) last.Items.Add(check);
            else groups.Add((owner, [check]));
        }

        return groups;
    }

    private static IReadOnlyList<Check> Read(IReadOnlyList<YamlNode> items, SourcePosition position, string scope, string image)
    {
        var problems = new List<Problem>();
        var list = new YamlSequence(items, position);
        var body = new YamlMapping([new YamlEntry(new YamlScalar("eval", IsQuoted: false, position), list)], position);
        var checks = CheckReader.List(new YamlBinder(body, image, problems), scope: scope);
        return problems.Find(p => !p.IsWarning) is { } problem ? throw Unreadable(image, problem.Message) : checks;
    }

    private static CharlyException Unreadable(string image, string why) =>
        new(Errors.ImageMetadata, $"the checks of {image} can't be read: {why}", "Build the image anew, or with the charly that reads it.", target: image);
}

using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>
/// The images that language builders run in (candy-and-plan.md §4.1), later wins: <c>image:</c> of the <c>builder:</c>
/// vocabulary, <c>defaults.builder</c>, the box of the same distribution that stands on no other box, the primary
/// box's bases, the primary box.
/// </summary>
internal static class BuilderImages
{
    public static IReadOnlyDictionary<string, string> Of(Bundle bundle, IReadOnlyList<string> tags)
    {
        var project = bundle.Project;
        var images = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, body) in project.Entities("builder"))
        {
            if (body["image"] is YamlScalar { IsNull: false } image) images[name] = image.Text;
        }

        Lay(images, project.Defaults, bundle.Box?.Name);
        if (Sibling(project, tags) is { } sibling) Lay(images, sibling.Body, bundle.Box?.Name);
        foreach (var box in Bases(project, bundle.Box).Reverse()) Lay(images, box.Body, bundle.Box?.Name);
        return images;
    }

    private static Box? Sibling(Project project, IReadOnlyList<string> tags) => project.Boxes.Names.Order(StringComparer.Ordinal)
        .Where(n => project.Boxes.Problems(n).All(p => p.IsWarning))
        .Select(n => project.Boxes.Find(n)!)
        .FirstOrDefault(b => b.Enabled && (b.Base is null || !project.Boxes.Contains(b.Base)) && b.Body["builder"] is YamlMapping && Distros(b).Any(tags.Contains));

    private static IEnumerable<string> Distros(Box box) => box.Body["distro"] switch
    {
        YamlScalar { IsNull: false } one => one.Text.Split(',', StringSplitOptions.TrimEntries),
        YamlSequence list => list.Items.OfType<YamlScalar>().Select(i => i.Text),
        _ => [],
    };

    private static IReadOnlyList<Box> Bases(Project project, Box? box)
    {
        var chain = new List<Box>();
        for (var here = box; here is not null && !chain.Contains(here);)
        {
            chain.Add(here);
            here = here.Base is { } name && project.Boxes.TryFind(name, out var next) ? next : null;
        }

        return chain;
    }

    // A box that builds for others needs no builder for itself.
    private static void Lay(Dictionary<string, string> images, YamlMapping? body, string? self)
    {
        if (body?["builder"] is not YamlMapping map) return;
        foreach (var entry in map.Entries)
        {
            if (entry.Value is YamlScalar { IsNull: false } image && image.Text != self) images[entry.Key.Text] = image.Text;
        }
    }
}

using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>What a project's <c>defaults:</c> give to its boxes (candy-and-plan.md §4.1).</summary>
/// <param name="Distros">Distribution tags.</param>
/// <param name="Build">Package formats.</param>
/// <param name="Builders">Boxes that builders run in.</param>
internal sealed record BoxDefaults(IReadOnlyList<SourcedText> Distros, IReadOnlyList<SourcedText> Build, IReadOnlyDictionary<string, SourcedText> Builders)
{
    private static readonly string[] Caches = ["image", "registry", "gha", "none"];
    private static readonly (string Key, int Least)[] Numbers = [("jobs", 1), ("podman_jobs", 0), ("podman_jobs_cap", 1), ("keep_images", 0), ("keep_eval_runs", 0)];

    /// <summary>The defaults of a project; malformed ones are left out.</summary>
    public static BoxDefaults Of(Project project) => Read(project, []);

    /// <summary>Reports values that are out of range.</summary>
    public static void Check(Project project, ICollection<Problem> problems)
    {
        if (project.Defaults is not { } map) return;
        Read(project, problems);
        var defaults = new YamlBinder(map, "defaults", problems);
        foreach (var (key, least) in Numbers)
        {
            if (defaults.Mapping[key] is not { } node || node is YamlScalar { IsNull: true }) continue;
            if (node is not YamlScalar scalar || !int.TryParse(scalar.Text, out var number) || number < least)
            {
                defaults.Report(Errors.BoxDefaults, $"\"{key}\" is {node.Description}", $"Use a whole number of at least {least}.", node.Position);
            }
        }

        if (map["cache"] is { } cache && (cache as YamlScalar)?.Text is var word && !Caches.Contains(word))
        {
            defaults.Report(Errors.BoxDefaults, $"\"cache\" is {cache.Description}", $"Use one of {string.Join(", ", Caches)}.", cache.Position);
        }
    }

    private static BoxDefaults Read(Project project, ICollection<Problem> problems)
    {
        if (project.Defaults is not { } map) return new BoxDefaults([], [], new Dictionary<string, SourcedText>());
        var defaults = new YamlBinder(map, "defaults", problems);
        return new BoxDefaults(BoxReader.Words(defaults, "distro"), BoxReader.Words(defaults, "build"), BoxReader.Builders(defaults));
    }
}

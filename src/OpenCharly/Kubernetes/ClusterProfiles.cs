using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Kubernetes;

/// <summary>Finds cluster profiles: the user's own file first, then the project's file, then its <c>k8s:</c> entity (deploy.md §7.6).</summary>
internal static class ClusterProfiles
{
    /// <summary>The profile of a name.</summary>
    /// <param name="project">The project.</param>
    /// <param name="paths">Where the user's own are.</param>
    /// <param name="name">The name.</param>
    /// <param name="position">Where it is named.</param>
    /// <param name="warn">Told what is odd in it.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ClusterProfileMissing"/>, <see cref="Errors.ClusterProfile"/>, <see cref="Errors.BadName"/>, or a YAML error.</exception>
    public static ClusterProfile Find(Project project, HostPaths paths, string name, SourcePosition? position, Action<Problem> warn)
    {
        if (!ClusterNames.IsProfile(name)) throw new CharlyException(Errors.BadName, $"\"{name}\" can't name a cluster profile", "Use letters, digits, dots, dashes and underscores.", position, name);
        var problems = new List<Problem>();
        var read = ClusterProfileReader.Read(Body(project, paths, name) ?? throw Missing(project, paths, name, position), name, problems);
        CharlyValidationException.ThrowIfAny(problems);
        foreach (var warning in problems) warn(warning);
        return read;
    }

    /// <summary>Names of all profiles, in order.</summary>
    public static IReadOnlyList<string> Names(Project project, HostPaths paths) =>
    [
        .. Folders(project, paths).Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*.yaml")).Select(f => Path.GetFileNameWithoutExtension(f)!)
            .Concat(project.Entities("k8s").Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    private static YamlMapping? Body(Project project, HostPaths paths, string name)
    {
        foreach (var file in Folders(project, paths).Select(f => Path.Combine(f, name + ".yaml")).Where(File.Exists))
        {
            return YamlReader.ReadFile(file) switch
            {
                [YamlMapping map] => map,
                [] => new YamlMapping([], new SourcePosition(file, 1, 1)),
                var other => throw new CharlyException(Errors.ClusterProfile, $"{file} holds {(other.Count > 1 ? "several documents" : other[0].Description)}", "Write one profile: key: value.", other[^1].Position, name),
            };
        }

        return project.Entities("k8s").GetValueOrDefault(name);
    }

    private static string[] Folders(Project project, HostPaths paths) => [paths.Clusters, Path.Combine(project.Folder, "clusters")];

    private static CharlyException Missing(Project project, HostPaths paths, string name, SourcePosition? position)
    {
        var known = Names(project, paths);
        return new CharlyException(
            Errors.ClusterProfileMissing,
            $"there is no cluster profile \"{name}\"",
            Nearest.Suggest(name, known, $"Write {Path.Combine(paths.Clusters, name + ".yaml")}, or clusters/{name}.yaml in the project.{(known.Count > 0 ? " Known: " + string.Join(", ", known) + "." : "")}"),
            position,
            name);
    }
}

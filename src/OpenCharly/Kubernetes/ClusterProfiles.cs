using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Kubernetes;

/// <summary>
/// Finds cluster profiles: the user's own file first, then the project's file, then its <c>k8s:</c> entity (deploy.md §7.6). Of a
/// namespace's, <c>ns.name</c>, the file comes first as well.
/// </summary>
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
        var (body, known) = Body(project, paths, name) ?? throw Missing(project, paths, name, position);
        var read = ClusterProfileReader.Read(body, known, problems);
        CharlyValidationException.ThrowIfAny(problems);
        foreach (var warning in problems) warn(warning);
        return read with { Name = name };
    }

    /// <summary>Names of all profiles of user and project, in order.</summary>
    public static IReadOnlyList<string> Names(Project project, HostPaths paths) =>
    [
        .. (Directory.Exists(paths.Clusters) ? Directory.EnumerateFiles(paths.Clusters, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!) : [])
            .Concat(ClusterNames.ProfilesOf(project)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    // What was found, and what it is called where it was found.
    private static (YamlMapping Body, string Name)? Body(Project project, HostPaths paths, string name)
    {
        if (Path.Combine(paths.Clusters, name + ".yaml") is var own && File.Exists(own)) return (ReadFile(own, name), name);
        if (project.HomeOf(name, ClusterNames.HasProfile) is not var (home, last)) return null;
        var file = ClusterNames.FileOf(home, last);
        if (!ClusterNames.IsProfile(last) || !File.Exists(file)) return (home.Entities("k8s")[last], last);
        var real = new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file;
        return home.MayReach(real) ? (ReadFile(file, name), last) : throw new CharlyException(
            Errors.ClusterProfile, $"{file} leads out of its repository", "Take a copy of the profile into your own project.", target: name);
    }

    private static YamlMapping ReadFile(string file, string name) => YamlReader.ReadFile(file) switch
    {
        [YamlMapping map] => map,
        [] => new YamlMapping([], new SourcePosition(file, 1, 1)),
        var other => throw new CharlyException(Errors.ClusterProfile, $"{file} holds {(other.Count > 1 ? "several documents" : other[0].Description)}", "Write one profile: key: value.", other[^1].Position, name),
    };

    private static CharlyException Missing(Project project, HostPaths paths, string name, SourcePosition? position)
    {
        var known = Names(project, paths);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0 && project.Namespaces.TryGetValue(name[..dot], out var inner)) known = [.. known, .. ClusterNames.ProfilesOf(inner).Select(n => $"{name[..dot]}.{n}")];
        return new CharlyException(
            Errors.ClusterProfileMissing,
            $"there is no cluster profile \"{name}\"",
            Nearest.Suggest(name, known, $"Write {Path.Combine(paths.Clusters, name + ".yaml")}, or clusters/{name}.yaml in the project.{(known.Count > 0 ? " Known: " + string.Join(", ", known) + "." : "")}"),
            position,
            name);
    }
}

using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Targets;

/// <summary>
/// Makes a cluster whose kubeconfig was fetched one that can be deployed to (deploy.md §7.6): its context goes into the user's own
/// kubeconfig, and it gets a profile of the same name.
/// </summary>
/// <param name="environment">The operator's home.</param>
internal sealed class FetchedCluster(CharlyEnvironment environment)
{
    private const string FileName = "kubeconfig.yaml";
    private const string Folder = "clusters";

    private readonly HostPaths _paths = new(environment);

    /// <summary>The user's own kubeconfig.</summary>
    private string Own => Path.Combine(environment.Home, ".kube", "config");

    /// <summary>Adopts it, if the file is the kubeconfig of a cluster: <c>charly/clusters/NAME/kubeconfig.yaml</c>.</summary>
    /// <returns>What was done, for people.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.RunArtifact"/> for a file that is no kubeconfig; a YAML error of the user's own.</exception>
    public async Task<IReadOnlyList<string>> AdoptAsync(string file, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(file)!;
        if (Path.GetFileName(file) != FileName || Path.GetDirectoryName(folder) is not { } around || !around.EndsWith($"/charly/{Folder}", StringComparison.Ordinal)) return [];
        var name = Path.GetFileName(folder);
        if (!ClusterNames.IsProfile(name)) return [];
        var fetched = YamlReader.ReadFile(file) is [YamlMapping map] ? map : null;
        if (Part(fetched, "clusters", "cluster") is not { } cluster || Part(fetched, "users", "user") is not { } user)
        {
            throw new CharlyException(Errors.RunArtifact, $"{file} is no kubeconfig: it names no cluster and user", "Everything is applied. Look at the file, and at where it was fetched from.", target: name);
        }

        var done = new List<string>();
        if (await MergeAsync(name, cluster, user, cancellationToken).ConfigureAwait(false)) done.Add($"{name} is a context of {Own}");
        var profile = Path.Combine(_paths.Clusters, name + ".yaml");
        if (!File.Exists(profile))
        {
            AtomicFile.Write(profile, $"kind: cluster-profile\nname: {name}\nkubeconfig_context: {name}\n");
            done.Add($"{name} can be deployed to: its profile is {profile}");
        }

        return done;
    }

    private async Task<bool> MergeAsync(string name, YamlNode cluster, YamlNode user, CancellationToken cancellationToken)
    {
        using var held = await FileLock.AcquireAsync(Path.Combine(_paths.Data, "kubeconfig.lock"), null, cancellationToken).ConfigureAwait(false);

        // A link to a file elsewhere stays one.
        var file = File.Exists(Own) ? new FileInfo(Own).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Own : Own;
        var before = File.Exists(file) ? await File.ReadAllTextAsync(file, Encoding.UTF8, cancellationToken).ConfigureAwait(false) : "apiVersion: v1\nkind: Config\n";
        var own = YamlReader.Read(before, file) is [YamlMapping map, ..] ? map : new YamlMapping([], new SourcePosition(file, 1, 1));
        var editor = new YamlEditor(before, file);
        Put("clusters", "cluster", YamlValue.From(cluster));
        Put("users", "user", YamlValue.From(user));
        Put("contexts", "context", YamlValue.Map(("cluster", name), ("user", name)));
        if (editor.Text == before && File.Exists(file)) return false;
        AtomicFile.EnsureFolder(Path.GetDirectoryName(file)!, isPrivate: true);
        AtomicFile.Write(file, editor.Text, AtomicFile.Private);
        return true;

        void Put(string list, string field, YamlValue value)
        {
            var others = (own[list] as YamlSequence)?.Items.Where(i => ((i as YamlMapping)?["name"] as YamlScalar)?.Text != name).Select(i => YamlValue.From(i)) ?? [];
            editor.Set([list], YamlValue.List(others.Append(YamlValue.Map(("name", name), (field, value)))));
        }
    }

    // A kubeconfig that a cluster makes of itself has one of each.
    private static YamlNode? Part(YamlMapping? kubeconfig, string list, string field) => (kubeconfig?[list] as YamlSequence)?.Items is [YamlMapping first, ..] ? first[field] : null;
}

using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Makes the effective deploy map of a project: entries, beds, the per-host file over them, peers beside them (deploy.md §1.2, §6).</summary>
internal static class DeploymentMap
{
    /// <summary>Fills <see cref="Project.Deployments"/>.</summary>
    /// <param name="project">The project.</param>
    /// <param name="host">The <c>deploy:</c> map of the per-host file; null if there is none.</param>
    /// <param name="clusters">Folder of the user's own cluster profiles.</param>
    /// <param name="problems">Problems and warnings are added here.</param>
    public static void Build(Project project, YamlMapping? host, string clusters, List<Problem> problems)
    {
        var bodies = new OrderedDictionary<string, (YamlMapping Body, bool IsBed, bool IsProject)>(StringComparer.Ordinal);
        foreach (var (key, body) in project.Entities("deploy"))
        {
            Reserved("deploy", key, body.Position);
            bodies[key] = (DeploymentReader.Canonical(body, key, problems), false, true);
        }

        foreach (var (key, body) in project.Entities("eval"))
        {
            Reserved("eval", key, body.Position);
            if (key.Contains('.')) problems.Add(new Problem(Errors.CfgName, $"the bed name \"{key}\" holds a dot", "Rename it.", body.Position));
            if (bodies.ContainsKey(key)) problems.Add(new Problem(Errors.CfgName, $"\"{key}\" is both in deploy and in eval", "Rename one.", body.Position));
            else bodies[key] = (DeploymentReader.Canonical(body, key, problems), true, true);
        }

        foreach (var entry in host?.Entries ?? [])
        {
            var key = entry.Key.Text;
            if (entry.Value is not YamlMapping map)
            {
                if (entry.Value is not YamlScalar { IsNull: true }) problems.Add(new Problem(Errors.YamlType, $"deploy \"{key}\" must be a mapping, not {entry.Value.Description}", "Write its fields as key: value.", entry.Value.Position));
                continue;
            }

            // The machine of a short-lived deployment has its state here, and only a machine writes that.
            if (map["vm_state"] is null) Reserved("deploy", key, map.Position);
            var body = DeploymentReader.Canonical(map, key, problems);
            bodies[key] = bodies.TryGetValue(key, out var earlier)
                ? (DeploymentReader.Overlay(earlier.Body, body), earlier.IsBed, true)
                : (body, false, false);
        }

        // A cluster that a deployment makes has a profile only once it is made.
        var made = bodies.Where(b => (b.Value.Body["target"] as YamlScalar)?.Text != "k8s").Select(b => ClusterNames.MadeBy(b.Key)).ToHashSet(StringComparer.Ordinal);
        var all = new OrderedDictionary<string, Deployment>(StringComparer.Ordinal);
        foreach (var (key, (body, isBed, _)) in bodies.Where(b => b.Value.IsProject))
        {
            var deployment = all[key] = DeploymentReader.Read(body, key, isBed, problems);
            CheckReferences(project, deployment, clusters, made, problems);
            ArbiterReader.CheckResources(project, deployment, problems);
        }

        // What the per-host file says of a peer's name is that peer's state, as it is for a bed.
        var peers = all.Values.SelectMany(Peers).DistinctBy(p => p.Key).ToDictionary(p => p.Key, StringComparer.Ordinal);
        var states = new Dictionary<string, YamlMapping>(StringComparer.Ordinal);
        foreach (var (key, (body, _, _)) in bodies.Where(b => !b.Value.IsProject))
        {
            if (peers.ContainsKey(key)) states[key] = body;
            else all[key] = DeploymentReader.Read(body, key, isBed: false, problems);
        }

        foreach (var peer in all.Values.ToArray().SelectMany(Peers))
        {
            Reserved("peer", peer.Key, peer.Position);
            var whole = states.TryGetValue(peer.Key, out var state) ? WithState(peer, state, problems) : peer;
            if (!all.TryAdd(peer.Key, whole)) problems.Add(new Problem(Errors.CfgName, $"the peer name \"{peer.Key}\" is already taken", "Rename one.", peer.Position));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var child in all.Values.SelectMany(Descendants))
        {
            var name = child.Key[(child.Key.LastIndexOf('.') + 1)..];
            Reserved("nested", name, child.Position);
            if (!names.Add(name)) problems.Add(new Problem(Errors.CfgName, $"the nested name \"{name}\" is used twice", "Rename one; nested names are unique in a project.", child.Position));
        }

        project.Deployments = all;
        foreach (var (key, (_, _, isProject)) in bodies.Where(b => b.Value.IsProject)) CheckPaths(project, all[key], problems);

        void Reserved(string kind, string key, SourcePosition? position)
        {
            if (key.Contains(EphemeralSettings.Infix, StringComparison.Ordinal)) problems.Add(new Problem(Errors.CfgName, $"{kind} \"{key}\": \"{EphemeralSettings.Infix}\" is reserved", "Rename it.", position));
        }
    }

    // A path is known to lead somewhere only when everything is there.
    private static void CheckPaths(Project project, Deployment deployment, List<Problem> problems)
    {
        var seen = new List<string> { deployment.Key };
        for (var here = deployment; here.Inside is { } path;)
        {
            if (project.FindDeployment(path) is not { } outer)
            {
                problems.Add(new Problem(
                    Errors.DeployPath, $"deploy \"{here.Key}\": there is no deployment \"{path}\" for it to be inside of",
                    Nearest.Suggest(path, project.Deployments.Keys, "Name a deploy key or a dotted path."), here.At("inside")));
                break;
            }

            if (seen.Contains(outer.Key))
            {
                if (outer.Key == deployment.Key) problems.Add(new Problem(Errors.DeployPath, $"deploy \"{deployment.Key}\" is inside of itself: {string.Join(" in ", [.. seen, outer.Key])}", "Take one inside: out of the circle.", deployment.At("inside")));
                break;
            }

            seen.Add(outer.Key);
            here = outer;
        }

        foreach (var child in deployment.Nested) CheckPaths(project, child, problems);
    }

    private static Deployment WithState(Deployment peer, YamlMapping state, List<Problem> problems) =>
        DeploymentReader.Read(DeploymentReader.Overlay(peer.Body!, state), peer.Key, peer.IsBed, problems) with { Owner = peer.Owner, Disposable = peer.Disposable, Peers = peer.Peers, Nested = peer.Nested };

    // Profiles may have files of their own, for a cluster is not a project's.
    private static bool HasProfile(Project project, string clusters, string name) =>
        (ClusterNames.IsProfile(name) && File.Exists(Path.Combine(clusters, name + ".yaml"))) || project.HomeOf(name, ClusterNames.HasProfile) is not null;

    private static IEnumerable<Deployment> Peers(Deployment deployment) =>
        deployment.Peers.SelectMany(p => Peers(p).Prepend(p)).Concat(deployment.Nested.SelectMany(Peers));

    private static IEnumerable<Deployment> Descendants(Deployment deployment) =>
        deployment.Nested.SelectMany(n => Descendants(n).Prepend(n));

    // Entries of the per-host file are checked when they are used: their project may not be at hand.
    private static void CheckReferences(Project project, Deployment deployment, string clusters, IReadOnlySet<string> made, List<Problem> problems)
    {
        Check("local", deployment.Local, p => p.LocalTemplates.Names);
        if (deployment.Body?["vm"] is not null) Check("vm", deployment.Vm, p => p.Vms.Names);
        if (deployment.Cluster is { } cluster && !made.Contains(cluster) && !HasProfile(project, clusters, cluster)) Check("k8s", cluster, ClusterNames.ProfilesOf);
        foreach (var kind in new[] { "android", "pod" })
        {
            if (deployment.Body?[kind] is YamlScalar { IsNull: false } name) Check(kind, name.Text, p => p.Entities(kind).Keys);
        }

        foreach (var child in deployment.Nested.Concat(deployment.Peers)) CheckReferences(project, child, clusters, made, problems);

        void Check(string kind, string? name, Func<Project, IEnumerable<string>> of)
        {
            if (name is null || of(project).Contains(name)) return;
            var position = deployment.Body?[kind]?.Position ?? deployment.Position;
            try
            {
                // A dot in the name of a profile need not mean a namespace.
                var (home, last) = kind == "k8s" && !project.Namespaces.ContainsKey(name.Split('.')[0]) ? (project, name) : project.Qualify(name, position);
                var known = of(home).ToArray();
                if (known.Contains(last)) return;
                problems.Add(new Problem(
                    Errors.CfgReference, $"deploy \"{deployment.Key}\": there is no {kind} \"{name}\"",
                    Nearest.Suggest(last, known, $"Declare it below {kind}:{(home == project ? "" : " in " + home.Folder)}, or correct the name."), position));
            }
            catch (CharlyException e)
            {
                problems.AddRange(e.ToProblems());
            }
        }
    }
}

using OpenCharly.Model;
using OpenCharly.Yaml;
using static OpenCharly.Yaml.Nodes;

namespace OpenCharly.Kubernetes;

/// <summary>Renders a deployment's Kustomize tree (deploy.md §7.6): a pure function, so that equal input gives equal bytes.</summary>
public static class ManifestRenderer
{
    /// <summary>Name of the file that Kustomize begins with.</summary>
    internal const string Kustomization = "kustomization.yaml";

    /// <summary>Renders.</summary>
    public static ManifestTree Render(ManifestInput input)
    {
        var notes = new List<string>();
        var storage = StoragePlan.Of(input, notes);
        var secrets = SecretPlan.Of(input, notes);
        var kind = input.Workload.Kind ?? (storage.Count > 0 ? WorkloadKind.StatefulSet : WorkloadKind.Deployment);
        var files = new SortedDictionary<string, ManifestFile>(StringComparer.Ordinal)
        {
            [kind.ToString().ToLowerInvariant() + ".yaml"] = File(WorkloadManifest.Render(input, kind, storage, secrets)),
        };
        if (input.Image.Ports.Count > 0) files["service.yaml"] = File(ServiceManifests.Service(input, isHeadless: false));
        if (kind == WorkloadKind.StatefulSet) files["service-headless.yaml"] = File(ServiceManifests.Service(input, isHeadless: true));
        else foreach (var item in storage) files[$"pvc-{input.Name}-{item.Name}.yaml"] = File(StoragePlan.Claim(input, item, $"{input.Name}-{item.Name}"));
        if (input.Workload.Expose is { } expose && input.Profile.IngressEnabled) files["ingress.yaml"] = File(ServiceManifests.Ingress(input, expose));
        foreach (var (name, file) in SecretPlan.Files(input, secrets)) files[name] = file;
        foreach (var (name, content) in input.Raw) files["raw/" + name] = new ManifestFile(content);
        if (input.Workload.Expose is not null && !input.Profile.IngressEnabled) notes.Add($"the cluster {input.Profile.Name} takes no ingresses, so {input.Workload.Key} is not exposed");

        var resources = files.Keys.ToArray();
        files[Kustomization] = File(Map(
            ("apiVersion", Text("kustomize.config.k8s.io/v1beta1")),
            ("kind", Text("Kustomization")),
            ("resources", Texts(resources)),
            ("commonLabels", TextMap(new Dictionary<string, string>(input.Profile.Labels) { ["app"] = input.Name })),
            ("commonAnnotations", TextMap(input.Profile.Annotations))));
        var overlay = new SortedDictionary<string, ManifestFile>(StringComparer.Ordinal) { [Kustomization] = File(Overlay(input)) };
        return new ManifestTree(input.Name, input.Overlay, files, overlay, notes);
    }

    private static YamlMapping Overlay(ManifestInput input) => Map(
        ("apiVersion", Text("kustomize.config.k8s.io/v1beta1")),
        ("kind", Text("Kustomization")),
        ("resources", Texts(["../../base"])),
        ("namespace", Optional(NamespaceOf(input))),
        ("patches", input.Workload.Patches.Count == 0 ? null : List(input.Workload.Patches.Select(Patch))));

    /// <summary>The namespace that the objects go to; null to leave it to kubectl.</summary>
    public static string? NamespaceOf(ManifestInput input) => input.Workload.Namespace ?? input.Profile.DefaultNamespace;

    internal static YamlNode? Optional(string? text) => text is null ? null : Text(text);

    private static YamlNode Patch(WorkloadPatch patch)
    {
        var target = Map(("kind", Optional(patch.Kind)), ("name", Optional(patch.Name)), ("namespace", Optional(patch.Namespace)));
        return Map(("target", target.Entries.Count == 0 ? null : target), ("patch", Text(patch.Patch)));
    }

    private static ManifestFile File(YamlNode document) => ManifestFile.Of(BlockYaml.Write(document));
}

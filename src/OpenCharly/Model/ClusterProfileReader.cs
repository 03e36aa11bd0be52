using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads cluster profiles, from a file of their own or from a <c>k8s:</c> entity (deploy.md §7.6).</summary>
internal static class ClusterProfileReader
{
    internal static readonly IReadOnlyDictionary<string, string> AccessModes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["single-writer"] = "ReadWriteOnce", ["many-readers"] = "ReadOnlyMany", ["many-writers"] = "ReadWriteMany",
        ["ReadWriteOnce"] = "ReadWriteOnce", ["ReadOnlyMany"] = "ReadOnlyMany", ["ReadWriteMany"] = "ReadWriteMany",
    };

    /// <summary>Reads one.</summary>
    /// <param name="map">The profile.</param>
    /// <param name="name">The name that it was looked up by.</param>
    /// <param name="problems">Problems are added here.</param>
    public static ClusterProfile Read(YamlMapping map, string name, ICollection<Problem> problems)
    {
        var profile = new YamlBinder(map, $"cluster profile \"{name}\"", problems);
        if (profile.Text("kind") is { } kind and not "cluster-profile") profile.Report(Errors.ClusterProfile, $"\"kind\" is \"{kind}\"", "Write kind: cluster-profile.", profile.At("kind"));
        if (profile.Text("name") is { } own && own != name) profile.Report(Errors.ClusterProfile, $"\"name\" is \"{own}\", but it is looked up as \"{name}\"", "Make file name and name agree.", profile.At("name"));
        var storage = Section(profile, "storage");
        var ingress = Section(profile, "ingress");
        var secret = Section(profile, "secret", "secrets");
        var image = Section(profile, "image_default", "box");
        var pod = Section(profile, "pod_default", "pod_defaults");
        var all = Section(profile, "defaults");
        var read = new ClusterProfile
        {
            Name = name,
            Position = map.Position,
            Context = Line(profile, "kubeconfig_context"),
            AdmissionPolicy = OneOf(profile, "admission_policy", "restricted", "baseline", "privileged"),
            DefaultNamespace = Label(profile, "default_namespace"),
            StorageClasses = Classes(storage),
            DefaultAccessMode = AccessMode(storage, "access_mode_default", Errors.ClusterProfile),
            IngressEnabled = ingress.Boolean("enabled") ?? false,
            IngressClass = Line(ingress, "class"),
            CertificateIssuer = Line(ingress, "cert_issuer"),
            PathType = OneOf(ingress, "path_type_default", "Prefix", "Exact", "ImplementationSpecific") ?? "Prefix",
            SecretBackend = OneOf(secret, "backend", "external-secrets", "sealed-secrets", "raw"),
            SecretStore = Line(secret, "store"),
            SecretPrefix = Line(secret, "prefix") ?? "",
            PullPolicy = OneOf(image, "pull_policy", "Always", "IfNotPresent", "Never"),
            PullSecrets = image.TextList("pull_secrets"),
            PriorityClass = Line(pod, "priority_class"),
            Tolerations = Mappings(pod, "tolerations"),
            NodeSelector = pod.TextMap("node_selector"),
            Labels = all.TextMap("labels"),
            Annotations = all.TextMap("annotations"),
        };
        if (read is { SecretBackend: "external-secrets", SecretStore: null }) secret.Report(Errors.ClusterProfile, "external-secrets needs a \"store\"", "Name the ClusterSecretStore in store:.", secret.Mapping.Position);
        OneOf(profile, "network_policy", "auto", "strict", "none");

        // Known, and without effect on what is written.
        profile.Accept("version", "gateway_api", "observability");
        foreach (var part in new[] { profile, storage, ingress, secret, image, pod, all }) part.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        return read;
    }

    /// <summary>A word out of a few; anything else is reported.</summary>
    internal static string? OneOf(YamlBinder binder, string key, params IReadOnlyList<string> words) => OneOf(binder, key, Errors.ClusterProfile, words);

    /// <inheritdoc cref="OneOf(YamlBinder, string, IReadOnlyList{string})"/>
    internal static string? OneOf(YamlBinder binder, string key, ErrorCode code, IReadOnlyList<string> words)
    {
        if (binder.Text(key) is not { } text) return null;
        if (words.Contains(text, StringComparer.Ordinal)) return text;
        binder.Report(code, $"\"{key}\" is \"{text}\"", Nearest.Suggest(text, words, $"Use one of {string.Join(", ", words)}."), binder.At(key));
        return null;
    }

    /// <summary>An access mode in the words of Kubernetes.</summary>
    internal static string? AccessMode(YamlBinder binder, string key, ErrorCode code) =>
        OneOf(binder, key, code, [.. AccessModes.Keys]) is { } word ? AccessModes[word] : null;

    private static YamlBinder Section(YamlBinder profile, string key, params ReadOnlySpan<string> aliases) =>
        new(profile.Map(key, aliases) ?? new YamlMapping([], profile.Mapping.Position), $"{profile.What} {key}", profile.Problems);

    private static Dictionary<string, string> Classes(YamlBinder storage)
    {
        var classes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var hint in new[] { "default", "fast", "cheap", "encrypted" })
        {
            if (Line(storage, "class_" + hint) is { } name) classes[hint] = name;
        }

        return classes;
    }

    private static string? Line(YamlBinder binder, string key)
    {
        if (binder.Text(key) is not { } text) return null;
        if (text.Length > 0 && Patterns.IsOneLine(text)) return text;
        binder.Report(Errors.ClusterProfile, $"\"{key}\" is empty or has a line break", "Write one line.", binder.At(key));
        return null;
    }

    private static string? Label(YamlBinder binder, string key)
    {
        if (Line(binder, key) is not { } text || ClusterNames.IsLabel(text)) return Line(binder, key);
        binder.Report(Errors.ClusterProfile, $"\"{key}\" is \"{text}\"", ClusterNames.LabelRule, binder.At(key));
        return null;
    }

    private static List<YamlMapping> Mappings(YamlBinder binder, string key)
    {
        var maps = new List<YamlMapping>();
        foreach (var item in binder.Items(key))
        {
            if (item is YamlMapping map) maps.Add(map);
            else binder.Report(Errors.YamlType, $"\"{key}\" must be a list of mappings, not {item.Description}", "Write key: value below each dash.", item.Position);
        }

        return maps;
    }
}

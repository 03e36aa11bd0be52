using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>What one cluster wants to have otherwise than others, kept apart from deployments so that these fit every cluster (deploy.md §7.6).</summary>
public sealed record ClusterProfile
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>Context of the user's kubeconfig that reaches the cluster; null for the current one.</summary>
    public string? Context { get; init; }

    /// <summary>Pod security: <c>restricted</c>, <c>baseline</c>, <c>privileged</c>; null for no opinion.</summary>
    public string? AdmissionPolicy { get; init; }

    /// <summary>Namespace of deployments that name none; null to leave it to kubectl.</summary>
    public string? DefaultNamespace { get; init; }

    /// <summary>Storage classes by hint: <c>default</c>, <c>fast</c>, <c>cheap</c>, <c>encrypted</c>.</summary>
    public IReadOnlyDictionary<string, string> StorageClasses { get; init; } = new Dictionary<string, string>();

    /// <summary>Access mode of storage that names none; null for a single writer.</summary>
    public string? DefaultAccessMode { get; init; }

    /// <summary>Whether it takes ingresses.</summary>
    public bool IngressEnabled { get; init; }

    /// <summary>Ingress class.</summary>
    public string? IngressClass { get; init; }

    /// <summary>Issuer of certificates, for cert-manager.</summary>
    public string? CertificateIssuer { get; init; }

    /// <summary>How paths of ingresses are matched: <c>Prefix</c>, <c>Exact</c>, <c>ImplementationSpecific</c>.</summary>
    public string PathType { get; init; } = "Prefix";

    /// <summary>Where secrets come from: <c>external-secrets</c>, <c>sealed-secrets</c>, <c>raw</c>; null if that is not said.</summary>
    public string? SecretBackend { get; init; }

    /// <summary>Store of external-secrets.</summary>
    public string? SecretStore { get; init; }

    /// <summary>What remote keys begin with.</summary>
    public string SecretPrefix { get; init; } = "";

    /// <summary>When images are pulled: <c>Always</c>, <c>IfNotPresent</c>, <c>Never</c>; null for the cluster's own rule.</summary>
    public string? PullPolicy { get; init; }

    /// <summary>Secrets that images are pulled with.</summary>
    public IReadOnlyList<string> PullSecrets { get; init; } = [];

    /// <summary>Priority class of pods.</summary>
    public string? PriorityClass { get; init; }

    /// <summary>Tolerations of pods, as written.</summary>
    public IReadOnlyList<Yaml.YamlMapping> Tolerations { get; init; } = [];

    /// <summary>Labels that a node must have.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Labels of all objects.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Annotations of all objects.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>The class of a hint, else the default one; null if the profile names neither.</summary>
    public string? StorageClass(string? hint) => StorageClasses.GetValueOrDefault(hint ?? "default") ?? StorageClasses.GetValueOrDefault("default");
}

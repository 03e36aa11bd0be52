using System.Text;
using OpenCharly.Model;
using OpenCharly.Yaml;
using static OpenCharly.Yaml.Nodes;

namespace OpenCharly.Kubernetes;

/// <summary>Secrets of entry and image, and how the cluster's backend gets at their values.</summary>
internal static class SecretPlan
{
    /// <summary>All secrets: the image's, with what the entry says of them, then further ones of the entry.</summary>
    public static IReadOnlyList<WorkloadSecret> Of(ManifestInput input, List<string> notes)
    {
        var all = All(input.Workload, input.Image);
        if (all.Count == 0) return all;
        var names = string.Join(", ", all.Select(s => ObjectName(input, s)));
        switch (input.Profile.SecretBackend)
        {
            case "sealed-secrets":
                notes.Add($"seal these secrets separately, for the pods refer to them: {names}");
                break;
            case "raw":
                notes.Add($"the files of these secrets hold their values in the clear: {names}");
                break;
            case null:
                notes.Add($"the cluster {input.Profile.Name} names no secret backend, so these secrets must be there already: {names}");
                break;
        }

        return all;
    }

    /// <summary>Secrets of entry and image by name.</summary>
    public static IReadOnlyList<WorkloadSecret> All(Workload workload, WorkloadImage image)
    {
        var own = workload.Secrets.DistinctBy(s => s.Name).ToArray();
        return
        [
            .. image.Secrets.Select(s => own.FirstOrDefault(o => o.Name == s.Name) is { } over
                ? s with { Variable = over.Variable ?? s.Variable, Target = over.Target ?? s.Target, Source = over.Source, Position = over.Position } : s),
            .. own.Where(o => image.Secrets.All(s => s.Name != o.Name)),
        ];
    }

    /// <summary>The objects that a backend needs, by file.</summary>
    public static IEnumerable<(string Name, ManifestFile File)> Files(ManifestInput input, IReadOnlyList<WorkloadSecret> secrets)
    {
        foreach (var secret in secrets)
        {
            var file = $"secret-{secret.Name}.yaml";
            if (input.Profile.SecretBackend == "external-secrets") yield return (file, ManifestFile.Of(BlockYaml.Write(External(input, secret))));
            if (input.Profile.SecretBackend == "raw") yield return (file, ManifestFile.Of(BlockYaml.Write(Raw(input, secret)), isPrivate: true));
        }
    }

    /// <summary>Name of the Secret that holds a value.</summary>
    public static string ObjectName(ManifestInput input, WorkloadSecret secret) => $"{input.Name}-{secret.Name}";

    /// <summary>The variable that a secret is given as; null if it is a file.</summary>
    public static string? VariableOf(WorkloadSecret secret) =>
        secret.Variable ?? (secret.Target is null ? secret.Name.Replace('-', '_').ToUpperInvariant() : null);

    private static YamlMapping Raw(ManifestInput input, WorkloadSecret secret) => Map(
        ("apiVersion", Text("v1")),
        ("kind", Text("Secret")),
        ("metadata", Map(("name", Text(ObjectName(input, secret))), ("labels", Map(("app", Text(input.Name)))))),
        ("type", Text("Opaque")),
        ("data", Map((secret.Name, Text(Convert.ToBase64String(Encoding.UTF8.GetBytes(input.SecretValues.GetValueOrDefault(secret.Name) ?? "")))))));

    private static YamlMapping External(ManifestInput input, WorkloadSecret secret) => Map(
        ("apiVersion", Text("external-secrets.io/v1beta1")),
        ("kind", Text("ExternalSecret")),
        ("metadata", Map(("name", Text(ObjectName(input, secret))), ("labels", Map(("app", Text(input.Name)))))),
        ("spec", Map(
            ("refreshInterval", Text("1h")),
            ("secretStoreRef", Map(("name", Text(input.Profile.SecretStore!)), ("kind", Text("ClusterSecretStore")))),
            ("target", Map(("name", Text(ObjectName(input, secret))))),
            ("data", List([Map(("secretKey", Text(secret.Name)), ("remoteRef", Map(("key", Text(input.Profile.SecretPrefix + secret.Name)))))])))));
}

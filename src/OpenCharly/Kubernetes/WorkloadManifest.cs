using OpenCharly.Model;
using OpenCharly.Yaml;
using static OpenCharly.Yaml.Nodes;

namespace OpenCharly.Kubernetes;

/// <summary>The object that runs a deployment's pods, and the pods.</summary>
internal static class WorkloadManifest
{
    private const string SecretFolder = "/run/secrets/";

    /// <summary>Renders the object.</summary>
    public static YamlMapping Render(ManifestInput input, WorkloadKind kind, IReadOnlyList<ClaimedStorage> storage, IReadOnlyList<WorkloadSecret> secrets)
    {
        var workload = input.Workload;
        var pod = PodSpec(input, kind, storage, secrets);
        var template = Map(("metadata", Map(("labels", Labels(input)))), ("spec", pod));
        var selector = Map(("matchLabels", Labels(input)));
        return kind switch
        {
            WorkloadKind.Deployment => Object(input, "apps/v1", kind, Map(("replicas", Number(workload.Replicas)), ("selector", selector), ("template", template))),
            WorkloadKind.DaemonSet => Object(input, "apps/v1", kind, Map(("selector", selector), ("template", template))),
            WorkloadKind.StatefulSet => Object(input, "apps/v1", kind, Map(
                ("replicas", Number(workload.Replicas)),
                ("serviceName", Text(input.Name + "-headless")),
                ("selector", selector),
                ("template", template),
                ("volumeClaimTemplates", storage.Count == 0 ? null : List(storage.Select(StoragePlan.Template))))),
            WorkloadKind.Job => Object(input, "batch/v1", kind, Map(("template", template))),
            WorkloadKind.CronJob => Object(input, "batch/v1", kind, Map(
                ("schedule", Text(workload.Schedule!)),
                ("jobTemplate", Map(("spec", Map(("template", template))))))),
            _ => Object(input, "v1", kind, pod),
        };
    }

    private static YamlMapping Object(ManifestInput input, string version, WorkloadKind kind, YamlMapping spec) => Map(
        ("apiVersion", Text(version)),
        ("kind", Text(kind.ToString())),
        ("metadata", Map(("name", Text(input.Name)), ("labels", Labels(input)))),
        ("spec", spec));

    private static YamlMapping Labels(ManifestInput input) => Map(("app", Text(input.Name)));

    private static YamlMapping PodSpec(ManifestInput input, WorkloadKind kind, IReadOnlyList<ClaimedStorage> storage, IReadOnlyList<WorkloadSecret> secrets)
    {
        var profile = input.Profile;
        var files = secrets.Where(s => SecretPlan.VariableOf(s) is null).ToArray();

        // A StatefulSet makes the claims itself, and mounts them by the names of its templates.
        var volumes = (kind == WorkloadKind.StatefulSet ? [] : storage.Select(s => Map(
                ("name", Text(s.Name)), ("persistentVolumeClaim", Map(("claimName", Text($"{input.Name}-{s.Name}")))))))
            .Concat(files.Select(s => Map(("name", Text("secret-" + s.Name)), ("secret", Map(("secretName", Text(SecretPlan.ObjectName(input, s))))))));
        return Map(
            ("restartPolicy", kind switch
            {
                WorkloadKind.Pod => Text(input.Workload.Restart ?? "Always"),
                WorkloadKind.Job or WorkloadKind.CronJob => Text(input.Workload.Restart ?? "OnFailure"),
                _ => null,
            }),
            ("priorityClassName", ManifestRenderer.Optional(profile.PriorityClass)),
            ("nodeSelector", TextMap(profile.NodeSelector)),
            ("tolerations", Some(profile.Tolerations)),
            ("imagePullSecrets", Some(profile.PullSecrets.Select(s => Map(("name", Text(s)))))),
            ("securityContext", SecurityContext(input)),
            ("containers", List([Container(input, storage, secrets, files)])),
            ("volumes", Some(volumes)));
    }

    private static YamlMapping Container(ManifestInput input, IReadOnlyList<ClaimedStorage> storage, IReadOnlyList<WorkloadSecret> secrets, WorkloadSecret[] files)
    {
        var (image, workload) = (input.Image, input.Workload);
        var mounts = storage.Select(s => Map(("name", Text(s.Name)), ("mountPath", Text(s.Path))))
            .Concat(files.Select(s => Map(
                ("name", Text("secret-" + s.Name)), ("mountPath", Text(s.Target!.StartsWith('/') ? s.Target : SecretFolder + s.Target)), ("subPath", Text(s.Name)), ("readOnly", Flag(true)))));
        var resources = Map(("requests", TextMap(workload.Requests)), ("limits", TextMap(workload.Limits)));
        return Map(
        [
            ("name", Text(input.Name)),
            ("image", Text(image.Reference)),
            ("imagePullPolicy", ManifestRenderer.Optional(input.Profile.PullPolicy)),
            ("ports", Some(image.Ports.Select(p => Map(
                ("name", ManifestRenderer.Optional(ServiceManifests.NameOf(image, p))), ("containerPort", Number(p.Number)), ("protocol", Text(ServiceManifests.ProtocolOf(p))))))),
            ("env", Some(Environment(input, secrets))),
            ("resources", resources.Entries.Count == 0 ? null : resources),
            ("securityContext", input.Profile.AdmissionPolicy == "restricted"
                ? Map(("allowPrivilegeEscalation", Flag(false)), ("capabilities", Map(("drop", Texts(["ALL"]))))) : null),
            ("volumeMounts", Some(mounts)),
            .. workload.Probes.Select(p => (p.Key + "Probe", (YamlNode?)ProbeManifest.Render(p.Value))),
        ]);
    }

    // The entry's variables over the image's, each where it was first seen; then those that hold secrets.
    private static IEnumerable<YamlMapping> Environment(ManifestInput input, IReadOnlyList<WorkloadSecret> secrets)
    {
        var values = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in input.Image.Environment.Concat(input.Environment)) values[name] = value;
        var secretNames = secrets.Select(SecretPlan.VariableOf).ToHashSet(StringComparer.Ordinal);

        // Kubernetes would put variables in for $(NAME).
        return values.Where(v => !secretNames.Contains(v.Key))
            .Select(v => Map(("name", Text(v.Key)), ("value", Text(v.Value.Replace("$(", "$$(", StringComparison.Ordinal)))))
            .Concat(secrets.Where(s => SecretPlan.VariableOf(s) is not null).Select(s => Map(
                ("name", Text(SecretPlan.VariableOf(s)!)),
                ("valueFrom", Map(("secretKeyRef", Map(("name", Text(SecretPlan.ObjectName(input, s))), ("key", Text(s.Name)))))))));
    }

    private static YamlMapping? SecurityContext(ManifestInput input)
    {
        var isRestricted = input.Profile.AdmissionPolicy == "restricted";
        var context = Map(
            ("runAsNonRoot", isRestricted ? Flag(true) : null),
            ("runAsUser", input.Image.Uid > 0 ? Number(input.Image.Uid) : null),
            ("runAsGroup", input.Image.Gid > 0 ? Number(input.Image.Gid) : null),
            ("fsGroup", input.Image.Gid > 0 ? Number(input.Image.Gid) : null),
            ("seccompProfile", isRestricted ? Map(("type", Text("RuntimeDefault"))) : null));
        return context.Entries.Count == 0 ? null : context;
    }

    private static YamlNode? Some(IEnumerable<YamlMapping> items)
    {
        var all = items.ToArray();
        return all.Length == 0 ? null : List(all);
    }
}

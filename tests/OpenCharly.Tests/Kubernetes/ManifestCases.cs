using OpenCharly.Kubernetes;
using OpenCharly.Model;

namespace OpenCharly.Tests.Kubernetes;

/// <summary>A deployment to a cluster, with everything that its tree is made from.</summary>
/// <param name="Name">Name of the case, and of its golden folder.</param>
/// <param name="Key">Deploy key.</param>
/// <param name="Entry">The entry, as YAML.</param>
/// <param name="Profile">The cluster profile, as YAML.</param>
/// <param name="Image">The image.</param>
internal sealed record ManifestCase(string Name, string Key, string Entry, string Profile, WorkloadImage Image);

/// <summary>What the golden trees are made from; each of them is also fed to the real kubectl by a live test.</summary>
internal static class ManifestCases
{
    public const string Production = """
        version: 2026.163.0928
        kind: cluster-profile
        name: production
        kubeconfig_context: production
        admission_policy: restricted
        default_namespace: apps
        storage: {class_default: standard, class_fast: nvme, class_encrypted: luks, access_mode_default: single-writer}
        ingress: {enabled: true, class: nginx, cert_issuer: letsencrypt, path_type_default: Exact}
        secrets: {backend: external-secrets, store: vault, prefix: apps/}
        box: {pull_policy: IfNotPresent, pull_secrets: [registry-login]}
        pod_defaults:
          priority_class: business
          tolerations: [{key: dedicated, operator: Equal, value: apps, effect: NoSchedule}]
          node_selector: {disk: "ssd"}
        defaults:
          labels: {team: notes, "tier": "1"}
          annotations: {contact: "someone@example.org"}
        gateway_api: {enabled: true, gateway_class: any}
        observability: {service_monitor: true, service_monitor_interval: 30s}
        network_policy: strict
        """;

    private const string Bare = "kubeconfig_context: dev\n";

    private static readonly WorkloadImage Notes = new()
    {
        Reference = "registry.example.org/acme/notes:2026.200.0915",
        Ports = [new WorkloadPort(5353, true), new WorkloadPort(8080, false)],
        Volumes = [new WorkloadVolume("data", "/home/app/data"), new WorkloadVolume("cache", "/var/cache/notes")],
        Environment = [new("TZ", "UTC"), new("MODE", "image")],
        Secrets = [new WorkloadSecret("db-password", "DB_PASSWORD", null)],
        Uid = 1000,
        Gid = 1000,
    };

    private static readonly WorkloadImage Tool = new() { Reference = "registry.example.org/acme/tool:2026.150.0001" };

    private static readonly WorkloadImage Web = Tool with { Ports = [new WorkloadPort(80, false)] };

    public static IReadOnlyList<ManifestCase> All { get; } =
    [
        new("service", "web", "target: k8s\nk8s: dev\nbox: tool\nreplica: 3\nenv: {GREETING: \"hello $(HOME) and more\", EMPTY: \"\"}\n", Bare, Web),
        new("nothing", "Tool_1.x", "target: k8s\nk8s: dev\nbox: tool\n", "", Tool),
        new("stateful", "notes", """
            target: k8s
            k8s: production
            box: notes
            env: [MODE=entry, DEBUG=1]
            replica: 2
            resources: {cpu_request: 250m, memory_request: 256Mi}
            security: {cpus: "1.5", memory_max: 2g, cap_add: [SYS_NICE]}
            expose: {host: notes.example.org, path: /app, tls: true}
            storage: [{name: data, size: 20Gi, class_hint: fast}, {name: blobs, access: many-writers}]
            volume: [{name: cache, type: encrypted}, {name: photos, type: bind, host: /srv/photos, path: /photos}]
            probes:
              liveness: {http: "http://localhost:${HOST_PORT:8080}/healthz?full=1", timeout: 3s}
              readiness: {addr: "127.0.0.1:8080"}
              startup: {command: "test -s /run/ready && echo 'it''s up'"}
            secret: [{name: api token, target: api.token}]
            """, Production, Notes),
        new("instance", "notes/Blue.1", "target: k8s\nk8s: dev\nbox: notes\nkubernetes: {namespace: blue, workload: Deployment}\n", Bare + "secret: {backend: sealed-secrets}\n", Notes),
        new("raw-secrets", "notes", "target: k8s\nk8s: dev\nbox: notes\nkubernetes: {workload: Deployment}\n", Bare + "secret: {backend: raw}\n", Notes),
        new("daemon", "agent", "target: k8s\nk8s: dev\nbox: tool\nkind: daemon\nprobes: {liveness: {file: /run/agent.pid}}\n", Bare + "admission_policy: baseline\n", Tool),
        new("batch", "import", "target: k8s\nk8s: dev\nbox: tool\nkind: batch\nrestart: never\nstorage: [{name: inbox, path: /in}]\n", Bare, Tool),
        new("scheduled", "nightly", "target: k8s\nk8s: dev\nbox: tool\nkind: scheduled\nschedule: \"0 3 * * 1-5\"\n", Bare, Tool),
        new("oneshot", "once", "target: k8s\nk8s: dev\nbox: tool\nkind: oneshot\nrestart: on-failure\n", Bare, Tool),
        new("patched", "web", """
            target: k8s
            k8s: dev
            box: tool
            expose: {host: web.example.org, port: 8443}
            kubernetes:
              patches:
                - target: {kind: Deployment}
                  patch: |
                    - {op: replace, path: /spec/replicas, value: 5}
                - patch:
                    apiVersion: v1
                    kind: Service
                    metadata: {name: web, annotations: {note: "a: b"}}
              raw: [k8s/extra.yaml]
            """, Bare + "ingress: {enabled: true}\n", Web),
    ];
}

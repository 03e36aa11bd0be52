using OpenCharly.Boxes;
using OpenCharly.Model;
using OpenCharly.Pods;

namespace OpenCharly.Tests.Pods;

/// <summary>The pods whose quadlets are kept as golden files.</summary>
internal static class PodCases
{
    public static BoxLabels Notes { get; } = new()
    {
        Version = "2026.200.0915",
        Box = "notes",
        Home = "/home/app",
        Init = "supervisord",
        Status = "working",
        Ports = [new ContainerPort(5353, true), new ContainerPort(8080, false)],
        Volumes = [new CandyVolume("charly-notes-data", "/home/app/data"), new CandyVolume("charly-notes-cache", "/var/cache/notes")],
        Environment = [KeyValuePair.Create("TZ", "UTC")],
        Secrets = [new CandySecret("db-password", "DB_PASSWORD", "")],
        Security = new SecuritySettings { CapAdd = ["SYS_NICE"], ShmSize = "256m", MemoryMax = "2g" },
    };

    public static BoxLabels Desk { get; } = new()
    {
        Version = "2026.201.1200", Box = "desk", Uid = 1001, Gid = 1001, User = "desk", Home = "/home/desk", Info = "early preview",
        Ports = [new ContainerPort(3000, false)],
        Volumes = [new CandyVolume("charly-desk-vault", "/home/desk/vault")],
    };

    /// <summary>A box without anything.</summary>
    public static BoxLabels Plain { get; } = new() { Version = "2026.150.0900", Box = "plain", Status = "working" };

    public static IReadOnlyDictionary<string, PodCase> All { get; } = new Dictionary<string, PodCase>
    {
        ["notes"] = new()
        {
            Key = "notes", Labels = Notes, Entry = """
                target: pod
                box: notes
                port: ["18080:8080"]
                volume: [{name: data, type: bind, host: /srv/notes}]
                env: ["LOG_LEVEL=debug", "BANNER=hello {world}"]
                security: {memory_max: 3g, cpus: "1.5"}
                tunnel: tailscale
                """,
        },
        ["desk"] = new()
        {
            Key = "desk/lab", Labels = Desk, Image = "registry.example.org/acme/desk:2026.201.1200",
            Settings = Settings() with { SecretBackend = "config" },
            Entry = """
                box: registry.example.org/acme/desk:2026.201.1200
                port: ["127.0.0.2:3301:3000"]
                volume: [{name: vault, type: encrypted}]
                env_file: /home/ann/lab.env
                security: {privileged: true, shm_size: 1g, memory_high: 900m, security_opt: ["seccomp=unconfined"]}
                sidecar: {tailscale: {parameter: {tailnet: blue-fox}, env: {TS_HOSTNAME: desk-lab}}}
                """,
        },
        ["plain"] = Case("plain", Plain, "box: plain"),
        ["instance"] = Case("plain/two", Plain, "box: plain\ndescription: the second one"),
        ["pinned-name"] = Case("plain-pinned-2026.140.0800", Plain, "box: registry.example.org/acme/plain:2026.140.0800") with { Image = "registry.example.org/acme/plain:2026.140.0800" },
        ["host-network"] = Case("plain", Plain with { Ports = [new(8080, false)] }, "box: plain\nnetwork: host"),
        ["own-network"] = Case("plain", Plain with { Network = "backend" }, "box: plain"),
        ["ports"] = Case("plain", Plain with { Ports = [new(53, true), new(53, false), new(8080, false), new(9000, false)] }, """
            box: plain
            port: ["0.0.0.0:8080:8080", "[::1]:9443:9443/tcp", "7070"]
            resolved_port: ["20053:53/udp", "29000:9000"]
            """),
        ["bind-address"] = Case("plain", Plain with { Ports = [new(8080, false)] }, "box: plain\nport: ['8080']") with { Settings = Settings() with { BindAddress = "0.0.0.0" } },
        ["volumes"] = Case("plain", Plain with { Volumes = [new("charly-plain-data", "/data"), new("charly-plain-logs", "/var/log/app")] }, """
            box: plain
            volume:
            - {name: logs, type: bind}
            - {name: extra, type: volume, path: ~/extra}
            - {name: music, type: bind, host: ~/Music, path: /music}
            - {name: ignored, type: volume}
            - {name: over, type: bind, host: /srv/data, path: /data}
            """),
        ["workspace"] = Case("plain", Plain with { Volumes = [new("charly-plain-workspace", "/workspace")] }, "box: plain\nworkspace: /home/ann/src/plain"),
        ["encrypted-keyring"] = Case("plain", Plain with { Volumes = [new("charly-plain-vault", "/vault")] }, "box: plain\nvolume: [{name: vault, type: encrypted, host: /srv/vault}]"),
        ["environment"] = Case("plain", Plain with { Environment = [new("A", "1"), new("PATH_X", "/a/b")] }, """
            box: plain
            env:
              QUOTED: 'say "hi"'
              PERCENT: 100%
              BACKSLASH: C:\temp
              JSON: '["a","b"]'
              TAB: "a\tb"
              APOSTROPHE: it's
              DOLLAR: a$b
              EMPTY: ''
              A: '2'
            """),
        ["security"] = Case("plain", Plain with { Security = new() { Devices = ["/dev/dri/renderD128"], CapAdd = ["SYS_ADMIN"], GroupAdd = ["video"] } }, """
            box: plain
            security:
              cap_add: [NET_ADMIN, SYS_PTRACE]
              devices: [/dev/kvm]
              security_opt: [label=disable, "seccomp=/etc/seccomp profile.json"]
              cgroupns: host
              group_add: [keep-groups]
              ipc_mode: host
              shm_size: 2g
              mount: ["/etc/localtime:/etc/localtime:ro", "tmpfs:/run/scratch:size=64m"]
              memory_max: 4g
              memory_high: 512k
              memory_swap_max: "0"
              cpus: 0.333
            """),
        ["privileged-gpu"] = Case("plain", Plain, "box: plain\nsecurity: {privileged: true, cap_add: [SYS_ADMIN], devices: [/dev/fuse]}") with { HasGpu = true },
        ["gpu"] = Case("plain", Plain, "box: plain") with { HasGpu = true },
        ["secrets"] = Case("plain", Plain with
        {
            Secrets = [new("api-key", "API_KEY", ""), new("tls-key", "", ""), new("ca", "", "/etc/ssl/ca.pem")],
            SecretAccept = [new("SMTP_PASSWORD", "mail", null, null), new("UNUSED", "not set", null, null)],
            SecretRequire = [new("LICENSE", "the licence", "charly/licence/plain", null)],
        }, "box: plain") with { Secrets = ["SMTP_PASSWORD", "LICENSE"] },
        ["status"] = Case("plain", Plain with { Status = "broken", Info = "crashes\nWantedBy=evil" }, "box: plain"),
        ["not-at-login"] = Case("plain", Plain, "box: plain") with { Settings = Settings() with { AutoEnable = false } },
        ["tailscale-public"] = Case("plain", Plain with { Ports = [new(443, false), new(5432, false), new(9000, false)], PortProtocols = new Dictionary<int, string> { [443] = "https+insecure", [5432] = "tls-terminated-tcp", [9000] = "tcp" } }, """
            box: plain
            port: ["8443:443", "5432:5432", "9000:9000"]
            tunnel: {provider: tailscale, public: [443], private: all}
            """),
        ["cloudflare"] = Case("web", Plain with { Ports = [new(8080, false), new(22, false)], PortProtocols = new Dictionary<int, string> { [22] = "ssh" } }, """
            box: plain
            port: ["18080:8080", "10022:22"]
            tunnel: {provider: cloudflare, public: {8080: app.example.org, 22: ssh.example.org}}
            """),
        ["sidecars"] = Case("plain", Plain with { Ports = [new(8080, false)], Volumes = [new("charly-plain-data", "/data")], Security = new() { ShmSize = "128m" } }, """
            box: plain
            port: ["18080:8080"]
            volume: [{name: data, type: bind}]
            sidecar:
              tailscale: {parameter: {tailnet: blue-fox}, env: {TS_EXTRA_ARGS: "--exit-node=10.0.0.1 --exit-node-allow-lan-access"}}
              redis:
                image: registry.example.org/library/redis:7
                description: cache
                env: {MAXMEMORY: 64mb}
                volume: [{name: state, path: /data}]
                secret: [{name: password, env: REDIS_PASSWORD}, {name: acl}]
                security: {cap_add: [NET_BIND_SERVICE], devices: [/dev/null], privileged: true, security_opt: [label=disable], cgroupns: private}
            """),
        ["systemd-init"] = Case("plain", Plain with { Init = "systemd" }, "box: plain"),
        ["own-init"] = Case("plain", Plain with { Init = "s6" }, "box: plain") with { Entrypoints = new Dictionary<string, string> { ["s6"] = "/init --quiet" } },
        ["discovery"] = Case("plain", Plain with { EnvAccept = [new("SEARCH_URL", "search", null, null)], EnvRequire = [new("MODE", "mode", null, "fast")] }, "box: plain") with
        {
            Provides = new Provides(
                [new("SEARCH_URL", "http://charly-search:9200", "search"), new("OTHER", "not wanted", "search")],
                [new("files", "http://charly-files:7000/mcp", "http", "files"), new("own", "http://charly-plain:7001/mcp", "sse", "plain")]),
        },
    };

    public static PodSettings Settings() => new() { VolumesPath = "/home/ann/.local/share/charly/volumes", EncryptedPath = "/home/ann/.local/share/charly/encrypted" };

    private static PodCase Case(string key, BoxLabels labels, string entry) => new() { Key = key, Labels = labels, Entry = entry, Image = $"registry.example.org/acme/plain:{labels.Version}" };
}

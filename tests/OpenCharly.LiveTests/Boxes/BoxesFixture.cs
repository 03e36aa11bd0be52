using OpenCharly.Boxes;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Boxes;

/// <summary>
/// A project whose boxes stand on a root file system made of Debian packages, built once into a storage of its own, and a
/// registry on a free port of this machine.
/// </summary>
#pragma warning disable CA1001 // xunit disposes of it through IAsyncLifetime.
public sealed class BoxesFixture : IAsyncLifetime
#pragma warning restore CA1001
{
    private const string Candies = """
        == candy/supervisord/charly.yml
        candy: {version: 2026.150.0900, package: [supervisor]}
        == candy/web/charly.yml
        candy:
          version: 2026.160.1200
          description: {feature: "A web's place", tag: [working]}
          env: {WEB_HOME: "~/web", WEB_TEXT: "costs $5 \"now\""}
          path_append: ["~/bin"]
          var: {WEB_VERSION: "1.2"}
          port: [8080]
          volume: [{name: data, path: "~/data"}]
          data: [{src: seed, volume: data, dest: first}]
          hook: {post_enable: "echo it's up\n"}
          task:
            - mkdir: /srv/web
            - copy: ctl
              to: ~/bin/webctl
              mode: "0755"
              user: "${USER}"
            - copy: seed
              to: /srv/web/seed
            - write: ~/.config/web/settings
              content: "mode='x' \"$HOME\""
              user: "${USER}"
              mode: "0600"
            - link: /usr/local/bin/webctl
              target: ${HOME}/bin/webctl
            - cmd: |
                printf '%s %s %s\n' "$WEB_VERSION" "$(id -u)" "$(cat /ctx/seed/index.html)" >/srv/web/made
            - cmd: printf '%s %s\n' "$(id -u)" "$HOME" >made
              user: "${USER}"
          shell: {bash: {init: "export WEB_SHELL=yes"}}
          service:
            - {name: web, enable: true, exec: "sleep 1000", restart: always}
        == candy/web/ctl
        #!/bin/sh
        echo "ctl of $(id -un)"
        == candy/web/seed/index.html
        <p>
        == candy/tools/charly.yml
        candy: {version: 2026.150.0900, package: [jq]}
        == candy/extra/charly.yml
        candy:
          version: 2026.170.0000
          port: [9090]
          env: {EXTRA: "yes"}
          task: [{write: /etc/extra.conf, content: "extra\n"}]
          service: [{name: extra, exec: sleep 5}]
        == candy/seed/charly.yml
        candy: {version: 2026.150.0900, volume: [{name: data, path: /srv}], data: [{src: files, volume: data}]}
        == candy/seed/files/a.txt
        a
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-boxes-").FullName;
    private LoopbackServer? _registry;

    /// <summary>Why nothing can be built here; null if it can.</summary>
    public string? Reason { get; private set; } = Need.Missing("root", "podman", "mmdebstrap", "docker-registry");

    public CharlyContext Context { get; private set; } = null!;

    public string Registry { get; private set; } = "";

    public IReadOnlyList<BuiltBox> Built { get; private set; } = [];

    public string Project => Path.Combine(_folder, "project");

    public LocalImages Images => new(new ContainerEngine(Context.Processes, "podman"));

    public async Task InitializeAsync()
    {
        if (Reason is not null) return;
        var environment = CharlyEnvironment.FromProcess();
        await File.WriteAllTextAsync(At("storage.conf"), $"[storage]\ndriver = \"overlay\"\ngraphroot = \"{At("storage")}\"\nrunroot = \"{At("run")}\"\n");
        var variables = new Dictionary<string, string>(environment.Variables)
        {
            ["HOME"] = At("home"), ["XDG_CONFIG_HOME"] = At("config"), ["XDG_CACHE_HOME"] = At("cache"), ["CONTAINERS_STORAGE_CONF"] = At("storage.conf"),

            // Works where a build has no cgroups of its own, too.
            ["BUILDAH_ISOLATION"] = "chroot",
        };
        Directory.CreateDirectory(At("home"));
        Context = new CharlyContext(environment with { Variables = variables, Home = At("home"), WorkingDirectory = Project }, projectFolder: Project);
        await StartRegistryAsync();
        WriteProject();
        Built = await new BuildBoxes(Context).RunAsync(new BuildBoxesRequest { Names = ["site", "tools"], Tag = "2026.200.0915" });
    }

    public async Task DisposeAsync()
    {
        if (_registry is not null) await _registry.DisposeAsync();
        if (Context is not null) await RunAsync("podman", "rmi", "--all", "--force");
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Runs a command in a container of an image.</summary>
    public async Task<string> InAsync(string reference, string command)
    {
        // Where podman's cgroups are not to be had, it starts with fewer limits and without the second hierarchy.
        string[] run = ["run", "--rm", "--pull=never", "--network=host", "--ulimit", "nofile=1024:4096", "--ulimit", "nproc=1000:1000", reference, "bash", "-c", command];
        var result = await RunAsync("unshare", ["-m", "bash", "-c", "umount /sys/fs/cgroup/unified 2>/dev/null; exec podman \"$@\"", "-", .. run]);
        Assert.True(result.Succeeded, result.Tail(5));
        return result.StandardOutput;
    }

    /// <summary>Digests of the layers of an image.</summary>
    public async Task<string> LayersAsync(string reference)
    {
        var told = await RunAsync("podman", "image", "inspect", "--format", "{{.RootFS.Layers}}", reference);
        Assert.True(told.Succeeded, told.Tail(3));
        return told.StandardOutput;
    }

    /// <summary>Every file of an image with what can be seen of it from inside, but for what the engine puts there for a run.</summary>
    public Task<string> PhotographAsync(string reference) => InAsync(
        reference, "find / -xdev \\( -path /run -o -path /proc -o -path /sys -o -path /dev -o -path '/etc/host*' -o -path /etc/resolv.conf -o -path /etc/mtab \\) -prune -o -printf '%p %y %m %U:%G %n %l' \\( -type f -printf ' %s %T@' -o -true \\) -printf '\\n' 2>/dev/null | LC_ALL=C sort");

    public Task<CommandResult> RunAsync(string program, params string[] arguments) => Context.Processes.RunAsync(new ProcessRequest(program, arguments) { WorkingDirectory = _folder });

    private string At(string name) => Path.Combine(_folder, name);

    private void WriteProject()
    {
        var tools = GuestCatalog is { } catalog ? $"tools, {Path.Combine(catalog, "candy/ripgrep")}" : "tools";
        var boxes = $$"""
            == charly.yml
            version: 2026.163.0928
            box:
              root: {from: "builder:debootstrap", version: 2026.100.0001, distro: [debian:12, debian], build: [deb], user: ann}
              web: {base: root, candy: [supervisord, web], description: {feature: Web, tag: [working]} }
              site: {base: web, candy: [extra]}
              tools: {base: root, candy: [{{tools}}]}
              seed: {data_image: true, version: 2026.1.1, registry: "{{Registry}}/team", candy: [seed]}

            """;
        foreach (var part in (boxes + Candies).Split("== ", StringSplitOptions.RemoveEmptyEntries))
        {
            var end = part.IndexOf('\n', StringComparison.Ordinal);
            var file = Path.Combine(Project, part[..end].Trim());
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, part[(end + 1)..]);
        }
    }

    /// <summary>Real candies beside the repository; null where there are none.</summary>
    public static string? GuestCatalog
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (!File.Exists(Path.Combine(folder.FullName, "Charly.sln"))) continue;
                var catalog = Path.Combine(folder.Parent!.FullName, "shared", "catalog");
                return Directory.Exists(catalog) ? catalog : null;
            }

            return null;
        }
    }

    private async Task StartRegistryAsync()
    {
        _registry = new LoopbackServer();
        Registry = $"127.0.0.1:{_registry.Port}";
        await File.WriteAllTextAsync(Path.Combine(_registry.Folder, "config.yml"), $"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {_registry.Folder}/data}}}}\nhttp: {{addr: \"{Registry}\"}}\n");
        await _registry.StartAsync(Need.Program("docker-registry"), "serve", "config.yml");
    }
}

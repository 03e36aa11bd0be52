using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Building;

/// <summary>
/// A builder image of Debian 12 with node, npm, cargo and makepkg. It is made once from Debian packages and stays in podman's
/// storage, so later runs find it there. For pixi and yay, which Debian does not have, it holds programs that take the
/// same arguments and do the same kind of work with what Debian has.
/// </summary>
public sealed class BuilderImage : IAsyncLifetime
{
    /// <summary>The image.</summary>
    public const string Reference = "localhost/charly-live-builder:bookworm-2";

    // An environment of Python has its place baked in, as one of pixi has.
    private const string Pixi = """
        #!/bin/bash
        set -e
        case $1 in
          init) printf '[workspace]\n' >pixi.toml ;;
          install)
            [[ -f pixi.toml || -f pyproject.toml ]]
            python3 -m venv --without-pip .pixi/envs/default
            printf '#!%s/.pixi/envs/default/bin/python3\nimport sys\nprint(sys.prefix)\n' "$PWD" >.pixi/envs/default/bin/wx-env
            chmod 755 .pixi/envs/default/bin/wx-env
            echo "pixi $* in $PWD, caches in $PIXI_CACHE_DIR" ;;
          *) exit 2 ;;
        esac
        """;

    // Takes a package's sources from the candy instead of from the users' archive, and has makepkg build them.
    private const string Yay = """
        #!/bin/bash
        set -e
        [[ $(id -un) == builder ]]
        while [[ $1 == -* ]]; do [[ $1 != --builddir ]] || shift; shift; done
        for name; do
          work=$(mktemp -d)
          cp -R "/work/aur/$name/." "$work"
          (cd "$work" && makepkg --force --nodeps)
        done
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-builder-").FullName;
    private string? _wrapper;

    /// <summary>Why nothing can be built here; null if it can.</summary>
    public string? Reason { get; private set; }

    /// <summary>The variables of this process, with a podman on PATH that can run containers here.</summary>
    public CharlyEnvironment Environment { get; private set; } = CharlyEnvironment.FromProcess();

    public async Task InitializeAsync()
    {
        if ((Reason = Need.Missing("root", "podman", "mmdebstrap")) is not null) return;
        var paths = new HostPaths(CharlyEnvironment.FromProcess());
        using (await FileLock.AcquireAsync(Path.Combine(paths.Cache, "live", "builder-image.lock")))
        {
            if (!(await RunAsync("podman", "image", "exists", Reference)).Succeeded && !await MakeAsync()) return;
        }

        if (await StartsAsync()) return;

        // Where podman's cgroups are not to be had, as in some containers, it starts with fewer limits and no second hierarchy.
        _wrapper = Path.Combine(_folder, "podman");
        await File.WriteAllTextAsync(_wrapper, $"""
            #!/bin/bash
            [[ $1 != run ]] || set -- run --ulimit nofile=1024:4096 --ulimit nproc=1000:1000 --network=host "{"${@:2}"}"
            exec unshare -m bash -c 'umount /sys/fs/cgroup/unified 2>/dev/null; exec {Need.Program("podman")} "$@"' - "$@"
            """);
        File.SetUnixFileMode(_wrapper, AtomicFile.Shared | (UnixFileMode)0b001_001_001);
        var variables = new Dictionary<string, string>(Environment.Variables) { ["PATH"] = $"{_folder}:{Environment.Variable("PATH")}" };
        Environment = Environment with { Variables = variables };
        if (!await StartsAsync()) Reason = "podman does not start containers here";
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    private async Task<bool> MakeAsync()
    {
        var tree = Path.Combine(_folder, "tree.tar");
        foreach (var (name, text) in new[] { ("pixi", Pixi), ("yay", Yay) })
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, name), text + "\n");
            File.SetUnixFileMode(Path.Combine(_folder, name), AtomicFile.Shared | (UnixFileMode)0b001_001_001);
        }

        var made = await RunAsync(
            "mmdebstrap", "--mode=root", "--variant=minbase", "--include=ca-certificates,nodejs,npm,cargo,gcc,libc6-dev,python3,makepkg,pacman-package-manager,libarchive-tools,fakeroot",
            $"--customize-hook=copy-in {_folder}/pixi {_folder}/yay /usr/local/bin", "--customize-hook=chroot \"$1\" useradd --create-home builder", "bookworm", tree);
        if (made.Succeeded) made = await RunAsync("podman", "import", tree, Reference);
        Reason = made.Succeeded ? null : "the builder image can't be made: " + made.Tail(2);
        return made.Succeeded;
    }

    private async Task<bool> StartsAsync() => (await RunAsync("podman", "run", "--rm", "--pull=never", "-i", Reference, "true")).Succeeded;

    private Task<CommandResult> RunAsync(string program, params string[] arguments) => new ProcessRunner(Environment).RunAsync(new ProcessRequest(program, arguments));
}

/// <summary>A test that builds; skipped with its reason where podman, or what the image is made with, is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BuilderFactAttribute : FactAttribute
{
    public BuilderFactAttribute() => Skip = Need.Missing("root", "podman", "mmdebstrap");
}

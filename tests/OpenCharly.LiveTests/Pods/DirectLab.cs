using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Pods;

/// <summary>
/// A home of its own on this machine, and its podman, as root and without a service manager. Where the machine mounts both kinds
/// of control groups, runc refuses to start anything, so podman sees the mounts of a namespace that lacks the newer one.
/// </summary>
public sealed class DirectLab : IAsyncLifetime
{
    /// <summary>What is needed here.</summary>
    public static readonly string[] Needs = ["root", "podman", "unshare", "nsenter", "busybox", "gocryptfs", "fusermount3"];

    private static readonly ProcessRunner Programs = new(CharlyEnvironment.FromProcess());

    private Process? _mounts;

    /// <summary>The home.</summary>
    public string Home { get; } = Directory.CreateTempSubdirectory("charly-direct-").FullName;

    // Not below the home, whose files the tests photograph.
    private readonly string _engine = Directory.CreateTempSubdirectory("charly-direct-engine-").FullName;

    /// <summary>A context on it.</summary>
    public CharlyContext Context { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (Need.Missing(Needs) is not null) return;
        // What is mounted below the home is to be seen there, too.
        var mounted = await Programs.RunAsync(new ProcessRequest("bash", "-c", "mount --bind \"$0\" \"$0\" && mount --make-shared \"$0\"", Home));
        Assert.True(mounted.Succeeded, mounted.Tail());
        var start = new ProcessStartInfo("unshare") { RedirectStandardOutput = true };
        foreach (var word in (string[])["--mount", "--propagation", "slave", "bash", "-c", "umount /sys/fs/cgroup/unified 2>/dev/null; echo ready; exec sleep infinity"]) start.ArgumentList.Add(word);
        _mounts = Process.Start(start)!;
        Assert.Equal("ready", await _mounts.StandardOutput.ReadLineAsync());

        var bin = Directory.CreateDirectory(Path.Combine(Home, "bin")).FullName;
        await ShimAsync(bin, "podman", $$"""
            [ "$1" != run ] || set -- run --ulimit nofile=1024:4096 --ulimit nproc=1000:1000 "${@:2}"
            exec nsenter -t {{_mounts.Id}} -m {{Need.Program("podman")}} "$@"
            """);

        Directory.CreateDirectory(Path.Combine(_engine, "networks"));
        await File.WriteAllTextAsync(Path.Combine(_engine, "storage.conf"), $"[storage]\ndriver = \"overlay\"\ngraphroot = \"{_engine}/storage\"\nrunroot = \"{_engine}/run\"\n");
        await File.WriteAllTextAsync(Path.Combine(_engine, "containers.conf"), $"[engine]\ntmp_dir = \"{_engine}/tmp\"\nlock_type = \"file\"\n[network]\nnetwork_config_dir = \"{_engine}/networks\"\n");

        // Nobody answers questions of the system's own here.
        await ShimAsync(bin, "systemd-ask-password", "exit 1");
        var real = CharlyEnvironment.FromProcess();
        var variables = new Dictionary<string, string>(real.Variables)
        {
            ["HOME"] = Home, ["PATH"] = $"{bin}:{real.Variable("PATH")}", ["XDG_CONFIG_HOME"] = Path.Combine(Home, ".config"), ["XDG_DATA_HOME"] = Path.Combine(Home, ".local/share"),
            ["CHARLY_RUN_MODE"] = "direct", ["CHARLY_SECRET_BACKEND"] = "config",
            ["CONTAINERS_STORAGE_CONF"] = Path.Combine(_engine, "storage.conf"), ["CONTAINERS_CONF"] = Path.Combine(_engine, "containers.conf"),
        };
        variables.Remove("XDG_RUNTIME_DIR");
        Context = new CharlyContext(real with { Home = Home, Variables = variables, WorkingDirectory = Home }, new Progress<CharlyEvent>());
        await MustAsync("bash", "-c", PodImages.Script);
    }

    public async Task DisposeAsync()
    {
        if (_mounts is not null)
        {
            await MustAsync("bash", "-c", "podman rm --force --time 1 --all; podman network rm charly; podman volume rm --all --force; podman rmi --all --force; true");
            _mounts.Kill();
            await _mounts.WaitForExitAsync();
            _mounts.Dispose();
        }

        foreach (var mount in File.ReadLines("/proc/mounts").Select(l => l.Split(' ')[1]).Where(m => m.StartsWith(Home, StringComparison.Ordinal)).Reverse().ToArray()) await Programs.RunAsync(new ProcessRequest("umount", "--lazy", mount));
        Directory.Delete(Home, recursive: true);
        Directory.Delete(_engine, recursive: true);
    }

    /// <summary>Replaces the per-host file.</summary>
    public void Entries(string text)
    {
        Directory.CreateDirectory(Path.Combine(Home, ".config/charly"));
        File.WriteAllText(Path.Combine(Home, ".config/charly/charly.yml"), "version: 2026.163.0928\ndeploy:\n" + text);
    }

    /// <summary>Runs a program with podman as the lab has it; a failure fails the test.</summary>
    public async Task<string> MustAsync(string program, params string[] arguments)
    {
        var result = await Context.Processes.RunAsync(new ProcessRequest(program, arguments));
        Assert.True(result.Succeeded, $"{program} {string.Join(' ', arguments)}: {result.Tail(20)}");
        return result.StandardOutput;
    }

    /// <summary>All files below the home but locks, with what is in them.</summary>
    public IReadOnlyList<string> Photograph() =>
        [.. Directory.EnumerateFiles(Home, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal) && !f.EndsWith(".owner", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(f => $"{f} {File.ReadAllText(f)}")];

    private static async Task ShimAsync(string folder, string name, string script)
    {
        var file = Path.Combine(folder, name);
        await File.WriteAllTextAsync(file, "#!/bin/bash\n" + script + "\n");
        File.SetUnixFileMode(file, AtomicFile.Shared | UnixFileMode.UserExecute);
    }
}

/// <summary>A test that needs podman without a service manager.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DirectFactAttribute : FactAttribute
{
    public DirectFactAttribute() => Skip = Need.Missing(DirectLab.Needs) ?? (File.Exists("/dev/fuse") ? null : "needs /dev/fuse");
}

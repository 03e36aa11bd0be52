using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Building;

/// <summary>
/// A builder image of Debian 12 with node, npm and cargo. It is made once from Debian packages and stays in podman's
/// storage, so later runs find it there.
/// </summary>
public sealed class BuilderImage : IAsyncLifetime
{
    /// <summary>The image.</summary>
    public const string Reference = "localhost/charly-live-builder:bookworm-1";

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-builder-").FullName;
    private string? _wrapper;

    /// <summary>Why nothing can be built here; null if it can.</summary>
    public string? Reason { get; private set; }

    /// <summary>The variables of this process, with a podman on PATH that can run containers here.</summary>
    public CharlyEnvironment Environment { get; private set; } = CharlyEnvironment.FromProcess();

    public async Task InitializeAsync()
    {
        if ((Reason = Need.Missing("root", "podman", "mmdebstrap")) is not null) return;
        if (!(await RunAsync("podman", "image", "exists", Reference)).Succeeded && !await MakeAsync()) return;
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
        var made = await RunAsync("mmdebstrap", "--mode=root", "--variant=minbase", "--include=ca-certificates,nodejs,npm,cargo,gcc,libc6-dev", "bookworm", tree);
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

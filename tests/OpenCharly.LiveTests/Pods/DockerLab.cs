using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Pods;

/// <summary>A docker daemon of its own beside the podman of a <see cref="DirectLab"/>: storage, socket and networks are below a folder that goes with it.</summary>
public sealed class DockerLab : IAsyncLifetime
{
    /// <summary>What is needed here.</summary>
    public static readonly string[] Needs = [.. DirectLab.Needs, "docker", "dockerd", "containerd", "runc"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-docker-").FullName;
    private Process? _daemon;

    /// <summary>The home, and its podman.</summary>
    public DirectLab Direct { get; } = new();

    /// <summary>A context in which both engines are to be had.</summary>
    public CharlyContext Context => Direct.Context;

    public async Task InitializeAsync()
    {
        if (Need.Missing(Needs) is not null) return;
        await Direct.InitializeAsync();

        // The daemon keeps to namespaces for the same reason as podman does there, and leaves the machine's firewall alone.
        var daemon = $"""
            umount /sys/fs/cgroup/unified 2>/dev/null
            exec {Shell.Quote(Need.Program("dockerd"))} --bridge=none --iptables=false --ip6tables=false --storage-driver=vfs --data-root={_folder}/data --exec-root={_folder}/exec --pidfile={_folder}/pid -H unix://{Socket} >{_folder}/log 2>&1
            """;
        var start = new ProcessStartInfo("unshare");
        foreach (var word in (string[])["--mount", "--propagation", "slave", "bash", "-c", daemon]) start.ArgumentList.Add(word);
        _daemon = Process.Start(start)!;

        var docker = Path.Combine(Direct.Home, "bin", "docker");
        await File.WriteAllTextAsync(docker, $"#!/bin/bash\nDOCKER_HOST=unix://{Socket} DOCKER_CONFIG={_folder}/config exec {Shell.Quote(Need.Program("docker"))} \"$@\"\n");
        File.SetUnixFileMode(docker, AtomicFile.Shared | UnixFileMode.UserExecute);
        var waited = Stopwatch.StartNew();
        CommandResult said;
        while (!(said = await Context.Processes.RunAsync(new ProcessRequest("docker", "version"))).Succeeded)
        {
            Assert.True(waited.Elapsed < Patience && !_daemon.HasExited, $"the docker daemon does not answer within {Patience.TotalSeconds:0} s: {said.Tail(2)}\n{(File.Exists(_folder + "/log") ? string.Join('\n', File.ReadLines(_folder + "/log").TakeLast(5)) : "it has printed nothing")}");
            await Task.Delay(100);
        }
    }

    public async Task DisposeAsync()
    {
        if (_daemon is not null)
        {
            if (!_daemon.HasExited)
            {
                await Direct.MustAsync("bash", "-c", "docker ps --all --quiet | xargs -r docker rm --force --volumes; docker network rm charly; true");
                await Direct.MustAsync("kill", "-TERM", $"{_daemon.Id}");
                await _daemon.WaitForExitAsync().WaitAsync(Patience);
            }

            _daemon.Dispose();
        }

        if (Need.Missing(Needs) is null) await Direct.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Runs docker; a failure fails the test.</summary>
    public Task<string> DockerAsync(params string[] arguments) => Direct.MustAsync("docker", arguments);

    private string Socket => Path.Combine(_folder, "docker.sock");
}

/// <summary>A test that needs docker and podman, both without a service manager.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DockerFactAttribute : FactAttribute
{
    public DockerFactAttribute() => Skip = Need.Missing(DockerLab.Needs) ?? (File.Exists("/dev/fuse") ? null : "needs /dev/fuse");
}

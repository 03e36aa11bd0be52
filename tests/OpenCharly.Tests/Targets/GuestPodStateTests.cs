using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Targets;

namespace OpenCharly.Tests.Targets;

/// <summary>What a machine says of the pods in it: a real shell; engines and service manager are scripts that print what a file says.</summary>
public sealed class GuestPodStateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-states-").FullName;

    public GuestPodStateTests()
    {
        foreach (var folder in (string[])["bin", "home/.config/containers/systemd", "home/.config/charly/direct"]) Directory.CreateDirectory(At(folder));
        Program("systemctl", "for unit; do case $unit in *.service) grep -qxF \"$unit\" \"$state/failed\" 2>/dev/null && echo failed || echo inactive;; esac; done");
        Engine("podman", "charly-shop running\ncharly-old exited\ncharly-bad exited\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task All_of_them_are_asked_for_with_one_script_and_one_question_to_the_engine()
    {
        foreach (var name in (string[])["shop", "new", "bad"]) File.WriteAllText(At($"home/.config/containers/systemd/charly-{name}.container"), "");
        File.WriteAllText(At("home/.config/charly/direct/charly-old.json"), "");
        File.WriteAllText(At("failed"), "charly-bad.service\ncharly-new-pod.service\n");
        var executor = Executor();
        var states = await new GuestPodStates(executor).ReadAsync([Pod("shop"), Pod("old"), Pod("new"), Pod("bad"), Pod("none"), new AwayPod("charly-inner", "podman", "charly-shop")], default);
        Assert.Equal(
            [
                new AwayPodState("running", true, false, false), new AwayPodState("exited", false, true, false), new AwayPodState(null, true, false, true), new AwayPodState("exited", true, false, true),
                new AwayPodState(null, false, false, false), new AwayPodState("paused", false, false, false),
            ],
            states);
        Assert.Equal(1, executor.RoundTrips);
        Assert.Equal(["ps", "exec"], File.ReadLines(At("podman")).Select(l => l.Split(' ')[0]));
    }

    [Fact]
    public async Task A_pod_of_docker_is_docker_s_and_an_engine_that_is_not_there_runs_nothing()
    {
        var whale = new AwayPod("charly-shop", "docker");
        Assert.Null(Assert.Single(await new GuestPodStates(Executor()).ReadAsync([whale with { Engine = "no-engine" }], default)).State);
        Engine("docker", "charly-shop paused\n");
        var states = await new GuestPodStates(Executor()).ReadAsync([whale], default);
        Assert.Equal("paused", Assert.Single(states).State);
        Assert.False(File.Exists(At("podman")));
    }

    [Fact]
    public async Task An_engine_that_refuses_is_an_error_with_its_own_words()
    {
        Program("podman", "echo 'cannot clone: Operation not permitted' >&2; exit 125");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new GuestPodStates(Executor()).ReadAsync([Pod("shop")], default));
        Assert.Equal(Errors.GuestPod, error.Code);
        Assert.Contains("(exit code 125): cannot clone: Operation not permitted", error.Message, StringComparison.Ordinal);
    }

    private static AwayPod Pod(string name) => new("charly-" + name, "podman");

    private void Engine(string name, string containers)
    {
        File.WriteAllText(At(name + "-ps"), containers);
        Program(name, $$"""
            echo "$*" >>"$state/{{name}}"
            case "$1" in
              ps) sed 's/^/container /' "$state/{{name}}-ps" ;;
              exec) [ "$*" = "exec charly-shop podman container inspect --format {{"{{.State.Status}}"}} charly-inner" ] && echo paused ;;
            esac
            """);
    }

    private CountingExecutor Executor()
    {
        var environment = new CharlyEnvironment
        {
            Variables = new Dictionary<string, string> { ["PATH"] = $"{At("bin")}:/usr/bin:/bin", ["HOME"] = At("home"), ["state"] = _folder }, Home = At("home"), WorkingDirectory = _folder,
        };
        return new CountingExecutor(new LocalExecutor(environment, new ProcessRunner(environment)));
    }

    private string At(string name) => Path.Combine(_folder, name);

    private void Program(string name, string body)
    {
        File.WriteAllText(At("bin/" + name), "#!/bin/sh\n" + body + "\n");
        File.SetUnixFileMode(At("bin/" + name), AtomicFile.PrivateFolder);
    }
}

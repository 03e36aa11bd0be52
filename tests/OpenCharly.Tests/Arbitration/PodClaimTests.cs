using OpenCharly.Arbitration;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Pods;

namespace OpenCharly.Tests.Arbitration;

/// <summary>The verbs of pods take and give back what their entries claim.</summary>
public sealed class PodClaimTests : IDisposable
{
    private const string Studio = "charly-wiki-2026.1.1.service";
    private const string Bench = "charly-bench.service";

    private readonly PodLab _lab = new();
    private readonly HashSet<string> _running = [Studio];
    private readonly List<string> _calls = [];
    private string? _refused;

    public PodClaimTests()
    {
        _lab.Add("plain:2026.150.0900", PodCases.Plain);
        _lab.Write(
            """
            deploy:
              bench: {box: plain, requires_exclusive: [gpu, tuner]}
              other: {box: plain, requires_exclusive: [gpu]}
              wiki-2026.1.1: {box: plain, preemptible: [gpu]}

            """);
        _lab.Play = Answer;
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Start_stops_who_holds_it_and_stop_starts_him_again()
    {
        await ConfigureAllAsync();
        await StartAsync("bench");
        Assert.Equal([$"stop {Studio}", $"start {Bench}"], _calls);
        Assert.Equal(("bench", "gpu tuner"), Lease(Assert.Single(await new GetLeases(_lab.Context).RunAsync())));
        await new StopPod(_lab.Context).RunAsync(new PodRequest { Name = "bench" });
        Assert.Equal([$"stop {Studio}", $"start {Bench}", $"stop {Bench}", $"start {Studio}"], _calls);
        Assert.Empty(await new GetLeases(_lab.Context).RunAsync());
    }

    [Fact]
    public async Task Configuring_alone_takes_nothing()
    {
        await ConfigureAllAsync();
        Assert.Empty(_calls);
        Assert.Empty(await new GetLeases(_lab.Context).RunAsync());
    }

    [Fact]
    public async Task A_restart_takes_it_an_update_keeps_it_and_a_removal_gives_it_back()
    {
        await ConfigureAllAsync();
        await new StopPod(_lab.Context).RestartAsync(new PodRequest { Name = "bench" });
        Assert.DoesNotContain(Studio, _running);
        await new UpdatePod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "bench", Autodetect = false }, pull: false);
        Assert.Equal([$"stop {Studio}", $"restart {Bench}", $"stop {Bench}", $"start {Bench}"], _calls);
        await new RemovePod(_lab.Context).RunAsync(new RemovePodRequest { Name = "bench" });
        Assert.Contains(Studio, _running);
        Assert.Empty(await new GetLeases(_lab.Context).RunAsync());
    }

    [Fact]
    public async Task What_config_remove_stops_no_longer_holds_anything()
    {
        await ConfigureAllAsync();
        await StartAsync("bench");
        await new RemovePod(_lab.Context).DisableAsync(new PodRequest { Name = "bench" });
        Assert.Contains(Studio, _running);
    }

    [Fact]
    public async Task A_start_that_fails_gives_it_back()
    {
        await ConfigureAllAsync();
        _refused = Bench;
        Assert.Equal(Errors.PodService, (await Assert.ThrowsAsync<CharlyException>(() => StartAsync("bench"))).Code);
        Assert.Contains(Studio, _running);
        Assert.Empty(await new GetLeases(_lab.Context).RunAsync());
    }

    [Fact]
    public async Task Who_comes_second_is_told_who_has_it_and_nothing_is_changed()
    {
        await ConfigureAllAsync();
        await StartAsync("bench");
        _calls.Clear();
        var error = await Assert.ThrowsAsync<CharlyException>(() => StartAsync("other"));
        Assert.Equal(Errors.LeaseHeld, error.Code);
        Assert.Contains("bench", error.Message, StringComparison.Ordinal);
        Assert.Empty(_calls);
    }

    [Fact]
    public async Task What_an_outer_run_holds_is_neither_taken_nor_given_back()
    {
        await ConfigureAllAsync();
        _lab.Variables["CHARLY_PREEMPT_LEASE"] = "bed";
        await StartAsync("bench");
        await new StopPod(_lab.Context).RunAsync(new PodRequest { Name = "bench" });
        Assert.Equal([$"start {Bench}", $"stop {Bench}"], _calls);
    }

    [Fact]
    public async Task A_holder_of_direct_mode_is_made_again_since_its_container_is_gone_when_it_stops()
    {
        _lab.Variables["CHARLY_RUN_MODE"] = "direct";
        _running.Clear();
        await ConfigureAllAsync();
        _running.Remove("charly-bench");
        _calls.Clear();
        await StartAsync("bench");
        Assert.Equal(["stop charly-wiki-2026.1.1", "run charly-bench"], _calls);
        await new StopPod(_lab.Context).RunAsync(new PodRequest { Name = "bench" });
        Assert.Equal(["stop charly-wiki-2026.1.1", "run charly-bench", "stop charly-bench", "run charly-wiki-2026.1.1"], _calls);
    }

    [Fact]
    public async Task A_holder_in_docker_is_looked_for_stopped_and_started_there()
    {
        _lab.Programs.Add("docker");
        _lab.Variables["CHARLY_RUN_MODE"] = "direct";
        _lab.Write("deploy:\n  bench: {box: plain, requires_exclusive: [gpu]}\n  wiki-2026.1.1: {box: plain, engine: docker, preemptible: [gpu]}\n");
        _running.Clear();
        await ConfigureAllAsync();
        Assert.Contains("docker stop charly-wiki-2026.1.1", _calls);
        _calls.Clear();
        _running.Remove("charly-wiki-2026.1.1");
        await new StopPod(_lab.Context).RunAsync(new PodRequest { Name = "bench" });
        Assert.Equal(["stop charly-bench", "docker run charly-wiki-2026.1.1"], _calls);
        Assert.DoesNotContain(_lab.Commands, c => (c.StartsWith("podman run", StringComparison.Ordinal) || c.StartsWith("podman stop", StringComparison.Ordinal)) && c.Contains("wiki-2026.1.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_claimant_in_docker_keeps_its_lease_while_it_runs_there()
    {
        _lab.Programs.Add("docker");
        _lab.Variables["CHARLY_RUN_MODE"] = "direct";
        _lab.Write("deploy:\n  bench: {box: plain, engine: docker, requires_exclusive: [gpu]}\n  wiki-2026.1.1: {box: plain, preemptible: [gpu]}\n");
        _running.Clear();
        await ConfigureAllAsync();
        Assert.False(Assert.Single(await new GetLeases(_lab.Context).RunAsync()).IsStranded);
    }

    private static (string Claimant, string Tokens) Lease(LeaseStatus lease) => (lease.Name, string.Join(' ', lease.Tokens));

    private Task StartAsync(string name) => new StartPod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = name, Autodetect = false });

    private async Task ConfigureAllAsync()
    {
        foreach (var name in (string[])["wiki-2026.1.1", "bench"]) await _lab.ConfigureAsync(name);
        if (!_lab.Variables.ContainsKey("CHARLY_RUN_MODE")) await _lab.ConfigureAsync("other");
        _running.Add(_lab.Variables.ContainsKey("CHARLY_RUN_MODE") ? "charly-wiki-2026.1.1" : Studio);
    }

    private CommandResult? Answer(ProcessRequest request)
    {
        string[] words = [.. request.Arguments];
        return (request.Program, words) switch
        {
            ("systemctl", ["--user", "is-active", var unit]) => PodLab.Done(_running.Contains(unit) ? "active\n" : "inactive\n"),
            ("systemctl", ["--user", "start" or "restart" or "stop", var unit]) => Change(words[1], unit),
            ("podman", ["container", "inspect", "--format", "{{.State.Running}}", var container]) => _running.Contains(container) ? PodLab.Done("true\n") : PodLab.Failed("no such container"),
            ("podman", ["run", "-d", ..]) => Change("run", words[Array.IndexOf(words, "--name") + 1]),
            ("docker", ["image", "inspect", ..]) => PodLab.Done("""[{"Id":"sha256:ee","RepoTags":["plain:2026.150.0900"],"Config":{"Labels":{"ai.opencharly.version":"2026.150.0900","ai.opencharly.box":"plain"}}}]"""),
            ("docker", ["images", ..]) => PodLab.Done("sha256:ee\n"),
            ("docker", ["run", "-d", ..]) => Change("docker run", "docker " + words[Array.IndexOf(words, "--name") + 1]),
            ("docker", ["stop", ..]) => Change("docker stop", "docker " + words[^1]),
            ("docker", ["container", "inspect", .., var container]) => _running.Contains("docker " + container) ? PodLab.Done("true\n") : PodLab.Failed("Error: No such container"),
            ("podman", ["stop", ..]) => Change("stop", words[^1]),
            _ => null,
        };
    }

    private CommandResult Change(string verb, string name)
    {
        if (name == _refused && verb != "stop") return PodLab.Failed("Job failed.");
        _calls.Add($"{verb} {name.Split(' ')[^1]}");
        if (verb.EndsWith("stop", StringComparison.Ordinal)) _running.Remove(name);
        else _running.Add(name);
        return PodLab.Done();
    }
}

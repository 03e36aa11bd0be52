using System.Net;
using System.Net.Sockets;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Pods.Volumes;

namespace OpenCharly.LiveTests.Pods;

/// <summary>Pods with <c>engine: docker</c>, in a real daemon, beside others in podman (pod.md §3.3, §3.4, §16).</summary>
public sealed class DockerPodTests(DockerLab lab) : IClassFixture<DockerLab>
{
    [DockerFact]
    public async Task A_pod_lives_in_docker_and_an_update_hands_it_to_podman_and_back()
    {
        var port = FreePort();
        Entry("docker");
        var told = new Told();
        var context = new CharlyContext(lab.Context.Environment, told).With("LIVE_PASSWORD", "canary-78");

        // The image was made with podman: it is handed over.
        var made = await new ConfigurePod(context).RunAsync(Config("whale"));
        Assert.Equal(("direct", $"localhost/notes:{PodImages.Old}"), (made.Mode, made.Image));
        Assert.Equal($"page of {PodImages.Old}\n", await GetAsync(port, "index.html"));
        Assert.Equal(("charly-whale\n", ""), await RunningAsync());
        await SeenAsync(PodStatus.Running);
        Assert.Equal("canary-78 1000\n", await lab.DockerAsync("exec", "charly-whale", "sh", "-c", "echo $DB_PASSWORD $(id -u)"));
        var lines = new List<string>();
        await new GetPodLog(context).RunAsync(new PodLogRequest { Name = "whale" }, lines.Add);
        Assert.Contains($"notes {PodImages.Old} runs as 1000", lines);
        var session = await new EnterPod(context).RunAsync(new EnterPodRequest { Name = "whale", Command = "id", Terminal = false });
        Assert.Equal("docker", Path.GetFileName(session.Program));

        Assert.Equal(PodStatus.Stopped, (await new StopPod(context).RunAsync(new PodRequest { Name = "whale" })).Status);
        Assert.Equal(("", ""), await RunningAsync());
        await SeenAsync(PodStatus.Stopped);
        Assert.Equal(PodStatus.Running, (await new StartPod(context).RunAsync(Config("whale"))).Status);
        await lab.DockerAsync("exec", "charly-whale", "sh", "-c", "echo mine >/data/index.html");
        Assert.Equal(PodStatus.Running, (await new StopPod(context).RestartAsync(new PodRequest { Name = "whale" })).Status);
        Assert.Equal("mine\n", await GetAsync(port, "index.html"));

        foreach (var engine in (string[])["podman", "docker"])
        {
            Entry(engine);
            await new UpdatePod(context).RunAsync(Config("whale") with { Tag = PodImages.New, Seed = SeedMode.Merge }, pull: false);
            Assert.Equal(engine == "docker" ? ("charly-whale\n", "") : ("", "charly-whale\n"), await RunningAsync());
            Assert.Contains(told.Texts, t => t.Contains($"whale: charly-whale-vault stays in {(engine == "docker" ? "podman" : "docker")}", StringComparison.Ordinal));
            await SeenAsync(PodStatus.Running);
            Assert.Equal(("mine\n", $"new in {PodImages.New}\n"), (await GetAsync(port, "index.html"), await GetAsync(port, $"only-{PodImages.New}.html")));
        }

        Assert.Contains("volume charly-whale-vault", await new RemovePod(context).RunAsync(new RemovePodRequest { Name = "whale", Purge = true }));
        Assert.Equal(("", ""), await RunningAsync());
        Assert.Equal("", await lab.DockerAsync("volume", "ls", "--quiet"));
        Assert.DoesNotContain(lab.Direct.Photograph(), f => f.Contains("canary-78", StringComparison.Ordinal));

        void Entry(string engine) => lab.Direct.Entries(
            $"  whale:\n    engine: {engine}\n    box: notes\n    tag: {PodImages.Old}\n    port: ['{port}:8080']\n    volume: [{{name: data, type: bind}}]\n    secret: [{{name: db-password, source: 'env:LIVE_PASSWORD'}}]\n");

        async Task SeenAsync(PodStatus status)
        {
            var pod = Assert.Single(await new GetPods(context).RunAsync(new PodQuery { Names = ["whale"], Details = true }));
            Assert.Equal((status, "direct"), (pod.Status, pod.RunMode));
            if (status != PodStatus.Running) return;
            Assert.Equal(port, Assert.Single(pod.Ports).HostPort);
            Assert.Contains(pod.Volumes, v => v.StartsWith("data: ", StringComparison.Ordinal) && v.EndsWith("-> /data", StringComparison.Ordinal));
        }
    }

    [DockerFact]
    public async Task Whoever_holds_something_in_docker_is_stopped_there_for_a_pod_in_podman_and_started_again()
    {
        lab.Direct.Entries("  docked: {box: notes, engine: docker, preemptible: [gpu]}\n  bench: {box: notes, engine: podman, requires_exclusive: [gpu]}\n");
        await new ConfigurePod(lab.Context).RunAsync(Config("docked"));
        Assert.Equal(("charly-docked\n", ""), await RunningAsync());
        await new ConfigurePod(lab.Context).RunAsync(Config("bench"));
        Assert.Equal(("", "charly-bench\n"), await RunningAsync());
        var lease = Assert.Single(await new GetLeases(lab.Context).RunAsync());
        Assert.Equal(("bench", false, "docked"), (lease.Name, lease.IsStranded, Assert.Single(lease.Preempted)));
        await new StopPod(lab.Context).RunAsync(new PodRequest { Name = "bench" });
        Assert.Equal(("charly-docked\n", ""), await RunningAsync());
        Assert.Empty(await new GetLeases(lab.Context).RunAsync());
        foreach (var name in (string[])["docked", "bench"]) await new RemovePod(lab.Context).RunAsync(new RemovePodRequest { Name = name, Purge = true });
    }

    [DockerFact]
    public async Task A_named_volume_gets_the_files_of_an_image_that_has_nothing_to_run_and_an_update_leaves_what_is_there()
    {
        const string Image = "localhost/files:2026.202.0001";
        await lab.Direct.MustAsync("bash", "-c", $$"""
            set -eu
            tree=$(mktemp -d)
            mkdir -p "$tree/pack/sub"
            echo theirs >"$tree/pack/index.html"
            echo deep >"$tree/pack/sub/deep.txt"
            ln -s index.html "$tree/pack/link"
            chown -R 4711:4712 "$tree/pack/sub/deep.txt"
            label=ai.opencharly
            tar -C "$tree" --numeric-owner -cf - pack | docker import --change "LABEL $label.version=2026.202.0001" --change "LABEL $label.box=files" --change "LABEL $label.data_box=true" \
              --change "LABEL $label.uid=1000" --change "LABEL $label.gid=1000" --change "LABEL $label.data='[{\"volume\":\"data\",\"staging\":\"/pack\",\"candy\":\"files\",\"dest\":\"www\"}]'" - {{Image}}
            rm -rf "$tree"
            """);
        lab.Direct.Entries($"  filled: {{box: notes, tag: {PodImages.Old}, engine: docker}}\n");
        await new ConfigurePod(lab.Context).RunAsync(Config("filled") with { DataFrom = Image });
        Assert.Equal("theirs\ntheirs\n4711:4712\n1000:1000\n1000:1000\n", await SeenAsync("cat /data/www/index.html /data/www/link; busybox stat -c %u:%g /data/www/sub/deep.txt /data/www /data"));
        await SeenAsync("echo mine >/data/www/index.html; rm /data/www/sub/deep.txt");
        Assert.Equal(["data"], await new SeedPod(lab.Context).RunAsync(new PodRequest { Name = "filled" }, SeedMode.Merge, null, Image));
        Assert.Equal("mine\ndeep\n", await SeenAsync("cat /data/www/index.html /data/www/sub/deep.txt"));
        Assert.Equal(["data"], await new SeedPod(lab.Context).RunAsync(new PodRequest { Name = "filled" }, SeedMode.Force, null, Image));
        Assert.Equal("theirs\n", await SeenAsync("cat /data/www/index.html"));
        Assert.Equal("charly-filled\n", await lab.DockerAsync("ps", "--all", "--format", "{{.Names}}"));
        await new RemovePod(lab.Context).RunAsync(new RemovePodRequest { Name = "filled", Purge = true });

        Task<string> SeenAsync(string script) => lab.DockerAsync("exec", "--user", "0", "charly-filled", "sh", "-c", script);
    }

    private async Task<(string Docker, string Podman)> RunningAsync() => (
        await lab.DockerAsync("ps", "--filter", "name=charly-", "--format", "{{.Names}}"), await lab.Direct.MustAsync("podman", "ps", "--filter", "name=^charly-", "--format", "{{.Names}}"));

    private sealed class Told : IProgress<CharlyEvent>
    {
        public List<string> Texts { get; } = [];

        public void Report(CharlyEvent value)
        {
            lock (Texts) Texts.Add($"{value}");
        }
    }

    private static ConfigurePodRequest Config(string name) => new() { Name = name, Autodetect = false };

    private static async Task<string> GetAsync(int port, string path)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        return await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/{path}"));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

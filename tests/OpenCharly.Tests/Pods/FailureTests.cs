using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Pods;

/// <summary>Every row of pod.md §18: code, place, and nothing changed.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly PodLab _lab = new();

    public FailureTests()
    {
        _lab.Add("plain:2026.150.0900", PodCases.Plain with { Ports = [new(8080, false)], Volumes = [new("charly-plain-data", "/data")] });
        _lab.Add("needy:2026.1.0001", PodCases.Plain with
        {
            Version = "2026.1.0001", Box = "needy", EnvRequire = [new("MODE", "how it works", null, null)], SecretRequire = [new("LICENSE", "the licence", null, null)],
            McpRequire = [new("search", "finds things", null, null)],
        });
        _lab.Add("mcp:2026.1.0001", PodCases.Plain with { Version = "2026.1.0001", Box = "mcp", McpRequire = [new("search", "finds things", null, null)], Data = [new("nowhere", "/data/nowhere", "x", "")] });
    }

    public void Dispose() => _lab.Dispose();

    public static TheoryData<string, string, string, int> Rows => new()
    {
        { "no box", "target: pod", "CFG009", 3 },
        { "a remote reference", "box: github.com/acme/desk/box/desk", "image.reference", 3 },
        { "a bad pin", "box: plain\n    port: ['8080:x']", "pod.port", 4 },
        { "one host port pinned twice", "box: plain\n    port: ['80:8080', '80:9090']", "pod.port", 4 },
        { "a bad tunnel rule", "box: plain\n    tunnel: {provider: tailscale, private: [1]}", "pod.tunnel", 4 },
        { "a missing parameter of a sidecar", "box: plain\n    sidecar: {tailscale: {}}", "pod.sidecar", 4 },
        { "a sidecar without image", "box: plain\n    sidecar: {mine: {env: {A: '1'}}}", "pod.sidecar", 4 },
        { "a missing environment file", "box: plain\n    env_file: /no/such/file", "pod.environment", 4 },
        { "missing requirements", "box: needy", "pod.requirement", 3 },
        { "an unknown volume type", "box: plain\n    volume: [{name: data, type: nfs}]", "pod.volume", 4 },
        { "a volume without a name", "box: plain\n    volume: [{type: bind}]", "pod.volume", 4 },
        { "a host path that is none", "box: plain\n    volume: [{name: data, type: bind, host: 'a:b'}]", "pod.volume", 4 },
        { "an unknown engine", "box: plain\n    engine: runc", "pod.entry", 4 },
        { "an unknown source of a secret", "box: plain\n    secret: [{name: x, source: 'vault:x'}]", "pod.secret", 4 },
        { "retired bind mounts", "box: plain\n    bind_mounts: [a]", "CFG003", 4 },
        { "a key with its alias", "box: plain\n    port: ['80:80']\n    ports: ['81:81']", "yaml.duplicate_key", 5 },
        { "a line break in a network", "box: plain\n    network: \"a\\nb\"", "pod.entry", 4 },
        { "an image that is not here", "box: registry.example.org/acme/none:1", "ErrImageNotLocal", 3 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_row_of_the_table_is_an_error_with_its_place_and_nothing_is_changed(string row, string entry, string code, int line)
    {
        _lab.Write($"deploy:\n  app:\n    {entry}\n");
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAnyAsync<CharlyException>(() => _lab.ConfigureAsync("app"));
        Assert.True(error.Code.Id == code, $"{row}: {error.Code.Id} {error.Message}");
        Assert.True(error.Position?.Line == line, $"{row}: {error.Position}");
        Assert.NotEmpty(error.Help);
        Assert.Equal(before, _lab.Photograph());
        Assert.Empty(_lab.Secrets);
        Assert.DoesNotContain(_lab.Commands, c => c.Contains("create", StringComparison.Ordinal) || c.Contains("systemctl", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_image_that_is_no_box_is_to_be_rebuilt()
    {
        _lab.Write("deploy:\n  app: {box: 'registry.example.org/acme/bare:1'}\n");
        _lab.Play = r => r.Arguments is ["image", "inspect", "registry.example.org/acme/bare:1"] ? PodLab.Done("""[{"Id":"ab","RepoTags":["registry.example.org/acme/bare:1"],"Config":{}}]""") : null;
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.ConfigureAsync("app"));
        Assert.Equal((Errors.ImageMetadata, "image registry.example.org/acme/bare:1 has no embedded metadata; rebuild it"), (error.Code, error.Message));
        Assert.Equal(before, _lab.Photograph());
    }

    [Theory]
    [InlineData("config")]
    [InlineData("start")]
    [InlineData("stop")]
    [InlineData("restart")]
    [InlineData("update")]
    [InlineData("remove")]
    [InlineData("seed")]
    [InlineData("log")]
    [InlineData("shell")]
    public async Task A_remote_box_is_no_deployment_for_any_verb_and_leads_to_box_pull(string verb)
    {
        const string name = "github.com/acme/desk/box/desk";
        var configure = new ConfigurePodRequest { Name = name, Autodetect = false };
        var error = await Assert.ThrowsAsync<CharlyException>(() => verb switch
        {
            "config" => new ConfigurePod(_lab.Context).RunAsync(configure),
            "start" => new StartPod(_lab.Context).RunAsync(configure),
            "stop" => new StopPod(_lab.Context).RunAsync(new PodRequest { Name = name }),
            "restart" => new StopPod(_lab.Context).RestartAsync(new PodRequest { Name = name }),
            "update" => new UpdatePod(_lab.Context).RunAsync(configure, pull: true),
            "remove" => new RemovePod(_lab.Context).RunAsync(new RemovePodRequest { Name = name }),
            "seed" => new SeedPod(_lab.Context).RunAsync(new PodRequest { Name = name }, OpenCharly.Pods.Volumes.SeedMode.Initial, null, null),
            "log" => new GetPodLog(_lab.Context).RunAsync(new PodLogRequest { Name = name }, _ => { }),
            _ => new EnterPod(_lab.Context).RunAsync(new EnterPodRequest { Name = name }),
        });
        Assert.Equal((Errors.ImageReference, $"Run: charly box pull {name}"), (error.Code, error.Help));
        Assert.Empty(_lab.Commands);
    }

    [Fact]
    public async Task Sidecars_need_podman_5_which_is_said_before_anything_is_written()
    {
        _lab.Write("deploy:\n  app:\n    box: plain\n    sidecar: {redis: {image: redis}}\n");
        _lab.Version = "4.3.1";
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.ConfigureAsync("app"));
        Assert.Equal((Errors.PodSidecar, 4), (error.Code, error.Position?.Line));
        Assert.Contains("4.3.1", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task Names_of_a_tunnel_that_can_t_be_routed_are_a_warning()
    {
        _lab.Programs.Add("cloudflared");
        Directory.CreateDirectory(Path.Combine(_lab.Home, ".cloudflared"));
        File.WriteAllText(Path.Combine(_lab.Home, ".cloudflared", "0b7c1111-2222-4333-8444-555566667777.json"), "{}");
        _lab.Add("web:2026.1.0001", PodCases.Plain with { Version = "2026.1.0001", Box = "web", Ports = [new(8080, false)] });
        _lab.Write("deploy:\n  web: {box: web, tunnel: {provider: cloudflare, public: [8080], dns: web.example.org}}\n");
        _lab.Play = r => r.Program != "cloudflared" ? null : r.Arguments.Contains("list") ? PodLab.Done("""[{"id":"0b7c1111-2222-4333-8444-555566667777","name":"charly-web"}]""") : PodLab.Failed("zone is not yours");
        await _lab.ConfigureAsync("web");
        Assert.Contains(_lab.Warnings, w => w.Contains("web.example.org", StringComparison.Ordinal) && w.Contains("zone is not yours", StringComparison.Ordinal));
        Assert.True(File.Exists(_lab.Quadlet("charly-web.container")));
    }

    [Fact]
    public async Task Only_boxes_can_be_built()
    {
        _lab.Write("deploy:\n  app: {box: 'registry.example.org/acme/app:1'}\n");
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.ConfigureAsync("app", r => r with { Build = true }));
        Assert.Equal(before, _lab.Photograph());
        Assert.Equal(Errors.Usage, error.Code);
        Assert.StartsWith("\"registry.example.org/acme/app:1\" is an image", error.Message, StringComparison.Ordinal);
        Assert.Empty(_lab.Commands);
    }

    [Fact]
    public async Task No_box_says_so_and_leads_to_migrate()
    {
        _lab.Write("deploy:\n  app: {target: pod}\n");
        var error = await Assert.ThrowsAnyAsync<CharlyException>(() => _lab.ConfigureAsync("app"));
        Assert.Contains("box is required", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"app\"", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Run: charly migrate", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_is_not_here_is_named_with_the_command_that_fetches_it_and_exit_code_4()
    {
        _lab.Write("deploy:\n  app: {box: 'registry.example.org/acme/none:1'}\n");
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.ConfigureAsync("app"));
        Assert.Equal("image \"registry.example.org/acme/none:1\" is not available locally", error.Message);
        Assert.Equal("Run 'charly box pull registry.example.org/acme/none:1' to fetch it first", error.Help);
        Assert.Equal(ErrorKind.WrongState, error.Code.Kind);
    }

    [Fact]
    public async Task All_missing_requirements_are_listed_with_their_descriptions()
    {
        _lab.Write("deploy:\n  app: {box: needy}\n");
        var error = await Assert.ThrowsAsync<CharlyValidationException>(() => _lab.ConfigureAsync("app"));
        Assert.Contains("MODE: how it works", error.Message, StringComparison.Ordinal);
        Assert.Contains("LICENSE: the licence", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_MCP_server_and_data_for_an_unknown_volume_are_warnings()
    {
        await _lab.ConfigureAsync("mcp");
        Assert.Contains(_lab.Warnings, w => w.Contains("\"search\"", StringComparison.Ordinal));
        Assert.Contains(_lab.Warnings, w => w.Contains("\"nowhere\"", StringComparison.Ordinal));
        Assert.True(File.Exists(_lab.Quadlet("charly-mcp.container")));
    }

    [Fact]
    public async Task Two_keys_with_one_container_name_are_refused_when_the_second_is_configured()
    {
        _lab.Write("deploy:\n  a-b: {box: plain}\n  a/b:\n    box: plain\n");
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.ConfigureAsync("a/b"));
        Assert.Equal(Errors.PodCollision, error.Code);
        Assert.Equal(4, error.Position?.Line);
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task A_state_file_that_can_t_be_read_stops_every_writer_and_stays_as_it_is()
    {
        _lab.Write("deploy: [\n");
        var before = _lab.Photograph();
        foreach (var act in new Func<Task>[] { () => _lab.ConfigureAsync("plain"), () => new StartPod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "plain" }), () => new RemovePod(_lab.Context).RunAsync(new RemovePodRequest { Name = "plain" }) })
        {
            Assert.Equal(Errors.YamlSyntax, (await Assert.ThrowsAnyAsync<CharlyException>(act)).Code);
        }

        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task Status_answers_all_the_same_with_one_warning()
    {
        _lab.Write("deploy: [\n");
        _lab.Containers = """[{"Names":["charly-plain"],"Image":"plain","State":"running","Status":"Up 3 minutes"}]""";
        var pod = Assert.Single(await new GetPods(_lab.Context).RunAsync(new PodQuery()));
        Assert.Equal(("plain", PodStatus.Running, "3 minutes"), (pod.Name, pod.Status, pod.Uptime));
        Assert.Single(_lab.Warnings);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("restart")]
    [InlineData("log")]
    [InlineData("seed")]
    public async Task A_pod_that_is_not_configured_is_a_wrong_state_that_names_config(string verb)
    {
        _lab.Write("deploy:\n  plain: {box: plain}\n");
        var request = new PodRequest { Name = "plain" };
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => verb switch
        {
            "stop" => new StopPod(_lab.Context).RunAsync(request),
            "restart" => new StopPod(_lab.Context).RestartAsync(request),
            "log" => new GetPodLog(_lab.Context).RunAsync(new PodLogRequest { Name = "plain" }, _ => { }),
            _ => new SeedPod(_lab.Context).RunAsync(request, OpenCharly.Pods.Volumes.SeedMode.Initial, null, null),
        });
        Assert.Equal("plain is not configured; run 'charly config plain' first", error.Message);
        Assert.Equal((ErrorKind.WrongState, 2), (error.Code.Kind, error.Position?.Line));
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task A_command_in_a_container_that_does_not_run_is_a_wrong_state()
    {
        _lab.Write("deploy:\n  plain: {box: plain}\n");
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => new EnterPod(_lab.Context).RunAsync(new EnterPodRequest { Name = "plain", Command = "true", MustRun = true }));
        Assert.Equal(before, _lab.Photograph());
        Assert.Equal("container charly-plain is not running", error.Message);
        Assert.Equal(Errors.PodNotRunning, error.Code);
    }

    [Fact]
    public async Task An_ssh_key_that_is_asked_for_and_not_there_is_an_error_and_else_none()
    {
        _lab.Clear();
        _lab.Add("plain:2026.150.0900", PodCases.Plain with { EnvAccept = [new("SSH_AUTHORIZED_KEYS", "", null, null)] });
        _lab.Write("deploy:\n  app: {box: plain}\n");
        var before = _lab.Photograph();
        Assert.Equal(Errors.SshNoKey, (await Assert.ThrowsAsync<CharlyException>(() => _lab.ConfigureAsync("app", r => r with { SshKey = "auto" }))).Code);
        Assert.Equal(before, _lab.Photograph());
        await _lab.ConfigureAsync("app");
    }

    [Fact]
    public async Task An_encrypted_volume_that_is_not_set_up_can_not_be_mounted()
    {
        _lab.Programs.Add("gocryptfs");
        _lab.Write("deploy:\n  app: {box: plain, volume: [{name: data, type: encrypted, path: /data}]}\n");
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => new PodVolumes(_lab.Context).MountAsync(new PodRequest { Name = "app" }, null, CancellationToken.None));
        Assert.Equal(Errors.PodEncryption, error.Code);
        Assert.Contains("charly config app", error.Help, StringComparison.Ordinal);
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task A_shell_that_would_write_plain_text_below_an_encrypted_volume_is_refused()
    {
        _lab.Programs.Add("gocryptfs");
        _lab.Write("deploy:\n  app: {box: plain, volume: [{name: data, type: encrypted, path: /data}]}\n");
        var cipher = Path.Combine(_lab.Home, ".local/share/charly/encrypted/charly-app-data/cipher");
        Directory.CreateDirectory(cipher);
        Directory.CreateDirectory(Path.Combine(cipher, "../plain"));
        foreach (var name in (string[])["gocryptfs.conf", "gocryptfs.diriv", "XyZ"]) File.WriteAllText(Path.Combine(cipher, name), "x");
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => new EnterPod(_lab.Context).RunAsync(new EnterPodRequest { Name = "app", Autodetect = false }));
        Assert.Equal(Errors.PodEncryption, error.Code);
        Assert.NotEmpty(error.Help);
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task What_is_not_there_can_t_be_removed()
    {
        _lab.Write("deploy:\n  plain: {box: plain}\n");
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => new RemovePod(_lab.Context).RunAsync(new RemovePodRequest { Name = "plian" }));
        Assert.Equal(Errors.PodNotFound, error.Code);
        Assert.Equal(before, _lab.Photograph());
        Assert.Equal("Did you mean \"plain\"?", error.Help);
    }
}

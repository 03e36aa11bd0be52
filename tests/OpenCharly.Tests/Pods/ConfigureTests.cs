using System.Net;
using System.Net.Sockets;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Pods;

public sealed class ConfigureTests : IDisposable
{
    private const string Image = "registry.example.org/acme/notes:2026.200.0915";
    private readonly PodLab _lab = new();

    public ConfigureTests() => _lab.Add(Image, PodCases.Notes with { Secrets = [], Ports = [new(8080, false)] });

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_box_without_an_entry_is_configured_and_gets_one()
    {
        var result = await _lab.ConfigureAsync("notes");
        Assert.Equal(("notes", Image, "quadlet"), (result.Name, result.Image, result.Mode));
        var text = File.ReadAllText(_lab.Quadlet("charly-notes.container"));
        Assert.Contains($"Image={Image}\n", text, StringComparison.Ordinal);
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(_lab.Quadlet("charly-notes.container")));
        Assert.Contains("box: notes", _lab.Entry, StringComparison.Ordinal);
        Assert.Contains("resolved_port:", _lab.Entry, StringComparison.Ordinal);
        Assert.Contains("systemctl --user daemon-reload", _lab.Commands);
        Assert.DoesNotContain(_lab.Commands, c => c.Contains(" start ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_template_of_a_namespace_lies_below_the_entry_and_one_that_is_nowhere_is_refused_before_anything_is_written()
    {
        Directory.CreateDirectory(Path.Combine(_lab.Home, "common"));
        File.WriteAllText(Path.Combine(_lab.Home, "common/charly.yml"), "version: 2026.163.0928\npod:\n  plain: {env_default: {MODE: shared, LEVEL: low}}\n");
        File.WriteAllText(Path.Combine(_lab.Home, "charly.yml"), "version: 2026.163.0928\nimport: [{common: ./common}]\n");
        _lab.Write("deploy:\n  notes: {box: notes, pod: common.plain, env: [LEVEL=high]}\n");
        await _lab.ConfigureAsync("notes");
        var text = File.ReadAllText(_lab.Quadlet("charly-notes.container"));
        Assert.Contains("Environment=MODE=shared\nEnvironment=LEVEL=high\n", text, StringComparison.Ordinal);
        _lab.Write("deploy:\n  other: {box: notes, pod: common.plian}\n");
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.ConfigureAsync("other"));
        Assert.Equal((Errors.CfgReference, 2, 28), (error.Code, error.Position!.Line, error.Position.Column));
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task Configuring_again_changes_nothing()
    {
        _lab.Write("# mine\ndeploy:\n  notes: # the notes\n    box: notes\n    volume: [{name: data, type: bind, host: ~/notes}]\n");
        await _lab.ConfigureAsync("notes");
        var before = _lab.Photograph();
        await _lab.ConfigureAsync("notes");
        Assert.Equal(before, _lab.Photograph());
        Assert.Contains("# the notes", _lab.Entry, StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(_lab.Home, "notes")));
    }

    [Fact]
    public async Task Choices_of_the_command_line_are_kept_in_the_entry()
    {
        await _lab.ConfigureAsync("notes", r => r with { Ports = ["18080:8080"], Environment = ["A=1", "B=x y"], Binds = ["data=/srv/notes"], MemoryMax = "1g", Cpus = "2" });
        await _lab.ConfigureAsync("notes", r => r with { Environment = ["A=2"] });
        var text = File.ReadAllText(_lab.Quadlet("charly-notes.container"));
        foreach (var line in new[] { "PublishPort=127.0.0.1:18080:8080", "Environment=A=2", "Environment=B=\"x y\"", "Volume=/srv/notes:/home/app/data", "MemoryMax=1G", "CPUQuota=200%" }) Assert.Contains(line + "\n", text, StringComparison.Ordinal);
        await _lab.ConfigureAsync("notes", r => r with { Clean = true });
        Assert.DoesNotContain("Environment=A", File.ReadAllText(_lab.Quadlet("charly-notes.container")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pin_given_later_replaces_the_one_of_its_container_port()
    {
        _lab.Write("deploy:\n  notes: {box: notes, port: ['1.2.3.4:18080:8080/tcp', '9:9']}\n");
        await _lab.ConfigureAsync("notes", r => r with { Ports = ["19090:8080"], DryRun = false });
        Assert.Contains("PublishPort=1.2.3.4:19090:8080/tcp\n", File.ReadAllText(_lab.Quadlet("charly-notes.container")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_variable_for_volumes_counts_below_the_command_line_and_above_the_entry()
    {
        _lab.Write("deploy:\n  notes: {box: notes, volume: [{name: data, type: volume}, {name: cache, type: volume}]}\n");
        _lab.Variables["CHARLY_VOLUMES_NOTES"] = "data:bind:/from-variable,cache:bind:/from-variable-too";
        await _lab.ConfigureAsync("notes", r => r with { Volumes = ["cache:volume"], DryRun = true });
        var plan = (await _lab.ConfigureAsync("notes", r => r with { Volumes = ["cache:volume"], DryRun = true })).Files[0].Text;
        Assert.Contains("Volume=/from-variable:/home/app/data\n", plan, StringComparison.Ordinal);
        Assert.Contains("Volume=charly-notes-cache:/var/cache/notes\n", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_writes_nothing_and_says_what_it_would_write()
    {
        var before = _lab.Photograph();
        var result = await _lab.ConfigureAsync("notes", r => r with { DryRun = true });
        Assert.Equal(before, _lab.Photograph());
        Assert.Equal(_lab.Quadlet("charly-notes.container"), Assert.Single(result.Files).Name);
        Assert.DoesNotContain(_lab.Commands, c => c.Contains("create", StringComparison.Ordinal) || c.Contains("daemon-reload", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sidecars_that_are_gone_take_their_files_with_them_and_those_of_others_stay()
    {
        _lab.Write("deploy:\n  notes:\n    box: notes\n    sidecar: {redis: {image: redis}}\n  notes-redis-two: {box: notes}\n");
        await _lab.ConfigureAsync("notes");
        await _lab.ConfigureAsync("notes-redis-two");
        Assert.True(File.Exists(_lab.Quadlet("charly-notes.pod")));
        Assert.True(File.Exists(_lab.Quadlet("charly-notes-redis.container")));
        _lab.Write(_lab.Entry.Replace("    sidecar: {redis: {image: redis}}\n", "", StringComparison.Ordinal));
        await _lab.ConfigureAsync("notes");
        Assert.False(File.Exists(_lab.Quadlet("charly-notes.pod")));
        Assert.False(File.Exists(_lab.Quadlet("charly-notes-redis.container")));
        Assert.True(File.Exists(_lab.Quadlet("charly-notes-redis-two.container")));
    }

    [Fact]
    public async Task A_foreign_listener_on_a_pinned_port_is_told_before_anything_is_written()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await _lab.ConfigureAsync("notes", r => r with { Ports = [$"{port}:8080"] });
        var told = Assert.Single(_lab.Warnings, w => w.Contains($"port {port}", StringComparison.Ordinal));
        Assert.Contains($"-p {port + 1}:8080", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_direct_mode_a_foreign_listener_is_an_error_and_nothing_is_written()
    {
        _lab.Variables["CHARLY_RUN_MODE"] = "direct";
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.ConfigureAsync("notes", r => r with { Ports = [$"{((IPEndPoint)listener.LocalEndpoint).Port}:8080"] }));
        Assert.Equal(Errors.PodPortTaken, error.Code);
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task Ports_of_the_pod_s_own_container_are_no_conflict()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _lab.Play = r => r.Arguments is ["ps", "--format", ..] ? PodLab.Done($"charly-notes\t127.0.0.1:{port}->8080/tcp\n") : null;
        await _lab.ConfigureAsync("notes", r => r with { Ports = [$"{port}:8080"] });
        Assert.Empty(_lab.Warnings);
    }

    [Fact]
    public async Task An_instance_inherits_nothing_and_gets_ports_of_its_own()
    {
        await _lab.ConfigureAsync("notes", r => r with { Ports = ["18080:8080"], Environment = ["A=1"] });
        await _lab.ConfigureAsync("notes", r => r with { Instance = "two" });
        var text = File.ReadAllText(_lab.Quadlet("charly-notes-two.container"));
        Assert.Contains("Description=OpenCharly notes (two)\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("18080", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Environment=A", text, StringComparison.Ordinal);
        Assert.Contains("Volume=charly-notes-two-data:/home/app/data\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_pod_provides_reaches_the_others_when_all_are_updated()
    {
        _lab.Add("search:2026.1.0001", PodCases.Plain with { Version = "2026.1.0001", Box = "search", EnvProvide = new Dictionary<string, string> { ["SEARCH_URL"] = "http://{{.ContainerName}}:9200" } });
        _lab.Add("app:2026.1.0001", PodCases.Plain with { Version = "2026.1.0001", Box = "app", EnvAccept = [new("SEARCH_URL", "search", null, null)] });
        await _lab.ConfigureAsync("app");
        await _lab.ConfigureAsync("search", r => r with { UpdateAll = true });
        Assert.Contains("Environment=SEARCH_URL=http://charly-search:9200\n", File.ReadAllText(_lab.Quadlet("charly-app.container")), StringComparison.Ordinal);
        await new RemovePod(_lab.Context).RunAsync(new RemovePodRequest { Name = "search" });
        Assert.DoesNotContain("provides", _lab.Entry, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_enable_runs_in_the_started_container_and_its_failure_is_a_warning()
    {
        _lab.Add("hook:2026.1.0001", PodCases.Plain with { Version = "2026.1.0001", Box = "hook", Hooks = new Dictionary<string, string> { ["post_enable"] = "echo hello" } });
        _lab.Play = r => r.Arguments is ["exec", ..] ? PodLab.Failed("no") : null;
        await _lab.ConfigureAsync("hook");
        Assert.Contains("systemctl --user start charly-hook.service", _lab.Commands);
        Assert.Contains("podman exec -e CHARLY_CONTAINER_NAME=charly-hook charly-hook sh -c echo hello", _lab.Commands);
        Assert.Contains(_lab.Warnings, w => w.StartsWith("post_enable", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tunnel_of_cloudflare_that_can_t_be_set_up_is_a_warning_and_the_quadlet_is_written()
    {
        _lab.Write("deploy:\n  notes: {box: notes, tunnel: {provider: cloudflare, public: {8080: app.example.org}}}\n");
        await _lab.ConfigureAsync("notes");
        Assert.Contains(_lab.Warnings, w => w.Contains("cloudflared", StringComparison.Ordinal));
        Assert.Contains("Wants=charly-notes-tunnel.service\n", File.ReadAllText(_lab.Quadlet("charly-notes.container")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Direct_mode_runs_the_container_at_once_and_marks_it()
    {
        _lab.Variables["CHARLY_RUN_MODE"] = "direct";
        var result = await _lab.ConfigureAsync("notes", r => r with { Ports = ["18080:8080"], Environment = ["A=x y"], Volumes = ["data:bind"] });
        Assert.Equal("direct", result.Mode);
        Assert.Equal(
            $"podman run -d --rm --name charly-notes -w /home/app --network charly --cap-add=SYS_NICE --shm-size=256m --memory=2g -p 127.0.0.1:18080:8080 -v charly-notes-cache:/var/cache/notes -v {_lab.Home}/.local/share/charly/volumes/notes/data:/home/app/data --userns=keep-id:uid=1000,gid=1000 -e TZ=UTC -e A=x y {Image} supervisord -n -c /etc/supervisord.conf",
            Assert.Single(_lab.Commands, c => c.StartsWith("podman run", StringComparison.Ordinal)));
        Assert.False(File.Exists(_lab.Quadlet("charly-notes.container")));
        Assert.Contains("\"container_name\": \"charly-notes\"", File.ReadAllText(Path.Combine(_lab.Home, ".config/charly/direct/charly-notes.json")), StringComparison.Ordinal);
    }
}

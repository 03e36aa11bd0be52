using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Pods;

/// <summary>Tunnels of pods as they are configured, changed, started and stopped.</summary>
public sealed class PodTunnelTests : IDisposable
{
    private const string Id = "6f1c9a0e-3c6f-4a07-9d3f-0d9b8f6f2a11";
    private readonly PodLab _lab = new();
    private readonly int _first = OpenCharly.Pods.PortPlan.FreePort("tcp");
    private readonly int _second = OpenCharly.Pods.PortPlan.FreePort("tcp");

    public PodTunnelTests()
    {
        _lab.Programs.UnionWith(["tailscale", "cloudflared"]);
        _lab.Add("plain:2026.150.0900", PodCases.Plain with { Ports = [new(8080, false), new(9090, false)] });
        Directory.CreateDirectory(Path.Combine(_lab.Home, ".cloudflared"));
        File.WriteAllText(Path.Combine(_lab.Home, $".cloudflared/{Id}.json"), "{}");
        _lab.Play = r => r is { Program: "cloudflared", Arguments: ["tunnel", "list", ..] } ? PodLab.Done($$"""[{"id":"{{Id}}","name":"site"},{"id":"{{Id}}","name":"other"}]""") : null;
    }

    public void Dispose() => _lab.Dispose();

    private string Unit => Path.Combine(_lab.Home, ".config/systemd/user/charly-plain-tunnel.service");

    [Theory]
    [InlineData("", false)]
    [InlineData("tunnel: tailscale", false)]
    [InlineData("tunnel: {provider: cloudflare, tunnel: other, public: {18080: app.example.org}}", true)]
    public async Task A_tunnel_of_cloudflare_that_is_no_longer_wanted_is_closed_with_its_unit_and_its_files(string next, bool hasUnit)
    {
        Entry("tunnel: {provider: cloudflare, tunnel: site, public: {18080: app.example.org}}");
        await _lab.ConfigureAsync("plain");
        var config = Path.Combine(_lab.Home, ".config/charly/tunnels/site.yml");
        Assert.True(File.Exists(Unit) && File.Exists(config));
        _lab.Requests.Clear();
        Entry(next);
        await _lab.ConfigureAsync("plain");
        Assert.Equal((hasUnit, false), (File.Exists(Unit), File.Exists(config)));
        Assert.Contains("systemctl --user stop charly-plain-tunnel.service", _lab.Commands);
        Assert.Contains("systemctl --user disable charly-plain-tunnel.service", _lab.Commands);
        Assert.Equal(hasUnit, File.Exists(Path.Combine(_lab.Home, ".config/charly/tunnels/other.yml")));
    }

    [Fact]
    public async Task A_tunnel_of_cloudflare_that_stays_is_not_closed()
    {
        Entry("tunnel: {provider: cloudflare, tunnel: site, public: {18080: app.example.org}}");
        await _lab.ConfigureAsync("plain");
        await _lab.ConfigureAsync("plain");
        Assert.True(File.Exists(Unit));
        Assert.DoesNotContain("systemctl --user stop charly-plain-tunnel.service", _lab.Commands);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task A_port_that_leaves_the_tailnet_is_taken_off_while_its_pod_runs(bool isRunning, int times)
    {
        Entry("tunnel: {provider: tailscale, private: [18080, 19090]}");
        await _lab.ConfigureAsync("plain");
        Entry("tunnel: {provider: tailscale, private: [19090]}");
        _lab.Play = r => r.Arguments.Contains("is-active") && !isRunning ? new CommandResult("", "", 3, TimeSpan.Zero) : null;
        await _lab.ConfigureAsync("plain");
        Assert.Equal(Enumerable.Repeat(Free("tailscale serve --https=18080 off"), times), _lab.Commands.Where(c => c.StartsWith("tailscale", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task In_direct_mode_what_was_opened_is_closed_once_whatever_the_entry_says_by_then()
    {
        _lab.Variables["CHARLY_RUN_MODE"] = "direct";
        Entry("tunnel: {provider: tailscale, private: [18080]}");
        await _lab.ConfigureAsync("plain");
        Entry("");
        await new StopPod(_lab.Context).RunAsync(new PodRequest { Name = "plain" });
        await new StopPod(_lab.Context).RunAsync(new PodRequest { Name = "plain" });
        Assert.Equal(
            new[] { "tailscale serve --bg --https=18080 http://127.0.0.1:18080", "tailscale serve --https=18080 off" }.Select(Free),
            _lab.Commands.Where(c => c.StartsWith("tailscale", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task In_direct_mode_another_tunnel_replaces_the_one_that_is_open()
    {
        _lab.Variables["CHARLY_RUN_MODE"] = "direct";
        Entry("tunnel: {provider: tailscale, private: [18080]}");
        await _lab.ConfigureAsync("plain");
        Entry("tunnel: {provider: tailscale, private: [19090]}");
        await _lab.ConfigureAsync("plain");
        Assert.Equal(
            new[] { "tailscale serve --bg --https=18080 http://127.0.0.1:18080", "tailscale serve --https=18080 off", "tailscale serve --bg --https=19090 http://127.0.0.1:19090" }.Select(Free),
            _lab.Commands.Where(c => c.StartsWith("tailscale", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_pod_that_does_not_start_because_of_tailscale_says_what_lets_the_user_manage_it()
    {
        Entry("tunnel: {provider: tailscale, private: [18080]}");
        await _lab.ConfigureAsync("plain");
        _lab.Play = r => r.Program != "systemctl" ? null
            : r.Arguments.Contains("start") ? PodLab.Failed("Job for charly-plain.service failed because the control process exited with error code.")
            : r.Arguments.Contains("--property=ExecStartPost") ? PodLab.Done("ExecStartPost={ path=tailscale ; argv[]=tailscale serve --bg --https=18080 http://127.0.0.1:18080 ; ignore_errors=no ; start_time=[x] ; stop_time=[x] ; pid=166 ; code=exited ; status=1 }\n")
            : null;
        var error = await Assert.ThrowsAsync<CharlyException>(() => new StartPod(_lab.Context).RunAsync(new ConfigurePodRequest { Name = "plain", Autodetect = false }));
        Assert.Equal(Errors.PodService, error.Code);
        Assert.Contains("tailscale serve --bg --https=18080", error.Message, StringComparison.Ordinal);
        Assert.Contains("sudo tailscale set --operator=$USER", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_name_of_an_entry_counts_for_the_tunnel_of_the_projects_defaults_and_both_are_kept()
    {
        File.WriteAllText(Path.Combine(_lab.Home, "charly.yml"), "version: 2026.163.0928\ndefaults: {tunnel: {provider: cloudflare, public: [8080], tunnel: site}}\n");
        Entry("dns: app.example.org");
        await _lab.ConfigureAsync("plain");
        Assert.Contains("hostname: app.example.org", File.ReadAllText(Path.Combine(_lab.Home, ".config/charly/tunnels/site.yml")), StringComparison.Ordinal);
        Assert.Contains("provider: cloudflare", _lab.Entry, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_the_machines_own_network_a_tunnel_leads_to_the_port_that_the_image_listens_on()
    {
        Entry("network: host\n    tunnel: {provider: tailscale, private: [8080]}");
        await _lab.ConfigureAsync("plain");
        var text = File.ReadAllText(_lab.Quadlet("charly-plain.container"));
        Assert.Contains("ExecStartPost=tailscale serve --bg --https=8080 http://127.0.0.1:8080\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("PublishPort=", text, StringComparison.Ordinal);
        Assert.Contains(_lab.Warnings, w => w.Contains(Free("18080:8080"), StringComparison.Ordinal));
    }

    private void Entry(string tunnel) => _lab.Write(Free($"deploy:\n  plain:\n    box: plain\n    port: ['18080:8080', '19090:9090']\n    {tunnel}\n"));

    // In direct mode the ports have to be free here.
    private string Free(string text) => text.Replace("18080", $"{_first}", StringComparison.Ordinal).Replace("19090", $"{_second}", StringComparison.Ordinal);
}

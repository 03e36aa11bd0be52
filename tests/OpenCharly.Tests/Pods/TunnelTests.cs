using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Pods;
using OpenCharly.Pods.Tunnels;
using OpenCharly.Tests.Vms;
using OpenCharly.Tests.Vms.Images;

namespace OpenCharly.Tests.Pods;

public sealed class TunnelTests
{
    private const string Id = "6f1c9a0e-3c6f-4a07-9d3f-0d9b8f6f2a11";

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "an unknown provider", "tunnel: ngrok", "ngrok" },
        { "neither public nor private", "tunnel: {provider: tailscale}", "neither" },
        { "both all", "tunnel: {provider: tailscale, public: all, private: all}", "both all" },
        { "a port that is both", "tunnel: {provider: tailscale, public: [8443], private: [8443]}", "both public and private" },
        { "a map with tailscale", "tunnel: {provider: tailscale, public: {8443: app.example.org}}", "only cloudflare" },
        { "a private map", "tunnel: {provider: tailscale, private: {8443: app.example.org}}", "only cloudflare" },
        { "private with cloudflare", "tunnel: {provider: cloudflare, private: [8080]}", "no private ports" },
        { "a funnel port that is none", "tunnel: {provider: tailscale, public: [18080]}", "can't be public" },
        { "a TCP port listed as public", "tunnel: {provider: tailscale, public: [9000]}", "public tailscale port" },
        { "cloudflare without a host name", "tunnel: {provider: cloudflare, public: [18080]}", "host name" },
        { "several ports of cloudflare without a map", "tunnel: {provider: cloudflare, public: [18080, 9000], dns: app.example.org}", "each of several ports" },
        { "a bad tunnel name", "tunnel: {provider: cloudflare, public: [18080], dns: app.example.org, tunnel: -x}", "can't name a tunnel" },
        { "a port that is not published", "tunnel: {provider: tailscale, private: [4711]}", "not published" },
        { "a port that is not a number", "tunnel: {provider: tailscale, private: [http]}", "no port" },
        { "a scheme that tailscale lacks", "tunnel: {provider: tailscale, private: [10022]}", "can't carry ssh" },
        { "a scheme that cloudflare lacks", "tunnel: {provider: cloudflare, public: {8443: app.example.org}}", "can't carry https+insecure" },
        { "a host name that is none", "tunnel: {provider: cloudflare, public: {8080: 'app example'}}", "no host name" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_tunnel_that_breaks_a_rule_is_refused_with_its_place(string rule, string tunnel, string expected)
    {
        var error = Assert.ThrowsAny<CharlyException>(() => Pod(tunnel).Compile());
        Assert.True(error.Code == Errors.PodTunnel, $"{rule}: {error.Code} {error.Message}");
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(3, error.Position?.Line);
        Assert.NotEmpty(error.Help);
    }

    [Fact]
    public void A_port_bound_to_another_address_than_loopback_is_refused_for_tailscale()
    {
        var pod = Pod("tunnel: tailscale") with { Entry = "box: plain\nport: ['0.0.0.0:18080:8080']\ntunnel: {provider: tailscale, private: [18080]}" };
        Assert.Contains("0.0.0.0", Assert.Throws<CharlyException>(() => pod.Compile()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http", "--https=18080 http://127.0.0.1:18080")]
    [InlineData("https", "--https=18080 https://127.0.0.1:18080")]
    [InlineData("https+insecure", "--https=18080 https+insecure://127.0.0.1:18080")]
    [InlineData("tcp", "--tcp=18080 tcp://127.0.0.1:18080")]
    [InlineData("tls-terminated-tcp", "--tls-terminated-tcp=18080 tcp://127.0.0.1:18080")]
    public void Tailscale_serves_each_scheme_with_its_own_flag(string scheme, string expected)
    {
        var port = new TunnelledPort(18080, scheme, false, null);
        Assert.Equal("tailscale serve --bg " + expected, string.Join(' ', Tailscale.Start(port)));
        Assert.Equal($"tailscale serve {expected.Split(' ')[0]} off", string.Join(' ', Tailscale.Stop(port)));
    }

    [Fact]
    public void A_container_port_stands_for_the_host_port_that_publishes_it()
    {
        var tunnel = Pod("tunnel: {provider: tailscale, private: [8080]}").Compile().Tunnel!;
        Assert.Equal(18080, Assert.Single(tunnel.Ports).Port);
    }

    [Fact]
    public void Public_all_leaves_TCP_ports_out_with_a_warning()
    {
        var pod = Pod("tunnel: {provider: tailscale, public: all}") with { Entry = "box: plain\nport: ['8443:443', '9000:9000']\ntunnel: {provider: tailscale, public: all}", Labels = Labels([(443, "https"), (9000, "tcp")]) };
        Assert.Equal(8443, Assert.Single(pod.Compile().Tunnel!.Ports).Port);
        Assert.Contains(pod.Warnings, w => w.Contains("9000", StringComparison.Ordinal));
    }

    [Fact]
    public void The_address_of_a_tunnelled_pod_is_loopback_whatever_the_setting_says()
    {
        var pod = Pod("tunnel: {provider: tailscale, private: [18080]}") with { Settings = PodCases.Settings() with { BindAddress = "0.0.0.0" } };
        Assert.All(pod.Compile().Ports, p => Assert.Equal("127.0.0.1", p.Address));
    }

    [Fact]
    public void The_configuration_of_cloudflared_ends_with_a_rule_for_all_other_names()
    {
        var tunnel = new TunnelPlan("cloudflare", "charly-web", [new(18080, "http", true, "app.example.org"), new(18443, "https", true, "tls.example.org")], []);
        Assert.Equal(
            $"""
            tunnel: {Id}
            credentials-file: /home/ann/.cloudflared/{Id}.json
            ingress:
              - hostname: app.example.org
                service: http://localhost:18080
              - hostname: tls.example.org
                service: https://localhost:18443
                originRequest:
                  noTLSVerify: true
              - service: http_status:404

            """,
            Cloudflare.Config(Id, $"/home/ann/.cloudflared/{Id}.json", tunnel));
    }

    [Fact]
    public void The_companion_unit_lives_and_dies_with_the_container() => Assert.Equal(
        """
        # charly-web-tunnel.service (generated by charly config)
        [Unit]
        Description=Cloudflare Tunnel for charly-web
        BindsTo=charly-web.service
        After=charly-web.service

        [Service]
        ExecStart=cloudflared tunnel --config /home/ann/.config/charly/tunnels/charly-web.yml run charly-web
        Restart=always

        [Install]
        WantedBy=default.target

        """,
        Cloudflare.Unit(PodKey.Parse("web"), "charly-web", "/home/ann/.config/charly/tunnels/charly-web.yml", ["WantedBy=default.target"]));

    [Fact]
    public async Task A_tunnel_that_is_not_there_is_made_and_its_names_are_routed_once_each()
    {
        using var home = new TemporaryFolder();
        var made = false;
        var programs = new PlayedPrograms(r =>
        {
            if (r.Arguments.Contains("create")) made = true;
            return Done(r.Arguments.Contains("list") && made ? $$"""[{"id":"{{Id}}","name":"charly-web"}]""" : "[]");
        });
        Directory.CreateDirectory(home.File(".cloudflared"));
        File.WriteAllText(home.File($".cloudflared/{Id}.json"), "{}");
        var cloudflare = new Cloudflare(programs, TemporaryFolder.Environment(home.Path));
        var tunnel = new TunnelPlan("cloudflare", "charly-web", [new(1, "http", true, "a.example.org"), new(2, "http", true, "a.example.org"), new(3, "udp", true, null)], []);
        await cloudflare.SetUpAsync(tunnel, home.File("tunnel.yml"), default);
        Assert.Empty(await cloudflare.RouteAsync(tunnel, default));
        Assert.Equal(
            ["tunnel list -o json", "tunnel create charly-web", "tunnel list -o json", "tunnel route dns --overwrite-dns charly-web a.example.org"],
            programs.Requests.Select(r => string.Join(' ', r.Arguments)));
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(home.File("tunnel.yml")));
    }

    [Fact]
    public async Task Without_credentials_nothing_is_written_and_the_login_is_named()
    {
        using var home = new TemporaryFolder();
        var programs = new PlayedPrograms(_ => Done($$"""[{"id":"{{Id}}","name":"charly-web"}]"""));
        var error = await Assert.ThrowsAsync<CharlyException>(() => new Cloudflare(programs, TemporaryFolder.Environment(home.Path)).SetUpAsync(
            new TunnelPlan("cloudflare", "charly-web", [], []), home.File("tunnel.yml"), default));
        Assert.Equal("Run: cloudflared tunnel login", error.Help);
        Assert.False(File.Exists(home.File("tunnel.yml")));
    }

    private static PodCase Pod(string tunnel) => new()
    {
        Key = "web",
        Labels = Labels([(8080, "http"), (443, "https+insecure"), (9000, "tcp"), (22, "ssh"), (53, "udp")]),
        Entry = "box: plain\nport: ['18080:8080', '8443:443', '9000:9000', '10022:22', '10053:53']\n" + tunnel,
    };

    private static OpenCharly.Boxes.BoxLabels Labels(IEnumerable<(int Port, string Scheme)> ports) => PodCases.Plain with
    {
        Ports = [.. ports.Select(p => new OpenCharly.Boxes.ContainerPort(p.Port, false))],
        PortProtocols = ports.ToDictionary(p => p.Port, p => p.Scheme),
    };

    private static CommandResult Done(string output) => new(output, "", 0, TimeSpan.Zero);
}

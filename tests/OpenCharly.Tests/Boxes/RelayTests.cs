using System.Text;

namespace OpenCharly.Tests.Boxes;

/// <summary>Ports that a service inside of the image relays to its loopback (pod.md §4.4).</summary>
public sealed class RelayTests : BoxLab
{
    private const string Files = SampleBoxes.Head + """
        == candy/socat/charly.yml
        candy: {name: socat, version: 2026.150.0900, package: [socat]}
        == candy/app/charly.yml
        candy: {name: app, version: 2026.150.0900, require: [socat], port: [8080, 9000], port_relay: [9000]}
        == box/super/charly.yml
        box: {base: "registry.example.org/debian:13", distro: debian:13, build: deb, candy: [app]}
        == box/unit/charly.yml
        box: {base: "registry.example.org/debian:13", init: systemd, distro: debian:13, build: deb, candy: [app]}

        """;

    [Fact]
    public async Task A_relay_is_a_program_of_supervisord_and_stands_in_the_labels()
    {
        Write(Files);
        var box = (await GenerateAsync("super"))[^1];
        Assert.Equal("supervisord", box.Labels.Init);
        Assert.Equal([9000], box.Labels.PortRelays);
        Assert.Contains("relay-9000", box.Labels.ServiceNames["supervisord"]);
        Assert.Equal(["8080", "9000"], box.Labels.Ports.Select(p => p.ToString()));
        Assert.Contains("[program:relay-9000]\ncommand=/usr/local/bin/relay-wrapper 9000\n", string.Concat(box.Files.Values.Select(f => Encoding.UTF8.GetString(f.Content.Span))), StringComparison.Ordinal);
        Assert.Contains("ai.opencharly.port_relay", box.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_systemd_runs_it_is_a_unit_that_is_enabled()
    {
        Write(Files);
        var box = (await GenerateAsync("unit"))[^1];
        Assert.Contains("relay-9000.service", box.Labels.ServiceNames["systemd"]);
        Assert.Contains("RUN systemctl enable relay-9000.service\n", box.Text, StringComparison.Ordinal);
        Assert.Contains("ExecStart=/usr/local/bin/relay-wrapper 9000\n", string.Concat(box.Files.Values.Select(f => Encoding.UTF8.GetString(f.Content.Span))), StringComparison.Ordinal);
    }
}

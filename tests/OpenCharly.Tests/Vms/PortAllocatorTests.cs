using System.Net;
using System.Net.Sockets;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Vms;

public sealed class PortAllocatorTests
{
    [Fact]
    public void A_port_on_record_is_not_given_again()
    {
        var recorded = new HashSet<int>();
        for (var i = 0; i < 200; i++) Assert.True(recorded.Add(PortAllocator.Allocate(null, recorded)));
    }

    [Fact]
    public void A_port_that_is_still_free_is_kept()
    {
        var port = PortAllocator.Allocate(null, new HashSet<int>());
        Assert.Equal(port, PortAllocator.Allocate(port, new HashSet<int>()));
        Assert.NotEqual(port, PortAllocator.Allocate(port, new HashSet<int> { port }));
    }

    [Fact]
    public void A_busy_port_is_not_kept_and_its_taker_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.NotEqual(port, PortAllocator.Allocate(port, new HashSet<int>()));

        var error = Assert.Throws<CharlyException>(() => PortAllocator.ThrowIfBusy("127.0.0.1", port, "tcp", new VmName("web"), []));
        Assert.Equal(Errors.PortInUse, error.Code);
        Assert.Contains($"process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);

        var other = Handle("charly-db") with { SshHostPort = port };
        Assert.Contains("machine db", Assert.Throws<CharlyException>(() => PortAllocator.ThrowIfBusy("127.0.0.1", port, "tcp", new VmName("web"), [other])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_udp_port_is_looked_at_as_such()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        Assert.False(PortAllocator.IsFree("127.0.0.1", port, "udp"));
        Assert.True(PortAllocator.IsFree("127.0.0.1", port, "tcp"));
    }

    [Fact]
    public void Forwards_count_as_recorded_ports_except_the_machine_s_own()
    {
        var recorded = PortAllocator.Recorded(
            [Handle("charly-a") with { SshHostPort = 1, PortForwards = ["127.0.0.1:80:8080/tcp", "81:81", "[::1]:82:82/udp"] }, Handle("charly-b") with { SshHostPort = 2 }],
            "charly-b");
        Assert.Equal([1, 80, 81, 82], recorded.Order());
    }

    private static VmHandle Handle(string name) => new() { Id = "qemu-0", Name = name, Backend = "qemu", WorkDir = "/w" };
}

using System.Net.Sockets;
using System.Text;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Operations;

/// <summary>The serial console, with a guest that is a socket.</summary>
public sealed class VmConsoleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vc-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public void Dispose()
    {
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Bytes_pass_both_ways_until_control_bracket_detaches()
    {
        var (console, guest) = await ConnectAsync();
        using (console)
        using (guest)
        {
            await guest.SendAsync("login: "u8.ToArray());
            var shown = new MemoryStream();
            await console.RunAsync(new MemoryStream([.. "root\r"u8, VmConsole.Detach, .. "never"u8]), shown, endsAtNothing: true);
            console.Dispose();
            var buffer = new byte[64];
            Assert.Equal("root\r", Encoding.ASCII.GetString(buffer, 0, await guest.ReceiveAsync(buffer)));
            Assert.Equal(0, await guest.ReceiveAsync(buffer));
        }
    }

    [Fact]
    public async Task A_guest_that_goes_off_ends_it_and_its_last_words_are_shown()
    {
        var (console, guest) = await ConnectAsync();
        using (console)
        {
            await guest.SendAsync("Power down"u8.ToArray());
            guest.Dispose();
            var shown = new MemoryStream();
            await console.RunAsync(Stream.Null, shown, endsAtNothing: true);
            Assert.Equal("Power down", Encoding.ASCII.GetString(shown.ToArray()));
        }
    }

    private async Task<(VmConsole Console, Socket Guest)> ConnectAsync()
    {
        var path = new UnixDomainSocketEndPoint(Path.Combine(_folder, "console.sock"));
        _listener.Bind(path);
        _listener.Listen(1);
        var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(path);
        return (new VmConsole("web", new NetworkStream(client, ownsSocket: true)), await _listener.AcceptAsync());
    }
}

using System.Net;
using System.Net.Sockets;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Vms;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Operations;

/// <summary>Waiting for a guest whose sshd is a listener that greets, and whose answers are played.</summary>
public sealed class VmReadinessTests : IDisposable
{
    private readonly Host _host = new();
    private readonly TcpListener _sshd = new(IPAddress.Loopback, 0);
    private string _cloudInit = "running";

    public VmReadinessTests()
    {
        _sshd.Start();
        _ = GreetAsync();
    }

    public void Dispose()
    {
        _sshd.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task A_cloud_init_that_never_ends_is_the_fourth_of_four_probes_and_the_console_is_shown()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => WaitAsync(TimeSpan.FromSeconds(10), "one\n\u001b[31mtwo\u001b[0m\n"));
        Assert.Equal((Errors.VmWait, "web"), (error.Code, error.Target));
        Assert.Contains("probe 4 of 4 waited until cloud-init has ended", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("last seen: it is still running. The console's last lines:\n  one\n  two", error.Message, StringComparison.Ordinal);
        Assert.Contains("charly vm wait web --timeout N", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cloud_init_that_failed_has_ended_and_its_errors_are_told()
    {
        _cloudInit = "{\"v1\": {\"datasource\": \"x\", \"errors\": [\"scripts_user failed\", \"apt failed\"]}}";
        await WaitAsync(TimeSpan.FromMinutes(1), "");
        Assert.Contains("cloud-init ended with errors: scripts_user failed; apt failed", _host.Notices);
    }

    [Fact]
    public async Task A_guest_without_cloud_init_has_nothing_to_wait_for()
    {
        _cloudInit = "none";
        await WaitAsync(TimeSpan.FromMinutes(1), "");
        Assert.Contains("this machine has no cloud-init to wait for", _host.Notices);
    }

    private async Task WaitAsync(TimeSpan limit, string console)
    {
        var programs = new PlayedPrograms(r => new CommandResult(r.Arguments[^1] == "true" ? "" : _cloudInit + "\n", "", 0, TimeSpan.Zero));
        var services = new VmServices(new CharlyContext(_host.Environment, _host, programs));
        var files = services.Files(new VmName("web"));
        Directory.CreateDirectory(files.Folder);
        await File.WriteAllTextAsync(files.ConsoleLog, console);
        var handle = new VmHandle { Id = "noop-1", Name = "charly-web", Backend = "noop", WorkDir = files.Folder, SshHostPort = ((IPEndPoint)_sshd.LocalEndpoint).Port };
        await new VmReadiness(services).WaitAsync(handle, VmWaitCondition.CloudInit, limit, CancellationToken.None);
    }

    private async Task GreetAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _sshd.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync("SSH-2.0-test\r\n"u8.ToArray());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}

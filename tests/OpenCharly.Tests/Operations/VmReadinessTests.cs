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
    private int _panics;

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

    [Fact]
    public async Task A_kernel_that_stands_still_after_a_panic_is_not_waited_for_until_the_limit()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => WaitAsync(TimeSpan.FromMinutes(5), "Loading\n" + Panic + Standing));
        Assert.Equal((Errors.VmWait, "web"), (error.Code, error.Target));
        Assert.StartsWith("machine web: its kernel panicked once, while probe 4 of 4 waited until cloud-init has ended. The console's last lines:\n", error.Message, StringComparison.Ordinal);
        Assert.Contains("Attempted to kill init!", error.Message, StringComparison.Ordinal);
        Assert.Contains("charly vm restart web --force", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kernel_that_boots_again_after_a_panic_is_waited_for_but_not_for_ever()
    {
        _cloudInit = "none";
        await WaitAsync(TimeSpan.FromMinutes(1), Panic + Rebooting + "Welcome\n");
        Assert.DoesNotContain(_host.Notices, n => n.Contains("panicked", StringComparison.Ordinal));
        _panics = 1;
        await WaitAsync(TimeSpan.FromMinutes(1), "Loading\n");
        Assert.Contains("the kernel of web panicked once and booted again; its console tells why: charly vm log web --console", _host.Notices);
        _panics = 9;
        var error = await Assert.ThrowsAsync<CharlyException>(() => WaitAsync(TimeSpan.FromMinutes(5), ""));
        Assert.Contains("its kernel panicked 3 times", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_console_that_is_appended_to_or_begun_anew_is_read_from_where_this_boot_begins()
    {
        var log = Path.Combine(_host.Environment.Home, "console.log");
        File.WriteAllText(log, Panic + Standing);
        PanicWatch appended = new(log, fromEnd: true), whole = new(log, fromEnd: false);
        Look(appended, (0, false));
        Look(whole, (1, true));
        File.AppendAllText(log, "SeaBIOS\r\n");
        Look(appended, (0, false));
        Look(whole, (1, false));
        File.AppendAllText(log, Panic + "[    5.4] ---[ end Kernel pa");
        Look(appended, (1, false));
        File.AppendAllText(log, "nic - not syncing: x ]---\r\n");
        Look(appended, (1, true));
        File.WriteAllText(log, "SeaBIOS\n");
        Look(appended, (1, false));

        static void Look(PanicWatch watch, (int, bool) expected)
        {
            watch.Look();
            Assert.Equal(expected, (watch.Count, watch.StandsStill));
        }
    }

    private const string Panic = "[    2.58] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\r\n[    2.59] Kernel Offset: 0x1fa00000\r\n";

    private const string Standing = "[    5.45] ---[ end Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100 ]---\r\n";

    private const string Rebooting = "[    5.45] Rebooting in 10 seconds..\r\n";

    private async Task WaitAsync(TimeSpan limit, string console)
    {
        var log = "";
        var programs = new PlayedPrograms(r =>
        {
            // A guest whose kernel panics does not answer meanwhile.
            if (_panics > 0) File.AppendAllText(log, Panic + Rebooting);
            return new CommandResult(r.Arguments[^1] == "true" ? "" : _cloudInit + "\n", "", _panics-- > 0 ? 255 : 0, TimeSpan.Zero);
        });
        var services = new VmServices(new CharlyContext(_host.Environment, _host, programs));
        var files = services.Files(new VmName("web"));
        Directory.CreateDirectory(files.Folder);
        log = files.ConsoleLog;
        await File.WriteAllTextAsync(log, console);
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

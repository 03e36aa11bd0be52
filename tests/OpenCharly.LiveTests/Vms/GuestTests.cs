using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.LiveTests.Vms;

/// <summary>A guest that is built from packages and booted, once for all that is to be seen of it.</summary>
public sealed class GuestTests
{
    private readonly List<string> _heard = [];

    [LiveFact("qemu-system-x86_64", "qemu-img", "ssh", "ssh-keygen", "mmdebstrap", "mke2fs", "sfdisk", "grub-mkimage")]
    public async Task A_machine_is_built_booted_used_stopped_and_removed()
    {
        await using var lab = new VmLab();
        lab.Declare("web");
        var disk = await new BuildVm(lab.Services).RunAsync(new BuildVmRequest { Name = "web" });
        Assert.Equal(4L << 30, disk.VirtualSize);
        Assert.NotNull(disk.BaseSha256);

        // When create returns, the first command runs; that is what it waited for.
        await lab.CreateAsync("web", start: true);
        await CommandsRunAsync(lab);
        await new WaitVm(lab.Services).RunAsync(new WaitVmRequest { Name = "web", For = VmWaitCondition.CloudInit, Timeout = TimeSpan.FromMinutes(5) });
        await TheHostKeyIsOursAsync(lab);
        await ADiskInUseIsNotReplacedAsync(lab);
        await TheConsoleIsOnRecordAsync(lab);

        // The power button works, and a restart comes back to the same guest.
        var boot = await OutputAsync(lab, "cat /proc/sys/kernel/random/boot_id");
        Assert.Equal(VmStatus.Stopped, (await lab.StopAsync("web", force: false, seconds: 60)).Status);
        Assert.DoesNotContain(lab.Notices, n => n.Contains("SIGTERM", StringComparison.Ordinal));
        Assert.Equal(Errors.VmNotRunning, (await Assert.ThrowsAsync<CharlyException>(() => OutputAsync(lab, "true"))).Code);
        await new RestartVm(lab.Services).RunAsync(new StopVmRequest { Name = "web" });
        await new WaitVm(lab.Services).RunAsync(new WaitVmRequest { Name = "web", Timeout = TimeSpan.FromMinutes(6) });
        Assert.NotEqual(boot, await OutputAsync(lab, "cat /proc/sys/kernel/random/boot_id"));

        await lab.DestroyAsync("web", disk: true);
        Assert.Equal(["config/charly/charly.yml", "data/charly/vm/charly-web/id_ed25519", "data/charly/vm/charly-web/id_ed25519.pub", "data/charly/vm/vms.json"], lab.Files());
    }

    private async Task CommandsRunAsync(VmLab lab)
    {
        var run = new RunInVm(lab.Services);
        var both = await run.RunAsync(new RunInVmRequest
        {
            Name = "web",
            Command = "echo \"to 'out'\"; echo to err >&2; exit 7",
            Output = l => _heard.Add((l.IsError ? "err: " : "out: ") + l.Text),
        });
        Assert.Equal((7, "to 'out'\n", "to err\n"), (both.ExitCode, both.StandardOutput, both.StandardError));
        Assert.Equal(["err: to err", "out: to 'out'"], _heard.Order(StringComparer.Ordinal));
        Assert.Equal("tester\n", await OutputAsync(lab, "whoami"));
        Assert.Equal("root\n", await OutputAsync(lab, "sudo -n whoami"));

        var error = await Assert.ThrowsAsync<CharlyException>(() =>
            run.RunAsync(new RunInVmRequest { Name = "web", Command = "sleep 60", Timeout = TimeSpan.FromSeconds(1) }));
        Assert.Equal(Errors.Io, error.Code);
        Assert.Contains("did not end within 1 s", error.Message, StringComparison.Ordinal);
        Assert.Equal("still here\n", await OutputAsync(lab, "echo still here"));

        var refused = await Assert.ThrowsAsync<CharlyException>(() =>
            run.RunAsync(new RunInVmRequest { Name = "web", Command = "true", User = "nobody-of-that-name" }));
        Assert.Equal(Errors.SshFailed, refused.Code);
    }

    private static async Task TheHostKeyIsOursAsync(VmLab lab)
    {
        var key = (await OutputAsync(lab, "cat /etc/ssh/ssh_host_ed25519_key.pub")).Split(' ')[1];
        Assert.Contains(key, await File.ReadAllTextAsync(lab.Services.Files(new VmName("web")).KnownHosts), StringComparison.Ordinal);
        Assert.Contains("StrictHostKeyChecking yes", await File.ReadAllTextAsync(lab.Paths.SshConfig), StringComparison.Ordinal);
    }

    private static async Task ADiskInUseIsNotReplacedAsync(VmLab lab)
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => new BuildVm(lab.Services).RunAsync(new BuildVmRequest { Name = "web" }));
        Assert.Equal(Errors.VmState, error.Code);
    }

    private static async Task TheConsoleIsOnRecordAsync(VmLab lab)
    {
        var lines = new List<VmLogLine>();
        await foreach (var line in new GetVmLog(lab.Services).RunAsync(new VmLogRequest { Name = "web" })) lines.Add(line);
        Assert.Contains(lines, l => l.Log == "console" && l.Text.Contains("login:", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Log == "provision" && l.Text.StartsWith("(there is no provision log yet", StringComparison.Ordinal));
    }

    private static async Task<string> OutputAsync(VmLab lab, string command)
    {
        var result = await new RunInVm(lab.Services).RunAsync(new RunInVmRequest { Name = "web", Command = command, Timeout = TimeSpan.FromMinutes(2) });
        Assert.True(result.Succeeded, $"{command}: exit {result.ExitCode}: {result.Tail()}");
        return result.StandardOutput;
    }
}

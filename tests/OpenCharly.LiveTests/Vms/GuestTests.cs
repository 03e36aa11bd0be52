using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
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
        lab.Declare(lab.Declare("web") with
        {
            CloudInit = new VmCloudInit { RunCommands = ["until test -e /run/go-on; do sleep 0.5; done; echo this fails >&2; exit 3"] },
            Libvirt = (Yaml.YamlMapping)Yaml.YamlReader.Read("devices: {channels: [{type: unix, target: {name: org.qemu.guest_agent.0}}]}", "charly.yml")[0],
        });
        var disk = await new BuildVm(lab.Services).RunAsync(new BuildVmRequest { Name = "web" });
        Assert.Equal(4L << 30, disk.VirtualSize);
        Assert.NotNull(disk.BaseSha256);

        // When create returns, the first command runs; that is what it waited for.
        await lab.CreateAsync("web", start: true);
        await CommandsRunAsync(lab);
        await ACloudInitThatDoesNotEndIsTooLongAsync(lab);
        await OutputAsync(lab, "sudo touch /run/go-on");
        await new WaitVm(lab.Services).RunAsync(new WaitVmRequest { Name = "web", For = VmWaitCondition.CloudInit, Timeout = TimeSpan.FromMinutes(5) });
        await TheHostKeyIsOursAsync(lab);
        await ADiskInUseIsNotReplacedAsync(lab);
        await TheConsoleIsOnRecordAsync(lab);
        Assert.Contains(lab.Notices, n => n.StartsWith("cloud-init ended with errors", StringComparison.Ordinal));
        await FilesAreCopiedAsync(lab);
        await ItGoesBackInTimeAsync(lab);
        await AnotherWakesFromItsStateAsync(lab);

        // The power button works, and a restart comes back to the same guest.
        var boot = await OutputAsync(lab, "cat /proc/sys/kernel/random/boot_id");
        Assert.Equal(VmStatus.Stopped, (await lab.StopAsync("web", force: false, seconds: 60)).Status);
        Assert.DoesNotContain(lab.Notices, n => n.Contains("SIGTERM", StringComparison.Ordinal));
        Assert.Equal(Errors.VmNotRunning, (await Assert.ThrowsAsync<CharlyException>(() => OutputAsync(lab, "true"))).Code);
        await new RestartVm(lab.Services).RunAsync(new StopVmRequest { Name = "web" });
        await new WaitVm(lab.Services).RunAsync(new WaitVmRequest { Name = "web", Timeout = TimeSpan.FromMinutes(6) });
        Assert.NotEqual(boot, await OutputAsync(lab, "cat /proc/sys/kernel/random/boot_id"));
        await ItsFileSystemsStandStillForASnapshotAsync(lab);

        await lab.DestroyAsync("web", disk: true);
        Assert.Equal(
            [
                "config/charly/charly.yml", "data/charly/vm/charly-web-two/id_ed25519", "data/charly/vm/charly-web-two/id_ed25519.pub",
                "data/charly/vm/charly-web/id_ed25519", "data/charly/vm/charly-web/id_ed25519.pub", "data/charly/vm/vms.json",
            ],
            lab.Files());
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

    /// <summary>The wait ends, says which probe of how many it was in and what the console shows, and the guest goes on.</summary>
    private static async Task ACloudInitThatDoesNotEndIsTooLongAsync(VmLab lab)
    {
        // On a busy machine the probes before the last one may take a while themselves.
        CharlyException error;
        var seconds = 5;
        do
        {
            seconds *= 2;
            var wait = new WaitVmRequest { Name = "web", For = VmWaitCondition.CloudInit, Timeout = TimeSpan.FromSeconds(seconds) };
            error = await Assert.ThrowsAsync<CharlyException>(() => new WaitVm(lab.Services).RunAsync(wait));
            Assert.Equal(Errors.VmWait, error.Code);
        }
        while (seconds < 120 && !error.Message.Contains("probe 4 of 4", StringComparison.Ordinal));
        Assert.Contains($"probe 4 of 4 waited until cloud-init has ended, and it was not so within {seconds} s; last seen: it is still running. The console's last lines:", error.Message, StringComparison.Ordinal);
        Assert.Contains(lab.Events.OfType<WaitEvent>(), e => e is { Index: 4, Count: 4 });
        Assert.Equal(VmStatus.Running, await lab.StatusAsync("web"));
    }

    private static async Task ItsFileSystemsStandStillForASnapshotAsync(VmLab lab)
    {
        var taken = await new CreateVmSnapshot(lab.Services).RunAsync(
            new CreateVmSnapshotRequest { Name = "web", Snapshot = "calm", Mode = VmSnapshotMode.External, DiskOnly = true, Quiesce = true });
        Assert.True(taken.Quiesced, string.Join('\n', lab.Notices));
        Assert.False(taken.HasMemory);
        Assert.Equal("written\n", await OutputAsync(lab, "echo written > /var/tmp/after && sync && cat /var/tmp/after"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => new RemoveVmSnapshot(lab.Services).RunAsync(new VmSnapshotRequest("web", "calm")));
        Assert.Contains("runs on the snapshot calm", error.Message, StringComparison.Ordinal);
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

    private static async Task FilesAreCopiedAsync(VmLab lab)
    {
        var folder = Directory.CreateDirectory(Path.Combine(lab.Folder, "to copy"));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "a 'file'"), "content\n");
        var copy = new CopyVmItem(lab.Services);
        var up = await copy.RunAsync(new CopyVmItemRequest(folder.FullName, "web:/tmp/copied", Recurse: true));
        Assert.Equal((1, 8), (up.Files, up.Bytes));
        Assert.Equal("content\n", await OutputAsync(lab, "cat \"/tmp/copied/a 'file'\""));
        await copy.RunAsync(new CopyVmItemRequest("web:/etc/hostname", Path.Combine(lab.Folder, "came-back")));
        Assert.Equal("web\n", await File.ReadAllTextAsync(Path.Combine(lab.Folder, "came-back")));
        File.Delete(Path.Combine(lab.Folder, "came-back"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => copy.RunAsync(new CopyVmItemRequest("web:/no/such/file", lab.Folder)));
        Assert.Equal(Errors.TransferFailed, error.Code);

        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "b.tmp"), "left out\n");
        var sync = new SyncVmRequest { Name = "web", From = folder.FullName + "/", To = "/srv/site", Chown = "nobody:nogroup", Excludes = ["", "*.tmp"] };
        var first = await new SyncVm(lab.Services).RunAsync(sync);
        Assert.Equal((1, 8), (first.Files, first.Bytes));
        Assert.Equal("a 'file' nobody nogroup\n", await OutputAsync(lab, "cd /srv/site && stat -c '%n %U %G' *"));
        Assert.Equal(0, (await new SyncVm(lab.Services).RunAsync(sync)).Files);
        error = await Assert.ThrowsAsync<CharlyException>(() => new SyncVm(lab.Services).RunAsync(sync with { To = "/proc/no/such" }));
        Assert.Equal(Errors.TransferFailed, error.Code);
        folder.Delete(recursive: true);
    }

    private static async Task ItGoesBackInTimeAsync(VmLab lab)
    {
        await OutputAsync(lab, "echo before > /tmp/when");
        var taken = await new CreateVmSnapshot(lab.Services).RunAsync(new CreateVmSnapshotRequest { Name = "web", Snapshot = "then" });
        Assert.True(taken.HasMemory);
        await OutputAsync(lab, "echo after > /tmp/when");
        await new RestoreVmSnapshot(lab.Services).RunAsync(new VmSnapshotRequest("web", "then"));
        Assert.Equal("before\n", await OutputAsync(lab, "cat /tmp/when"));
        var clock = long.Parse(await OutputAsync(lab, "date +%s"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - clock, -5, 5);
        await new RemoveVmSnapshot(lab.Services).RunAsync(new VmSnapshotRequest("web", "then"));
    }

    private static async Task AnotherWakesFromItsStateAsync(VmLab lab)
    {
        var state = await new CreateVmSnapshot(lab.Services).RunAsync(new CreateVmSnapshotRequest { Name = "web", Snapshot = "awake", Mode = VmSnapshotMode.External });
        Assert.EndsWith("memory.ram", state.MemoryPath, StringComparison.Ordinal);
        await OutputAsync(lab, "true");

        const string byAgent = "the guest's agent made its identity anew";
        var first = await WakesWithAnIdentityOfItsOwnAsync(lab, "awake");
        Assert.Contains(byAgent, lab.Notices);
        await lab.StopAsync("web/two");
        await lab.DestroyAsync("web/two", disk: true);

        // Without one that listens it is done over ssh.
        await OutputAsync(lab, "sudo systemctl stop qemu-guest-agent");
        await new CreateVmSnapshot(lab.Services).RunAsync(new CreateVmSnapshotRequest { Name = "web", Snapshot = "alone", Mode = VmSnapshotMode.External });
        var second = await WakesWithAnIdentityOfItsOwnAsync(lab, "alone");
        Assert.Single(lab.Notices, byAgent);
        Assert.Empty(first.Intersect(second));
        await OutputAsync(lab, "sudo systemctl start qemu-guest-agent");
        Assert.Equal([0, 1], (await new GetVmSnapshots(lab.Services).RunAsync("web")).Select(s => s.Refcount));
        await lab.StopAsync("web/two");
        await lab.DestroyAsync("web/two", disk: true);
        Assert.Equal([0, 0], (await new GetVmSnapshots(lab.Services).RunAsync("web")).Select(s => s.Refcount));
    }

    /// <summary>Machine id and host key of a machine that woke, which are not those of the one that it was.</summary>
    private static async Task<string[]> WakesWithAnIdentityOfItsOwnAsync(VmLab lab, string snapshot)
    {
        const string identity = "cat /etc/machine-id; cut -d' ' -f2 /etc/ssh/ssh_host_ed25519_key.pub; cat /etc/hostname; ls /etc/ssh/ssh_host_*_key";
        var first = (await OutputAsync(lab, identity)).Split('\n');
        var state = await new CreateVm(lab.Services).RunAsync(new CreateVmRequest { Name = "web", Instance = "two", FromState = snapshot });
        var two = VmName.Create("web", "two");
        var second = (await OutputAsync(lab, identity, "web/two")).Split('\n');
        Assert.Equal("before\n", await OutputAsync(lab, "cat /tmp/when", "web/two"));
        Assert.NotEqual(first[0], second[0]);
        Assert.NotEqual(first[1], second[1]);
        Assert.Equal(("web", "web-two"), (first[2], second[2]));
        Assert.Equal("/etc/ssh/ssh_host_ed25519_key", second[3]);
        Assert.Equal("web-two\n127.0.1.1\nnone\n", await OutputAsync(lab, "hostname; getent ahostsv4 web-two | cut -d' ' -f1 | head -n 1; grep -E '[[:space:]]web([[:space:]]|$)' /etc/hosts || echo none", "web/two"));
        var asked = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var clock = long.Parse(await OutputAsync(lab, "date +%s", "web/two"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(clock, asked - 5, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 5);

        // A connection of its own, not the one that is shared: it is held to the new host key and log-in key.
        await lab.Services.SshAccess.CloseAsync(two, lab.Context.Processes);
        Assert.Equal("tester\n", await OutputAsync(lab, "whoami", "web/two"));
        Assert.NotEqual(state.SshPort, lab.Services.States.Read("vm:web")!.SshPort);
        return second[..2];
    }

    private static async Task<string> OutputAsync(VmLab lab, string command, string name = "web")
    {
        var result = await new RunInVm(lab.Services).RunAsync(new RunInVmRequest { Name = name, Command = command, Timeout = TimeSpan.FromMinutes(2) });
        Assert.True(result.Succeeded, $"{command}: exit {result.ExitCode}: {result.Tail()}");
        return result.StandardOutput;
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Bootstrap;
using OpenCharly.Vms.CloudInit;
using OpenCharly.Vms.Images;
using OpenCharly.Vms.Keys;
using Xunit.Abstractions;

namespace OpenCharly.LiveTests.Vms.Images;

/// <summary>
/// Bootstrapped images in a real guest, with nothing but what this part of the engine makes: disk, seed, keys. A boot
/// takes minutes without KVM, so it is asked for by <c>CHARLY_TEST_BOOT=1</c>.
/// </summary>
public sealed class GuestBootTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-boot-").FullName;
    private readonly CharlyEnvironment _environment = CharlyEnvironment.FromProcess();
    private readonly Stopwatch _watch = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [BootFact]
    public Task Trixie_is_reached_under_the_host_key_that_was_made_for_it() => BootAsync("trixie");

    [BootFact]
    public Task Bookworm_is_reached_under_the_host_key_that_was_made_for_it() => BootAsync("bookworm");

    private async Task BootAsync(string suite)
    {
        var runner = new ProcessRunner(_environment);
        var source = new BootstrapSource { Builder = "debootstrap", Distro = "debian", Suite = suite };
        var image = await new BootstrapBuilder(_environment, new HostPaths(_environment), runner, new Progress<CharlyEvent>()).EnsureAsync(source, refresh: false);
        var disk = Path.Combine(_folder, "disk.qcow2");
        await new QemuImg(runner).CreateOverlayAsync(disk, image.Path, image.Format, new ByteSize(8L << 30));

        var keys = new SshKeys(_environment, runner);
        var key = (await keys.ResolveAsync("generate", _folder))!;
        var host = await keys.EnsureHostKeyAsync(_folder);
        var port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(_folder, "known_hosts"), KnownHosts.Line("charly-test", "127.0.0.1", port, host.PublicKey));
        var seed = Path.Combine(_folder, "seed.iso");
        var builtin = _environment with { Variables = new Dictionary<string, string>(_environment.Variables) { ["CHARLY_ISO"] = "builtin" } };
        await new SeedIso(builtin, runner, new Progress<CharlyEvent>()).WriteAsync(seed, CloudInitRenderer.Render(new CloudInitInput
        {
            MachineName = "boot-test",
            InstanceId = Guid.NewGuid().ToString(),
            Source = source,
            SshUser = "charly",
            PublicKey = key.PublicKey,
            HostKey = host,
        }));

        _watch.Start();
        using var guest = Start(disk, seed, port);
        try
        {
            string[] ssh =
            [
                "-i", key.PrivateKeyPath!, "-p", $"{port}", "-o", $"UserKnownHostsFile={Path.Combine(_folder, "known_hosts")}",
                "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "charly@127.0.0.1",
            ];
            await WaitForSshAsync(runner, guest, ssh);
            Tell(suite, "first command");
            var status = await runner.RunAsync(new ProcessRequest("ssh", [.. ssh, "cloud-init status --wait --long"]));
            Tell(suite, "cloud-init done");
            Assert.True(status.Succeeded && status.StandardOutput.Contains("status: done", StringComparison.Ordinal), status.StandardOutput + status.StandardError);

            var state = await runner.RunAsync(new ProcessRequest("ssh", [.. ssh, "systemctl is-system-running --wait; systemctl --failed --no-legend; hostname; df --output=size / | tail -1; sudo id -u"]));
            output.WriteLine(state.StandardOutput + state.StandardError);
            var lines = state.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            Assert.Equal(["running", "boot-test"], lines[..2]);
            Assert.True(long.Parse(lines[2]) > 7L << 20, "the root file system did not grow with the disk");
            Assert.Equal("0", lines[3]);
            Assert.DoesNotContain("unable to resolve host", state.StandardError, StringComparison.Ordinal);
        }
        finally
        {
            guest.Kill();
            await guest.WaitForExitAsync();
        }
    }

    private Process Start(string disk, string seed, int port)
    {
        var start = new ProcessStartInfo("qemu-system-x86_64");
        string[] arguments =
        [
            "-accel", "tcg,thread=multi,tb-size=256", "-cpu", "qemu64", "-machine", "q35", "-nodefaults", "-display", "none", "-smp", "2", "-m", "768",
            "-drive", $"file={disk},format=qcow2,if=none,id=drive0,discard=unmap", "-device", "virtio-blk-pci,drive=drive0",
            "-drive", $"file={seed},format=raw,if=ide,media=cdrom,readonly=on",
            "-netdev", $"user,id=net0,hostfwd=tcp:127.0.0.1:{port}-:22", "-device", "virtio-net-pci,netdev=net0",
            "-object", "rng-random,id=rng0,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=rng0",
            "-serial", $"file:{Path.Combine(_folder, "console.log")}",
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private async Task WaitForSshAsync(ProcessRunner runner, Process guest, string[] ssh)
    {
        for (var seen = ""; ;)
        {
            var result = await runner.RunAsync(new ProcessRequest("ssh", [.. ssh, "true"]));
            if (result.Succeeded) return;
            Assert.DoesNotContain("Host key verification failed", result.StandardError, StringComparison.Ordinal);
            if (result.StandardError.Length > 0) seen = result.StandardError;
            Assert.False(guest.HasExited, "QEMU ended");
            if (_watch.Elapsed > Deadline) Assert.Fail($"no ssh within {Deadline}; seen last: {seen}\n{await File.ReadAllTextAsync(Path.Combine(_folder, "console.log"))}");
            await Task.Delay(250);
        }
    }

    private void Tell(string suite, string what) => output.WriteLine($"{suite}: {what} after {_watch.Elapsed.TotalSeconds:0.0} s");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class BootFactAttribute : FactAttribute
    {
        public BootFactAttribute()
        {
            var needs = new NeedsFactAttribute("qemu-system-x86_64", "mmdebstrap", "grub-mkimage", "ssh");
            Skip = needs.Skip ?? (Environment.GetEnvironmentVariable("CHARLY_TEST_BOOT") == "1" ? null : "boots two guests; set CHARLY_TEST_BOOT=1");
        }
    }
}

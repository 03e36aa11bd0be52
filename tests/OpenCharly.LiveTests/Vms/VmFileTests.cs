using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Vms;
using OpenCharly.Vms.Bootstrap;
using OpenCharly.Vms.Images;

namespace OpenCharly.LiveTests.Vms;

/// <summary>The book's own VMFile with a real guest, through all that can be done with it.</summary>
public sealed class VmFileTests
{
    private const string Book = """
        vm "webserver" {
            image "IMAGE"
            vcpus 2
            memory 2048
            disk 20

            cloud-init {
                hostname "webserver"
            }

            ssh {
                user "ubuntu"
            }

            provision "shell" {
                inline "sudo apt-get update && sudo apt-get install -y nginx"
            }

            provision "shell" {
                inline "echo 'Hello from vmctl!' | sudo tee /var/www/html/index.html"
            }
        }
        """;

    private const string Edited = """
        vm "webserver" {
            image "IMAGE"
            memory 1024
            cloud-init { hostname "second" }
            ssh { user "ubuntu" }
            provision "file" {
                source "config/app.conf"
                destination "/tmp/conf/app.conf"
            }
            provision "shell" { script "scripts/setup.sh" }
            provision "shell" { inline "cat /tmp/conf/app.conf; echo to err >&2" }
        }
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(20);

    private readonly List<string> _lines = [];

    [LiveFact("qemu-system-x86_64", "qemu-img", "ssh", "ssh-keygen", "mmdebstrap", "mke2fs", "sfdisk", "grub-mkimage")]
    public async Task The_book_s_example_is_brought_up_used_changed_and_removed()
    {
        using var limit = new CancellationTokenSource(Deadline);
        await using var lab = new VmLab();
        var image = await ImageAsync(lab, limit.Token);
        var before = await VerifiedDownload.HashAsync(image.Path, limit.Token);
        Write(lab, Book, image);
        var up = Assert.Single(await new StartVmFile(lab.Context).RunAsync(Request(), limit.Token));
        await TheGuestIsAsTheBookSaysAsync(lab, up);
        await ASecondUpDoesNothingAsync(lab, up, limit.Token);

        Write(lab, Edited, image);
        await ProvisionersRunAgainFromTheEditedFileAsync(lab, limit.Token);
        await AFailingStepEndsItAsync(lab, image, limit.Token);
        await WhatIsSuspendedContinuesAsync(lab, limit.Token);
        var (kernel, initrd) = await FetchKernelAsync(lab, limit.Token);

        Assert.Equal(VmStatus.Stopped, Assert.Single(await new StopVmFile(lab.Context).RunAsync(new VmFileRequest(), limit.Token)).Status);
        _lines.Clear();
        var again = Assert.Single(await new StartVmFile(lab.Context).RunAsync(Request(), limit.Token));
        Assert.Equal((VmStatus.Running, 2048, up.Mac), (again.Status, again.MemoryMb, again.Mac));
        Assert.Contains("out: port=80", _lines);
        Assert.Equal("Hello from vmctl!\n", await OutputAsync(lab, "cat /var/www/html/index.html"));

        var fresh = Assert.Single(await new RestartVmFile(lab.Context).RunAsync(Request(), limit.Token));
        Assert.Equal((VmStatus.Running, 1024), (fresh.Status, fresh.MemoryMb));
        Assert.Equal("second\ngone\n", await OutputAsync(lab, "hostname; test -e /var/www/html/index.html || echo gone"));

        Assert.Empty(await new StopVmFile(lab.Context).RunAsync(new VmFileRequest { Destroy = true }, limit.Token));
        Assert.DoesNotContain(lab.Files(), f => f.Contains("vmctl/vms/", StringComparison.Ordinal) || f.EndsWith("ssh_config", StringComparison.Ordinal));
        Assert.Equal(before, await VerifiedDownload.HashAsync(image.Path, limit.Token));

        await AnImperativeMachineBootsAKernelDirectlyAsync(lab, image, kernel, initrd, limit.Token);
    }

    private VmFileRequest Request() => new() { Output = l => _lines.Add((l.IsError ? "err: " : "out: ") + l.Text) };

    private static async Task<BaseImage> ImageAsync(VmLab lab, CancellationToken cancellationToken) =>
        await new BootstrapBuilder(lab.Environment, lab.Paths, lab.Context.Processes, lab.Context.Progress).EnsureAsync(
            new BootstrapSource { Builder = "debootstrap", Distro = "debian", Suite = "trixie" }, refresh: false, cancellationToken: cancellationToken);

    private static void Write(VmLab lab, string text, BaseImage image)
    {
        Directory.CreateDirectory(Path.Combine(lab.Project, "config"));
        Directory.CreateDirectory(Path.Combine(lab.Project, "scripts"));
        File.WriteAllText(Path.Combine(lab.Project, "config/app.conf"), "port=80\n");
        File.WriteAllText(Path.Combine(lab.Project, "scripts/setup.sh"), "#!/bin/bash\nset -e\necho \"$USER runs $0 as $(stat -c %a \"$0\")\"\n");
        File.WriteAllText(Path.Combine(lab.Project, "VMFile.kdl"), text.Replace("IMAGE", image.Path, StringComparison.Ordinal));
    }

    private async Task TheGuestIsAsTheBookSaysAsync(VmLab lab, CharlyVm vm)
    {
        Assert.Equal((VmStatus.Running, "user", 20, "vmfile-webserver"), (vm.Status, vm.Network, vm.DiskGb, vm.Ssh!.Alias));
        Assert.Contains("out: Hello from vmctl!", _lines);
        Assert.Contains(_lines, l => l.Contains("nginx", StringComparison.Ordinal));
        Assert.Equal("ubuntu\nwebserver\n2\n21474836480\n", await OutputAsync(lab, "whoami; hostname; nproc; lsblk -bdno SIZE /dev/vda"));
        Assert.Equal("root\n", await OutputAsync(lab, "sudo -n whoami"));

        // The host key that it shows is the one that was made for it, so nothing was ever taken on trust.
        Assert.Contains("StrictHostKeyChecking yes", await File.ReadAllTextAsync(lab.Paths.SshConfig), StringComparison.Ordinal);
        var key = (await OutputAsync(lab, "cat /etc/ssh/ssh_host_ed25519_key.pub")).Split(' ')[1];
        Assert.Contains(key, await File.ReadAllTextAsync(Path.Combine(vm.WorkDir, "known_hosts")), StringComparison.Ordinal);
    }

    private async Task ASecondUpDoesNothingAsync(VmLab lab, CharlyVm first, CancellationToken cancellationToken)
    {
        _lines.Clear();
        var second = Assert.Single(await new StartVmFile(lab.Context).RunAsync(Request(), cancellationToken));
        Assert.Equal((first.Pid, first.Mac, first.Ssh), (second.Pid, second.Mac, second.Ssh));
        Assert.Empty(_lines);
    }

    private async Task ProvisionersRunAgainFromTheEditedFileAsync(VmLab lab, CancellationToken cancellationToken)
    {
        _lines.Clear();
        var results = await new ProvisionVmFile(lab.Context).RunAsync(Request(), cancellationToken);
        Assert.Equal([("file-upload", 0), ("script", 0), ("command", 0)], results.Select(r => (r.Kind, r.ExitCode)));
        Assert.Contains("out: ubuntu runs /tmp/vmctl-provision-2.sh as 755", _lines);
        Assert.Contains("err: to err", _lines);
        var log = new List<string>();
        await foreach (var line in new GetVmLog(lab.Context).RunAsync(new VmLogRequest { Name = "", Provision = true }, cancellationToken)) log.Add(line.Text);
        Assert.Equal(["=== Step 3: command ===", "--- stdout ---", "port=80", "--- stderr ---", "to err", ""], log.TakeLast(6));
    }

    private async Task AFailingStepEndsItAsync(VmLab lab, BaseImage image, CancellationToken cancellationToken)
    {
        Write(lab, Edited.Replace("cat /tmp/conf/app.conf; echo to err >&2", "exit 3", StringComparison.Ordinal), image);
        var error = await Assert.ThrowsAsync<CharlyException>(() => new ProvisionVmFile(lab.Context).RunAsync(Request(), cancellationToken));
        Assert.Equal(Errors.ProvisionFailed, error.Code);
        Assert.Contains("step 3 of 3", error.Message, StringComparison.Ordinal);
        Write(lab, Edited, image);
    }

    private async Task WhatIsSuspendedContinuesAsync(VmLab lab, CancellationToken cancellationToken)
    {
        _lines.Clear();
        await new SuspendVm(lab.Context).RunAsync("webserver", cancellationToken);
        Assert.Equal(Errors.VmState, (await Assert.ThrowsAsync<CharlyException>(() => new ProvisionVmFile(lab.Context).RunAsync(Request(), cancellationToken))).Code);
        Assert.Equal(VmStatus.Running, Assert.Single(await new StartVmFile(lab.Context).RunAsync(Request(), cancellationToken)).Status);
        Assert.Empty(_lines);
    }

    private static async Task<(string Kernel, string Initrd)> FetchKernelAsync(VmLab lab, CancellationToken cancellationToken)
    {
        var executor = new ExecutorFactory(lab.Environment, lab.Context.Processes).Ssh(lab.Services.SshAccess.DestinationFor(VmName.VmFile("webserver")));
        await using (executor)
        {
            var version = (await executor.RunAsync(new ScriptRequest("uname -r"), cancellationToken)).StandardOutput.Trim();
            foreach (var name in (string[])["vmlinuz", "initrd.img"])
            {
                var bytes = await executor.GetAsync($"/boot/{name}-{version}", asRoot: true, cancellationToken);
                Assert.NotNull(bytes);
                await File.WriteAllBytesAsync(Path.Combine(lab.Project, name), bytes, cancellationToken);
            }
        }

        return ("vmlinuz", "initrd.img");
    }

    private static async Task AnImperativeMachineBootsAKernelDirectlyAsync(VmLab lab, BaseImage image, string kernel, string initrd, CancellationToken cancellationToken)
    {
        var key = Path.Combine(lab.Folder, "home", "own");
        var made = await lab.Context.Processes.RunAsync(new ProcessRequest("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key), cancellationToken);
        Assert.True(made.Succeeded, made.Tail());
        var port = PortAllocator.Allocate(null, new HashSet<int>());
        var vm = await new CreateVmFromImage(lab.Context).RunAsync(
            new CreateVmFromImageRequest
            {
                Name = "direct", Image = image.Path, Cpus = 1, Memory = "1G", SshKey = key + ".pub", PortForwards = [$"{port}:22"],
                Kernel = kernel, Initrd = initrd, Append = "root=/dev/vda1 ro quiet", Start = true,
            },
            cancellationToken);
        Assert.Equal(VmStatus.Running, vm.Status);
        await new WaitVm(lab.Context).RunAsync(new WaitVmRequest { Name = "direct", Timeout = TimeSpan.FromMinutes(8) }, cancellationToken);
        var run = new RunInVm(lab.Context);
        var result = await run.RunAsync(new RunInVmRequest { Name = "direct", Command = "whoami; cat /proc/cmdline", Timeout = TimeSpan.FromMinutes(2) }, cancellationToken);
        Assert.StartsWith("vm\nroot=/dev/vda1 ro quiet rootwait systemd.firstboot=off console=tty0 console=ttyS0,115200n8", result.StandardOutput, StringComparison.Ordinal);

        // The same guest answers behind the second forward.
        var second = await run.RunAsync(new RunInVmRequest { Name = "direct", Command = "hostname", Port = port, Timeout = TimeSpan.FromMinutes(2) }, cancellationToken);
        Assert.Equal("direct\n", second.StandardOutput);
        await new DestroyVm(lab.Context).RunAsync(new DestroyVmRequest { Name = "direct" }, cancellationToken);
        Assert.Empty(await new GetVms(lab.Context).RunAsync(new VmQuery(), cancellationToken));
    }

    private static async Task<string> OutputAsync(VmLab lab, string command)
    {
        // No name: the only machine of the VMFile is meant, and its ssh block says whom to log in as.
        var result = await new RunInVm(lab.Context).RunAsync(new RunInVmRequest { Name = "", Command = command, Timeout = TimeSpan.FromMinutes(3) });
        Assert.True(result.Succeeded, $"{command}: exit {result.ExitCode}: {result.Tail()}");
        return result.StandardOutput;
    }
}

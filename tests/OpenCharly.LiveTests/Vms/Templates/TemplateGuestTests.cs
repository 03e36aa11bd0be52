using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.LiveTests.Vms.Templates;

/// <summary>A template from packages, booted by its own kernel.</summary>
public sealed class TemplateGuestTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(20);

    [LiveFact("qemu-system-x86_64", "qemu-img", "ssh", "ssh-keygen", "mmdebstrap", "mke2fs", "debugfs", "grub-mkimage")]
    public async Task A_machine_of_a_Debian_template_boots_with_a_larger_disk_and_a_blank_second_one()
    {
        using var limit = new CancellationTokenSource(Deadline);
        await using var lab = new VmLab();
        await new CreateTemplate(lab.Context).RunAsync(new CreateTemplateRequest { Name = "base", Builder = "debootstrap", Suite = "trixie", Memory = "1G", DataDisk = "64" }, limit.Token);
        var revision = Assert.Single(await new BuildTemplate(lab.Context).RunAsync(new BuildTemplateRequest { Name = "base" }, limit.Token));
        Assert.Equal("initrd", revision.Initrd);

        var key = Path.Combine(lab.Folder, "home", "own");
        var made = await lab.Context.Processes.RunAsync(new ProcessRequest("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key), limit.Token);
        Assert.True(made.Succeeded, made.Tail());
        var vm = await new CreateVmFromImage(lab.Context).RunAsync(
            new CreateVmFromImageRequest { Name = "one", Template = "base", DiskGb = 3, SshKey = key + ".pub", Start = true }, limit.Token);
        Assert.Equal((VmStatus.Running, 2, 1024, 3), (vm.Status, vm.Cpus, vm.MemoryMb, vm.DiskGb));
        await new WaitVm(lab.Context).RunAsync(new WaitVmRequest { Name = "one", For = VmWaitCondition.CloudInit, Timeout = TimeSpan.FromMinutes(10) }, limit.Token);

        Assert.StartsWith("console=ttyS0 reboot=k panic=1 net.ifnames=0 root=/dev/vda rw", await OutputAsync(lab, "cat /proc/cmdline"), StringComparison.Ordinal);
        Assert.Equal("vm\none\n/dev/vda ext4\n67108864\n", await OutputAsync(lab, "whoami; hostname; findmnt -no SOURCE,FSTYPE /; lsblk -bdno SIZE /dev/vdb"));
        Assert.True(long.Parse(await OutputAsync(lab, "df --output=size -B1 / | tail -n 1")) > 2_700_000_000, "the root file system did not grow to its disk");
        Assert.Equal("active\n", await OutputAsync(lab, "systemctl is-active charly-grow-root.service"));

        var error = await Assert.ThrowsAsync<CharlyException>(() => new RemoveTemplate(lab.Context).RunAsync("base", cancellationToken: limit.Token));
        Assert.Equal(Errors.TemplateInUse, error.Code);
        await new DestroyVm(lab.Context).RunAsync(new DestroyVmRequest { Name = "one" }, limit.Token);
        await new RemoveTemplate(lab.Context).RunAsync("base", cancellationToken: limit.Token);
    }

    private static async Task<string> OutputAsync(VmLab lab, string command)
    {
        var result = await new RunInVm(lab.Context).RunAsync(new RunInVmRequest { Name = "one", Command = command, Timeout = TimeSpan.FromMinutes(3) });
        Assert.True(result.Succeeded, $"{command}: exit {result.ExitCode}: {result.Tail()}");
        return result.StandardOutput;
    }
}

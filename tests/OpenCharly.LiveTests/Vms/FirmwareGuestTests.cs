using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.LiveTests.Vms;

/// <summary>A guest built from packages that boots by UEFI, with secure boot.</summary>
public sealed class FirmwareGuestTests
{
    [FirmwareFact]
    public async Task A_bootstrapped_guest_boots_by_uefi_with_secure_boot_and_grows_its_disk()
    {
        await using var lab = new VmLab();
        lab.Declare(lab.Declare("web") with { Firmware = "uefi-secure" });
        var disk = await new BuildVm(lab.Services).RunAsync(new BuildVmRequest { Name = "web" });
        Assert.Equal(4L << 30, disk.VirtualSize);
        var state = await lab.CreateAsync("web", start: true);
        Assert.True(File.Exists(state.NvramPath));

        Assert.Contains("ecure boot enabled", await OutputAsync(lab, "sudo dmesg | grep -i 'secure boot'"), StringComparison.Ordinal);
        Assert.Equal("vfat\n", await OutputAsync(lab, "findmnt -no FSTYPE /boot/efi"));
        Assert.Equal("/vmlinuz", (await OutputAsync(lab, "cat /proc/cmdline")).Split(' ')[0]["BOOT_IMAGE=".Length..]);

        // 512 MiB are the boot partition's.
        await new WaitVm(lab.Services).RunAsync(new WaitVmRequest { Name = "web", For = VmWaitCondition.CloudInit, Timeout = TimeSpan.FromMinutes(5) });
        Assert.InRange(long.Parse(await OutputAsync(lab, "df --output=size -B1 / | tail -1"), System.Globalization.CultureInfo.InvariantCulture), 3L << 30, 4L << 30);
        Assert.Equal(VmStatus.Stopped, (await lab.StopAsync("web", force: false, seconds: 60)).Status);
        await lab.DestroyAsync("web", disk: true);
        Assert.Equal(["config/charly/charly.yml", "data/charly/vm/charly-web/id_ed25519", "data/charly/vm/charly-web/id_ed25519.pub", "data/charly/vm/vms.json"], lab.Files());
    }

    private static async Task<string> OutputAsync(VmLab lab, string command)
    {
        var result = await new RunInVm(lab.Services).RunAsync(new RunInVmRequest { Name = "web", Command = command, Timeout = TimeSpan.FromMinutes(2) });
        Assert.True(result.Succeeded, $"{command}: exit {result.ExitCode}: {result.Tail()}");
        return result.StandardOutput;
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class FirmwareFactAttribute : FactAttribute
    {
        public FirmwareFactAttribute() => Skip =
            Need.Missing("qemu-system-x86_64", "qemu-img", "ssh", "ssh-keygen", "mmdebstrap", "mke2fs", "mkfs.fat", "mcopy", "sfdisk", "dpkg-deb")
            ?? (File.Exists("/usr/share/OVMF/OVMF_CODE_4M.ms.fd") || File.Exists("/usr/share/OVMF/OVMF_CODE.secboot.fd") ? null : "needs UEFI firmware with secure boot");
    }
}

using OpenCharly.Vms.Qemu;

namespace OpenCharly.Tests.Vms.Qemu;

public sealed class KernelCommandLineTests
{
    [Theory]
    [InlineData("", "x86_64", "rootwait systemd.firstboot=off console=tty0 console=ttyS0,115200n8")]
    [InlineData("", "aarch64", "rootwait systemd.firstboot=off console=tty0 console=ttyAMA0,115200n8")]
    [InlineData("BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro quiet quiet $vt_handoff", "x86_64", "root=/dev/vda1 ro quiet rootwait systemd.firstboot=off console=tty0 console=ttyS0,115200n8")]
    [InlineData("console=ttyS1 rootwait systemd.firstboot=on", "x86_64", "console=ttyS1 rootwait systemd.firstboot=on")]
    public void A_command_line_is_completed_with_what_its_author_left_out(string given, string architecture, string expected) =>
        Assert.Equal(expected, KernelCommandLine.Complete(given, architecture));
}

using OpenCharly.Foundation;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Tests.Vms.Qemu;

public sealed class FirmwareTests
{
    [Theory]
    [InlineData("ID=debian\n", false, "/usr/share/OVMF/OVMF_CODE_4M.fd")]
    [InlineData("ID=ubuntu\n", true, "/usr/share/OVMF/OVMF_CODE_4M.ms.fd")]
    [InlineData("ID=\"fedora\"\n", true, "/usr/share/OVMF/OVMF_CODE.secboot.fd")]
    [InlineData("ID=arch\n", false, "/usr/share/edk2/x64/OVMF_CODE.4m.fd")]
    [InlineData("NAME=x\nID=mint\nID_LIKE=\"ubuntu debian\"\n", false, "/usr/share/OVMF/OVMF_CODE_4M.fd")]
    [InlineData("ID=unheard\n", false, "/usr/share/OVMF/OVMF_CODE.fd")]
    public void The_distribution_says_where_to_look_first(string release, bool isSecure, string code) =>
        Assert.Equal(code, new Firmware(_ => true, release).Find("x86_64", isSecure, "web").Code);

    [Fact]
    public void A_pair_counts_only_if_both_are_there()
    {
        var firmware = new Firmware(f => f != "/usr/share/OVMF/OVMF_VARS_4M.fd", "ID=debian\n");
        Assert.Equal(("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"), firmware.Find("x86_64", false, "web"));
    }

    [Theory]
    [InlineData("x86_64")]
    [InlineData("aarch64")]
    public void None_is_an_error_that_names_the_packages(string architecture)
    {
        var error = Assert.Throws<CharlyException>(() => new Firmware(_ => false, "").Find(architecture, false, "web"));
        Assert.Equal(Errors.FirmwareMissing, error.Code);
        Assert.Contains("dnf install edk2-ovmf", error.Help, StringComparison.Ordinal);
        Assert.Contains("apt-get install ovmf", error.Help, StringComparison.Ordinal);
    }
}

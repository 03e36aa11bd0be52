using OpenCharly.Vms.Gpu;

namespace OpenCharly.Tests.Vms.Gpu;

/// <summary>Display devices, looked for in a made-up tree.</summary>
public sealed class GpuProbeTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gpu-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_machine_without_anything_has_no_devices_and_says_what_is_off()
    {
        var report = new GpuProbe(_root).Read();
        Assert.Equal((0, null, false), (report.IommuGroups, report.KernelOption, report.HasVfio));
        Assert.Empty(report.Devices);
        Assert.True(report.IsMemoryLockEnough);
    }

    [Fact]
    public void A_display_device_is_told_with_its_whole_group_and_other_devices_are_not()
    {
        Device("0000:01:00.0", "0x030000", "0x10de", "0x2204", group: 7, driver: "nouveau");
        Device("0000:01:00.1", "0x040300", "0x10de", "0x1aef", group: 7);
        Device("0000:00:02.0", "0x038000", "0x8086", "0x9bc8", group: 1, bootDisplay: true);
        Write("proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/vda intel_iommu=on quiet\n");
        Write("proc/self/limits", "Limit                     Soft Limit           Hard Limit           Units\nMax locked memory         65536                8589934592           bytes\n");
        Write("dev/vfio/7", "");
        Directory.CreateDirectory(At("sys/bus/pci/drivers/vfio-pci"));

        var report = new GpuProbe(_root).Read();
        Assert.Equal((2, "intel_iommu=on", true, 8589934592L, false), (report.IommuGroups, report.KernelOption, report.HasVfio, report.MemoryLock, report.IsMemoryLockEnough));
        Assert.Equal(["0000:00:02.0", "0000:01:00.0"], report.Devices.Select(d => d.Address));
        var nvidia = report.Devices[1];
        Assert.Equal(("NVIDIA", "10de", "2204", "nouveau", 7, true, false), (nvidia.Vendor, nvidia.VendorId, nvidia.DeviceId, nvidia.Driver, nvidia.IommuGroup, nvidia.CanOpen, nvidia.IsBootDisplay));
        Assert.Equal(["0000:01:00.0", "0000:01:00.1"], nvidia.Group);
        Assert.Null(report.Devices[0].CanOpen);
        Assert.True(report.Devices[0].IsBootDisplay);
    }

    [Fact]
    public void The_part_to_be_pasted_hands_over_the_whole_group()
    {
        Device("0000:01:00.0", "0x030000", "0x10de", "0x2204", group: 7);
        Device("0000:01:00.1", "0x040300", "0x10de", "0x1aef", group: 7);
        Assert.Equal(
            """
            # NVIDIA 10de:2204 at 0000:01:00.0, IOMMU group 7
            hostdevs:
              - type: pci
                managed: "yes"
                source: {domain: "0x0000", bus: "0x01", slot: "0x00", function: "0x0"}
              - type: pci
                managed: "yes"
                source: {domain: "0x0000", bus: "0x01", slot: "0x00", function: "0x1"}

            """,
            GpuProbe.Render(new GpuProbe(_root).Read().Devices.Single()));
    }

    private void Device(string address, string deviceClass, string vendor, string device, int group, string? driver = null, bool bootDisplay = false)
    {
        var folder = $"sys/bus/pci/devices/{address}";
        Write($"{folder}/class", deviceClass + "\n");
        Write($"{folder}/vendor", vendor + "\n");
        Write($"{folder}/device", device + "\n");
        if (bootDisplay) Write($"{folder}/boot_vga", "1\n");
        Directory.CreateDirectory(At($"sys/kernel/iommu_groups/{group}/devices"));
        Directory.CreateSymbolicLink(At($"{folder}/iommu_group"), At($"sys/kernel/iommu_groups/{group}"));
        Directory.CreateSymbolicLink(At($"sys/kernel/iommu_groups/{group}/devices/{address}"), At(folder));
        if (driver is null) return;
        Directory.CreateDirectory(At($"sys/bus/pci/drivers/{driver}"));
        Directory.CreateSymbolicLink(At($"{folder}/driver"), At($"sys/bus/pci/drivers/{driver}"));
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }

    private string At(string path) => Path.Combine(_root, path);
}

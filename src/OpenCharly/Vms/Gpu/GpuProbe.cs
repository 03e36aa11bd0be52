using System.Globalization;

namespace OpenCharly.Vms.Gpu;

/// <summary>Looks for display devices and what is around them in <c>/sys</c> and <c>/proc</c>.</summary>
/// <param name="root">Where the file system begins: <c>/</c>, or a made-up tree.</param>
public sealed class GpuProbe(string root = "/")
{
    private const string DisplayClass = "0x03";

    private static readonly Dictionary<string, string> Vendors = new(StringComparer.Ordinal)
    {
        ["10de"] = "NVIDIA",
        ["1002"] = "AMD",
        ["8086"] = "Intel",
    };

    /// <summary>Looks.</summary>
    public GpuReport Read()
    {
        var groups = At("sys/kernel/iommu_groups");
        var count = Directory.Exists(groups) ? Directory.EnumerateDirectories(groups).Count() : 0;
        var command = Text(At("proc/cmdline")) ?? "";
        var option = command.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(w => w.StartsWith("intel_iommu=", StringComparison.Ordinal) || w.StartsWith("amd_iommu=", StringComparison.Ordinal));
        return new GpuReport(count, option, Directory.Exists(At("sys/bus/pci/drivers/vfio-pci")), MemoryLock(), [.. Devices()]);
    }

    /// <summary>The <c>hostdevs</c> part of an entity that hands a device to a guest: its whole group, ready to be pasted.</summary>
    public static string Render(GpuDevice device)
    {
        var lines = new List<string> { $"# {device.Vendor} {device.VendorId}:{device.DeviceId} at {device.Address}" + (device.IommuGroup is { } group ? $", IOMMU group {group}" : ""), "hostdevs:" };
        foreach (var address in device.Group.DefaultIfEmpty(device.Address))
        {
            var parts = address.Split(':', '.');
            lines.Add("  - type: pci");
            lines.Add("    managed: \"yes\"");
            lines.Add($"    source: {{domain: \"0x{parts[0]}\", bus: \"0x{parts[1]}\", slot: \"0x{parts[2]}\", function: \"0x{parts[3]}\"}}");
        }

        return string.Join('\n', lines) + "\n";
    }

    private IEnumerable<GpuDevice> Devices()
    {
        var all = At("sys/bus/pci/devices");
        if (!Directory.Exists(all)) yield break;
        foreach (var folder in Directory.EnumerateDirectories(all).Order(StringComparer.Ordinal))
        {
            if (Text(Path.Combine(folder, "class"))?.StartsWith(DisplayClass, StringComparison.Ordinal) != true) continue;
            var vendor = Id(folder, "vendor");
            var members = Path.Combine(folder, "iommu_group", "devices");
            int? group = Target(Path.Combine(folder, "iommu_group")) is { } name && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
            yield return new GpuDevice
            {
                Address = Path.GetFileName(folder),
                VendorId = vendor,
                DeviceId = Id(folder, "device"),
                Vendor = Vendors.GetValueOrDefault(vendor, vendor),
                Driver = Target(Path.Combine(folder, "driver")),
                IommuGroup = group,
                Group = Directory.Exists(members) ? [.. Directory.EnumerateFileSystemEntries(members).Select(m => Path.GetFileName(m)!).Order(StringComparer.Ordinal)] : [],
                CanOpen = group is { } known ? Access(At($"dev/vfio/{known}")) : null,
                IsBootDisplay = Text(Path.Combine(folder, "boot_vga")) == "1",
            };
        }
    }

    private long? MemoryLock()
    {
        var line = (Text(At("proc/self/limits")) ?? "").Split('\n').FirstOrDefault(l => l.StartsWith("Max locked memory", StringComparison.Ordinal));
        var words = line?["Max locked memory".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [_, var hard, ..] && long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : null;
    }

    private static bool? Access(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using var opened = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Id(string folder, string name) => (Text(Path.Combine(folder, name)) ?? "")["0x".Length..];

    private static string? Target(string link) =>
        Directory.Exists(link) ? Path.GetFileName((new DirectoryInfo(link).LinkTarget ?? link).TrimEnd('/')) : null;

    private static string? Text(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : null;

    private string At(string path) => Path.Combine(root, path);
}

using System.Globalization;
using OpenCharly.Model;

namespace OpenCharly.Pods;

/// <summary>How container security is merged and written (pod.md §9).</summary>
internal static class PodSecurity
{
    /// <summary>Lays an entry's security over an image's: set fields replace, lists whole, devices add up.</summary>
    public static SecuritySettings Merge(SecuritySettings image, SecuritySettings entry) => new()
    {
        Privileged = entry.Privileged ?? image.Privileged,
        CgroupNamespace = entry.CgroupNamespace ?? image.CgroupNamespace,
        IpcMode = entry.IpcMode ?? image.IpcMode,
        CapAdd = entry.CapAdd.Count > 0 ? entry.CapAdd : image.CapAdd,
        Devices = [.. image.Devices.Concat(entry.Devices).Distinct(StringComparer.Ordinal)],
        SecurityOptions = entry.SecurityOptions.Count > 0 ? entry.SecurityOptions : image.SecurityOptions,
        GroupAdd = entry.GroupAdd.Count > 0 ? entry.GroupAdd : image.GroupAdd,
        Mounts = entry.Mounts.Count > 0 ? entry.Mounts : image.Mounts,
        ShmSize = entry.ShmSize ?? image.ShmSize,
        MemoryMax = entry.MemoryMax ?? image.MemoryMax,
        MemoryHigh = entry.MemoryHigh ?? image.MemoryHigh,
        MemorySwapMax = entry.MemorySwapMax ?? image.MemorySwapMax,
        Cpus = entry.Cpus ?? image.Cpus,
    };

    /// <summary>The options of podman between <c>--privileged</c> and <c>--cgroupns</c>, in the order of units.</summary>
    public static IEnumerable<string> Options(SecuritySettings security)
    {
        if (security.Privileged == true) yield return "--privileged";
        foreach (var capability in security.Privileged == true ? [] : security.CapAdd) yield return $"--cap-add={capability}";
        foreach (var device in security.Devices) yield return $"--device={device}";
        foreach (var option in security.SecurityOptions) yield return $"--security-opt={option}";
        if (security.CgroupNamespace is { } cgroup) yield return $"--cgroupns={cgroup}";
    }

    /// <summary>The size of /dev/shm; null where the host's is used.</summary>
    public static string? ShmSize(SecuritySettings security) => security.IpcMode == "host" ? null : security.ShmSize;

    /// <summary>A size for systemd, which takes a lower-case unit for infinity.</summary>
    public static string ForSystemd(string size) => size.Length > 0 && size[^1] is 'k' or 'm' or 'g' or 't' ? size[..^1] + char.ToUpperInvariant(size[^1]) : size;

    /// <summary>A number of processors as a quota, <c>150%</c>; null if it is no number above zero.</summary>
    public static string? Quota(string? cpus) =>
        double.TryParse(cpus, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0 && number < 100_000
        && Math.Round(number * 100, MidpointRounding.AwayFromZero) is > 0 and var percent
            ? percent.ToString("0", CultureInfo.InvariantCulture) + "%"
            : null;
}

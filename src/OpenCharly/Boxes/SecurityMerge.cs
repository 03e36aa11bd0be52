using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Boxes;

/// <summary>Puts the security settings of several candies, and of a box, together (pod.md §9.1).</summary>
public static class SecurityMerge
{
    /// <summary>
    /// What candies ask for together: any of them makes it privileged, lists are joined, of limits the tightest counts, of the
    /// need for shared memory the largest.
    /// </summary>
    /// <returns>Null if none asks for anything.</returns>
    public static SecuritySettings? OfCandies(IEnumerable<SecuritySettings?> settings)
    {
        SecuritySettings? all = null;
        foreach (var next in settings.OfType<SecuritySettings>()) all = all is null ? next : Join(all, next);
        return all;
    }

    /// <summary>What a box says over its candies: single values replace, lists are joined.</summary>
    public static SecuritySettings? Over(SecuritySettings? candies, SecuritySettings? box)
    {
        if (candies is null || box is null) return box ?? candies;
        return Lists(candies, box) with
        {
            Privileged = box.Privileged ?? candies.Privileged,
            CgroupNamespace = box.CgroupNamespace ?? candies.CgroupNamespace,
            IpcMode = box.IpcMode ?? candies.IpcMode,
            ShmSize = box.ShmSize ?? candies.ShmSize,
            MemoryMax = box.MemoryMax ?? candies.MemoryMax,
            MemoryHigh = box.MemoryHigh ?? candies.MemoryHigh,
            MemorySwapMax = box.MemorySwapMax ?? candies.MemorySwapMax,
            Cpus = box.Cpus ?? candies.Cpus,
        };
    }

    private static SecuritySettings Join(SecuritySettings a, SecuritySettings b) => Lists(a, b) with
    {
        Privileged = a.Privileged == true || b.Privileged == true ? true : a.Privileged ?? b.Privileged,
        CgroupNamespace = b.CgroupNamespace ?? a.CgroupNamespace,
        IpcMode = b.IpcMode ?? a.IpcMode,
        ShmSize = Pick(a.ShmSize, b.ShmSize, Size, largest: true),
        MemoryMax = Pick(a.MemoryMax, b.MemoryMax, Size, largest: false),
        MemoryHigh = Pick(a.MemoryHigh, b.MemoryHigh, Size, largest: false),
        MemorySwapMax = Pick(a.MemorySwapMax, b.MemorySwapMax, Size, largest: false),
        Cpus = Pick(a.Cpus, b.Cpus, Count, largest: false),
    };

    private static SecuritySettings Lists(SecuritySettings a, SecuritySettings b) => new()
    {
        CapAdd = [.. a.CapAdd.Union(b.CapAdd)],
        Devices = [.. a.Devices.Union(b.Devices)],
        SecurityOptions = [.. a.SecurityOptions.Union(b.SecurityOptions)],
        GroupAdd = [.. a.GroupAdd.Union(b.GroupAdd)],
        Mounts = [.. a.Mounts.Union(b.Mounts)],
    };

    // What can't be read loses to what can.
    private static string? Pick(string? a, string? b, Func<string, double?> measure, bool largest)
    {
        if (a is null || b is null) return a ?? b;
        if (measure(a) is not { } first) return measure(b) is null ? a : b;
        if (measure(b) is not { } second) return a;
        return largest == second > first && second != first ? b : a;
    }

    private static double? Size(string text) => ByteSize.TryParse(text, 'B', out var size) ? size.Bytes : null;

    private static double? Count(string text) => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) ? count : null;
}

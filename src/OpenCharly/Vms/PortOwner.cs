using System.Globalization;

namespace OpenCharly.Vms;

/// <summary>Finds the process that listens on a port, as far as <c>/proc</c> lets this user see it.</summary>
internal static class PortOwner
{
    private const string Listening = "0A";

    /// <summary><c>process 1234 (name)</c>, or null if it can't be told.</summary>
    public static string? Find(int port, string protocol)
    {
        if (!Directory.Exists("/proc/self")) return null;
        var inodes = new[] { $"/proc/net/{protocol}", $"/proc/net/{protocol}6" }
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length > 9 && f[1].EndsWith(':' + port.ToString("X4", CultureInfo.InvariantCulture), StringComparison.Ordinal)
                && (protocol == "udp" || f[3] == Listening))
            .Select(f => $"socket:[{f[9]}]")
            .ToHashSet(StringComparer.Ordinal);
        if (inodes.Count == 0) return null;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])))
        {
            try
            {
                if (new DirectoryInfo(Path.Combine(process, "fd")).EnumerateFileSystemInfos().Any(f => f.LinkTarget is { } link && inodes.Contains(link)))
                {
                    return $"process {Path.GetFileName(process)} ({File.ReadAllText(Path.Combine(process, "comm")).Trim()})";
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another user's process, or one that ended meanwhile: it can't be the answer.
            }
        }

        return null;
    }
}

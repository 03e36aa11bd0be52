using OpenCharly.Execution;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.EndToEnd;

/// <summary>
/// What stands on a guest's root file system: type, mode, owner, content digest or link target of every path. Two
/// photographs are compared to prove that undo leaves no difference.
/// </summary>
internal sealed class FileSystemPhotograph
{
    // What changes on a machine all by itself, or is a cache that package managers rebuild at will.
    private static readonly string[] Excluded =
    [
        "/dev", "/proc", "/run", "/sys", "/tmp", "/var/tmp",      // not content of the disk
        "/var/log",                                              // logs and the journal
        "/var/cache",                                            // apt, debconf, ldconfig, man
        "/var/lib/apt",                                          // package lists, extended_states
        "/var/lib/dpkg/status-old", "/var/lib/dpkg/lock", "/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/available",
        "/var/lib/dpkg/available-old", "/var/lib/dpkg/statoverride-old", "/var/lib/dpkg/diversions-old",
        "/var/lib/dpkg/triggers", "/var/lib/dpkg/info/format",   // dpkg's own bookkeeping
        "/var/lib/systemd",                                      // random seed, timer stamps, linger
        "/var/lib/private", "/var/lib/chrony", "/var/lib/sudo",  // run-time state of daemons
        "/var/lib/cloud",                                        // cloud-init's own state
        "/etc/ld.so.cache", "/etc/.pwd.lock",
    ];

    private readonly SortedDictionary<string, string> _paths;

    private FileSystemPhotograph(SortedDictionary<string, string> paths) => _paths = paths;

    public int Count => _paths.Count;

    public static async Task<FileSystemPhotograph> TakeAsync(CharlyContext context, string vm)
    {
        const string Script =
            """
            sudo find / -xdev -printf '%y\t%m\t%U:%G\t%l\t%p\n'; echo ==; sudo find / -xdev -type f -not -path '/proc/*' -not -path '/sys/*' -not -path '/var/log/*' -not -path '/var/cache/*' -not -path '/var/lib/apt/*' -exec sha256sum {} +
            """;
        var result = await new RunInVm(context).RunAsync(new RunInVmRequest { Name = vm, Command = Script.Trim(), Timeout = TimeSpan.FromMinutes(5) });
        Assert.True(result.StandardOutput.Contains("\n==\n", StringComparison.Ordinal), result.Tail());
        var halves = result.StandardOutput.Split("\n==\n");
        var digests = halves[1].Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(l => l[66..], l => l[..64], StringComparer.Ordinal);
        var paths = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in halves[0].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split('\t', 5);
            if (Excluded.Any(e => fields[4] == e || fields[4].StartsWith(e + "/", StringComparison.Ordinal))) continue;
            paths[fields[4]] = string.Join(' ', fields[..4]) + " " + digests.GetValueOrDefault(fields[4]);
        }

        return new FileSystemPhotograph(paths);
    }

    /// <summary>The paths that differ, each with what happened to it; empty if the photographs are the same.</summary>
    public IReadOnlyList<string> DifferenceTo(FileSystemPhotograph later) =>
    [
        .. _paths.Where(p => !later._paths.ContainsKey(p.Key)).Select(p => $"gone: {p.Key} ({p.Value})"),
        .. later._paths.Where(p => !_paths.ContainsKey(p.Key)).Select(p => $"new: {p.Key} ({p.Value})"),
        .. _paths.Where(p => later._paths.TryGetValue(p.Key, out var now) && now != p.Value).Select(p => $"changed: {p.Key} ({p.Value} -> {later._paths[p.Key]})"),
    ];
}

namespace OpenCharly.UndoMeasure;

/// <summary>What a photograph leaves out.</summary>
/// <param name="Path">A path with all below it, which may be a pattern with <c>[</c>, or <c>unit:</c> and the beginning of a unit's name.</param>
/// <param name="Why">Why it is not undo's business.</param>
internal sealed record Exclusion(string Path, string Why);

/// <summary>The list of what photographs leave out; the page that the measurement writes shows it.</summary>
internal static class Exclusions
{
    /// <summary>What services of single candies write while they run, and where: whoever deletes a bundle keeps its data.</summary>
    public static IReadOnlyList<(string Candy, Exclusion Data)> OfServices { get; } =
    [
        ("versatiles", new("/workspace", "map tiles of its server, whose start script makes the folders")),
    ];

    /// <summary>All that hold for every candy.</summary>
    public static IReadOnlyList<Exclusion> All { get; } =
    [
        new("/dev", "not on the disk"),
        new("/proc", "not on the disk"),
        new("/run", "not on the disk"),
        new("/sys", "not on the disk"),
        new("/tmp", "scratch, emptied at boot"),
        new("/var/tmp", "scratch, aged by systemd-tmpfiles"),
        new("/var/log", "logs and the journal tell what happened, undo included"),
        new("/var/cache", "caches that their programs make anew"),
        new("/var/lib/apt/lists", "index of the mirror, fetched anew by every `apt-get update`"),
        new("/var/lib/apt/extended_states", "read as marks instead: the order of its paragraphs says nothing"),
        new("/var/lib/apt/periodic", "time stamps of apt's own timers"),
        new("/var/lib/dpkg/status-old", "dpkg's copy of its last but one state"),
        new("/var/lib/dpkg/diversions-old", "dpkg's copy of its last but one state"),
        new("/var/lib/dpkg/statoverride-old", "dpkg's copy of its last but one state"),
        new("/var/lib/ucf/hashfile.[0-9]", "ucf's copies of its last states, made by every package that asks it; the state itself is compared"),
        new("/var/lib/ucf/registry.[0-9]", "ucf's copies of its last states, made by every package that asks it; the state itself is compared"),
        new("/var/lib/dpkg/lock", "a lock, always empty"),
        new("/var/lib/dpkg/lock-frontend", "a lock, always empty"),
        new("/var/lib/dpkg/triggers/Lock", "a lock, always empty"),
        new("/var/lib/systemd/random-seed", "written by systemd at every boot"),
        new("/var/lib/systemd/timers", "time stamps of timers that were there before"),
        new("/var/lib/systemd/timesync", "the clock's time stamp"),
        new("/var/lib/cloud", "cloud-init's own state"),
        new("/home/tester/.config/opencharly/installed", "the ledger itself"),
        new("unit:user@", "there while somebody is logged in"),
        new("unit:user-runtime-dir@", "there while somebody is logged in"),
        new("unit:run-user-", "there while somebody is logged in"),
        new("unit:systemd-timedated", "started by a question, ends by itself"),
        new("unit:systemd-hostnamed", "started by a question, ends by itself"),
        new("unit:systemd-localed", "started by a question, ends by itself"),
        new("unit:apt-daily", "runs when its timer says so"),
        new("unit:systemd-tmpfiles-clean.service", "runs when its timer says so"),
        new("unit:dpkg-db-backup.service", "runs when its timer says so"),
        new("unit:fstrim.service", "runs when its timer says so"),
        new("unit:e2scrub", "runs when its timer says so"),
    ];

    /// <summary>A difference without the data of a candy's own services.</summary>
    public static IReadOnlyList<string> WithoutDataOf(string candy, IReadOnlyList<string> difference) =>
        [.. difference.Where(line => !OfServices.Any(d => d.Candy == candy && IsBelow(line, d.Data.Path)))];

    // A line is "new: PATH (…)".
    private static bool IsBelow(string line, string folder) =>
        line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..] is var path
        && (path.StartsWith(folder + "/", StringComparison.Ordinal) || path.StartsWith(folder + " ", StringComparison.Ordinal));
}

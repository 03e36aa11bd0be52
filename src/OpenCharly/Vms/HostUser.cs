using System.Globalization;

namespace OpenCharly.Vms;

/// <summary>Who runs this process.</summary>
/// <param name="Name">Account name; the number where nobody knows one.</param>
/// <param name="User">User id.</param>
/// <param name="Group">Id of the user's own group.</param>
internal sealed record HostUser(string Name, long User, long Group)
{
    /// <summary>Whether it is root.</summary>
    public bool IsRoot => User == 0;

    /// <summary>The user of this process.</summary>
    public static HostUser Current() => Of(
        File.Exists("/proc/self/status") ? File.ReadAllText("/proc/self/status") : "",
        File.Exists("/etc/passwd") ? File.ReadAllText("/etc/passwd") : "");

    /// <summary>The user that two files tell of.</summary>
    /// <param name="status">Text of the process's <c>/proc</c> status.</param>
    /// <param name="passwd">Text of <c>/etc/passwd</c>.</param>
    public static HostUser Of(string status, string passwd)
    {
        var (user, group) = (Id(status, "Uid:"), Id(status, "Gid:"));
        var number = user.ToString(CultureInfo.InvariantCulture);
        var name = passwd.Split('\n').Select(l => l.Split(':')).FirstOrDefault(f => f.Length > 3 && f[2] == number)?[0];
        return new HostUser(name ?? number, user, group);
    }

    // Four numbers: real, effective, saved, file system.
    private static long Id(string status, string field) =>
        status.Split('\n').FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal)) is { } line
        && line.Split('\t', StringSplitOptions.RemoveEmptyEntries) is [_, _, var effective, ..]
        && long.TryParse(effective, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
}

using System.Globalization;

namespace OpenCharly.Vms.Libvirt;

/// <summary>A range of ids that a user may give away.</summary>
/// <param name="Start">First id.</param>
/// <param name="Count">How many.</param>
internal readonly record struct IdRange(long Start, long Count);

/// <summary>
/// The ids that a shared folder's guest sees: its user 1000 is the user on this machine, and all others are subordinate ids, so that
/// root in the guest is nobody of importance here.
/// </summary>
/// <param name="User">Id of the user.</param>
/// <param name="Group">Id of the user's group.</param>
/// <param name="Users">The user's range in <c>/etc/subuid</c>.</param>
/// <param name="Groups">The user's range in <c>/etc/subgid</c>.</param>
internal sealed record SubordinateIds(long User, long Group, IdRange Users, IdRange Groups)
{
    /// <summary>The guest's id that stands for the user on this machine.</summary>
    private const long Own = 1000;

    /// <summary>Ids on both sides: first in the guest, first on this machine, how many.</summary>
    public static IEnumerable<(long Start, long Target, long Count)> Map(IdRange range, long own)
    {
        yield return (0, range.Start, Math.Min(Own, range.Count));
        yield return (Own, own, 1);
        if (range.Count > Own) yield return (Own + 1, range.Start + Own, range.Count - Own);
    }

    /// <summary>What the files say of a user; null without a range in both.</summary>
    /// <param name="name">Name of the user.</param>
    /// <param name="user">Id of the user.</param>
    /// <param name="group">Id of the user's group.</param>
    /// <param name="subuid">Text of <c>/etc/subuid</c>.</param>
    /// <param name="subgid">Text of <c>/etc/subgid</c>.</param>
    public static SubordinateIds? Find(string name, long user, long group, string subuid, string subgid) =>
        Range(subuid, name, user) is { } users && Range(subgid, name, user) is { } groups ? new SubordinateIds(user, group, users, groups) : null;

    private static IdRange? Range(string text, string name, long id)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.Trim().Split(':') is [var owner, var start, var count]
                && (owner == name || owner == id.ToString(CultureInfo.InvariantCulture))
                && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
            {
                return new IdRange(first, number);
            }
        }

        return null;
    }
}

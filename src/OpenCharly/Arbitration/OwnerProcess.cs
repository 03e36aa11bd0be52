using System.Globalization;
using OpenCharly.Foundation;

namespace OpenCharly.Arbitration;

/// <summary>Tells whether the process that took a lease is still there, and not another one of its number.</summary>
internal static class OwnerProcess
{
    private const int StartField = 22;

    /// <summary>When a process started, in ticks since boot; null if there is none, or one that only waits to be reaped.</summary>
    public static long? StartOf(int process)
    {
        try
        {
            // The name, second of the fields, may hold blanks and brackets.
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[StartField - 3], NumberStyles.None, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether the process that took a lease lives.</summary>
    public static bool IsAlive(Lease lease) => lease.OwnerPid > 0 && StartOf(lease.OwnerPid) is { } start && (lease.OwnerStart == 0 || lease.OwnerStart == start);
}

using System.Globalization;

namespace OpenCharly.Vms.Libvirt;

/// <summary>The states of all domains, as <c>virsh domstats --state</c> prints them: a line with the name, then numbers of libvirt's own.</summary>
internal static class DomainStates
{
    private const string NameLine = "Domain: '";

    // virDomainState and virDomainShutoffReason.
    private const int Paused = 3;
    private const int ShutOff = 5;
    private const int Crashed = 6;
    private const int PmSuspended = 7;
    private const int BecauseCrashed = 3;

    /// <summary>States by name of the domain.</summary>
    public static IReadOnlyDictionary<string, VmStatus> Parse(string table)
    {
        var states = new Dictionary<string, VmStatus>(StringComparer.Ordinal);
        string? name = null;
        foreach (var line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith(NameLine, StringComparison.Ordinal)) name = line[NameLine.Length..^1];
            else if (name is not null && Number(line, "state.state=") is { } state) states[name] = Status(state);
            else if (name is not null && Number(line, "state.reason=") is BecauseCrashed && states.GetValueOrDefault(name) == VmStatus.Stopped) states[name] = VmStatus.Failed;
        }

        return states;
    }

    private static VmStatus Status(int state) => state switch
    {
        Paused or PmSuspended => VmStatus.Suspended,
        ShutOff => VmStatus.Stopped,
        Crashed => VmStatus.Failed,
        _ => VmStatus.Running,
    };

    private static int? Number(string line, string key) =>
        line.StartsWith(key, StringComparison.Ordinal) && int.TryParse(line[key.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

using System.Security.Cryptography;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary>
/// Joins a guest to a bridge of the host (vm.md §3.2): by qemu-bridge-helper where it is installed, else by a tap device
/// of our own that is deleted at stop. Bridge, DHCP and NAT are the host's, never set up here.
/// </summary>
internal static class BridgeTap
{
    private static readonly string[] Helpers =
    [
        "/usr/lib/qemu/qemu-bridge-helper", "/usr/libexec/qemu-bridge-helper", "/usr/local/libexec/qemu-bridge-helper",
    ];

    private const string HelperRules = "/etc/qemu/bridge.conf";

    private static readonly string[] LeaseFiles = ["/var/lib/misc/dnsmasq.leases"];

    private static readonly (string Folder, string Pattern)[] LeaseFolders = [("/var/lib/dnsmasq", "*.leases"), ("/var/lib/libvirt/dnsmasq", "*.status")];

    /// <summary>How a machine will join a bridge; makes nothing.</summary>
    public static QemuTap Describe(string id, string bridge, IProcessRunner processes)
    {
        if (Helpers.FirstOrDefault(h => processes.Find(h) is not null) is { } helper && MayJoin(bridge, HelperRules)) return new QemuTap(bridge, helper, null);

        // Device names have at most 15 characters.
        return new QemuTap(bridge, null, "ch" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..10]);
    }

    /// <summary>Whether the helper's rules let it join a bridge. It is installed with QEMU everywhere, and refuses everything until somebody writes rules.</summary>
    internal static bool MayJoin(string bridge, string rules)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(rules);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            // The helper runs as root and reads what this user may not; it will tell by itself if it refuses.
            return true;
        }

        var words = lines.Select(l => l.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length == 2).ToArray();
        return !words.Any(w => w[0] == "deny" && w[1] == bridge) && words.Any(w => w[0] == "include" || (w[0] == "allow" && (w[1] == bridge || w[1] == "all")));
    }

    /// <summary>Makes the device and joins it, unless a helper does that.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TapFailed"/>.</exception>
    public static async Task UpAsync(QemuTap? tap, IProcessRunner processes, CancellationToken cancellationToken)
    {
        if (tap is null) return;
        if (!Directory.Exists("/sys/class/net/" + tap.Bridge))
        {
            throw new CharlyException(
                Errors.TapFailed,
                $"there is no bridge {tap.Bridge} on this host",
                $"Make it: ip link add {tap.Bridge} type bridge && ip link set {tap.Bridge} up; or use network mode user.",
                target: tap.Bridge);
        }

        if (tap.Device is not { } device) return;
        await DownAsync(tap, processes, cancellationToken).ConfigureAwait(false);
        string[][] commands = [["tuntap", "add", "dev", device, "mode", "tap"], ["link", "set", device, "master", tap.Bridge, "up"]];
        foreach (var command in commands)
        {
            var result = await processes.RunAsync(new ProcessRequest("ip", command), cancellationToken).ConfigureAwait(false);
            if (result.Succeeded) continue;
            await DownAsync(tap, processes, CancellationToken.None).ConfigureAwait(false);
            throw new CharlyException(
                Errors.TapFailed,
                $"the tap device {device} could not be made and joined to {tap.Bridge}: {result.Tail()}",
                $"Install qemu-bridge-helper and allow {tap.Bridge} in /etc/qemu/bridge.conf, or run with CAP_NET_ADMIN.",
                target: tap.Bridge);
        }
    }

    /// <summary>Deletes the device that we made, if it is there.</summary>
    public static async Task DownAsync(QemuTap? tap, IProcessRunner processes, CancellationToken cancellationToken)
    {
        if (tap?.Device is not { } device || !Directory.Exists("/sys/class/net/" + device)) return;
        var result = await processes.RunAsync(new ProcessRequest("ip", "link", "delete", device), cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return;
        throw new CharlyException(
            Errors.TapFailed, $"the tap device {device} could not be deleted: {result.Tail()}", $"Delete it: ip link delete {device}", target: device);
    }

    /// <summary>The address of a card on a bridge, from the neighbour table, else from DHCP leases; null if neither knows it.</summary>
    public static async Task<string?> FindAddressAsync(string bridge, string mac, IProcessRunner processes, CancellationToken cancellationToken)
    {
        if (mac.Length == 0) return null;
        if (processes.Find("ip") is not null)
        {
            var table = await processes.RunAsync(new ProcessRequest("ip", "-4", "neigh", "show", "dev", bridge), cancellationToken).ConfigureAwait(false);
            if (Match(table.StandardOutput.Split('\n'), mac, wordOfAddress: 0) is { } neighbour) return neighbour;
        }

        var leases = LeaseFiles.Where(File.Exists)
            .Concat(LeaseFolders.Where(f => Directory.Exists(f.Folder)).SelectMany(f => Directory.EnumerateFiles(f.Folder, f.Pattern)));
        foreach (var file in leases)
        {
            if (Match(File.ReadLines(file), mac, wordOfAddress: 2) is { } leased) return leased;
        }

        return null;
    }

    private static string? Match(IEnumerable<string> lines, string mac, int wordOfAddress) => lines
        .Where(l => l.Contains(mac, StringComparison.OrdinalIgnoreCase))
        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(w => w.Length > wordOfAddress && System.Net.IPAddress.TryParse(w[wordOfAddress], out _))
        .Select(w => w[wordOfAddress])
        .FirstOrDefault();
}

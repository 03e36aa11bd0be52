using System.Xml.Linq;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Vms.Libvirt;

/// <summary>What libvirt tells of a domain: its state, its address, its console, its display.</summary>
public sealed partial class LibvirtHypervisor
{
    /// <inheritdoc/>
    public bool IsWhole(VmHandle handle) => File.Exists(Files(handle).Domain);

    /// <inheritdoc/>
    public async Task<VmLive> StateAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        if (!IsWhole(handle)) return await UnfinishedAsync(handle).ConfigureAwait(false);
        var state = await _virsh.RunAsync(["domstate", "--reason", handle.Name], cancellationToken).ConfigureAwait(false);
        if (!state.Succeeded) return Virsh.IsUnknown(state) ? new VmLive(VmStatus.Destroyed) : throw _virsh.Failed(VmName.Of(handle), "tell the state of", state);
        return Live(handle, Parse(state.StandardOutput));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, VmLive>?> StatesAsync(IReadOnlyList<VmHandle> handles, CancellationToken cancellationToken = default)
    {
        var lives = new Dictionary<string, VmLive>(StringComparer.Ordinal);
        foreach (var handle in handles.Where(h => !IsWhole(h))) lives[handle.Name] = await UnfinishedAsync(handle).ConfigureAwait(false);
        if (lives.Count == handles.Count) return lives;

        // Starting virsh takes longer than what it does: one start tells of all domains, those that are off included.
        var table = await _virsh.MustAsync(VmName.Of(handles[0]), "tell the states of all machines beside", ["domstats", "--state"], cancellationToken).ConfigureAwait(false);
        var domains = DomainStates.Parse(table);
        foreach (var handle in handles.Where(h => !lives.ContainsKey(h.Name)))
        {
            lives[handle.Name] = domains.TryGetValue(handle.Name, out var status) ? Live(handle, status) : new VmLive(VmStatus.Destroyed);
        }

        return lives;
    }

    /// <inheritdoc/>
    public async Task<string?> AddressAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        if (handle.Network.Type == "User") return PortAllocator.Loopback;
        if (handle.Network.Type != "Tap") return null;
        foreach (var source in new[] { "lease", "agent", "arp" })
        {
            var table = await _virsh.RunAsync(["domifaddr", handle.Name, "--source", source], cancellationToken).ConfigureAwait(false);
            if (table.Succeeded && Address(table.StandardOutput, handle.MacAddr) is { } address) return address;
        }

        return _virsh.Uri.Host is null
            ? await BridgeTap.FindAddressAsync(handle.Network.Bridge ?? "", handle.MacAddr ?? "", _processes, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <inheritdoc/>
    public ConsoleEndpoint Console(VmHandle handle)
    {
        // The daemon's own record of a running domain names the terminal; of another host's domain there is none here.
        var path = Path.Combine(_virsh.RuntimeFolder, "qemu", "run", handle.Name + ".xml");
        if (_virsh.Uri.Host is not null || !File.Exists(path)) return new ConsoleEndpoint(ConsoleKind.None, "");
        var terminal = (string?)XElement.Load(path).Descendants("serial").Elements("source").Attributes("path").FirstOrDefault();
        return terminal is null ? new ConsoleEndpoint(ConsoleKind.None, "") : new ConsoleEndpoint(ConsoleKind.Terminal, terminal);
    }

    /// <summary>A state as libvirt words it, with or without its reason.</summary>
    internal static VmStatus Parse(string text)
    {
        var line = text.Trim();
        return line.Split(" (")[0] switch
        {
            "paused" or "pmsuspended" => VmStatus.Suspended,
            "crashed" => VmStatus.Failed,
            "shut off" => line.Contains("(crashed)", StringComparison.Ordinal) ? VmStatus.Failed : VmStatus.Stopped,
            _ => VmStatus.Running,
        };
    }

    /// <summary>The IPv4 address of a card in a table of virsh's.</summary>
    internal static string? Address(string table, string? mac) => table.Split('\n')
        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(w => w is [_, var card, "ipv4", _, ..] && string.Equals(card, mac, StringComparison.OrdinalIgnoreCase))
        .Select(w => w[3].Split('/')[0])
        .FirstOrDefault();

    private VmLive Live(VmHandle handle, VmStatus status) => status switch
    {
        VmStatus.Stopped when handle.Failure is not null => new VmLive(VmStatus.Failed),
        VmStatus.Stopped => new VmLive(File.Exists(Files(handle).ConsoleLog) ? VmStatus.Stopped : VmStatus.Prepared),
        VmStatus.Failed => new VmLive(VmStatus.Failed),
        _ => new VmLive(status, Pid(handle)),
    };

    /// <summary>The state of a machine that libvirt was not told of yet, or only in part.</summary>
    private async Task<VmLive> UnfinishedAsync(VmHandle handle)
    {
        var files = Files(handle);
        if (!Directory.Exists(files.Folder)) return new VmLive(VmStatus.Destroyed);
        using var held = await VmLock.TryAcquireAsync(files).ConfigureAwait(false);
        return new VmLive(held is null ? VmStatus.Preparing : VmStatus.Failed);
    }

    private async Task<string?> VncAsync(VmHandle handle, CancellationToken cancellationToken)
    {
        var display = await _virsh.RunAsync(["domdisplay", handle.Name, "--type", "vnc"], cancellationToken).ConfigureAwait(false);

        // vnc://127.0.0.1:0 counts from 5900.
        return display.Succeeded && Uri.TryCreate(display.StandardOutput.Trim(), UriKind.Absolute, out var uri) && uri.Port >= 0 ? $"{uri.Host}:{5900 + uri.Port}" : null;
    }

    private int? Pid(VmHandle handle)
    {
        var path = Path.Combine(_virsh.RuntimeFolder, "qemu", "run", handle.Name + ".pid");
        return _virsh.Uri.Host is null && File.Exists(path) && int.TryParse(File.ReadAllText(path).Trim(), out var pid) ? pid : null;
    }
}

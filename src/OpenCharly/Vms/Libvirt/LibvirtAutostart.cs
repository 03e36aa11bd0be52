using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Libvirt;

/// <summary>
/// Starts a domain with the host (vm.md §3.4). libvirt's own flag acts when its daemon starts, and a session's daemon
/// starts with nobody; so a unit of the user's starts the domain, and lingering starts the user's units without a login.
/// </summary>
/// <param name="virsh">libvirt.</param>
/// <param name="paths">Where the user's units are.</param>
/// <param name="processes">Runs programs.</param>
/// <param name="warn">Hears of what did not work beside the flag.</param>
internal sealed class LibvirtAutostart(Virsh virsh, HostPaths paths, IProcessRunner processes, Action<string> warn)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Sets or clears the flag, and makes or removes the unit.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.LibvirtFailed"/> if libvirt refuses the flag; all else is a warning.</exception>
    public async Task SetAsync(VmName name, bool isOn, CancellationToken cancellationToken)
    {
        await virsh.MustAsync(name, isOn ? "autostart" : "no longer autostart", isOn ? ["autostart", name.Id] : ["autostart", name.Id, "--disable"], cancellationToken).ConfigureAwait(false);
        if (!isOn)
        {
            await RemoveUnitAsync(name, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (virsh.Uri.Host is not null) return;
        await AttemptAsync("loginctl", ["enable-linger"], cancellationToken).ConfigureAwait(false);
        AtomicFile.Write(UnitFile(name), Unit(name, processes.Find("virsh") ?? "/usr/bin/virsh"));
        await AttemptAsync("systemctl", ["--user", "daemon-reload"], cancellationToken).ConfigureAwait(false);
        await AttemptAsync("systemctl", ["--user", "enable", Path.GetFileName(UnitFile(name))], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes the unit, if there is one.</summary>
    public async Task RemoveUnitAsync(VmName name, CancellationToken cancellationToken)
    {
        if (!File.Exists(UnitFile(name))) return;
        await AttemptAsync("systemctl", ["--user", "disable", Path.GetFileName(UnitFile(name))], cancellationToken).ConfigureAwait(false);
        File.Delete(UnitFile(name));
        await AttemptAsync("systemctl", ["--user", "daemon-reload"], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The unit that starts a domain; that it runs already is no failure.</summary>
    internal static string Unit(VmName name, string program) =>
        $"""
        [Unit]
        Description=Start the virtual machine {name}
        After=default.target

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=-{program} -c {LibvirtUri.Session.Text} start {name.Id}

        [Install]
        WantedBy=default.target

        """;

    private string UnitFile(VmName name) => Path.Combine(Path.GetDirectoryName(paths.Config)!, "systemd", "user", $"charly-autostart-{name.Id}.service");

    private async Task AttemptAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var command = $"{program} {string.Join(' ', arguments)}";
        try
        {
            if (processes.Find(program) is null)
            {
                warn($"{program} is not installed, so the machine may not start with the host");
                return;
            }

            var result = await processes.RunAsync(new ProcessRequest(program, arguments) { Timeout = Limit }, cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded) warn($"{command}: {result.Tail(1)}");
        }
        catch (CharlyException e) when (e.Code == Errors.Io)
        {
            warn($"{command}: {e.Message}");
        }
    }
}

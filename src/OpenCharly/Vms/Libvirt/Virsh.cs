using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Talks to libvirt by its own program <c>virsh</c>.</summary>
/// <param name="environment">Where <c>XDG_RUNTIME_DIR</c> and the address come from.</param>
/// <param name="settings">The user's settings.</param>
/// <param name="processes">Runs the program.</param>
internal sealed class Virsh(CharlyEnvironment environment, VmSettings settings, IProcessRunner processes)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SpawnLimit = TimeSpan.FromSeconds(10);

    // What virsh says is read here and shown to people: always in the one language that it is read in.
    private static readonly IReadOnlyDictionary<string, string?> Language = new Dictionary<string, string?> { ["LC_ALL"] = "C", ["LIBVIRT_DEBUG"] = null };

    /// <summary>Which libvirt is talked to.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> for anything but a session.</exception>
    public LibvirtUri Uri => settings.LibvirtUri is { } text ? LibvirtUri.Parse(text) : LibvirtUri.Session;

    /// <summary>Where sockets and process ids of this user's daemon are.</summary>
    public string RuntimeFolder => Path.Combine(environment.Variable("XDG_RUNTIME_DIR") ?? $"/run/user/{HostUser.Current().User}", "libvirt");

    /// <summary>The sockets by which a daemon of this user shows, in the order in which they are looked at.</summary>
    public IReadOnlyList<string> Sockets => [Path.Combine(RuntimeFolder, "virtqemud-sock"), Path.Combine(RuntimeFolder, "libvirt-sock")];

    /// <summary>
    /// Whether there is a libvirt to talk to. One that is not up is asked to start in every way there is; a unit that is shown
    /// inactive proves nothing, so only the socket counts.
    /// </summary>
    public async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        if (processes.Find("virsh") is null) return false;
        if (Uri.Host is not null) return (await RunAsync(["list"], cancellationToken).ConfigureAwait(false)).Succeeded;
        if (Sockets.Any(File.Exists)) return true;

        // The session of root does not exist: libvirt takes root for the whole machine's administrator.
        if (HostUser.Current().IsRoot) return false;
        if (processes.Find("systemctl") is not null)
        {
            foreach (var unit in new[] { "virtqemud.service", "libvirtd.service" })
            {
                await AttemptAsync(new ProcessRequest("systemctl", "--user", "start", unit) { Timeout = SpawnLimit }, cancellationToken).ConfigureAwait(false);
                if (Sockets.Any(File.Exists)) return true;
            }
        }

        await AttemptAsync(Request(["list"]) with { Timeout = SpawnLimit }, cancellationToken).ConfigureAwait(false);
        return Sockets.Any(File.Exists);
    }

    /// <summary>Runs a command of virsh to its end, whatever that is.</summary>
    public Task<CommandResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) => processes.RunAsync(Request(arguments), cancellationToken);

    /// <summary>Runs a command of virsh that has to succeed.</summary>
    /// <param name="machine">The machine, for messages.</param>
    /// <param name="what">What it is to do, for messages: <c>define</c>.</param>
    /// <param name="arguments">The command.</param>
    /// <param name="cancellationToken">Kills virsh; the daemon may still finish.</param>
    /// <exception cref="CharlyException"><see cref="Errors.LibvirtFailed"/>, <see cref="Errors.BackendMissing"/>.</exception>
    public async Task<string> MustAsync(VmName machine, string what, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput : throw Failed(machine, what, result);
    }

    /// <summary>The error for a command that failed.</summary>
    public CharlyException Failed(VmName machine, string what, CommandResult result) => IsDisconnected(result)
        ? Missing(machine.ToString(), $"libvirt at {Uri.Text} does not answer: {Words(result)}")
        : new CharlyException(
            Errors.LibvirtFailed,
            $"libvirt could not {what} machine {machine}: {Words(result)}",
            $"See what it was given: virsh -c {Uri.Text} dumpxml {machine.Id}; and the log of its guest below ~/.cache/libvirt/qemu/log.",
            target: machine.ToString());

    /// <summary>The error for a libvirt that is not there, naming everything that was probed.</summary>
    public CharlyException Missing(string machine, string? why = null) => new(
        Errors.BackendMissing,
        $"the backend libvirt is not available for machine {machine}: "
            + (why ?? (processes.Find("virsh") is null ? "the program virsh is not installed; " : "")
                + (Uri.Host is { } host ? $"{host} does not answer" : "probed: " + string.Join(", ", Sockets.Select(s => $"{s} ({(File.Exists(s) ? "there" : "absent")})")))
                + (HostUser.Current().IsRoot && Uri.Host is null ? "; root has no session of libvirt's, only ordinary users have" : "")),
        "Install it (apt-get install libvirt-daemon-system libvirt-clients, dnf install libvirt-daemon-kvm, or pacman -S libvirt), or say backend: qemu in the entity (or CHARLY_VM_BACKEND=qemu, or the setting vm.backend).",
        target: machine);

    /// <summary>What virsh said went wrong, in one line.</summary>
    public static string Words(CommandResult result)
    {
        var lines = result.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(l => l.StartsWith("error: ", StringComparison.Ordinal) ? l["error: ".Length..] : l).ToArray();
        return lines.Length == 0 ? $"exit code {result.ExitCode}" : string.Join("; ", lines.TakeLast(4));
    }

    /// <summary>Whether a command failed because no domain of that name exists.</summary>
    public static bool IsUnknown(CommandResult result) =>
        result.StandardError.Contains("failed to get domain", StringComparison.Ordinal) || result.StandardError.Contains("Domain not found", StringComparison.Ordinal);

    private static bool IsDisconnected(CommandResult result) => result.StandardError.Contains("failed to connect to the hypervisor", StringComparison.Ordinal);

    private ProcessRequest Request(IReadOnlyList<string> arguments) => new("virsh", ["-q", "-c", Uri.Text, .. arguments]) { Variables = Language, Timeout = Limit };

    private async Task AttemptAsync(ProcessRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.Io)
        {
            // One of several ways to wake the daemon took too long; the socket tells whether any worked.
        }
    }
}

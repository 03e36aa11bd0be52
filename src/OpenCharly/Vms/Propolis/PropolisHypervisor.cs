using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Vms.Propolis;

/// <summary>
/// Machines of illumos (vm.md §3.5): a zone of the brand <c>nebula-vm</c> each, in which a Propolis server runs the guest, on a
/// clone of a ZFS dataset. Experimental.
/// </summary>
public sealed partial class PropolisHypervisor : IHypervisor
{
    private const string Brand = "nebula-vm";

    private static readonly TimeSpan ServerLimit = TimeSpan.FromSeconds(30);
    private static readonly string[] Programs = ["zfs", "zonecfg", "zoneadm", "zlogin"];

    private readonly IProcessRunner _processes;
    private readonly IProgress<CharlyEvent> _progress;
    private readonly VmSettings _settings;
    private readonly TimeSpan _serverLimit;

    /// <summary>Works on this machine's zones and datasets.</summary>
    /// <param name="environment">Variables of the user.</param>
    /// <param name="paths">The user's folders.</param>
    /// <param name="processes">Runs programs.</param>
    /// <param name="progress">Where notices go.</param>
    public PropolisHypervisor(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, IProgress<CharlyEvent> progress)
        : this(environment, paths, processes, progress, ServerLimit)
    {
    }

    internal PropolisHypervisor(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, IProgress<CharlyEvent> progress, TimeSpan serverLimit)
    {
        _processes = processes;
        _progress = progress;
        _settings = new VmSettings(environment, paths);
        _serverLimit = serverLimit;
    }

    /// <inheritdoc/>
    public string Backend => "propolis";

    /// <inheritdoc/>
    public HypervisorCapabilities Capabilities { get; } = new(Suspend: false, Console: true, Bridge: false, Autostart: false) { Vnic = true, MakesDisk = true };

    private string Pool => _settings.PropolisPool ?? "rpool";

    private string Address => _settings.PropolisAddress ?? "127.0.0.1:12400";

    /// <inheritdoc/>
    public async Task CheckAsync(VmSpec spec, VmName name, CancellationToken cancellationToken = default)
    {
        var missing = Programs.Where(p => _processes.Find(p) is null).ToArray();
        if (missing.Length > 0)
        {
            throw new CharlyException(
                Errors.BackendMissing,
                $"the backend propolis is not available for machine {name}: it needs illumos with {string.Join(", ", missing)}",
                "Use another backend; a vnic network is one of illumos.",
                spec.Position,
                name.ToString());
        }

        if (!PoolName().IsMatch(Pool)) throw new CharlyException(Errors.Usage, $"\"{Pool}\" can't name a ZFS pool", "Correct the setting propolis.pool.", target: Pool);
        if (!VnicName().IsMatch(Vnic(spec, name)))
        {
            throw new CharlyException(Errors.VmValidation, $"\"{Vnic(spec, name)}\" can't name a VNIC", "Use letters, digits, dots, dashes and underscores, at most 80.", spec.Position, name.ToString());
        }

        var image = await _processes.RunAsync(new ProcessRequest("zfs", "list", "-H", "-o", "name", Image(name.Id)), cancellationToken).ConfigureAwait(false);
        if (image.Succeeded) return;
        throw new CharlyException(
            Errors.VmNotBuilt,
            $"machine {name} has no image {Image(name.Id)}: {image.Tail(1)}",
            $"Make it: zfs create -V SIZE {Image(name.Id).Split('@')[0]}, write the image to it, and zfs snapshot {Image(name.Id)}.",
            target: name.ToString());
    }

    /// <inheritdoc/>
    public async Task<VmHandle> PrepareAsync(VmPreparation preparation, CancellationToken cancellationToken = default)
    {
        var name = preparation.Name;
        var zone = name.Id;
        var vnic = preparation.Spec.Network.Mode == "none" ? null : Vnic(preparation.Spec, name);
        var handle = new VmHandle
        {
            Id = $"propolis-{Guid.NewGuid()}",
            Name = zone,
            Backend = Backend,
            WorkDir = WorkDir(zone),
            OverlayPath = Disk(zone),
            SeedIsoPath = preparation.Seed,
            Vcpus = preparation.Cpus,
            MemoryMb = checked((int)preparation.MemoryMb),
            Network = vnic is null ? new VmHandleNetwork("None", null, null) : new VmHandleNetwork("Vnic", null, vnic),
            MacAddr = preparation.Mac,
            Instance = name.Instance,
        };
        var made = new Stack<string[]>();
        var isOwnFolder = !Directory.Exists(WorkDir(zone));
        try
        {
            AtomicFile.EnsureFolder(WorkDir(zone), isPrivate: true);
            await MakeAsync(["zfs", "clone", Image(zone), Dataset(zone)], DestroyDataset(zone)).ConfigureAwait(false);
            await MakeAsync(["zonecfg", "-z", zone, Configuration(zone, vnic)], DeleteZone(zone)).ConfigureAwait(false);

            // The one step that leaves something when it fails: a zone half installed.
            made.Push(UninstallZone(zone));
            if (!await MustAsync(name, IsExisting, cancellationToken, "zoneadm", "-z", zone, "install").ConfigureAwait(false)) made.Pop();
            return handle;
        }
        catch
        {
            await UndoAsync(name, made).ConfigureAwait(false);
            if (isOwnFolder && Directory.Exists(WorkDir(zone))) Directory.Delete(WorkDir(zone), recursive: true);
            throw;
        }

        // What was there before is not ours to remove: it may hold somebody's data.
        async Task MakeAsync(string[] command, string[] undo)
        {
            if (await MustAsync(name, IsExisting, cancellationToken, command).ConfigureAwait(false)) made.Push(undo);
        }
    }

    /// <inheritdoc/>
    public async Task<VmHandle> StartAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        var name = VmName.Of(handle);
        if ((await StateAsync(handle, cancellationToken).ConfigureAwait(false)).IsOn)
        {
            throw new CharlyException(Errors.VmAlreadyRunning, "VM is already running", $"Restart it if that is what you want: charly vm restart {name}", target: name.ToString());
        }

        await MustAsync(name, IsExisting, cancellationToken, "zoneadm", "-z", handle.Name, "boot").ConfigureAwait(false);
        try
        {
            using var server = new PropolisServer(Address, name);
            await server.WaitAsync(_serverLimit, cancellationToken).ConfigureAwait(false);
            await server.EnsureAsync(handle, handle.OverlayPath ?? Disk(handle.Name), cancellationToken).ConfigureAwait(false);
            await server.SetStateAsync("Run", cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await _processes.RunAsync(new ProcessRequest("zoneadm", "-z", handle.Name, "halt"), CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return handle with { Failure = null };
    }

    /// <inheritdoc/>
    public async Task<VmHandle> StopAsync(VmHandle handle, TimeSpan timeout, bool force, CancellationToken cancellationToken = default)
    {
        var name = VmName.Of(handle);
        if (!(await StateAsync(handle, cancellationToken).ConfigureAwait(false)).IsOn)
        {
            throw new CharlyException(Errors.VmNotRunning, "VM is not running", $"Start it: charly vm start {name}", target: name.ToString());
        }

        if (!force)
        {
            try
            {
                using var server = new PropolisServer(Address, name);
                await server.SetStateAsync("Stop", cancellationToken).ConfigureAwait(false);
            }
            catch (CharlyException e) when (e.Code == Errors.PropolisUnreachable || e.Code == Errors.PropolisFailed)
            {
                _progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{e.Message}; its zone is halted all the same"));
            }
        }

        await MustAsync(name, isMadeAlready: null, cancellationToken, "zoneadm", "-z", handle.Name, "halt").ConfigureAwait(false);
        return handle with { Failure = null };
    }

    /// <inheritdoc/>
    public Task<VmHandle> SuspendAsync(VmHandle handle, CancellationToken cancellationToken = default) => throw NoSuspend(handle);

    /// <inheritdoc/>
    public Task<VmHandle> ResumeAsync(VmHandle handle, CancellationToken cancellationToken = default) => throw NoSuspend(handle);

    /// <inheritdoc/>
    public async Task DestroyAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        if ((await StateAsync(handle, cancellationToken).ConfigureAwait(false)).IsOn)
        {
            await StopAsync(handle, TimeSpan.Zero, force: false, cancellationToken).ConfigureAwait(false);
        }

        await RemoveAsync(VmName.Of(handle), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<VmLive> StateAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        if (_processes.Find("zoneadm") is null)
        {
            throw new CharlyException(
                Errors.BackendMissing, $"the backend propolis is not available for machine {VmName.Of(handle)}: it needs illumos with zoneadm", "Look at it on the machine that it was made on.", target: handle.Name);
        }

        var list = await _processes.RunAsync(new ProcessRequest("zoneadm", "-z", handle.Name, "list", "-p"), cancellationToken).ConfigureAwait(false);
        if (!list.Succeeded) return new VmLive(VmStatus.Destroyed);
        var status = list.StandardOutput.Trim().Split(':').ElementAtOrDefault(2) switch
        {
            "running" => VmStatus.Running,
            "installed" or "configured" => VmStatus.Prepared,
            _ => VmStatus.Stopped,
        };
        return new VmLive(status is not VmStatus.Running && handle.Failure is not null ? VmStatus.Failed : status);
    }

    /// <inheritdoc/>
    public async Task<string?> AddressAsync(VmHandle handle, CancellationToken cancellationToken = default)
    {
        if (handle.Network.Type == "None") return null;
        var result = await _processes.RunAsync(new ProcessRequest("zlogin", handle.Name, "ipadm", "show-addr", "-p", "-o", "ADDR"), cancellationToken).ConfigureAwait(false);
        return result.StandardOutput.Split('\n').Select(l => l.Trim().Split('/')[0])
            .FirstOrDefault(a => IPAddress.TryParse(a, out var address) && address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
    }

    /// <inheritdoc/>
    public ConsoleEndpoint Console(VmHandle handle) => new(ConsoleKind.WebSocket, $"ws://{Address}/instance/serial");

    /// <summary>The zone, as <c>zonecfg</c> is told of it; all words are names that were checked.</summary>
    private string Configuration(string zone, string? vnic) =>
        $"create -b; set brand={Brand}; set zonepath={Path.Combine(WorkDir(zone), "zone")}; set ip-type=exclusive; "
        + (vnic is null ? "" : $"add net; set physical={vnic}; end; ") + "commit";

    private static string Vnic(VmSpec spec, VmName name) => spec.Network.Mode == "vnic" && spec.Network.Bridge is { } own ? own : $"vnic_{name.Id}";

    private static bool IsExisting(CommandResult result) =>
        (result.StandardError + result.StandardOutput).Contains("already", StringComparison.OrdinalIgnoreCase);

    private static bool IsGone(CommandResult result) =>
        NoSuchThing().IsMatch(result.StandardError + result.StandardOutput);

    private static CharlyException NoSuspend(VmHandle handle) => new(
        Errors.VmState,
        $"machine {VmName.Of(handle)} can't be suspended or resumed: Propolis does not know it",
        $"Stop it instead: charly vm stop {VmName.Of(handle)}",
        target: VmName.Of(handle).ToString());

    private string WorkDir(string zone) => Path.Combine(_settings.PropolisRoot ?? "/var/lib/vmctl", "vms", zone);

    private string Dataset(string zone) => $"{Pool}/vms/{zone}";

    private string Image(string zone) => $"{Pool}/images/{zone}@latest";

    private string Disk(string zone) => $"/dev/zvol/rdsk/{Dataset(zone)}";

    private static string[] UninstallZone(string zone) => ["zoneadm", "-z", zone, "uninstall", "-F"];

    private static string[] DeleteZone(string zone) => ["zonecfg", "-z", zone, "delete", "-F"];

    private string[] DestroyDataset(string zone) => ["zfs", "destroy", "-r", Dataset(zone)];

    private async Task RemoveAsync(VmName name, CancellationToken cancellationToken)
    {
        await MustAsync(name, IsGone, cancellationToken, UninstallZone(name.Id)).ConfigureAwait(false);
        await MustAsync(name, IsGone, cancellationToken, DeleteZone(name.Id)).ConfigureAwait(false);
        await MustAsync(name, IsGone, cancellationToken, DestroyDataset(name.Id)).ConfigureAwait(false);
        if (Directory.Exists(WorkDir(name.Id))) Directory.Delete(WorkDir(name.Id), recursive: true);
    }

    // The error that led here is the one to tell; what can't be removed is told beside it.
    private async Task UndoAsync(VmName name, Stack<string[]> commands)
    {
        foreach (var command in commands)
        {
            try
            {
                await MustAsync(name, IsGone, CancellationToken.None, command).ConfigureAwait(false);
            }
            catch (CharlyException e)
            {
                _progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{e.Message}; it is left as it is"));
            }
        }
    }

    /// <returns>False if the program says that it was done before.</returns>
    private async Task<bool> MustAsync(VmName name, Func<CommandResult, bool>? isMadeAlready, CancellationToken cancellationToken, params string[] command)
    {
        var result = await _processes.RunAsync(new ProcessRequest(command[0], command[1..]), cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return true;
        if (isMadeAlready?.Invoke(result) == true) return false;
        throw new CharlyException(
            Errors.PropolisFailed,
            $"{command[0]} {command.FirstOrDefault(c => c is "clone" or "install" or "boot" or "halt" or "uninstall" or "delete" or "destroy") ?? "configure"} failed for machine {name} (exit code {result.ExitCode}): {result.Tail(2)}",
            "Correct what it says and try again.",
            target: name.ToString());
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]{0,62}\z")]
    private static partial Regex PoolName();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]{0,79}\z")]
    private static partial Regex VnicName();

    [GeneratedRegex("no such|does not exist|not configured|invalid (zone )?state|must be installed|not installed", RegexOptions.IgnoreCase)]
    private static partial Regex NoSuchThing();
}

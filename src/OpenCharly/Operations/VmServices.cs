using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.Ssh;

namespace OpenCharly.Operations;

/// <summary>What all machine operations share: registry, backends, recorded state, ssh set-up, and the words for what is wrong.</summary>
internal sealed class VmServices
{
    private readonly Func<string, CancellationToken, Task<VmSpec?>> _specs;

    /// <summary>Services on a context.</summary>
    /// <param name="context">What the operation works with.</param>
    /// <param name="specs">Finds entities; those of the project if null.</param>
    public VmServices(CharlyContext context, Func<string, CancellationToken, Task<VmSpec?>>? specs = null)
    {
        Context = context;
        _specs = specs ?? new ProjectVms(context).FindAsync;
        Registry = new VmRegistry(context.Paths);
        Router = new HypervisorRouter(context.Environment, context.Paths, context.Processes, context.Progress);
        States = new VmStateStore(context.Paths);
        SshConfig = new ManagedSshConfig(context.Paths);
        SshAccess = new VmSshAccess(context.Environment, context.Paths);
    }

    public CharlyContext Context { get; }

    public VmRegistry Registry { get; }

    public HypervisorRouter Router { get; }

    public VmStateStore States { get; }

    public ManagedSshConfig SshConfig { get; }

    public VmSshAccess SshAccess { get; }

    /// <summary>The same services, with events marked as the machine's.</summary>
    public VmServices For(VmName name) => new(Context.For(name.Key), _specs);

    public VmFiles Files(VmName name) => new(Context.Paths, name.Id);

    /// <summary>
    /// The machine that a name given by the user means: charly's if there is one, declared or made, else the VMFile's;
    /// <c>vm:</c> and <c>vmfile:</c> before it say which (vm.md, "Two worlds"). An empty name means the only machine of a VMFile.
    /// </summary>
    /// <param name="text">The name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="vmFile">The VMFile; null for the one of the project's folder.</param>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>; for an empty name what <see cref="VmFileSsh.Infer"/> throws.</exception>
    public async Task<VmName> ResolveAsync(string text, CancellationToken cancellationToken, string? vmFile = null)
    {
        if (text.Length == 0) return VmFileSsh.Infer(Context, vmFile);
        if (text.Contains(':') || !Names.IsVmFileVm(text)) return VmName.Parse(text);
        var other = VmName.VmFile(text);
        if (!Names.IsVmEntity(text)) return other;
        var name = VmName.Parse(text);
        var all = Registry.Read();

        // A dot may be one of a VMFile's name, or lead into a namespace, which only what is declared tells.
        if (all.ContainsKey(name.Id) || (!all.ContainsKey(other.Id) && Names.IsVm(text))) return name;
        return await IsDeclaredAsync(name, cancellationToken).ConfigureAwait(false) ? name : other;
    }

    public Task<FileLock> LockAsync(VmName name, CancellationToken cancellationToken) => VmLock.AcquireAsync(Files(name), Context.Progress, cancellationToken);

    /// <summary>When machines that short-lived deployments made end, by machine id.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Deadlines() => new EphemeralRecords(Context.Paths).ReadAll().Values.Where(r => r.ParentVm is not null)
        .DistinctBy(r => r.InstanceName).ToDictionary(r => new VmName(r.ParentVm!, r.InstanceName).Id, r => r.Deadline, StringComparer.Ordinal);

    public void Notice(NoticeLevel level, string text) => Context.Progress.Report(new NoticeEvent(level, text));

    /// <summary>The entity, or null if the project declares none of that name.</summary>
    public Task<VmSpec?> FindSpecAsync(string entity, CancellationToken cancellationToken) => _specs(entity, cancellationToken);

    /// <summary>The entity.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/> with a sample entry.</exception>
    public async Task<VmSpec> RequireSpecAsync(VmName name, CancellationToken cancellationToken) =>
        await FindSpecAsync(name.Entity, cancellationToken).ConfigureAwait(false) ?? throw new CharlyException(
            Errors.VmNotFound,
            $"the project in {Context.ProjectFolder} declares no machine \"{name.Entity}\"",
            $"Add it to charly.yml:\nvm:\n  {name.Entity}:\n    source: {{kind: bootstrap, builder: debootstrap, distro: debian, suite: trixie}}\n    disk_size: 8G\n    ram: 1G\n    ssh: {{port_auto: true, key_source: generate}}",
            target: name.ToString());

    /// <summary>The record of a machine that was created.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotCreated"/> if it is only declared, else <see cref="Errors.VmNotFound"/>.</exception>
    public async Task<VmHandle> RequireHandleAsync(VmName name, CancellationToken cancellationToken) =>
        Registry.Find(name.Id) is { } handle && VmName.Of(handle) == name ? handle : throw await AbsentAsync(name, cancellationToken).ConfigureAwait(false);

    /// <summary>The error for a machine that was not created.</summary>
    public async Task<CharlyException> AbsentAsync(VmName name, CancellationToken cancellationToken) =>
        name.IsVmFile ? new CharlyException(Errors.VmNotFound, $"there is no machine {name}", $"List the machines there are: charly vm list -a. If a VMFile.kdl defines it: charly up --name {name}", target: name.ToString())
        : await IsDeclaredAsync(name, cancellationToken).ConfigureAwait(false)
            ? new CharlyException(Errors.VmNotCreated, $"machine {name} has not been created", $"Create it: charly vm create {Spell(name)}", target: name.ToString())
            : new CharlyException(Errors.VmNotFound, $"there is no machine {name}", "List the machines there are: charly vm list -a", target: name.ToString());

    /// <summary>Makes sure that ssh has something to reach.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotRunning"/>; <see cref="Errors.VmState"/> if it is suspended or has no network.</exception>
    public async Task RequireReachableAsync(VmName name, CancellationToken cancellationToken)
    {
        var handle = await RequireHandleAsync(name, cancellationToken).ConfigureAwait(false);
        if (handle.Network.Type == "None")
        {
            throw new CharlyException(
                Errors.VmState, $"machine {name} has no network, so ssh can't reach it", $"Use its console: charly vm console {name}", target: name.ToString());
        }

        var live = await Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false);
        if (live.Status == VmStatus.Suspended)
        {
            throw new CharlyException(Errors.VmState, $"machine {name} is suspended", $"Continue it: charly vm resume {name}", target: name.ToString());
        }

        if (live.Status is VmStatus.Running || handle.Backend == "noop") return;
        throw new CharlyException(Errors.VmNotRunning, "VM is not running", $"Start it: charly vm start {name}", target: name.ToString());
    }

    /// <summary>A machine as it is right now.</summary>
    public Task<CharlyVm> DescribeAsync(VmHandle handle, CancellationToken cancellationToken) =>
        DescribeAsync(handle, VmName.Of(handle) is { IsVmFile: false } name ? States.Read(name.Key) : null, live: null, cancellationToken);

    /// <summary>As above, with what the per-host file records of it: reading that file once serves many machines.</summary>
    /// <param name="handle">The machine.</param>
    /// <param name="state">What is recorded of it.</param>
    /// <param name="live">Its live state if it was asked for already.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<CharlyVm> DescribeAsync(VmHandle handle, VmDeployState? state, VmLive? live, CancellationToken cancellationToken)
    {
        var name = VmName.Of(handle);
        var hypervisor = Router.For(handle);
        live ??= await hypervisor.StateAsync(handle, cancellationToken).ConfigureAwait(false);
        return new CharlyVm
        {
            Name = name.ToString(),
            Id = handle.Name,
            IsVmFile = name.IsVmFile,
            DiskGb = handle.DiskGb,
            Backend = handle.Backend,
            Status = live.Status,
            Pid = live.Pid,
            Cpus = handle.Vcpus,
            MemoryMb = handle.MemoryMb,
            Network = handle.Network.Type switch { "Tap" => name.IsVmFile ? "tap" : "bridge", "Vnic" => "vnic", "None" => "none", _ => "user" },
            Ssh = await EndpointAsync(hypervisor, handle, live, state, cancellationToken).ConfigureAwait(false),
            HostAddress = HostAddresses.Of(handle),
            WorkDir = handle.WorkDir,
            Disk = handle.OverlayPath,
            Seed = handle.SeedIsoPath,
            Mac = handle.MacAddr,
            Vnc = live.IsOn ? handle.VncAddr : null,
            Failure = live.Status == VmStatus.Failed ? handle.Failure ?? "its creation was cut off" : null,
            State = state,
        };
    }

    private static async Task<SshEndpoint?> EndpointAsync(
        IHypervisor hypervisor, VmHandle handle, VmLive live, VmDeployState? state, CancellationToken cancellationToken)
    {
        var user = state?.SshUser ?? handle.SshUser ?? "";
        var alias = VmName.Of(handle).Alias;
        if (handle.SshHostPort is { } port) return new SshEndpoint(alias, PortAllocator.Loopback, port, user);
        if (handle.Network.Type == "None" || !live.IsOn) return null;
        var address = await hypervisor.AddressAsync(handle, cancellationToken).ConfigureAwait(false);
        return address is null ? null : new SshEndpoint(alias, address, 22, user);
    }

    /// <summary>A machine's name as arguments of <c>charly vm create</c>.</summary>
    private static string Spell(VmName name) => name.Instance is null ? name.Entity : $"{name.Entity} -i {name.Instance}";

    private async Task<bool> IsDeclaredAsync(VmName name, CancellationToken cancellationToken)
    {
        try
        {
            return await FindSpecAsync(name.Entity, cancellationToken).ConfigureAwait(false) is not null;
        }
        catch (CharlyException e)
        {
            // Only the choice between two errors hangs on this; a project that can't be read must not hide either.
            Notice(NoticeLevel.Warning, e.Message);
            return false;
        }
    }
}

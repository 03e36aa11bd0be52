using OpenCharly.Building;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Targets;
using OpenCharly.Vms;
using OpenCharly.Vms.Ssh;

namespace OpenCharly.Operations;

/// <summary>Opens the target of a deployment: this machine, a host behind ssh, or a virtual machine.</summary>
internal sealed class TargetOpener(CharlyContext context)
{
    private static readonly TimeSpan SshTimeout = TimeSpan.FromSeconds(120);

    /// <summary>The ledger's word for the target.</summary>
    public static string LedgerTarget(Deployment entry) => entry.Target == "vm" ? DeploymentRecorder.VmKey(entry) : "host";

    /// <summary>Where the deployment goes, for people.</summary>
    public static string HostOf(Deployment entry) => entry.Target == "vm" ? NameOf(entry).Id
        : entry.Inside is { } inside ? "in " + inside
        : entry.Parent is { } parent ? "in " + parent
        : entry.Host;

    /// <summary>Whether an entry is for a short-lived machine that is not up: the one that it is a clone of is none of its own.</summary>
    public static bool HasNoMachine(Deployment entry) => entry is { Target: "vm", Ephemeral: not null, Life: null };

    /// <summary>What two deployments to the same place have in common: they share a connection and a ledger.</summary>
    public static string PlaceOf(Deployment entry) => entry.Target == "vm"
        ? LedgerTarget(entry)
        : string.Join('\0', ["host", entry.Inside ?? entry.Parent ?? "", entry.Host, entry.User ?? "", .. entry.SshArguments]);

    /// <summary>Opens a target. A machine that is off is started, with a note, unless that is not wanted.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotCreated"/>, <see cref="Errors.VmNotRunning"/>,
    /// <see cref="Errors.CfgHost"/>, <see cref="Errors.DeployTarget"/>, <see cref="Errors.DeployPath"/>.</exception>
    public async Task<IDeployTarget> OpenAsync(
        Project project, Deployment entry, bool noStart, TimeSpan? sshTimeout, CancellationToken cancellationToken, EarlyLook? early = null)
    {
        var peers = await new PeerReach(context, project).FindAsync(entry, cancellationToken).ConfigureAwait(false);
        var venue = DeployVenue.Of(project, entry);
        if (entry.Target == "vm")
        {
            if (venue is DeployVenue.Own) return await OpenVmAsync(project, entry, Options(entry, peers), noStart, sshTimeout, early, cancellationToken).ConfigureAwait(false);
            throw new CharlyException(Errors.DeployPath, $"deploy \"{entry.Key}\" is a machine inside of another place, and machines run on this one only", "Declare it at the top level.", entry.Position, entry.Key);
        }

        if (venue is DeployVenue.Machine guest) return await OpenVmAsync(project, guest.Owner, Options(entry, peers), noStart, sshTimeout, null, cancellationToken).ConfigureAwait(false);
        return new LinuxTarget(ExecutorOf(venue, entry), Options(entry, peers), context.Progress);
    }

    /// <summary>The way to the place of a deployment: to its machine, its container, its host, or what it stands inside of.</summary>
    public IExecutor ExecutorOf(Project project, Deployment entry) => entry.Target switch
    {
        "vm" => ExecutorFor(NameOf(entry)),
        "pod" => InContainer(new DeployVenue.Container(OpenCharly.Pods.PodKey.Parse(DeployVenue.PodKeyOf(entry)).Container, null, entry.Engine)),
        _ => ExecutorOf(DeployVenue.Of(project, entry), entry),
    };

    /// <summary>The running container of a pod, as a place for checks.</summary>
    public async Task<IDeployTarget> OpenContainerAsync(Project project, Deployment entry, CancellationToken cancellationToken)
    {
        var peers = await new PeerReach(context, project).FindAsync(entry, cancellationToken).ConfigureAwait(false);
        return new LinuxTarget(ExecutorOf(project, entry), Options(entry, peers) with { HasOwnPorts = false, Host = OpenCharly.Pods.PodKey.Parse(DeployVenue.PodKeyOf(entry)).Container }, context.Progress);
    }

    private IExecutor ExecutorOf(DeployVenue venue, Deployment entry)
    {
        var factory = new ExecutorFactory(context.Environment, context.Processes);
        return venue switch
        {
            DeployVenue.Remote { Owner: var owner } => factory.Create(owner.Host, owner.User, owner.SshArguments),
            DeployVenue.Machine { Owner: var owner } => ExecutorFor(NameOf(owner)),
            DeployVenue.Container container => InContainer(container),
            _ => factory.Create(entry.Host, entry.User, entry.SshArguments),
        };
    }

    private ContainerExecutor InContainer(DeployVenue.Container container) => new(
        container.Guest is null ? new Boxes.EngineChoice(context.Environment, context.Paths, context.Processes).Run(container.Engine).Name : "podman",
        container.Name, container.Guest is null ? null : ExecutorFor(NameOf(container.Guest)).CommandLine, context.Environment, context.Processes);

    /// <summary>
    /// Begins to look at the machine that a name is about before its project is read, if a shared connection to it is
    /// open already; null for every other name. Hand it to <see cref="OpenAsync"/>, and dispose of it in any case.
    /// </summary>
    public EarlyLook? BeginLook(BundleRequest request, CancellationToken cancellationToken)
    {
        if (request.Host is not null || !request.Name.StartsWith("vm:", StringComparison.Ordinal) || VmName.ParseOrNull(request.Name) is not { } name) return null;
        var executor = ExecutorFor(name);
        return File.Exists(executor.CommandLine.ControlSocket) ? new EarlyLook(executor, cancellationToken) : null;
    }

    /// <summary>Compiles for a target without changing or starting anything; what the target said is remembered in the plan.</summary>
    public async Task<InstallPlan> PreviewAsync(
        Project project, Deployment entry, TimeSpan? sshTimeout, Func<TargetFacts, InstallPlan> compile, CancellationToken cancellationToken)
    {
        if (entry.Target == "vm" && project.FindVm(entry.Vm!) is { } spec && (HasNoMachine(entry) || await FindAsync(entry, cancellationToken).ConfigureAwait(false) is not { Status: VmStatus.Running }))
        {
            context.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"{HostOf(entry)} does not run: the plan is made for what its entity says"));
            return compile(SpecFacts.Of(spec));
        }

        var target = await OpenAsync(project, entry, noStart: true, sshTimeout, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            var plan = compile(await target.GetFactsAsync(cancellationToken).ConfigureAwait(false));
            return await target.RememberAsync(plan, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Why the machine of an entry can't be asked for anything; null if it runs.</summary>
    public async Task<string?> WhyNotRunningAsync(Deployment entry, CancellationToken cancellationToken)
    {
        if (HasNoMachine(entry)) return "its machine is short-lived, and there is none now";
        return await FindAsync(entry, cancellationToken).ConfigureAwait(false) switch
        {
            { Status: VmStatus.Running } => null,
            null or { Status: VmStatus.Destroyed } => $"the machine {NameOf(entry)} has not been created",
            var vm => $"the machine {NameOf(entry)} is {vm.Status.ToString().ToLowerInvariant()}",
        };
    }

    private static VmName NameOf(Deployment entry) => VmName.Create(entry.Vm!, entry.VmInstance);

    private async Task<CharlyVm?> FindAsync(Deployment entry, CancellationToken cancellationToken)
    {
        try
        {
            var found = await new GetVms(context).RunAsync(new VmQuery { Names = [NameOf(entry).ToString()] }, cancellationToken).ConfigureAwait(false);
            return found.Count == 1 ? found[0] : null;
        }
        catch (CharlyException e) when (e.Code == Errors.VmNotFound)
        {
            return null;
        }
    }

    private async Task WarnOfAnotherSeedAsync(Project project, VmName name, VmDeployState? state, CancellationToken cancellationToken)
    {
        try
        {
            if (project.FindVm(name.Entity) is not { } spec || !await VmSeed.IsStaleAsync(context, name, spec, state, cancellationToken).ConfigureAwait(false)) return;
            context.Progress.Report(new NoticeEvent(
                NoticeLevel.Warning, $"cloud_init of {name} has changed since the machine was created, which only a new one sees: charly vm destroy {name} --keep-deploy, charly vm create {name}"));
        }
        catch (CharlyException e)
        {
            // What the entity says by now is no reason not to apply to the machine that there is.
            context.Progress.Report(new NoticeEvent(NoticeLevel.Debug, $"whether the seed of {name} is still the same is not known: {e.Message}"));
        }
    }

    private async Task<IDeployTarget> OpenVmAsync(
        Project project, Deployment entry, LinuxTargetOptions own, bool noStart, TimeSpan? sshTimeout, EarlyLook? early, CancellationToken cancellationToken)
    {
        var name = NameOf(entry);
        if (HasNoMachine(entry)) throw new CharlyException(Errors.VmNotCreated, $"the machine of {entry.Key} is short-lived, and there is none now", $"Run: charly bundle add {entry.Key}", entry.Position, entry.Key);
        var vm = await FindAsync(entry, cancellationToken).ConfigureAwait(false);
        if (vm is null || vm.Status is VmStatus.Destroyed)
        {
            throw project.HasVm(name.Entity)
                ? new CharlyException(Errors.VmNotCreated, $"the machine {name} has not been created", $"Run: charly vm create {name} --start", target: name.ToString())
                : new CharlyException(
                    Errors.VmNotFound,
                    $"there is no machine {name}",
                    Nearest.Suggest(name.Entity, project.Vms.Names, project.Vms.Count == 0 ? "This project declares no vm." : "This project declares: " + string.Join(", ", project.Vms.Names.Order(StringComparer.Ordinal)) + "."),
                    target: name.ToString());
        }

        if (vm.Status is not VmStatus.Running)
        {
            if (noStart || vm.Status is VmStatus.Suspended)
            {
                var next = vm.Status is VmStatus.Suspended ? "resume" : "start";
                throw new CharlyException(Errors.VmNotRunning, $"the machine {name} is {vm.Status.ToString().ToLowerInvariant()}", $"Run: charly vm {next} {name}", target: name.ToString());
            }

            context.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"{name} is {vm.Status.ToString().ToLowerInvariant()}: starting it"));
            vm = await new StartVm(context).RunAsync(name.ToString(), cancellationToken).ConfigureAwait(false);
        }

        await WarnOfAnotherSeedAsync(project, name, vm.State, cancellationToken).ConfigureAwait(false);
        if (vm.Ssh is not { } ssh)
        {
            throw new CharlyException(Errors.VmState, $"the machine {name} has no network, so nothing can be applied to it", "Give its entity a network.", target: name.ToString());
        }

        if (early is not null && early.Executor.Venue != ExecutorFor(name).Venue) early = null;
        var executor = early?.Executor ?? ExecutorFor(name);
        var limit = sshTimeout ?? SshTimeout;
        var wait = new SshWait(context.Environment.Clock, context.Progress);
        var options = own with
        {
            CanReboot = true,
            WaitForCloudInit = vm.Seed is { Length: > 0 },
            WaitUntilReachable = token => wait.WaitAsync(executor, ssh.Host, ssh.Port, limit, token),
        };
        return early is null ? new LinuxTarget(executor, options, context.Progress) : new LinuxTarget(early, options, context.Progress);
    }

    /// <summary>
    /// Has charly put into a machine as its entity says (vm.md §7.3). Where the entity says nothing it is put there when something
    /// in the guest is to call it, and not before: it would be a trace that no undo removes.
    /// </summary>
    /// <param name="project">The project.</param>
    /// <param name="entry">The deployment.</param>
    /// <param name="isNeeded">Whether something in the guest will call it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Path of the charly to call in the guest; null if there is none, and none is needed.</returns>
    public async Task<string?> EnsureCharlyAsync(Project project, Deployment entry, bool isNeeded, CancellationToken cancellationToken)
    {
        var how = entry.Target == "vm" && project.FindVm(entry.Vm!) is { } spec ? spec.CloudInit : null;
        if (entry.Target != "vm" || (how?.InstallStrategy is null && !isNeeded)) return null;
        var strategy = how?.InstallStrategy ?? "auto";
        var executor = ExecutorFor(NameOf(entry));
        await using var _ = executor.ConfigureAwait(false);
        var guest = new GuestCharly(executor, new GuestPayload(context.Environment), NameOf(entry).ToString(), context.Progress);
        var path = await guest.EnsureAsync(new GuestCharlyRule(strategy, how?.InstallUrl, how?.InstallChecksum), isNeeded || strategy == "scp", cancellationToken).ConfigureAwait(false);
        var states = new VmStateStore(context.Paths);
        var key = LedgerTarget(entry);
        if (states.Read(key)?.CharlyInstallStrategy == strategy) return path;
        await states.UpdateAsync(key, s => s with { CharlyInstallStrategy = strategy }, cancellationToken: cancellationToken).ConfigureAwait(false);
        return path;
    }

    /// <summary>How ssh is told to reach a machine, or the host of a local deployment.</summary>
    public SshCommandLine CommandLineOf(Deployment owner)
    {
        if (owner.Target == "vm") return ExecutorFor(NameOf(owner)).CommandLine;
        return new ExecutorFactory(context.Environment, context.Processes).Ssh(ExecutorFactory.Parse(owner.Host, owner.User, owner.SshArguments)).CommandLine;
    }

    /// <summary>Reaches the machine of an entry, over the connection that all its deployments share.</summary>
    public SshExecutor ExecutorFor(Deployment entry) => ExecutorFor(NameOf(entry));

    private SshExecutor ExecutorFor(VmName name) =>
        new ExecutorFactory(context.Environment, context.Processes).Ssh(new VmSshAccess(context.Environment, context.Paths).DestinationFor(name));

    private LinuxTargetOptions Options(Deployment entry, IReadOnlyDictionary<string, Func<IExecutor>> peers) => new()
    {
        Peers = peers,
        Id = LedgerTarget(entry),
        Host = HostOf(entry),
        DisplayName = entry.Key,
        Builder = new HostBuilder(context.Processes, context.Paths),
        Owner = $"{Environment.UserName}@{Environment.MachineName}",
        Clock = context.Environment.Clock,
        OperatorMachine = new ExecutorFactory(context.Environment, context.Processes).Local,
    };
}

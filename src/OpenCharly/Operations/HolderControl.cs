using OpenCharly.Arbitration;
using OpenCharly.Boxes;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Pods;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Starts and stops machines and pods for the arbiter, with their own verbs.</summary>
internal sealed class HolderControl : IHolderControl
{
    private static readonly TimeSpan Limit = ArbiterPatience.Usual.Limit;

    // A machine is asked once; whether it obeys is for the arbiter to see, so it is never killed for a claimant.
    private static readonly TimeSpan NoKill = TimeSpan.FromHours(1);

    private readonly CharlyContext _context;
    private readonly PodLookup _lookup;

    /// <summary>Makes it; the verbs that it runs neither take nor end leases themselves.</summary>
    /// <param name="context">What it works with.</param>
    public HolderControl(CharlyContext context)
    {
        _context = context.With(Arbiter.Variable, "arbiter");
        _lookup = new PodLookup(_context);
    }

    /// <inheritdoc/>
    public async Task<bool> IsRunningAsync(DeployAddress address, CancellationToken cancellationToken)
    {
        if (address.Target != "vm") return await IsPodRunningAsync(address, cancellationToken).ConfigureAwait(false);
        var services = new VmServices(_context);
        var name = NameOf(address);
        if (services.Registry.Find(name.Id) is not { } handle || VmName.Of(handle) != name) return false;
        return (await services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false)).IsOn;
    }

    /// <inheritdoc/>
    public async Task StopAsync(DeployAddress address, CancellationToken cancellationToken)
    {
        if (address.Target != "vm")
        {
            await PodVerbAsync(address, "stop", cancellationToken).ConfigureAwait(false);
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await new StopVm(_context).RunAsync(new StopVmRequest { Name = NameOf(address).Key, Timeout = NoKill }, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CharlyException(Errors.LeaseHolder, $"{address.Name} did not shut down within {Limit.TotalSeconds:0} s", $"Stop it by hand: charly vm stop {NameOf(address)}", target: address.Name);
        }
    }

    /// <inheritdoc/>
    public async Task StartAsync(DeployAddress address, CancellationToken cancellationToken)
    {
        if (address.Target == "vm") await new StartVm(_context).RunAsync(NameOf(address).Key, cancellationToken).ConfigureAwait(false);
        else await PodVerbAsync(address, "start", cancellationToken).ConfigureAwait(false);
    }

    private static VmName NameOf(DeployAddress address) => VmName.Create(address.Vm, address.Instance.Length == 0 ? null : address.Instance);

    private async Task<bool> IsPodRunningAsync(DeployAddress address, CancellationToken cancellationToken)
    {
        if (!IsDirect(address) && UnitOf(address) is { } unit)
        {
            var state = await _context.Processes.RunAsync(new ProcessRequest("systemctl", "--user", "is-active", unit), cancellationToken).ConfigureAwait(false);
            return state.StandardOutput.Trim() is "active" or "activating" or "deactivating" or "reloading";
        }

        foreach (var engine in await EnginesAsync(address, cancellationToken).ConfigureAwait(false))
        {
            var found = await engine.RunAsync(["container", "inspect", "--format", "{{.State.Running}}", ContainerOf(address)], cancellationToken).ConfigureAwait(false);
            if (found.Succeeded && found.StandardOutput.Trim() == "true") return true;
        }

        return false;
    }

    private async Task PodVerbAsync(DeployAddress address, string verb, CancellationToken cancellationToken)
    {
        if (IsDirect(address))
        {
            await DirectVerbAsync(address, verb, cancellationToken).ConfigureAwait(false);
            return;
        }

        var result = UnitOf(address) is { } unit
            ? await _context.Processes.RunAsync(new ProcessRequest("systemctl", "--user", verb, unit), cancellationToken).ConfigureAwait(false)
            : await InEngineAsync(address, verb, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return;
        throw new CharlyException(Errors.LeaseHolder, $"{address.Name} did not {verb}: {result.Tail(2)}", $"Try it by hand: charly {verb} {address.Name}", target: address.Name);
    }

    // A pod of direct mode leaves no container behind when it stops, so it is made again as it was.
    private async Task DirectVerbAsync(DeployAddress address, string verb, CancellationToken cancellationToken)
    {
        try
        {
            if (verb == "stop") await new StopPod(_context).RunAsync(new PodRequest { Name = address.Name }, cancellationToken: cancellationToken).ConfigureAwait(false);
            else await new StartPod(_context).RunAsync(new ConfigurePodRequest { Name = address.Name, Autodetect = false }, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            throw new CharlyException(Errors.LeaseHolder, $"{address.Name} did not {verb}: {e.Message}", $"Try it by hand: charly {verb} {address.Name}", e.Position, address.Name, e);
        }
    }

    // The service of its quadlet, that of the whole pod where it has sidecars; null for a pod without a quadlet.
    private string? UnitOf(DeployAddress address)
    {
        var folder = Quadlets;
        var name = ContainerOf(address);
        return File.Exists(Path.Combine(folder, name + ".pod")) ? name + "-pod.service"
            : File.Exists(Path.Combine(folder, name + ".container")) ? name + ".service" : null;
    }

    private async Task<CommandResult> InEngineAsync(DeployAddress address, string verb, CancellationToken cancellationToken)
    {
        var engines = await EnginesAsync(address, cancellationToken).ConfigureAwait(false);
        CommandResult? first = null;
        foreach (var engine in engines)
        {
            var result = await engine.RunAsync([verb, ContainerOf(address)], cancellationToken).ConfigureAwait(false);
            if (result.Succeeded) return result;
            first ??= result;
        }

        return first ?? await _lookup.Engine().RunAsync([verb, ContainerOf(address)], cancellationToken).ConfigureAwait(false);
    }

    // That of the pod's own entry first. Its container may be an earlier one's, of before the entry was changed; and an entry may be gone, or in a
    // project that is not at hand.
    private async Task<IReadOnlyList<ContainerEngine>> EnginesAsync(DeployAddress address, CancellationToken cancellationToken)
    {
        string? own = null;
        try
        {
            own = (await _lookup.LoadAsync(cancellationToken).ConfigureAwait(false)).FindDeployment(address.Name)?.Engine;
        }
        catch (CharlyException e)
        {
            _context.Progress.Report(new NoticeEvent(NoticeLevel.Debug, $"the engine of {address.Name} is not known: {e.Message}"));
        }

        return [.. _lookup.Engines(own).Where(e => e.IsInstalled)];
    }

    private bool IsDirect(DeployAddress address) => File.Exists(Path.Combine(_context.Paths.Config, "direct", ContainerOf(address) + ".json"));

    private string Quadlets => Path.Combine(_context.Environment.Home, ".config", "containers", "systemd");

    // A dot may belong to the key itself, or separate a child from its parent; what there is decides.
    private string ContainerOf(DeployAddress address)
    {
        var own = "charly-" + address.Name.Replace('/', '-');
        return !own.Contains('.') || File.Exists(Path.Combine(Quadlets, own + ".container")) || File.Exists(Path.Combine(_context.Paths.Config, "direct", own + ".json")) ? own : own.Replace('.', '_');
    }
}

using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Defines a virtual machine, and boots it if asked.</summary>
public sealed class CreateVm
{
    private static readonly TimeSpan SshLimit = TimeSpan.FromSeconds(120);

    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public CreateVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal CreateVm(VmServices services) => _services = services;

    /// <summary>Makes seed, keys, port, stanza and handle; removes them again if it fails.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>, <see cref="Errors.VmNotFound"/>, <see cref="Errors.VmNameExists"/>,
    /// <see cref="Errors.VmNotBuilt"/>, <see cref="Errors.VmValidation"/>, <see cref="Errors.PortInUse"/>, <see cref="Errors.BackendMissing"/>;
    /// with <see cref="CreateVmRequest.FromState"/> also <see cref="Errors.SnapshotNotFound"/>, <see cref="Errors.SnapshotFailed"/>, <see cref="Errors.BackendUnsupported"/>;
    /// with <see cref="CreateVmRequest.Start"/> also what <see cref="StartVm"/> and <see cref="WaitVm"/> throw: the machine then
    /// stays as it is, and is removed by <see cref="DestroyVm"/>; <see cref="Errors.LeaseHeld"/>, <see cref="Errors.LeaseHolder"/>,
    /// <see cref="Errors.GpuNotFound"/> and <see cref="Errors.GpuBackend"/> if it claims what others hold.</exception>
    public async Task<VmDeployState> RunAsync(CreateVmRequest request, CancellationToken cancellationToken = default)
    {
        var name = request.Instance is null ? VmName.Parse(request.Name) : VmName.Create(VmName.Parse(request.Name).Entity, request.Instance);
        RefuseReserved(name, request);
        var services = _services.For(name);
        var spec = Override(await services.RequireSpecAsync(name, cancellationToken).ConfigureAwait(false), request, name);
        var claims = new ExclusiveClaims(services.Context);
        var grant = await claims.AcquireAsync(name, cancellationToken).ConfigureAwait(false);
        try
        {
            return await MakeAsync(services, name, spec, request, cancellationToken).ConfigureAwait(false);
        }
        catch when (grant is { IsNew: true })
        {
            await claims.ReleaseUnlessRunningAsync(name).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<VmDeployState> MakeAsync(VmServices services, VmName name, VmSpec spec, CreateVmRequest request, CancellationToken cancellationToken)
    {
        if (request.FromState is { } state) return await new VmAwakening(services, name, spec).RunAsync(state, request, cancellationToken).ConfigureAwait(false);
        VmHandle handle;
        using (await services.LockAsync(name, cancellationToken).ConfigureAwait(false))
        {
            handle = await new VmCreation(services, name, spec, request.Start).RunAsync(cancellationToken).ConfigureAwait(false);
            if (request.Start) handle = await new VmBoot(services).StartAsync(handle, cancellationToken).ConfigureAwait(false);
        }

        // Outside of the lock, so that a machine which never answers can be stopped and destroyed meanwhile.
        if (request.Start && handle.Network.Type != "None" && handle.Backend != "noop") await WaitAsync(services, spec, handle, cancellationToken).ConfigureAwait(false);
        return services.States.Read(name.Key) ?? new VmDeployState { Key = name.Key };
    }

    /// <summary>Tells what <see cref="RunAsync"/> would make, and refuses what it would refuse; changes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it makes anything.</exception>
    public async Task<VmPreview> PreviewAsync(CreateVmRequest request, CancellationToken cancellationToken = default)
    {
        var name = request.Instance is null ? VmName.Parse(request.Name) : VmName.Create(VmName.Parse(request.Name).Entity, request.Instance);
        RefuseReserved(name, request);
        var services = _services.For(name);
        var spec = Override(await services.RequireSpecAsync(name, cancellationToken).ConfigureAwait(false), request, name);
        var changes = request.FromState is { } state
            ? await new VmAwakening(services, name, spec).PreviewAsync(state, request, cancellationToken).ConfigureAwait(false)
            : await new VmCreation(services, name, spec, request.Start).PreviewAsync(cancellationToken).ConfigureAwait(false);
        return new VmPreview(name.ToString(), VmVerb.Create, VmStatus.Destroyed, request.Start || request.FromState is not null ? VmStatus.Running : VmStatus.Prepared, changes);
    }

    private static async Task WaitAsync(VmServices services, VmSpec spec, VmHandle handle, CancellationToken cancellationToken)
    {
        var limit = SshLimit;
        if (services.Router.For(handle) is IAcceleratedHypervisor accelerated)
        {
            limit *= (await accelerated.ChooseAcceleratorAsync(spec, cancellationToken).ConfigureAwait(false)).Patience;
        }

        try
        {
            await new VmReadiness(services).WaitAsync(handle, VmWaitCondition.Ssh, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e)
        {
            await new VmBoot(services).FailAsync(handle.Name, e.Message).ConfigureAwait(false);
            throw;
        }
    }

    private static void RefuseReserved(VmName name, CreateVmRequest request)
    {
        if (!name.IsEphemeral || request.IsEphemeral) return;
        throw new CharlyException(
            Errors.BadName, $"\"{name.Instance}\" can't name an instance of a machine", "\"-eph-\" is reserved for machines of short-lived deployments, which charly bundle add makes.", target: name.ToString());
    }

    private static VmSpec Override(VmSpec spec, CreateVmRequest request, VmName name)
    {
        if (request.Cpus is < 1)
        {
            throw new CharlyException(
                Errors.VmValidation, $"{request.Cpus} processors are too few for machine {name}", "Say 1 or more.", target: name.ToString());
        }

        return spec with
        {
            Ram = request.Ram is { } ram ? VmPlacement.Size(ram, 'M', "amount of memory", name) : spec.Ram,
            Cpus = request.Cpus ?? spec.Cpus,
            Ssh = request.SshKey is { } key ? spec.Ssh with { KeySource = key } : spec.Ssh,
        };
    }
}

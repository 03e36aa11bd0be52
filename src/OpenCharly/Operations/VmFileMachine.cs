using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Definitions;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Operations;

/// <summary>One machine of a VMFile on its way between the states (vm.md §8). The record is written after each transition.</summary>
internal sealed class VmFileMachine
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SshLimit = TimeSpan.FromSeconds(120);

    private readonly VmServices _services;
    private readonly VmDefinition _definition;
    private readonly VmName _name;

    /// <summary>A machine as defined.</summary>
    public VmFileMachine(VmServices services, VmDefinition definition)
    {
        _definition = definition;
        _name = VmName.VmFile(definition.Name);
        _services = services.For(_name);
    }

    /// <summary>Brings it up: what runs is left alone, what is suspended continues, everything else is started and provisioned.</summary>
    public async Task<CharlyVm> UpAsync(VmFileRequest request, CancellationToken cancellationToken)
    {
        VmHandle handle;
        using (await _services.LockAsync(_name, cancellationToken).ConfigureAwait(false))
        {
            var (found, status) = await FindAsync(cancellationToken).ConfigureAwait(false);
            switch (status)
            {
                case VmStatus.Running:
                    _services.Notice(NoticeLevel.Info, $"{_name} is running already");
                    return await _services.DescribeAsync(found!, cancellationToken).ConfigureAwait(false);
                case VmStatus.Suspended:
                    _services.Notice(NoticeLevel.Info, $"{_name} was suspended and continues");
                    var resumed = await new VmBoot(_services).RecordAsync(found!, h => _services.Router.For(h).ResumeAsync(h, cancellationToken), cancellationToken).ConfigureAwait(false);
                    return await _services.DescribeAsync(resumed, cancellationToken).ConfigureAwait(false);
                default:
                    handle = await StartAsync(found, cancellationToken).ConfigureAwait(false);
                    break;
            }
        }

        await ProvisionAsync(handle, request, cancellationToken).ConfigureAwait(false);
        return await _services.DescribeAsync(handle, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes it if it is there, and brings up a fresh one.</summary>
    public async Task<CharlyVm> ReloadAsync(VmFileRequest request, CancellationToken cancellationToken)
    {
        VmHandle handle;
        using (await _services.LockAsync(_name, cancellationToken).ConfigureAwait(false))
        {
            if (_services.Registry.Find(_name.Id) is not null) await new VmFileRemoval(_services, _name).RunLockedAsync(cancellationToken).ConfigureAwait(false);
            handle = await StartAsync(null, cancellationToken).ConfigureAwait(false);
        }

        await ProvisionAsync(handle, request, cancellationToken).ConfigureAwait(false);
        return await _services.DescribeAsync(handle, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops it, or removes it; one that there is not is passed over.</summary>
    /// <returns>The machine; null if there is none any more.</returns>
    public async Task<CharlyVm?> DownAsync(bool destroy, CancellationToken cancellationToken)
    {
        using var held = await _services.LockAsync(_name, cancellationToken).ConfigureAwait(false);
        var (handle, status) = await FindAsync(cancellationToken).ConfigureAwait(false);
        if (_services.Registry.Find(_name.Id) is null)
        {
            _services.Notice(NoticeLevel.Info, $"{_name} has not been created");
            return null;
        }

        if (destroy)
        {
            await new VmFileRemoval(_services, _name).RunLockedAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }

        if (handle is null) return null;
        if (status is VmStatus.Running or VmStatus.Suspended) handle = await new VmBoot(_services).StopAsync(handle, StopLimit, force: false, cancellationToken).ConfigureAwait(false);
        else _services.Notice(NoticeLevel.Info, $"{_name} is off already");
        return await _services.DescribeAsync(handle, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs the provisioners of a machine that runs.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>, <see cref="Errors.VmNotRunning"/>, <see cref="Errors.ProvisionFailed"/>.</exception>
    public async Task ProvisionAsync(VmFileRequest request, CancellationToken cancellationToken)
    {
        if (_definition.Provisions.Count == 0)
        {
            _services.Notice(NoticeLevel.Info, $"{_name} has no provisioners");
            return;
        }

        await _services.RequireReachableAsync(_name, cancellationToken).ConfigureAwait(false);
        await ProvisionAsync(await _services.RequireHandleAsync(_name, cancellationToken).ConfigureAwait(false), request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What <see cref="UpAsync"/> would do, or <see cref="ReloadAsync"/>; refuses what they would refuse first, changes nothing.</summary>
    public async Task<VmPreview> PreviewUpAsync(VmFileRequest request, bool anew, CancellationToken cancellationToken)
    {
        var (handle, status) = await FindAsync(cancellationToken).ConfigureAwait(false);
        var verb = anew ? VmVerb.Restart : VmVerb.Start;
        if (!anew && status == VmStatus.Running) return new VmPreview(_name.ToString(), verb, status, status, []);
        if (!anew && status == VmStatus.Suspended) return new VmPreview(_name.ToString(), verb, status, VmStatus.Running, ["let its processors go on"]);
        var changes = new List<string>();
        if (anew && _services.Registry.Find(_name.Id) is not null) changes.Add("remove it with all its files");
        if (anew || handle is null) changes.AddRange(await new VmFileCreation(_services, _definition).PreviewAsync(isReplaced: anew, cancellationToken).ConfigureAwait(false));
        changes.Add("boot it");
        if (!request.NoProvision) changes.AddRange(Provisioners(request));
        return new VmPreview(_name.ToString(), verb, status, VmStatus.Running, changes);
    }

    /// <summary>What <see cref="DownAsync"/> would do; changes nothing.</summary>
    public async Task<VmPreview> PreviewDownAsync(bool destroy, CancellationToken cancellationToken)
    {
        var (_, status) = await FindAsync(cancellationToken).ConfigureAwait(false);
        var isOn = status is VmStatus.Running or VmStatus.Suspended;
        if (destroy)
        {
            var isKnown = _services.Registry.Find(_name.Id) is not null;
            return new VmPreview(_name.ToString(), VmVerb.Destroy, status, VmStatus.Destroyed, !isKnown ? [] : isOn ? ["shut it down", "remove it with all its files"] : ["remove it with all its files"]);
        }

        return new VmPreview(_name.ToString(), VmVerb.Stop, status, isOn ? VmStatus.Stopped : status, isOn ? ["shut it down"] : []);
    }

    /// <summary>What <see cref="ProvisionAsync(VmFileRequest, CancellationToken)"/> would run, on a machine that runs; runs nothing.</summary>
    public async Task<VmPreview> PreviewProvisionAsync(VmFileRequest request, CancellationToken cancellationToken)
    {
        var steps = Provisioners(request);
        if (steps.Count > 0) await _services.RequireReachableAsync(_name, cancellationToken).ConfigureAwait(false);
        var (_, status) = await FindAsync(cancellationToken).ConfigureAwait(false);
        return new VmPreview(_name.ToString(), VmVerb.Provision, status, status, steps);
    }

    private List<string> Provisioners(VmFileRequest request)
    {
        if (_definition.Provisions.Count == 0) return [];
        new Provisioning(_services, _definition, request).RequireFiles();
        return [.. _definition.Provisions.Select((step, i) => $"run step {i + 1}, {step.Kind}: {step.Summary}")];
    }

    private async Task<(VmHandle? Handle, VmStatus Status)> FindAsync(CancellationToken cancellationToken)
    {
        if (_services.Registry.Find(_name.Id) is not { } handle) return (null, VmStatus.Destroyed);
        var hypervisor = _services.Router.For(handle);
        var live = await hypervisor.StateAsync(handle, cancellationToken).ConfigureAwait(false);
        return live.Status == VmStatus.Destroyed || !hypervisor.IsWhole(handle) ? (null, VmStatus.Destroyed) : (handle, live.Status);
    }

    private async Task<VmHandle> StartAsync(VmHandle? handle, CancellationToken cancellationToken)
    {
        handle ??= await new VmFileCreation(_services, _definition).RunAsync(cancellationToken).ConfigureAwait(false);
        return await new VmBoot(_services).StartAsync(handle, cancellationToken).ConfigureAwait(false);
    }

    private async Task ProvisionAsync(VmHandle handle, VmFileRequest request, CancellationToken cancellationToken)
    {
        if (request.NoProvision || _definition.Provisions.Count == 0) return;
        var steps = new Provisioning(_services, _definition, request);
        steps.RequireFiles();
        if (_definition.Ssh?.User is { } user && user != handle.SshUser)
        {
            handle = handle with { SshUser = user };
            await _services.Registry.PutAsync(handle, cancellationToken).ConfigureAwait(false);
        }

        await new VmFileSsh(_services).PublishAsync(handle, SshWithKeyTwin(), cancellationToken).ConfigureAwait(false);
        var limit = SshLimit;
        if (_services.Router.For(handle) is QemuHypervisor qemu)
        {
            limit *= (await qemu.ChooseAcceleratorAsync(VmFileCreation.Spec(_definition), cancellationToken).ConfigureAwait(false)).Patience;
        }

        await new VmReadiness(_services).WaitAsync(handle, VmWaitCondition.Ssh, limit, cancellationToken).ConfigureAwait(false);
        await steps.RunAsync(handle, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The ssh block; where it names no private key, the twin of the public key in the cloud-init block is meant.</summary>
    private VmDefinitionSsh? SshWithKeyTwin() =>
        _definition is { Ssh: { PrivateKey: null } ssh, CloudInit.SshKey: { } key } && key.EndsWith(".pub", StringComparison.Ordinal) && File.Exists(key[..^4])
            ? ssh with { PrivateKey = key[..^4] }
            : _definition.Ssh;
}

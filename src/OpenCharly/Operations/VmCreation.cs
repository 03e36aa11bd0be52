using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.CloudInit;
using OpenCharly.Vms.Images;
using OpenCharly.Vms.Keys;
using OpenCharly.Vms.Ssh;

namespace OpenCharly.Operations;

/// <summary>
/// One run of <c>vm create</c> up to the prepared machine. Each thing that it makes is noted with the way to take it back;
/// when a later one fails, or the user stops it, all are taken back, last first.
/// </summary>
internal sealed class VmCreation(VmServices services, VmName name, VmSpec spec, bool isToStart, VmSnapshot? state = null)
{
    private const int DefaultPort = 2222;

    private readonly Stack<Func<Task>> _undo = new();
    private readonly VmFiles _files = services.Files(name);

    /// <summary>How ssh was told to reach the machine; null before that, and without a network.</summary>
    public SshStanza? Stanza { get; private set; }

    /// <summary>The host key that was made for the guest; null if it takes none.</summary>
    public GuestHostKey? HostKey { get; private set; }

    /// <summary>The key that may log in; null for none.</summary>
    public SshKey? LoginKey { get; private set; }

    /// <summary>Makes everything.</summary>
    /// <returns>The handle as recorded.</returns>
    public async Task<VmHandle> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await MakeAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await UndoAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task UndoAsync()
    {
        while (_undo.TryPop(out var undo))
        {
            try
            {
                await undo().ConfigureAwait(false);
            }
            catch (Exception e) when (e is CharlyException or IOException or UnauthorizedAccessException)
            {
                // The error that led here is the one to throw; the other things are still taken back.
                services.Notice(NoticeLevel.Warning, $"while taking back a failed create: {e.Message}");
            }
        }
    }

    private async Task<VmHandle> MakeAsync(CancellationToken cancellationToken)
    {
        await ClearCutCreationAsync().ConfigureAwait(false);
        var (hypervisor, before) = await ChooseAsync(cancellationToken).ConfigureAwait(false);
        var allocation = new GpuAllocation(services, name, spec);
        var devices = allocation.Choose(hypervisor);
        var reserved = await ReserveAsync(hypervisor, before, cancellationToken).ConfigureAwait(false);
        ClaimFolder();
        if (devices.Count > 0)
        {
            _undo.Push(allocation.Write(devices));
            services.Notice(NoticeLevel.Info, $"the machine gets {string.Join(", ", devices.Select(d => $"{d.Vendor} {d.Address}"))} with all of its IOMMU group");
        }

        // Neither waits for another, and each starts a program. All have ended before anything is taken back.
        var making = hypervisor.Capabilities.MakesDisk ? Task.FromResult<string?>(null) : DiskAsync(cancellationToken);
        var resolving = KeyAsync(cancellationToken);
        var hosting = HostKeyAsync(cancellationToken);
        await Task.WhenAll(making, resolving, hosting).ConfigureAwait(false);
        var (disk, key, hostKey) = (await making.ConfigureAwait(false), await resolving.ConfigureAwait(false), await hosting.ConfigureAwait(false));
        var user = VmPlacement.SshUser(spec);
        var (smbios, cloudInit) = VmPlacement.KeyChannels(spec, key is not null);
        var instanceId = before?.InstanceId ?? Guid.NewGuid().ToString();
        var (seed, digest) = await SeedAsync(disk, user, cloudInit ? key?.PublicKey : null, instanceId, hostKey, cancellationToken).ConfigureAwait(false);

        _undo.Push(() => hypervisor.DestroyAsync(reserved, CancellationToken.None));
        var handle = await hypervisor.PrepareAsync(
            new VmPreparation
            {
                Name = name,
                Spec = spec,
                Disk = disk ?? "",
                Seed = seed,
                Cpus = spec.Cpus,
                MemoryMb = spec.Ram.MiB,
                Mac = spec.Network.Mac ?? DeriveMac(),
                SshPort = reserved.SshHostPort,
                SshPortIsFree = IsPortFree,
                Credentials = smbios ? [SmbiosCredential.Render(user, key!.PublicKey)] : [],
            },
            cancellationToken).ConfigureAwait(false);

        await RecordAsync(before, handle, hypervisor, disk ?? handle.OverlayPath ?? "", seed, user, smbios, cloudInit, instanceId, digest, cancellationToken).ConfigureAwait(false);
        await PublishSshAsync(handle, user, key, hostKey, cancellationToken).ConfigureAwait(false);
        await services.Registry.PutAsync(handle, cancellationToken).ConfigureAwait(false);
        return handle;
    }

    /// <summary>The backend, after everything that can be refused before anything is made; and what was recorded before.</summary>
    private async Task<(IHypervisor Hypervisor, VmDeployState? Before)> ChooseAsync(CancellationToken cancellationToken)
    {
        var before = services.States.Read(name.Key);
        var hypervisor = await services.Router.ChooseAsync(spec, before?.Backend, name, cancellationToken).ConfigureAwait(false);
        if (state is not null && !hypervisor.Capabilities.SavedStates) throw new CharlyException(Errors.BackendUnsupported, $"the backend {hypervisor.Backend} boots no machines from saved states", "Nothing was changed. Leave out --from-state, or use backend: qemu.", target: name.ToString());
        if (state is null && !hypervisor.Capabilities.MakesDisk) ThrowUnlessBuilt(VmPlacement.Disk(spec, name with { Instance = null }));
        await RefuseWhatTheBackendCannotAsync(hypervisor, cancellationToken).ConfigureAwait(false);
        return (hypervisor, before);
    }

    /// <summary>What <see cref="RunAsync"/> would make, after refusing what it would refuse; makes nothing.</summary>
    public async Task<IReadOnlyList<string>> PreviewAsync(CancellationToken cancellationToken)
    {
        var changes = new List<string>();
        if (await FindCutAsync().ConfigureAwait(false) is not null) changes.Add("remove what an earlier create left that was cut off");
        var (hypervisor, before) = await ChooseAsync(cancellationToken).ConfigureAwait(false);
        changes.Add($"record it with the backend {hypervisor.Backend}, its files in {_files.Folder}");
        foreach (var device in new GpuAllocation(services, name, spec).Choose(hypervisor)) changes.Add($"hand it {device.Vendor} {device.Address} with all of its IOMMU group, written to {_files.InstanceFile}");
        if (BackendRefusal.ForwardsPorts(hypervisor, spec)) changes.Add(DescribePort(hypervisor, before));
        var disk = hypervisor.Capabilities.MakesDisk ? null : VmPlacement.Disk(spec, name);
        if (hypervisor.Capabilities.MakesDisk) changes.Add($"have the backend {hypervisor.Backend} make its disk");
        else if ((state is not null || name.Instance is not null) && !File.Exists(disk)) changes.Add($"make its disk {disk} on {state?.DiskPath ?? VmPlacement.Disk(spec, name with { Instance = null })}");
        if (state is null && name.Instance is not null) await new DiskUsers(services).RefuseUnderRunningAsync(name, cancellationToken).ConfigureAwait(false);
        if (state is not null) RefuseOwnDisk(disk!);
        if (spec.Ssh.KeySource != "generate") await KeyAsync(cancellationToken).ConfigureAwait(false);
        else if (!File.Exists(_files.Key + ".pub")) changes.Add($"make the key pair {_files.Key}");
        if (VmPlacement.HasSeed(spec)) changes.Add($"make a host key for it, and write its seed {SeedPath(disk)}");
        if (spec.Network.Mode != "none") changes.Add($"let ssh know it as {name.Id}");
        if (isToStart) changes.Add(state is null ? "boot it and wait until ssh answers" : $"wake it from the memory of {state.Vm}@{state.Name}, and renew its host key, machine id, name and clock");
        return changes;
    }

    private string DescribePort(IHypervisor hypervisor, VmDeployState? before)
    {
        if (IsPortFree) return before?.SshPort is { } old ? $"forward port {old} of this host to its ssh, or another one if that is taken" : "forward a free port of this host to its ssh";
        var port = spec.Ssh.Port ?? DefaultPort;
        if (isToStart && hypervisor.Backend != "noop") PortAllocator.ThrowIfBusy(PortAllocator.Loopback, port, "tcp", name, services.Registry.Read().Values);
        return $"forward port {port} of this host to its ssh";
    }

    /// <summary>Whether the ssh port is ours to choose: asked for, or an instance whose entity has the fixed one already.</summary>
    private bool IsPortFree => spec.Ssh.PortAuto || spec.Ssh.Port == 0 || name.Instance is not null;

    /// <summary>Takes away what a create left behind that was killed; the lock tells that it is not at work any more.</summary>
    private async Task ClearCutCreationAsync()
    {
        if (await FindCutAsync().ConfigureAwait(false) is not { } old) return;
        services.Notice(NoticeLevel.Warning, "an earlier create was cut off; what it left is removed");
        await services.Router.For(old).DestroyAsync(old, CancellationToken.None).ConfigureAwait(false);
        _files.Remove(keepHostKey: false);
        await services.Registry.RemoveAsync(name.Id, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>What a create left behind that was killed; null if there is nothing of that name.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNameExists"/> if there is a machine that was made to the end.</exception>
    private async Task<VmHandle?> FindCutAsync()
    {
        if (services.Registry.Find(name.Id) is not { } old)
        {
            LostMachine.ThrowIfThere(services, name);
            return null;
        }

        var hypervisor = services.Router.For(old);
        if (VmName.Of(old) != name || !await IsCutAsync(hypervisor, old).ConfigureAwait(false))
        {
            throw new CharlyException(
                Errors.VmNameExists,
                VmName.Of(old) == name ? $"machine {name} exists already" : $"machine {VmName.Of(old)} has the id {name.Id} already",
                $"Use another name, or remove it: charly vm destroy {VmName.Of(old)}",
                target: name.ToString());
        }

        return old;
    }

    private static async Task<bool> IsCutAsync(IHypervisor hypervisor, VmHandle old)
    {
        var live = await hypervisor.StateAsync(old).ConfigureAwait(false);
        return !live.IsOn && (!hypervisor.IsWhole(old) || live.Status == VmStatus.Destroyed);
    }

    private void ThrowUnlessBuilt(string disk)
    {
        if (File.Exists(disk)) return;
        throw new CharlyException(
            Errors.VmNotBuilt, $"machine {name} has no disk {disk}", $"Build it: charly vm build {name.Entity}", target: name.ToString());
    }

    private async Task RefuseWhatTheBackendCannotAsync(IHypervisor hypervisor, CancellationToken cancellationToken)
    {
        BackendRefusal.ThrowIfUnsupported(hypervisor, spec, name, hasDirectBoot: false);
        await hypervisor.CheckAsync(spec, name, cancellationToken).ConfigureAwait(false);

        // Read now, so that a broken file is an error before anything is made.
        if (!File.Exists(_files.InstanceFile)) return;
        Yaml.YamlReader.ReadFile(_files.InstanceFile);
        if (!hypervisor.Capabilities.HostDevices) services.Notice(NoticeLevel.Warning, $"the backend {hypervisor.Backend} ignores the devices in {_files.InstanceFile}: they need libvirt");
    }

    /// <summary>Claims the name and the ssh port in one step, so that two creates at once never share either.</summary>
    private async Task<VmHandle> ReserveAsync(IHypervisor hypervisor, VmDeployState? before, CancellationToken cancellationToken)
    {
        var elsewhere = services.States.ReadAll().Where(s => s.Key != name.Key).Select(s => s.Value.SshPort).OfType<int>().ToArray();
        var handle = await services.Registry.UpdateAsync(
            all =>
            {
                int? port = null;
                if (BackendRefusal.ForwardsPorts(hypervisor, spec))
                {
                    var recorded = PortAllocator.Recorded(all.Values, name.Id).Concat(elsewhere).Concat(spec.Network.PortForwards.Select(f => f.HostPort)).ToHashSet();
                    port = IsPortFree ? PortAllocator.Allocate(before?.SshPort, recorded) : spec.Ssh.Port ?? DefaultPort;
                    if (isToStart && !IsPortFree && hypervisor.Backend != "noop") PortAllocator.ThrowIfBusy(PortAllocator.Loopback, port.Value, "tcp", name, all.Values);
                }

                return all[name.Id] = new VmHandle
                {
                    Id = $"{hypervisor.Backend}-{Guid.NewGuid()}",
                    Name = name.Id,
                    Backend = hypervisor.Backend,
                    WorkDir = _files.Folder,
                    SshHostPort = port,
                    PortForwards = [.. spec.Network.PortForwards.Select(f => $"{f.Bind}:{f.HostPort}:{f.GuestPort}/{f.Protocol}")],
                    Instance = name.Instance,
                };
            },
            cancellationToken).ConfigureAwait(false);
        _undo.Push(() => services.Registry.RemoveAsync(name.Id, CancellationToken.None));
        return handle;
    }

    private void ClaimFolder()
    {
        var hadKey = File.Exists(_files.Key + ".pub");
        var hadHostKey = File.Exists(_files.HostKey);
        AtomicFile.EnsureFolder(_files.Folder, isPrivate: true);
        File.SetUnixFileMode(_files.Folder, AtomicFile.PrivateFolder);
        _undo.Push(() =>
        {
            if (!hadKey) foreach (var path in new[] { _files.Key, _files.Key + ".pub" }) File.Delete(path);
            _files.Remove(keepHostKey: hadHostKey);
            return Task.CompletedTask;
        });
    }

    private async Task<string?> DiskAsync(CancellationToken cancellationToken)
    {
        var disk = VmPlacement.Disk(spec, name);
        if (state is not null) RefuseOwnDisk(disk);
        if (state is null && (name.Instance is null || File.Exists(disk))) return disk;
        var folder = Path.GetDirectoryName(disk)!;
        _undo.Push(() =>
        {
            File.Delete(disk);
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
            return Task.CompletedTask;
        });
        var images = new QemuImg(services.Context.Processes);
        if (state is not null)
        {
            await images.CreateOverlayAsync(disk, state.DiskPath!, "qcow2", null, cancellationToken).ConfigureAwait(false);
            return disk;
        }

        await new DiskUsers(services).RefuseUnderRunningAsync(name, cancellationToken).ConfigureAwait(false);
        var parent = VmPlacement.Disk(spec, name with { Instance = null });
        await images.CreateOverlayAsync(disk, parent, spec.Source is ImportedSource imported ? imported.DiskFormat : "qcow2", null, cancellationToken).ConfigureAwait(false);
        return disk;
    }

    private void RefuseOwnDisk(string disk)
    {
        if (!File.Exists(disk)) return;
        throw new CharlyException(
            Errors.VmState, $"machine {name} has a disk {disk}, which does not belong to the state", $"Make an instance of it (-i NAME), or remove the disk: charly vm destroy {name} --disk", target: name.ToString());
    }

    private string SeedPath(string? disk) => Path.Combine(spec.Source is ImportedSource || disk is null ? _files.Folder : Path.GetDirectoryName(disk)!, VmPlacement.SeedName);

    private Task<SshKey?> KeyAsync(CancellationToken cancellationToken) =>
        new SshKeys(services.Context.Environment, services.Context.Processes).ResolveAsync(spec.Ssh.KeySource, _files.Folder, cancellationToken);

    private async Task<GuestHostKey?> HostKeyAsync(CancellationToken cancellationToken) => VmPlacement.HasSeed(spec)
        ? await new SshKeys(services.Context.Environment, services.Context.Processes).EnsureHostKeyAsync(_files.Folder, cancellationToken).ConfigureAwait(false)
        : null;

    private async Task<(string? Path, string? Digest)> SeedAsync(
        string? disk, string user, string? publicKey, string instanceId, GuestHostKey? hostKey, CancellationToken cancellationToken)
    {
        if (!VmPlacement.HasSeed(spec)) return (null, null);
        var documents = VmSeed.Render(name, spec, user, publicKey, instanceId, hostKey);
        var seed = SeedPath(disk);
        _undo.Push(() =>
        {
            File.Delete(seed);
            return Task.CompletedTask;
        });
        var writer = new SeedIso(services.Context.Environment, services.Context.Processes, services.Context.Progress);


        // A woken guest reads its seed only when it boots again, so its user does not wait for a program to write it.
        await writer.WriteAsync(seed, documents, isQuick: state is not null, cancellationToken).ConfigureAwait(false);
        return (seed, documents.Digest);
    }

    private async Task RecordAsync(
        VmDeployState? before,
        VmHandle handle,
        IHypervisor hypervisor,
        string disk,
        string? seed,
        string user,
        bool smbios,
        bool cloudInit,
        string instanceId,
        string? digest,
        CancellationToken cancellationToken)
    {
        _undo.Push(() => before is null
            ? services.States.RemoveAsync(name.Key, CancellationToken.None)
            : services.States.UpdateAsync(name.Key, _ => before, null, CancellationToken.None));
        await services.States.UpdateAsync(
            name.Key,
            state => state with
            {
                InstanceId = instanceId,
                DiskPath = disk,
                SeedIso = seed ?? "",
                NvramPath = handle.Uefi ? _files.Nvram : "",
                SshPort = handle.SshHostPort,
                SshUser = user,
                Backend = hypervisor.Backend,
                KeyInjectionSmbios = smbios,
                KeyInjectionCloudInit = cloudInit,
                CloudInitRenderedDigest = digest,
            },
            spec,
            cancellationToken).ConfigureAwait(false);
    }

    private async Task PublishSshAsync(VmHandle handle, string user, SshKey? key, GuestHostKey? hostKey, CancellationToken cancellationToken)
    {
        HostKey = hostKey;
        LoginKey = key;
        if (handle.Network.Type == "None") return;
        if (hostKey is null) services.Notice(NoticeLevel.Info, "the guest takes no host key from us; the first one it shows is kept");
        AtomicFile.Write(
            _files.KnownHosts,
            hostKey is null ? "" : KnownHosts.Line(name.Id, PortAllocator.Loopback, handle.SshHostPort ?? 22, hostKey.PublicKey),
            AtomicFile.Private);
        _undo.Push(() => services.SshConfig.RemoveAsync(name.Id, CancellationToken.None));
        Stanza = new SshStanza(name.Id, PortAllocator.Loopback, handle.SshHostPort ?? 22, user, key?.PrivateKeyPath, _files.KnownHosts, hostKey is not null);
        await services.SshConfig.SetAsync(Stanza, cancellationToken).ConfigureAwait(false);
    }

    private string DeriveMac()
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(name.Id));
        return $"52:54:00:{digest[0]:x2}:{digest[1]:x2}:{digest[2]:x2}";
    }
}

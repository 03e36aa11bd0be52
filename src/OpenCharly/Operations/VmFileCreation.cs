using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.CloudInit;
using OpenCharly.Vms.Definitions;
using OpenCharly.Vms.Images;
using OpenCharly.Vms.Keys;

namespace OpenCharly.Operations;

/// <summary>
/// Makes a VMFile machine up to the prepared state: image, folder, overlay, keys, seed, address, port, record (vm.md §8,
/// §2.2). All that it makes lies in the machine's folder; if a part fails, or the user stops it, the folder goes with all of it.
/// The caller holds the machine's lock.
/// </summary>
internal sealed class VmFileCreation(VmServices services, VmDefinition definition)
{
    private const int FirstPort = 10022;
    private const int PortCount = 101;

    private readonly VmName _name = VmName.VmFile(definition.Name);

    /// <summary>Makes everything.</summary>
    /// <returns>The handle as recorded.</returns>
    public async Task<VmHandle> RunAsync(CancellationToken cancellationToken)
    {
        await ClearCutCreationAsync().ConfigureAwait(false);
        var hypervisor = await ChooseAsync(cancellationToken).ConfigureAwait(false);
        var image = hypervisor.Capabilities.MakesDisk ? null : await ImageAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await MakeAsync(hypervisor, image, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await new VmFileRemoval(services, _name).CleanAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What <see cref="RunAsync"/> would make, after refusing what it would refuse; fetches and makes nothing.</summary>
    /// <param name="isReplaced">Whether what there is of that name would be removed before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<string>> PreviewAsync(bool isReplaced, CancellationToken cancellationToken)
    {
        var changes = new List<string>();
        if (!isReplaced && await FindCutAsync().ConfigureAwait(false) is not null) changes.Add("remove what an earlier create left that was cut off");
        var hypervisor = await ChooseAsync(cancellationToken).ConfigureAwait(false);
        var files = services.Files(_name);
        if (definition.ImageUrl is { } url && !hypervisor.Capabilities.MakesDisk) changes.Add($"fetch {url}, unless it is in the folder of images");
        changes.Add($"record it with the backend {hypervisor.Backend}, its files in {files.Folder}");
        if (!hypervisor.Capabilities.MakesDisk) changes.Add($"make its disk {files.Overlay} on {definition.Image ?? "that image"}");
        if (definition.CloudInit is not null) changes.Add($"write its seed {files.Seed}");
        if (BackendRefusal.ForwardsPorts(hypervisor, Spec(definition))) changes.Add("forward a free port of this host to its ssh");
        return changes;
    }

    private async Task<IHypervisor> ChooseAsync(CancellationToken cancellationToken)
    {
        var spec = Spec(definition);
        var hypervisor = await services.Router.ChooseAsync(spec, null, _name, cancellationToken).ConfigureAwait(false);
        BackendRefusal.ThrowIfUnsupported(hypervisor, spec, _name, definition.DirectBoot is not null);
        await hypervisor.CheckAsync(spec, _name, cancellationToken).ConfigureAwait(false);
        return hypervisor;
    }

    /// <summary>The entity that stands for a definition before a hypervisor.</summary>
    public static VmSpec Spec(VmDefinition definition) => new()
    {
        Name = definition.Name,
        Position = definition.Position ?? new SourcePosition(definition.Name, 1, 1),
        ProjectFolder = Path.GetDirectoryName(definition.Position?.File) ?? "/",
        Source = new CloudImageSource { Path = definition.Image, Url = definition.ImageUrl },
        Ram = new ByteSize((long)definition.MemoryMb << 20),
        Cpus = definition.Vcpus,
        Firmware = definition.Uefi ? "uefi-insecure" : null,
        Network = new VmNetwork
        {
            Mode = definition.Network.Type switch { "Tap" => "bridge", "User" => "user", "Vnic" => "vnic", _ => "none" },
            Bridge = definition.Network.Bridge ?? definition.Network.Name,
            PortForwards = definition.PortForwards,
        },
    };

    private async Task<VmHandle> MakeAsync(IHypervisor hypervisor, BaseImage? image, CancellationToken cancellationToken)
    {
        var files = services.Files(_name);
        var reserved = await ReserveAsync(hypervisor, files, cancellationToken).ConfigureAwait(false);
        AtomicFile.EnsureFolder(files.Folder, isPrivate: true);
        var size = definition.DiskGb is { } gb ? new ByteSize((long)gb << 30) : (ByteSize?)null;
        if (image is not null) await new QemuImg(services.Context.Processes).CreateOverlayAsync(files.Overlay, image.Path, image.Format, size, cancellationToken).ConfigureAwait(false);
        var hasData = definition.DataDiskMib > 0 && image is not null;
        if (hasData) await new QemuImg(services.Context.Processes).CreateAsync(files.DataDisk, "qcow2", new ByteSize((long)definition.DataDiskMib << 20), cancellationToken).ConfigureAwait(false);
        var (hasSeed, hostKey, ssh) = await SeedAsync(files, cancellationToken).ConfigureAwait(false);
        var spec = Spec(definition);
        var handle = await hypervisor.PrepareAsync(
            new VmPreparation
            {
                Name = _name,
                Spec = spec,
                Disk = files.Overlay,
                Seed = hasSeed ? files.Seed : null,
                Cpus = definition.Vcpus,
                MemoryMb = definition.MemoryMb,
                Mac = reserved.MacAddr!,
                SshPort = reserved.SshHostPort,
                SshPortIsFree = true,
                DirectBoot = definition.DirectBoot,
                DataDisk = hasData ? files.DataDisk : null,
            },
            cancellationToken).ConfigureAwait(false);
        handle = handle with { DiskGb = definition.DiskGb, DirectBoot = definition.DirectBoot, SshUser = definition.SshUser };
        if (handle.Network.Type != "None")
        {
            if (hostKey is null) services.Notice(NoticeLevel.Info, "the guest takes no host key from us; the first one it shows is kept");
            AtomicFile.Write(
                files.KnownHosts,
                hostKey is null ? "" : KnownHosts.Line(_name.Alias, PortAllocator.Loopback, handle.SshHostPort ?? 22, hostKey.PublicKey),
                AtomicFile.Private);
            await new VmFileSsh(services).PublishAsync(handle, ssh, cancellationToken).ConfigureAwait(false);
        }

        await services.Registry.PutAsync(handle, cancellationToken).ConfigureAwait(false);
        return handle;
    }

    /// <summary>Takes away what a creation left behind that was killed; the lock tells that it is not at work any more.</summary>
    private async Task ClearCutCreationAsync()
    {
        if (await FindCutAsync().ConfigureAwait(false) is null) return;
        services.Notice(NoticeLevel.Warning, $"an earlier machine {_name} was not made to the end; what it left is removed");
        await new VmFileRemoval(services, _name).CleanAsync().ConfigureAwait(false);
    }

    /// <summary>What a creation left behind that was killed; null if there is nothing of that name.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNameExists"/> if there is a machine that was made to the end.</exception>
    private async Task<VmHandle?> FindCutAsync()
    {
        if (services.Registry.Find(_name.Id) is not { } old)
        {
            LostMachine.ThrowIfThere(services, _name);
            return null;
        }

        var hypervisor = services.Router.For(old);
        var live = await hypervisor.StateAsync(old).ConfigureAwait(false);
        var isCut = !live.IsOn && !hypervisor.IsWhole(old);
        if (!isCut && live.Status != VmStatus.Destroyed)
        {
            throw new CharlyException(
                Errors.VmNameExists, $"machine {_name} exists already", $"Use another name, or remove it: charly vm destroy {_name}", target: definition.Name);
        }

        return old;
    }

    private async Task<BaseImage> ImageAsync(CancellationToken cancellationToken)
    {
        var context = services.Context;
        if (definition.ImageUrl is { } url)
        {
            return await new NamedImages(context.Paths, context.Processes, context.Progress, environment: context.Environment).EnsureAsync(url, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        var info = await new QemuImg(context.Processes).InfoAsync(definition.Image!, cancellationToken).ConfigureAwait(false);
        return new BaseImage(definition.Image!, info.Format, null);
    }

    /// <summary>Claims the name and the ssh port in one step, so that two at once never share either.</summary>
    private Task<VmHandle> ReserveAsync(IHypervisor hypervisor, VmFiles files, CancellationToken cancellationToken)
    {
        var elsewhere = services.States.ReadAll().Values.Select(s => s.SshPort).OfType<int>().ToArray();
        return services.Registry.UpdateAsync(
            all =>
            {
                var recorded = PortAllocator.Recorded(all.Values, _name.Id).Concat(elsewhere).Concat(definition.PortForwards.Select(f => f.HostPort)).ToHashSet();
                return all[_name.Id] = new VmHandle
                {
                    Id = $"{hypervisor.Backend}-{Guid.NewGuid()}",
                    Name = _name.Id,
                    Backend = hypervisor.Backend,
                    WorkDir = files.Folder,
                    MacAddr = "52:54:" + string.Join(':', RandomNumberGenerator.GetBytes(4).Select(b => b.ToString("x2"))),
                    SshHostPort = BackendRefusal.ForwardsPorts(hypervisor, Spec(definition)) ? PortAllocator.Allocate(PreferredPort(definition.Name), recorded) : null,
                    PortForwards = [.. definition.PortForwards.Select(f => $"{f.Bind}:{f.HostPort}:{f.GuestPort}/{f.Protocol}")],
                };
            },
            cancellationToken);
    }

    /// <summary>The port that a name has wherever it is free: the first eight bytes of its SHA-256, spread over 101 ports (vm.md §3.6).</summary>
    internal static int PreferredPort(string name) =>
        FirstPort + (int)(BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) % PortCount);

    /// <summary>The seed, the host key that it hands to the guest, and the ssh settings with the private twin of a named key.</summary>
    private async Task<(bool HasSeed, GuestHostKey? HostKey, VmDefinitionSsh? Ssh)> SeedAsync(VmFiles files, CancellationToken cancellationToken)
    {
        var ssh = definition.Ssh;
        if (definition.CloudInit is not { } cloudInit) return (false, null, ssh);
        var keys = new SshKeys(services.Context.Environment, services.Context.Processes);
        var input = new VmFileCloudInitInput
        {
            MachineName = definition.Name,
            InstanceId = $"{definition.Name}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}",
            Hostname = cloudInit.Hostname,
            User = definition.SshUser,
        };
        GuestHostKey? hostKey = null;
        if (cloudInit.UserData is { } data)
        {
            input = input with { RawUserData = ReadUserData(data) };
        }
        else
        {
            var key = cloudInit.SshKey is { } path
                ? await keys.ResolveAsync(path, files.Folder, cancellationToken).ConfigureAwait(false)
                : await keys.EnsurePairAsync(files.Key, $"charly-{definition.Name}", cancellationToken).ConfigureAwait(false);
            hostKey = await keys.EnsureHostKeyAsync(files.Folder, cancellationToken).ConfigureAwait(false);
            input = input with { PublicKey = key!.PublicKey, HostKey = hostKey };
            if (cloudInit.SshKey is not null && ssh?.PrivateKey is null) ssh = (ssh ?? new VmDefinitionSsh()) with { PrivateKey = key.PrivateKeyPath };
        }

        var writer = new SeedIso(services.Context.Environment, services.Context.Processes, services.Context.Progress);
        await writer.WriteAsync(files.Seed, CloudInitRenderer.Render(input), cancellationToken: cancellationToken).ConfigureAwait(false);
        return (true, hostKey, ssh);
    }

    private string ReadUserData(string path)
    {
        try
        {
            // Not ReadAllText, which would drop a byte order mark: what is handed on has every byte.
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new CharlyException(
                Errors.VmFileValidation, $"vm \"{definition.Name}\": the user-data {path} can't be read: {e.Message}", "Give a readable text file in UTF-8.", definition.Position, definition.Name, e);
        }
    }
}

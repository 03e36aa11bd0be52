using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.Bootstrap;
using OpenCharly.Vms.Images;
using OpenCharly.Vms.Keys;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Operations;

/// <summary>Builds the disk of a virtual machine.</summary>
public sealed class BuildVm
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public BuildVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal BuildVm(VmServices services) => _services = services;

    /// <summary>Fetches or builds the base image and makes the overlay on it; a disk that stood there is replaced as a whole.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>, <see cref="Errors.VmState"/> while the machine runs or others stand
    /// on its disk, <see cref="Errors.VmValidation"/> for what can't be built, and whatever fetching and building throw.</exception>
    public async Task<VmDisk> RunAsync(BuildVmRequest request, CancellationToken cancellationToken = default)
    {
        var (name, services, spec, size) = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
        var images = new QemuImg(services.Context.Processes);
        if (spec.Source is ImportedSource imported)
        {
            services.Notice(NoticeLevel.Info, "an imported disk is never rewritten; there is nothing to build");
            return await DescribeAsync(name, imported.DiskPath, null, images, cancellationToken).ConfigureAwait(false);
        }

        using var held = await services.LockAsync(name, cancellationToken).ConfigureAwait(false);
        await RefuseWhileInUseAsync(services, name, spec, cancellationToken).ConfigureAwait(false);
        RefuseWhileSnapshotsAreInside(services, name);
        var image = spec.Source is CloneSource clone
            ? new BaseImage(await SnapshotBase.ClaimAsync(services, VmName.Create(clone.FromVm, null), clone.FromSnapshot, name, spec.Position, cancellationToken).ConfigureAwait(false), "qcow2", null)
            : await BaseAsync(services, spec, request, size, cancellationToken).ConfigureAwait(false);
        var disk = request.Type == "raw" ? VmPlacement.RawDisk(spec) : VmPlacement.Disk(spec, name);
        await MakeDiskAsync(images, image, disk, request.Type, size, cancellationToken).ConfigureAwait(false);
        if (request.Type == "raw") return await DescribeAsync(name, disk, image, images, cancellationToken).ConfigureAwait(false);

        if (spec.Ssh.KeySource == "generate")
        {
            var keys = new SshKeys(services.Context.Environment, services.Context.Processes);
            await keys.ResolveAsync("generate", services.Files(name).Folder, cancellationToken).ConfigureAwait(false);
        }

        await services.States.UpdateAsync(
            name.Key,
            state => state with
            {
                InstanceId = state.InstanceId ?? Guid.NewGuid().ToString(),
                DiskPath = disk,
                BaseImageSha256 = image.Sha256,
                LastBuild = services.Context.Environment.Clock.GetUtcNow(),
            },
            spec,
            cancellationToken).ConfigureAwait(false);
        return await DescribeAsync(name, disk, image, images, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells what <see cref="RunAsync"/> would make, and refuses what it would refuse; fetches, builds and changes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it makes anything.</exception>
    public async Task<VmPreview> PreviewAsync(BuildVmRequest request, CancellationToken cancellationToken = default)
    {
        var (name, services, spec, size) = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
        var now = services.Registry.Find(name.Id) is { } handle ? (await services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false)).Status : VmStatus.Destroyed;
        if (spec.Source is ImportedSource) return new VmPreview(name.ToString(), VmVerb.Build, now, now, []);
        await RefuseWhileInUseAsync(services, name, spec, cancellationToken).ConfigureAwait(false);
        RefuseWhileSnapshotsAreInside(services, name);
        var changes = new List<string>();
        switch (spec.Source)
        {
            case CloneSource clone:
                var parent = VmName.Create(clone.FromVm, null);
                var snapshot = new SnapshotRegistry(services.Files(parent), parent.ToString()).Require(clone.FromSnapshot);
                if (snapshot.Mode == VmSnapshotMode.Internal) changes.Add($"copy the snapshot {snapshot.Name} of {parent} into a file of its own");
                changes.Add($"stand on the snapshot {snapshot.Name} of {parent}, which can't be removed from then on");
                break;
            case BootstrapSource bootstrap when request.Refresh || Bootstrap(services).Find(bootstrap, spec.Firmware) is null:
                changes.Add($"build an image of {bootstrap.Distro} {bootstrap.Suite ?? BootstrapRecipe.DefaultSuite} from its packages");
                break;
            case BootcSource bootc:
                changes.Add($"install the box {bootc.Box} on a disk, in a privileged container, unless that was done before");
                break;
            case CloudImageSource { Url: { } url }:
                changes.Add($"fetch {url}{(request.Refresh ? "" : ", unless the cache holds it")}");
                break;
        }

        var disk = request.Type == "raw" ? VmPlacement.RawDisk(spec) : VmPlacement.Disk(spec, name);
        changes.Add($"{(File.Exists(disk) ? "replace" : "make")} its disk {disk}{(size is { } wanted ? $", {wanted}" : "")}");
        if (request.Type != "raw" && spec.Ssh.KeySource == "generate" && !File.Exists(services.Files(name).Key + ".pub")) changes.Add($"make the key pair {services.Files(name).Key}");
        return new VmPreview(name.ToString(), VmVerb.Build, now, now, changes);
    }

    private async Task<(VmName Name, VmServices Services, VmSpec Spec, ByteSize? Size)> ReadAsync(BuildVmRequest request, CancellationToken cancellationToken)
    {
        var name = VmName.Create(VmName.Parse(request.Name).Entity, null);
        var services = _services.For(name);
        var spec = await services.RequireSpecAsync(name, cancellationToken).ConfigureAwait(false);
        if (request.Type is not ("qcow2" or "raw"))
        {
            throw new CharlyException(Errors.Usage, $"\"{request.Type}\" is no type of disk to build", "Use qcow2 or raw.", target: name.ToString());
        }

        spec = spec with { Source = With(spec.Source, request, QemuMachineBuilder.Architecture(spec), name) };
        return (name, services, spec, request.Size is { } text ? VmPlacement.Size(text, 'B', "disk size", name) : spec.DiskSize);
    }

    /// <summary>The source with what the request says otherwise.</summary>
    private static VmSource With(VmSource source, BuildVmRequest request, string architecture, VmName name)
    {
        if (source is not BootcSource && (request.RootSize ?? request.Transport ?? request.Tag) is not null)
        {
            throw new CharlyException(Errors.Usage, $"a root size, a transport and a tag are for machines of the source bootc, and {name} is of {source.Kind}", "Leave them out.", target: name.ToString());
        }

        if (request.Transport is { } transport && !VmSourceReader.Transports.Contains(transport))
        {
            throw new CharlyException(Errors.Usage, $"\"{transport}\" is no transport", Nearest.Suggest(transport, VmSourceReader.Transports, $"Use {string.Join(", ", VmSourceReader.Transports)}."), target: name.ToString());
        }

        string[] console = request.Console ? [$"console={(architecture == "aarch64" ? "ttyAMA0" : "ttyS0")},115200n8"] : [];
        return source switch
        {
            BootcSource bootc => bootc with
            {
                RootSize = request.RootSize is { } size ? VmPlacement.Size(size, 'B', "root size", name) : bootc.RootSize,
                Transport = request.Transport ?? bootc.Transport,
                KernelArgs = [.. bootc.KernelArgs, .. console],
            },
            BootstrapSource bootstrap => bootstrap with { KernelArgs = [.. bootstrap.KernelArgs, .. console] },
            _ when request.Console => throw new CharlyException(
                Errors.Usage, $"the kernel of {name} is on a disk of the source {source.Kind}, which is used as it is", "Leave --console out; most such images speak on the serial port anyway.", target: name.ToString()),
            _ => source,
        };
    }

    private static BootstrapBuilder Bootstrap(VmServices services) =>
        new(services.Context.Environment, services.Context.Paths, services.Context.Processes, services.Context.Progress);

    private static async Task RefuseWhileInUseAsync(VmServices services, VmName name, VmSpec spec, CancellationToken cancellationToken)
    {
        if (services.Registry.Find(name.Id) is { } handle
            && (await services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false)).IsOn)
        {
            throw new CharlyException(
                Errors.VmState, $"machine {name} is running on the disk that would be replaced", $"Stop it first: charly vm stop {name}", target: name.ToString());
        }

        if (VmPlacement.Instances(VmPlacement.Folder(spec, name)) is { Count: > 0 } instances)
        {
            throw new CharlyException(
                Errors.VmState,
                $"the disks of {string.Join(", ", instances.Select(i => name with { Instance = i }))} stand on the disk that would be replaced",
                $"Destroy them first: charly vm destroy {name with { Instance = instances[0] }} --disk",
                target: name.ToString());
        }
    }

    private static void RefuseWhileSnapshotsAreInside(VmServices services, VmName name)
    {
        var inside = new SnapshotRegistry(services.Files(name), name.ToString()).Read().Where(s => s.Mode == VmSnapshotMode.Internal).Select(s => s.Name).ToArray();
        if (inside.Length == 0) return;
        throw new CharlyException(
            Errors.VmState,
            $"the disk that would be replaced holds the snapshots {string.Join(", ", inside)} of {name}",
            $"Remove them first: charly vm snapshot delete {name} {inside[0]}; or disk and all: charly vm destroy {name} --disk",
            target: name.ToString());
    }

    private static Task<BaseImage> BaseAsync(VmServices services, VmSpec spec, BuildVmRequest request, ByteSize? size, CancellationToken cancellationToken)
    {
        var context = services.Context;
        return spec.Source switch
        {
            CloudImageSource image => new ImageStore(context.Environment, context.Paths, context.Processes, context.Progress).EnsureAsync(image, request.Refresh, cancellationToken),
            BootstrapSource bootstrap => Bootstrap(services).EnsureAsync(bootstrap, request.Refresh, spec.Firmware, cancellationToken),
            BootcSource bootc => new BootcImages(context).EnsureAsync(bootc, request.Tag, size, request.Refresh, cancellationToken),
            var other => throw new CharlyException(
                Errors.VmValidation, $"vm \"{spec.Name}\": this version builds no disks from source kind {other.Kind}", "Use cloud_image, bootstrap, bootc or clone.", spec.Position, spec.Name),
        };
    }

    private static async Task MakeDiskAsync(QemuImg images, BaseImage image, string disk, string type, ByteSize? size, CancellationToken cancellationToken)
    {
        // Made beside it and renamed: a failed build leaves the old disk.
        var temporary = disk + ".new";
        try
        {
            if (type == "raw")
            {
                await images.ConvertAsync(image.Path, temporary, "raw", compress: false, image.Format, cancellationToken).ConfigureAwait(false);
                if (size is { } wanted) await images.GrowAsync(temporary, wanted, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await images.CreateOverlayAsync(temporary, image.Path, image.Format, size, cancellationToken).ConfigureAwait(false);
            }

            File.Move(temporary, disk, overwrite: true);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }

    private static async Task<VmDisk> DescribeAsync(VmName name, string path, BaseImage? image, QemuImg images, CancellationToken cancellationToken)
    {
        var info = await images.InfoAsync(path, cancellationToken).ConfigureAwait(false);
        return new VmDisk(name.ToString(), path, info.Format, info.VirtualSize, info.ActualSize, image?.Path, image?.Sha256);
    }
}

using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.Definitions;

namespace OpenCharly.Operations;

/// <summary>Makes a machine of an image or a template, without a VMFile: <c>charly vm create NAME --image …</c>.</summary>
/// <param name="context">What it works with.</param>
public sealed class CreateVmFromImage(CharlyContext context)
{
    private const int DefaultMemory = 1024;

    /// <summary>Makes the machine that a VMFile of the same content would define, and boots it if asked.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>, <see cref="Errors.VmNoImage"/>, <see cref="Errors.VmImageMissing"/>,
    /// <see cref="Errors.VmVcpus"/>, <see cref="Errors.VmMemory"/>, <see cref="Errors.VmValidation"/>, <see cref="Errors.FileMissing"/>,
    /// <see cref="Errors.SshNoKey"/>, <see cref="Errors.VmNameExists"/>, <see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateNoCurrent"/>,
    /// <see cref="Errors.TemplateCorrupt"/>, and what fetching the image and booting throw.</exception>
    public async Task<CharlyVm> RunAsync(CreateVmFromImageRequest request, CancellationToken cancellationToken = default)
    {
        var name = VmName.VmFile(request.Name);
        var definition = Define(request);
        if (request is { CloudInit: not null, SshKey: not null })
        {
            context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, "with --cloud-init the --ssh-key is not handed to the guest; put it into the user-data"));
        }

        var services = new VmServices(context).For(name);
        using var held = await services.LockAsync(name, cancellationToken).ConfigureAwait(false);
        var handle = await new VmFileCreation(services, definition).RunAsync(cancellationToken).ConfigureAwait(false);
        if (request.Start) handle = await new VmBoot(services).StartAsync(handle, cancellationToken).ConfigureAwait(false);
        return await services.DescribeAsync(handle, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells what <see cref="RunAsync"/> would make, and refuses what it would refuse; fetches and makes nothing.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it makes anything.</exception>
    public async Task<VmPreview> PreviewAsync(CreateVmFromImageRequest request, CancellationToken cancellationToken = default)
    {
        var name = VmName.VmFile(request.Name);
        var definition = Define(request);
        var changes = await new VmFileCreation(new VmServices(context).For(name), definition).PreviewAsync(isReplaced: false, cancellationToken).ConfigureAwait(false);
        return new VmPreview(name.ToString(), VmVerb.Create, VmStatus.Destroyed, request.Start ? VmStatus.Running : VmStatus.Prepared, request.Start ? [.. changes, "boot it"] : changes);
    }

    /// <summary>The options as a definition, checked.</summary>
    internal VmDefinition Define(CreateVmFromImageRequest request)
    {
        var template = request.Template is null ? null : TemplateMachine.Of(context, request);
        var image = template?.RootFs ?? Image(request);
        if (request.Cpus is < 1) throw Bad(Errors.VmVcpus, request, $"{request.Cpus} processors are too few", "Say 1 or more.");
        if (request.DiskGb is < 1) throw Bad(Errors.VmValidation, request, $"a disk of {request.DiskGb} GB is too small", "Say 1 or more, or leave it out to take the image's own size.");
        if (request.Kernel is null && (request.Initrd ?? request.Append) is not null) throw Bad(Errors.Usage, request, "an initrd or a kernel command line needs a kernel", "Add --kernel PATH.");
        return new VmDefinition
        {
            Name = request.Name,
            Image = image,
            ImageUrl = request.ImageUrl,
            Vcpus = request.Cpus ?? template?.Vcpus ?? 1,
            MemoryMb = request.Memory is null && template is not null ? template.MemMib : Memory(request),
            DiskGb = request.DiskGb,
            DataDiskMib = template?.DataDiskMib ?? 0,
            Network = request.Bridge is { } bridge ? new VmHandleNetwork("Tap", bridge, null) : new VmHandleNetwork("User", null, null),
            CloudInit = request.CloudInit is null && request.SshKey is null ? null : new VmDefinitionCloudInit(null, Existing(request.SshKey, "key"), Existing(request.CloudInit, "user-data")),
            Uefi = request.Uefi,
            PortForwards = Forwards(request),
            DirectBoot = template is not null ? template.Boot : request.Kernel is null ? null : new VmDirectBoot(Existing(request.Kernel, "kernel")!, Existing(request.Initrd, "initrd"), request.Append),
        };
    }

    private string? Image(CreateVmFromImageRequest request)
    {
        if (request.Image is null == request.ImageUrl is null)
        {
            throw Bad(Errors.VmNoImage, request, request.Image is null ? "no image is given" : "an image and an image address are given", "Give one: --image PATH, --image-url URL or --template NAME.");
        }

        if (request.Image is null) return null;
        var path = context.Environment.Resolve(request.Image);
        return File.Exists(path) ? path : throw Bad(Errors.VmImageMissing, request, $"there is no image {path}", "Check the path, or download one with --image-url.");
    }

    private static int Memory(CreateVmFromImageRequest request)
    {
        if (request.Memory is null) return DefaultMemory;
        if (ByteSize.TryParse(request.Memory, 'M', out var size) && size.MiB <= int.MaxValue) return (int)size.MiB;
        throw Bad(Errors.VmMemory, request, $"\"{request.Memory}\" is no amount of memory", "Say a whole number of MB above zero, or one with a unit such as 2G.");
    }

    private static List<PortForward> Forwards(CreateVmFromImageRequest request)
    {
        var result = new List<PortForward>();
        foreach (var text in request.PortForwards)
        {
            if (!VmReader.TryParseForward(text, out var forward)) throw Bad(Errors.VmValidation, request, $"\"{text}\" is no port forward", "Write [address:]HOST:GUEST[/tcp|/udp] with ports from 1 to 65535, such as 8080:80.");
            if (result.Any(f => (f.Bind, f.HostPort, f.Protocol) == (forward.Bind, forward.HostPort, forward.Protocol))) throw Bad(Errors.VmValidation, request, $"the host port {forward.HostPort} is forwarded twice", "Remove one.");
            result.Add(forward);
        }

        if (result.Count > 0 && request.Bridge is not null) throw Bad(Errors.VmValidation, request, "on a bridge there are no port forwards", "Reach the guest at its own address, or leave out --bridge.");
        return result;
    }

    private string? Existing(string? path, string what)
    {
        if (path is null) return null;
        var full = context.Environment.Resolve(path);
        return File.Exists(full) ? full : throw new CharlyException(Errors.FileMissing, $"there is no {what} {full}", "Check the path.", target: full);
    }

    private static CharlyException Bad(ErrorCode code, CreateVmFromImageRequest request, string message, string help) =>
        new(code, $"vm \"{request.Name}\": {message}", help, target: request.Name);
}

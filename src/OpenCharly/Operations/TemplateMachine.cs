using OpenCharly.Foundation;
using OpenCharly.Vms.Definitions;
using OpenCharly.Vms.Templates;

namespace OpenCharly.Operations;

/// <summary>What a machine of a template is made of: the paths and sizes of one revision.</summary>
/// <param name="RootFs">Path of the root file system.</param>
/// <param name="Boot">Its kernel and how it boots.</param>
/// <param name="Vcpus">Processors.</param>
/// <param name="MemMib">Memory in MiB.</param>
/// <param name="DataDiskMib">Size of a blank second disk in MiB; 0 without one.</param>
internal sealed record TemplateMachine(string RootFs, VmDirectBoot Boot, int Vcpus, int MemMib, int DataDiskMib)
{
    private const string Root = "root=/dev/vda rw";

    /// <summary>Reads the revision that a request names: <c>NAME</c>, or <c>NAME@REVISION</c>.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNoImage"/> for an image beside it, <see cref="Errors.Usage"/> for a kernel or firmware;
    /// <see cref="Errors.TemplateNotFound"/>, <see cref="Errors.TemplateNoCurrent"/>, <see cref="Errors.TemplateCorrupt"/>, <see cref="Errors.BadName"/>.</exception>
    public static TemplateMachine Of(CharlyContext context, CreateVmFromImageRequest request)
    {
        if ((request.Image ?? request.ImageUrl) is not null)
        {
            throw new CharlyException(Errors.VmNoImage, $"vm \"{request.Name}\": a template and an image are given", "Give one of them; a template brings its own root file system.", target: request.Name);
        }

        if ((request.Kernel ?? request.Initrd ?? request.Append) is not null || request.Uefi)
        {
            throw new CharlyException(Errors.Usage, $"vm \"{request.Name}\": a template brings its own kernel", "Leave out --kernel, --initrd, --append and --uefi.", target: request.Name);
        }

        var (id, name) = request.Template!.Split('@', 2) is [var before, var after] ? (before, after) : (request.Template, null);
        var revision = new TemplateStore(context.Environment, context.Paths).ReadRevision(id, name);
        var boot = TemplateDocuments.ReadBoot(revision.Path);
        return new TemplateMachine(
            Existing(boot.RootFs),
            new VmDirectBoot(Existing(boot.Kernel), boot.Initrd is { } initrd ? Existing(initrd) : null, CommandLine(boot.BootArgs)),
            revision.Vcpus,
            revision.MemMib,
            revision.DataDiskMib);

        string Existing(string file)
        {
            var path = Path.Combine(revision.Path, file);
            return File.Exists(path) ? path : throw new CharlyException(
                Errors.TemplateCorrupt, $"the revision {revision.Revision} of template {id} has no {file}", $"Build or pull it anew: charly template build {id} --force, charly template pull {id}", target: path);
        }
    }

    // Firecracker adds the root device by itself; QEMU has to be told.
    private static string CommandLine(string arguments) => arguments.Split(' ').Any(a => a.StartsWith("root=", StringComparison.Ordinal)) ? arguments : $"{arguments} {Root}".Trim();
}

using System.Text.RegularExpressions;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Images;

namespace OpenCharly.Vms.Templates;

/// <summary>
/// Takes a bootstrapped disk apart: the root file system without its partition table, the kernel and the initial RAM disk.
/// Nothing is mounted; <c>debugfs</c> reads and writes the file system as a file.
/// </summary>
/// <param name="processes">Runs <c>qemu-img</c> and <c>debugfs</c>.</param>
/// <param name="progress">Gets the steps.</param>
internal sealed partial class DebianTemplate(IProcessRunner processes, IProgress<CharlyEvent> progress)
{
    /// <summary>Where the only partition of a bootstrapped disk begins, in bytes.</summary>
    private const long PartitionStart = 1 << 20;

    /// <summary>The image's own script looks for the partition that holds the root file system, and there is none.</summary>
    private const string GrowRoot = "#!/bin/sh\nset -eu\nresize2fs \"$(findmnt -no SOURCE /)\"\n";

    /// <summary>The time of every change, so that equal images give equal files and one revision.</summary>
    private static readonly Dictionary<string, string?> FixedTime = new(StringComparer.Ordinal) { ["E2FSPROGS_FAKE_TIME"] = "1" };

    /// <summary>The bootstrapped image that a builder asks for.</summary>
    public static BootstrapSource Source(DebootstrapTemplateBuilder builder) => new()
    {
        Builder = "debootstrap",
        Distro = "debian",
        Suite = builder.Suite,
        Mirror = builder.Mirror,
        Components = builder.Components,
        Packages = builder.Packages,
        KernelPackage = builder.KernelPackage,
    };

    /// <summary>Writes <c>vmlinux</c>, <c>initrd</c> and <c>rootfs.ext4</c>.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateBuildFailed"/>, <see cref="Errors.ToolMissing"/>, <see cref="Errors.ImageConversion"/>.</exception>
    public async Task ExtractAsync(string template, BaseImage image, string output, CancellationToken cancellationToken)
    {
        if (processes.Find("debugfs") is null) throw new CharlyException(Errors.ToolMissing, "the program debugfs is not installed", "Install it: apt-get install e2fsprogs (the package is called e2fsprogs everywhere).", target: "debugfs");
        progress.Report(new NoticeEvent(NoticeLevel.Info, $"template {template}: taking kernel and root file system out of {Path.GetFileName(image.Path)}"));
        var disk = Path.Combine(output, "disk.raw");
        var root = Path.Combine(output, TemplateFiles.RootFs);
        await new QemuImg(processes).ConvertAsync(image.Path, disk, "raw", sourceFormat: image.Format, cancellationToken: cancellationToken).ConfigureAwait(false);
        await CutAsync(disk, root, cancellationToken).ConfigureAwait(false);
        File.Delete(disk);
        await DumpAsync(template, root, "/vmlinuz", Path.Combine(output, TemplateFiles.Kernel), cancellationToken).ConfigureAwait(false);
        await DumpAsync(template, root, "/initrd.img", Path.Combine(output, TemplateFiles.Initrd), cancellationToken).ConfigureAwait(false);
        var script = Path.Combine(output, "grow-root");
        await File.WriteAllTextAsync(script, GrowRoot, cancellationToken).ConfigureAwait(false);
        await DebugAsync(template, root, $"rm /usr/lib/charly/grow-root\nwrite {Path.GetFileName(script)} /usr/lib/charly/grow-root\nset_inode_field /usr/lib/charly/grow-root mode 0100755\n", cancellationToken).ConfigureAwait(false);
        File.Delete(script);
    }

    /// <summary>Copies all but the first mebibyte, leaving holes where there is nothing.</summary>
    private static async Task CutAsync(string disk, string root, CancellationToken cancellationToken)
    {
        var source = File.OpenRead(disk);
        await using var ownSource = source.ConfigureAwait(false);
        var target = new FileStream(root, FileMode.Create, FileAccess.Write);
        await using var ownTarget = target.ConfigureAwait(false);
        source.Position = PartitionStart;
        target.SetLength(source.Length - PartitionStart);
        var buffer = new byte[1 << 20];
        for (int count; (count = await source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            if (buffer.AsSpan(0, count).ContainsAnyExcept((byte)0)) await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            else target.Seek(count, SeekOrigin.Current);
        }
    }

    // The kernel package keeps these two names as links to the newest version, and debugfs does not follow links.
    private async Task DumpAsync(string template, string root, string link, string destination, CancellationToken cancellationToken)
    {
        var said = await DebugAsync(template, root, $"stat {link}\n", cancellationToken).ConfigureAwait(false);
        var match = LinkTarget().Match(said);
        if (!match.Success) throw Failed(template, $"its root file system has no {link}", "Name a kernel package that keeps one, such as linux-image-amd64.");
        await DebugAsync(template, root, $"dump /{match.Groups[1].Value.TrimStart('/')} {Path.GetFileName(destination)}\n", cancellationToken).ConfigureAwait(false);
        if (!File.Exists(destination) || new FileInfo(destination).Length == 0) throw Failed(template, $"{link} of its root file system can't be read", "Build it with --force.");
    }

    // Names are relative, so that no blank in a path comes between debugfs and its words.
    private async Task<string> DebugAsync(string template, string root, string commands, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(new ProcessRequest("debugfs", "-w", "-f", "-", Path.GetFileName(root)) { Input = commands, WorkingDirectory = Path.GetDirectoryName(root), Variables = FixedTime }, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput : throw Failed(template, $"\"debugfs {root}\" ended with {result.ExitCode}: {result.Tail()}", "Check that the disk is not full.");
    }

    private static CharlyException Failed(string template, string why, string help) =>
        new(Errors.TemplateBuildFailed, $"template {template} could not be built: {why}", help, target: template);

    [GeneratedRegex(@"Fast link dest: ""([^""]+)""")]
    private static partial Regex LinkTarget();
}

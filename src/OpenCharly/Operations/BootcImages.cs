using System.Security.Cryptography;
using System.Text;
using OpenCharly.Boxes;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Images;

namespace OpenCharly.Operations;

/// <summary>
/// Base images made of boxes that are whole systems: the box installs itself onto a raw disk, in a privileged container of its own
/// (vm.md §1.1). Kept by content, as every base image is.
/// </summary>
/// <param name="context">What it works with.</param>
internal sealed class BootcImages(CharlyContext context)
{
    private static readonly ByteSize DefaultSize = new(10L << 30);

    /// <summary>Whether the container has to be started with sudo; a test may take the other way.</summary>
    internal bool IsRoot { get; init; } = Environment.IsPrivilegedProcess;

    /// <summary>The image, made now unless it was made of the same box in the same way.</summary>
    /// <param name="source">The box and how it is installed.</param>
    /// <param name="tag">Tag of the box; its newest version if null.</param>
    /// <param name="size">Size of the disk.</param>
    /// <param name="refresh">Make it anew. The old image stays, since disks may stand on it.</param>
    /// <param name="cancellationToken">Ends the container; nothing is left.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotLocal"/>, <see cref="Errors.BootstrapFailed"/>, <see cref="Errors.ImageConversion"/>.</exception>
    public async Task<BaseImage> EnsureAsync(BootcSource source, string? tag, ByteSize? size, bool refresh, CancellationToken cancellationToken)
    {
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Run();
        var (reference, id) = await ResolveAsync(new LocalImages(engine), source.Box, tag, cancellationToken).ConfigureAwait(false);
        var script = Script(source, size ?? DefaultSize);
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id + "\n" + script)));
        var cached = new CachedImage(context.Paths.VmImages, $"bootc-{key[..32]}");
        if (!refresh && cached.Current is { } hit) return hit;

        AtomicFile.EnsureFolder(context.Paths.VmImages);
        using var held = await FileLock.AcquireAsync(
            cached.LockFile,
            owner => context.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"waiting for {owner}, which makes the same image")),
            cancellationToken).ConfigureAwait(false);
        if (!refresh && cached.Current is { } made) return made;
        if (Directory.Exists(cached.WorkFolder)) Directory.Delete(cached.WorkFolder, recursive: true);
        AtomicFile.EnsureFolder(cached.WorkFolder, isPrivate: true);
        try
        {
            await InstallAsync(engine.Name, reference, cached.WorkFolder, script, cancellationToken).ConfigureAwait(false);
            var image = cached.NewPath(context.Environment.Clock.GetUtcNow());
            await new QemuImg(context.Processes).ConvertAsync(Path.Combine(cached.WorkFolder, "disk.raw"), image, "qcow2", compress: true, "raw", cancellationToken).ConfigureAwait(false);
            return await cached.CommitAsync(image, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(cached.WorkFolder, recursive: true);
        }
    }

    /// <summary>What runs in the container: a sparse disk, a loop device for it, and the box's own installer.</summary>
    internal static string Script(BootcSource source, ByteSize size)
    {
        var install = new StringBuilder("bootc install to-disk --filesystem ").Append(source.RootFs ?? "ext4");
        if (source.RootSize is { } root) install.Append(" --root-size ").Append(root.MiB).Append('M');
        foreach (var argument in source.KernelArgs.SelectMany(a => a.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))) install.Append(" --karg ").Append(Shell.Quote(argument));
        if (source.Transport is { } transport) install.Append(" --target-transport ").Append(Shell.Quote(transport));
        return $"""
            set -euo pipefail
            truncate -s {size.Bytes} /out/disk.raw
            loop=$(losetup --find --show --partscan /out/disk.raw)
            trap 'losetup --detach "$loop"' EXIT
            {install} --target-no-signature-verification "$loop"
            sync

            """;
    }

    private async Task InstallAsync(string engine, string reference, string folder, string script, CancellationToken cancellationToken)
    {
        string[] run = ["run", "--privileged", "--rm", "-i", "--user", "0", "--net", "host", "-v", "/dev:/dev", "-v", folder + ":/out", reference, "bash", "-s"];
        var rootful = new Settings(context.Environment, context.Paths).Get("engine.rootful").Value;

        // docker's containers are root's already.
        var isSudo = !IsRoot && (rootful is "sudo" or "true" || (rootful == "auto" && engine == "podman"));
        if (isSudo)
        {
            // Root's storage is another one.
            var copy = $"{Shell.Quote(engine)} save {Shell.Quote(reference)} | sudo -n {Shell.Quote(engine)} load";
            await MustAsync(new ProcessRequest("bash", "-o", "pipefail", "-c", copy), $"copy the box {reference} to root's storage", reference, cancellationToken).ConfigureAwait(false);
        }

        var request = isSudo ? new ProcessRequest("sudo", ["-n", engine, .. run]) : new ProcessRequest(engine, run);
        await MustAsync(request with { Input = script, Output = line => context.Progress.Report(new NoticeEvent(NoticeLevel.Debug, line.Text)) }, $"install the box {reference} on a disk", reference, cancellationToken).ConfigureAwait(false);
    }

    private async Task MustAsync(ProcessRequest request, string what, string reference, CancellationToken cancellationToken)
    {
        var result = await context.Processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return;
        throw new CharlyException(
            Errors.BootstrapFailed,
            $"could not {what} (exit code {result.ExitCode}): {result.Tail(4)}",
            "The box must hold bootc and a kernel (bootc: true), and loop devices must be had: it runs in a privileged container of root's.",
            target: reference);
    }

    private static async Task<(string Reference, string Id)> ResolveAsync(LocalImages images, string box, string? tag, CancellationToken cancellationToken)
    {
        if (!box.Contains('/'))
        {
            var newest = await images.ResolveAsync(box, tag, cancellationToken).ConfigureAwait(false);
            return (newest.Reference, newest.Id);
        }

        // One that is not here yet is fetched by the engine when it runs; it is known by its name then.
        var reference = tag is null ? box : $"{box}:{tag}";
        return (reference, (await images.FindAsync(reference, cancellationToken).ConfigureAwait(false))?.Id ?? reference);
    }
}

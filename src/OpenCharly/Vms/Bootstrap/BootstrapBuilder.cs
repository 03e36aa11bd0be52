using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Images;

namespace OpenCharly.Vms.Bootstrap;

/// <summary>
/// Makes bootable base images from a distribution's packages, on this machine: no container, no loop device and no
/// mount (vm.md §1.1). As root mmdebstrap unpacks directly, otherwise in a user namespace.
/// </summary>
/// <param name="environment">Variables for the programs.</param>
/// <param name="paths">Where the cache is.</param>
/// <param name="processes">Runs mmdebstrap, mke2fs, grub-mkimage and qemu-img.</param>
/// <param name="progress">Gets one activity of about ten steps for each build.</param>
public sealed class BootstrapBuilder(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, IProgress<CharlyEvent> progress)
{
    private static readonly string[] GrubModules =
        ["biosdisk", "part_msdos", "ext2", "linux", "normal", "configfile", "boot", "echo", "test"];

    /// <summary>Whether packages are unpacked as root; a test may take the other way.</summary>
    internal bool IsRoot { get; init; } = Environment.IsPrivilegedProcess;

    /// <summary>The image of a source if one was built from the same inputs; null if it would have to be built.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmValidation"/> for what can't be built here; <see cref="Errors.ToolMissing"/>
    /// if it would have to be built and can't.</exception>
    public BaseImage? Find(BootstrapSource source, string? firmware)
    {
        var recipe = BootstrapRecipe.From(source, firmware);
        if (Cached(recipe).Current is { } hit) return hit;
        BootstrapTools.ThrowIfMissing(processes, IsRoot, recipe.IsUefi);
        return null;
    }

    /// <summary>
    /// The image of a source: from the cache if one was built from the same inputs, else built now. Nothing is left
    /// behind by a build that fails or is cancelled.
    /// </summary>
    /// <param name="source">What to build.</param>
    /// <param name="refresh">Build anew, with today's packages. The old image stays, since disks may stand on it.</param>
    /// <param name="firmware">What the machine boots by: <c>bios</c> or null, <c>uefi-insecure</c>, <c>uefi-secure</c>.</param>
    /// <param name="cancellationToken">Stops the build.</param>
    /// <exception cref="CharlyException"><see cref="Errors.VmValidation"/> for what can't be built here,
    /// <see cref="Errors.ToolMissing"/> naming all missing packages, <see cref="Errors.BootstrapFailed"/>.</exception>
    public async Task<BaseImage> EnsureAsync(BootstrapSource source, bool refresh, string? firmware = null, CancellationToken cancellationToken = default)
    {
        var recipe = BootstrapRecipe.From(source, firmware);
        var cached = Cached(recipe);
        if (!refresh && cached.Current is { } hit) return hit;

        AtomicFile.EnsureFolder(paths.VmImages);
        using var held = await FileLock.AcquireAsync(
            cached.LockFile,
            owner => progress.Report(new NoticeEvent(NoticeLevel.Info, $"waiting for {owner}, which builds the same image")),
            cancellationToken).ConfigureAwait(false);
        if (!refresh && cached.Current is { } built) return built;

        BootstrapTools.ThrowIfMissing(processes, IsRoot, recipe.IsUefi);
        return await BuildAsync(recipe, cached, cancellationToken).ConfigureAwait(false);
    }

    private CachedImage Cached(BootstrapRecipe recipe) => new(paths.VmImages, $"bootstrap-{recipe.Key[..32]}");

    private async Task<BaseImage> BuildAsync(BootstrapRecipe recipe, CachedImage cached, CancellationToken cancellationToken)
    {
        var steps = new BootstrapProgress($"building {recipe.Suite} image", progress);
        var folder = NewWorkFolder(cached);
        var build = new Build(recipe, folder, Guid.NewGuid().ToString(), steps);
        try
        {
            await MakeTreeAsync(build, cancellationToken).ConfigureAwait(false);
            steps.MakingFileSystem();
            await RunAsTreeRootAsync(build, ["sh", build.Script("make-disk"), build.Tree], cancellationToken).ConfigureAwait(false);
            if (!recipe.IsUefi) await MakeBootableAsync(build, cancellationToken).ConfigureAwait(false);
            steps.Compressing();
            var image = cached.NewPath(environment.Clock.GetUtcNow());
            await new QemuImg(processes).ConvertAsync(build.Disk, image, "qcow2", compress: true, "raw", cancellationToken).ConfigureAwait(false);
            var result = await cached.CommitAsync(image, cancellationToken).ConfigureAwait(false);
            steps.Completed();
            return result;
        }
        finally
        {
            await RemoveAsync(build).ConfigureAwait(false);
        }
    }

    private string NewWorkFolder(CachedImage cached)
    {
        if (IsRoot)
        {
            // A fixed name beside the image: what a killed build left is found and removed by the next one.
            var fixedFolder = cached.WorkFolder;
            RemoveTree(fixedFolder);
            AtomicFile.EnsureFolder(fixedFolder, isPrivate: true);
            return fixedFolder;
        }

        // The namespace's root is another user, who can't look into the home folder. It gets a folder under a name that
        // nobody else can guess or list.
        var outer = Path.Combine("/var/tmp", $"charly-bootstrap-{Guid.NewGuid():N}");
        Directory.CreateDirectory(outer, AtomicFile.PrivateFolder | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var inner = Path.Combine(outer, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(inner);
        File.SetUnixFileMode(inner, (UnixFileMode)0b111_111_111);
        return inner;
    }

    private async Task MakeTreeAsync(Build build, CancellationToken cancellationToken)
    {
        build.WriteScripts();
        if (!IsRoot)
        {
            Directory.CreateDirectory(build.Tree);
            File.SetUnixFileMode(build.Tree, (UnixFileMode)0b111_111_111);
        }

        await RunAsync(
            build,
            [
                "mmdebstrap",
                IsRoot ? "--mode=root" : "--mode=unshare",
                "--format=directory",
                $"--variant={build.Recipe.Variant}",
                "--aptopt=Acquire::Languages \"none\"",
                $"--include={string.Join(',', build.Recipe.Packages)}",
                $"--essential-hook={build.Script("before-packages")}",
                $"--customize-hook={build.Script("after-packages")}",
                .. build.Recipe.IsUefi ? (string[])[$"--customize-hook={build.Script("after-packages-uefi")}"] : [],
                build.Recipe.Suite,
                build.Tree,
                .. build.Recipe.Sources,
            ],
            cancellationToken).ConfigureAwait(false);
    }

    private async Task MakeBootableAsync(Build build, CancellationToken cancellationToken)
    {
        var core = build.File("core.img");
        await RunAsync(
            build,
            ["grub-mkimage", "-O", "i386-pc", "-p", "(hd0,msdos1)/boot/grub", "-c", build.File("core.cfg"), "-o", core, .. GrubModules],
            cancellationToken).ConfigureAwait(false);
        var boot = await File.ReadAllBytesAsync(BootstrapTools.GrubBootImage, cancellationToken).ConfigureAwait(false);
        var image = await File.ReadAllBytesAsync(core, cancellationToken).ConfigureAwait(false);
        BootSectors.Write(build.Disk, boot, image);
    }

    private Task RunAsTreeRootAsync(Build build, string[] command, CancellationToken cancellationToken) =>
        RunAsync(build, IsRoot ? command : ["mmdebstrap", "--unshare-helper", .. command], cancellationToken);

    private async Task RunAsync(Build build, string[] command, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(
            new ProcessRequest(command[0], command[1..])
            {
                Output = build.Steps.Line,
                WorkingDirectory = "/",
                Variables = new Dictionary<string, string?>
                {
                    ["LANG"] = "C.UTF-8",
                    ["LC_ALL"] = null,
                    ["PATH"] = $"{environment.Variable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin",
                    ["TMPDIR"] = build.Folder,
                    ["MKE2FS_CONFIG"] = build.File("mke2fs.conf"),
                    ["CHARLY_DISK"] = build.Disk,
                    ["CHARLY_UUID"] = build.FileSystemId,
                    ["CHARLY_KERNEL_ARGUMENTS"] = build.Recipe.KernelArguments,
                },
            },
            cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return;
        throw new CharlyException(
            Errors.BootstrapFailed,
            $"building the {build.Recipe.Suite} image failed: {command[0]} ended with {result.ExitCode}\n{build.Steps.Tail}",
            "Check that the package mirror can be reached, that the packages exist in that suite, and that the disk is not full.",
            target: command[0]);
    }

    private async Task RemoveAsync(Build build)
    {
        if (!IsRoot && Directory.Exists(build.Tree))
        {
            // Files of the namespace's users are only theirs to remove. Not cancellable: it is the cleaning up.
            await RunAsTreeRootAsync(build, ["rm", "-rf", "--one-file-system", build.Tree, build.Disk + ".efi", build.Disk + ".esp"], CancellationToken.None).ConfigureAwait(false);
        }

        RemoveTree(IsRoot ? build.Folder : Path.GetDirectoryName(build.Folder)!);
    }

    private static void RemoveTree(string folder)
    {
        if (!Directory.Exists(folder)) return;
        if (File.ReadLines("/proc/self/mountinfo").Any(l => l.Contains(' ' + folder + '/', StringComparison.Ordinal)))
        {
            throw new CharlyException(
                Errors.BootstrapFailed,
                $"something is mounted below {folder}, which a build left behind",
                $"Unmount it, then remove the folder: {folder}",
                target: folder);
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>One build and the files in its work folder.</summary>
    private sealed record Build(BootstrapRecipe Recipe, string Folder, string FileSystemId, BootstrapProgress Steps)
    {
        public string Tree => File("root");

        public string Disk => File("disk.raw");

        public string File(string name) => Path.Combine(Folder, name);

        public string Script(string name) => File(name + ".sh");

        public void WriteScripts()
        {
            const UnixFileMode executable = AtomicFile.Shared | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
            AtomicFile.Write(Script("before-packages"), BootstrapScripts.BeforePackages, executable);
            AtomicFile.Write(Script("after-packages"), BootstrapScripts.AfterPackages, executable);
            AtomicFile.Write(Script("make-disk"), Recipe.IsUefi ? BootstrapScripts.MakeUefiDisk : BootstrapScripts.MakeDisk, executable);
            if (Recipe.IsUefi) AtomicFile.Write(Script("after-packages-uefi"), BootstrapScripts.AfterPackagesUefi, executable);
            AtomicFile.Write(File("mke2fs.conf"), BootstrapScripts.Mke2fsConfiguration);
            AtomicFile.Write(File("core.cfg"), BootstrapScripts.GrubCore);
        }
    }
}

using System.Security.Cryptography;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Building;

/// <summary>
/// Builds a package from its sources (candy-and-plan.md §6.7): with this machine's own tools where they are, else in a
/// container. The sources are copied first, so that a build leaves nothing among them.
/// </summary>
/// <param name="processes">Runs programs.</param>
/// <param name="podman">Runs containers.</param>
/// <param name="folder">Where builds of this run happen.</param>
internal sealed class PackageBuild(IProcessRunner processes, Podman podman, string folder)
{
    /// <summary>The image that packages of a format are built in where this machine can't.</summary>
    public static string ImageFor(string format) => format switch
    {
        "deb" => "debian:13",
        "rpm" => "fedora:43",
        _ => "archlinux",
    };

    /// <summary>Whether this machine builds such packages itself: it has the tool, and no image is asked for.</summary>
    public bool CanUseHost(LocalPkgInstallStep step) => step.BuilderImage is null && processes.Find(ToolFor(step.Format)) is not null;

    /// <summary>Builds.</summary>
    /// <param name="step">The step.</param>
    /// <param name="request">The step's surroundings.</param>
    /// <param name="image">Image to build in; null for this machine itself.</param>
    /// <param name="cancellationToken">Ends the build.</param>
    public async Task<BuiltStep> RunAsync(LocalPkgInstallStep step, BuildRequest request, string? image, CancellationToken cancellationToken)
    {
        var work = Path.Combine(folder, $"{step.Candy}-{step.Format}");
        var source = Path.Combine(work, "source");
        var output = Path.Combine(work, "output");
        AtomicFile.EnsureFolder(work, isPrivate: true);
        Directory.CreateDirectory(output);
        foreach (var file in step.Files)
        {
            var copy = Path.Combine(source, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(step.SourceFolder, file.Path), copy, overwrite: true);
            File.SetUnixFileMode(copy, (UnixFileMode)Convert.ToInt32(file.Mode, 8));
        }

        // makepkg does not work as root, and containers, and this process perhaps, are root.
        var result = image is null
            ? await processes.RunAsync(
                new ProcessRequest("bash", "-s", "--", source, output) { Input = PackageBuildScript.For(step.Format), WorkingDirectory = work, Output = request.Output },
                cancellationToken).ConfigureAwait(false)
            : await podman.RunScriptAsync(
                image, "set -- /work/source /work/output\n" + PackageBuildScript.For(step.Format, installsNeeds: true), [new Mount(work, "/work")],
                new Dictionary<string, string> { ["HOME"] = "/root" }, request.Output, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw new CharlyException(
                Errors.RunStep,
                $"{step.Candy}: building the {step.Format} package of {step.Source} {(image is null ? "on this machine" : "in " + image)} failed with exit code {result.ExitCode}\n{result.Tail(8)}",
                "Mend what the output names, then run the same command again. Packages that the build needs must be installed where it happens; --builder-image names another place.",
                target: step.Candy);
        }

        var names = Path.Combine(output, "names");
        string[] built = File.Exists(names) ? await File.ReadAllLinesAsync(names, cancellationToken).ConfigureAwait(false) : [];
        if (built.Length == 0)
        {
            throw new CharlyException(
                Errors.RunStep, $"{step.Candy}: building {step.Source} ended well, but made no {step.Format} package", "Look at what it printed.", target: step.Candy);
        }

        var reverse = new ReverseOp { Kind = ReverseKinds.PackageRemove, Format = step.Format, Targets = built, Scope = StepScope.System, UninstallCommand = PackageScripts.Remove(step.Format, built) };
        return new BuiltStep(
            request.Script with { Staged = await StageAsync(output, StagedNames.LocalPackages(step), cancellationToken).ConfigureAwait(false) },
            [reverse]);
    }

    /// <summary>The package files of a folder, as they will lie in a folder on the target.</summary>
    public static async Task<IReadOnlyList<StagedFile>> StageAsync(string folder, string staged, CancellationToken cancellationToken)
    {
        var files = new List<StagedFile>();
        foreach (var file in Directory.GetFiles(folder).Where(f => Path.GetFileName(f) != "names").Order(StringComparer.Ordinal))
        {
            files.Add(new StagedFile($"{staged}/{Path.GetFileName(file)}", file, await DigestAsync(file, cancellationToken).ConfigureAwait(false)));
        }

        return files;
    }

    /// <summary>SHA-256 of a file, hex.</summary>
    public static async Task<string> DigestAsync(string path, CancellationToken cancellationToken)
    {
        var stream = File.OpenRead(path);
        await using var _ = stream.ConfigureAwait(false);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
    }

    private static string ToolFor(string format) => format switch
    {
        "deb" => "dpkg-buildpackage",
        "rpm" => "rpmbuild",
        _ => "makepkg",
    };
}

using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Building;

/// <summary>Builds on this machine: in podman containers, and packages with this machine's own tools where it has them.</summary>
/// <param name="processes">Runs programs.</param>
/// <param name="paths">Where caches are, and where builds happen.</param>
public sealed class HostBuilder(IProcessRunner processes, HostPaths paths) : IStepBuilder
{
    private readonly string _folder = Path.Combine(paths.Cache, "build", "run-" + Guid.NewGuid().ToString("N"));
    private readonly Podman _podman = new(processes);

    /// <inheritdoc/>
    public async Task CheckAsync(IReadOnlyList<InstallStep> steps, CancellationToken cancellationToken = default)
    {
        var images = new HashSet<string>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            if (step is LocalPkgInstallStep package && new PackageBuild(processes, _podman, _folder).CanUseHost(package)) continue;
            var image = ImageOf(step);
            if (!_podman.IsInstalled) throw NoPodman(step);
            if (images.Add(image)) await FindAsync(step, image, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<BuiltStep> BuildAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        AtomicFile.EnsureFolder(_folder, isPrivate: true);
        var packages = new PackageBuild(processes, _podman, _folder);
        if (request.Step is LocalPkgInstallStep package && packages.CanUseHost(package))
        {
            return await packages.RunAsync(package, request, image: null, cancellationToken).ConfigureAwait(false);
        }

        if (!_podman.IsInstalled) throw NoPodman(request.Step);
        var image = await FindAsync(request.Step, ImageOf(request.Step), cancellationToken).ConfigureAwait(false);
        return request.Step switch
        {
            LocalPkgInstallStep step => await packages.RunAsync(step, request, image, cancellationToken).ConfigureAwait(false),
            BuilderStep step => await new LanguageBuild(processes, _podman, _folder, Path.Combine(paths.Cache, "build")).RunAsync(step, request, image, cancellationToken).ConfigureAwait(false),
            _ => throw new CharlyException(Errors.Internal, $"a {request.Step.Kind} step is not built", "Report this.", target: request.Step.Candy),
        };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string ImageOf(InstallStep step) => step switch
    {
        LocalPkgInstallStep s => s.BuilderImage ?? PackageBuild.ImageFor(s.Format),
        BuilderStep { BuilderImage: { } image } => image,
        BuilderStep s => throw new CharlyException(
            Errors.PlanBuilder,
            $"{s.Candy}: nothing says in which image its builder {s.Builder} runs",
            $"Name one with --builder-image IMAGE, or in the project: defaults: {{builder: {{{s.Builder}: IMAGE}}}}.",
            target: s.Candy),
        _ => throw new CharlyException(Errors.Internal, $"a {step.Kind} step is not built", "Report this.", target: step.Candy),
    };

    private async Task<string> FindAsync(InstallStep step, string image, CancellationToken cancellationToken) =>
        await _podman.FindImageAsync(image, cancellationToken).ConfigureAwait(false) ?? throw new CharlyException(
            Errors.PlanBuilder,
            $"{step.Candy}: \"{step.Summary}\" is built in the image {image}, which podman does not have here",
            $"Bring it with podman build, load or pull, or name another with --builder-image. Look with: podman image exists {image}",
            target: step.Candy);

    private static CharlyException NoPodman(InstallStep step) => new(
        Errors.PlanBuilder,
        $"{step.Candy}: \"{step.Summary}\" is built in a container on this machine, and podman is not installed here",
        "Install podman on this machine, or leave the step out: pipe the plan through Where-Object and apply what is left.",
        target: step.Candy);
}

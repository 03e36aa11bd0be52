using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>Builds boxes with any release of the engine, and says what a build is waiting for.</summary>
/// <param name="engine">The engine.</param>
/// <param name="locks">Folder of the locks that stand in for the engine's own.</param>
/// <param name="clock">Tells how long a build is silent.</param>
internal sealed class BoxBuilder(ContainerEngine engine, string locks, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private Task<bool>? _hasLocks;

    /// <summary>Builds a box whose Containerfile is on disk.</summary>
    /// <param name="box">The box.</param>
    /// <param name="options">How to build it.</param>
    /// <param name="progress">Gets what the build prints, and what it waits for.</param>
    /// <param name="cancellationToken">Stops the build; the image is then as it was.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageBuild"/>, <see cref="Errors.ImageEngine"/>, <see cref="Errors.Usage"/>.</exception>
    public async Task BuildAsync(GeneratedBox box, ImageBuildOptions options, IProgress<CharlyEvent> progress, CancellationToken cancellationToken)
    {
        var caches = CacheMounts.IdsIn(box.Text);
        if (caches.Count == 0 || await HasLocksAsync(cancellationToken).ConfigureAwait(false))
        {
            await BuildAsync(box, box.Path, options, progress, cancellationToken).ConfigureAwait(false);
            return;
        }

        // The file that the engine can build stands beside the one that the box means, for whoever wants to try it by hand.
        var variant = box.UnlockedPath;
        AtomicFile.Write(variant, $"# {Path.GetFileName(box.Path)} without sharing=locked, which this release of {engine.Name} never gets past twice\n{CacheMounts.WithoutLocks(box.Text)}");
        var held = new List<FileLock>();
        try
        {
            // Always in the same order, so that no two builds wait for each other.
            foreach (var cache in caches) held.Add(await FileLock.AcquireAsync(Path.Combine(locks, cache + ".lock"), owner => Waiting(box, cache, owner, progress), cancellationToken).ConfigureAwait(false));

            // Stages that are built at once would meet in a folder that nothing locks.
            await BuildAsync(box, variant, options with { StageJobs = null }, progress, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (var one in held) one.Dispose();
        }
    }

    private static void Waiting(GeneratedBox box, string cache, string owner, IProgress<CharlyEvent> progress) =>
        progress.Report(new NoticeEvent(NoticeLevel.Info, $"box {box.Name} waits for {owner}, which builds with the same cache {cache}"));

    private async Task BuildAsync(GeneratedBox box, string file, ImageBuildOptions options, IProgress<CharlyEvent> progress, CancellationToken cancellationToken)
    {
        using var watch = new SilenceWatch($"building {box.Reference}", clock, text => progress.Report(new NoticeEvent(NoticeLevel.Warning, text)));
        await new ImageBuilder(engine).BuildAsync(box, file, options, Heard, cancellationToken).ConfigureAwait(false);

        void Heard(Execution.OutputLine line)
        {
            watch.Heard(line.Text);
            progress.Report(new NoticeEvent(NoticeLevel.Debug, line.Text));
        }
    }

    // Boxes that are built at once ask once.
    private Task<bool> HasLocksAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return _hasLocks ??= new BuildahRelease(engine).HasWorkingCacheLocksAsync(cancellationToken);
    }
}

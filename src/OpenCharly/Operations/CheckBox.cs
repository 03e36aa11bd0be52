using System.Diagnostics;
using OpenCharly.Boxes;
using OpenCharly.Checks;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Runs the checks of an image in a throw-away container (<c>eval box</c>, deploy.md §12).</summary>
/// <param name="context">What it works with.</param>
public sealed class CheckBox(CharlyContext context)
{
    // Long enough for any check, short enough that a container whose charly was killed goes by itself.
    private const string Lifetime = "7200";

    /// <summary>Starts a container, runs the checks of build scope in it, removes it.</summary>
    /// <param name="reference">Full reference of an image in local storage, or name of a box.</param>
    /// <param name="selection">Which checks run.</param>
    /// <param name="cancellationToken">Gives up; the container goes all the same.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ImageNotLocal"/>, <see cref="Errors.ImageMetadata"/>, <see cref="Errors.ImageEngine"/>;
    /// <see cref="Errors.RunTarget"/> for an image without bash.</exception>
    public async Task<CheckReport> RunAsync(string reference, CheckSelection selection, CancellationToken cancellationToken = default)
    {
        var begin = Stopwatch.GetTimestamp();
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Run();
        var image = await new LocalImages(engine).ResolveAsync(reference, null, cancellationToken).ConfigureAwait(false);
        var suite = CheckSuite.Merge(PodChecks.Read(image)).OfScope("build");
        if (suite.Checks.Count == 0) return new CheckReport(reference, [], Stopwatch.GetElapsedTime(begin));
        var name = "charly-build-check-" + Guid.NewGuid().ToString("N")[..12];
        var started = await engine.RunAsync(["run", "--detach", "--rm", "--name", name, "--entrypoint", "sleep", image.Reference, Lifetime], cancellationToken).ConfigureAwait(false);
        if (!started.Succeeded) throw engine.Refused($"start a container of {image.Reference}", started);
        try
        {
            var executor = new ContainerExecutor(engine.Name, name, null, context.Environment, context.Processes);
            var options = new LinuxTargetOptions
            {
                Id = "pod:" + reference, Host = name, DisplayName = reference, HasOwnPorts = false, Clock = context.Environment.Clock,
                OperatorMachine = new ExecutorFactory(context.Environment, context.Processes).Local,
            };
            var target = new LinuxTarget(executor, options, context.Progress);
            await using (target.ConfigureAwait(false))
            {
                var values = new Dictionary<string, string> { ["IMAGE"] = image.Reference, ["CONTAINER_NAME"] = name };
                var results = await target.CheckAsync(suite, selection, values, await VocabularyAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                var report = new CheckReport(reference, [.. results.Select(r => r with { Target = reference })], Stopwatch.GetElapsedTime(begin));
                new CheckRuns(context).Keep(report);
                return report;
            }
        }
        finally
        {
            await engine.RunAsync(["rm", "--force", name], CancellationToken.None).ConfigureAwait(false);
        }
    }

    // The image may be of any project, or of none; the one at hand is asked what it calls distributions, and is no reason to check nothing.
    private async Task<DistroVocabulary> VocabularyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return DistroVocabulary.Of(await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (CharlyException e)
        {
            context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"the distributions of the project are not known, because it can't be read: {e.Message}"));
            return DistroVocabulary.None;
        }
    }
}

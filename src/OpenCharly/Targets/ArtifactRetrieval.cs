using System.Globalization;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Targets;

/// <summary>A file that was fetched from a target.</summary>
/// <param name="Candy">The candy that names it.</param>
/// <param name="Name">Its name.</param>
/// <param name="File">Where it lies on the operator's machine.</param>
/// <param name="Bytes">Its size.</param>
public sealed record RetrievedArtifact(string Candy, string Name, string File, long Bytes);

/// <summary>Fetches the artifacts of a plan once everything is applied: waits for each, rewrites it, and places it.</summary>
internal sealed class ArtifactRetrieval(TargetSession session, InstallPlan plan, CharlyEnvironment operatorEnvironment)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Fetches them all.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.RunArtifact"/> for one that is missing and not optional.</exception>
    public async Task<IReadOnlyList<RetrievedArtifact>> RunAsync(CancellationToken cancellationToken)
    {
        var fetched = new List<RetrievedArtifact>();
        foreach (var artifact in plan.Artifacts)
        {
            if (await FetchAsync(artifact, cancellationToken).ConfigureAwait(false) is { } one) fetched.Add(one);
        }

        return fetched;
    }

    private async Task<RetrievedArtifact?> FetchAsync(PlanArtifact artifact, CancellationToken cancellationToken)
    {
        var path = PlanVariables.Fill(artifact.Path, ValueOf);
        var content = await WaitAsync(artifact, path, cancellationToken).ConfigureAwait(false);
        if (content is null)
        {
            if (!artifact.IsOptional)
            {
                throw new CharlyException(
                    Errors.RunArtifact,
                    string.Create(CultureInfo.InvariantCulture, $"{artifact.Candy}: {path} is not there to be fetched{(artifact.WaitSeconds > 0 ? $", not even after {artifact.WaitSeconds} s" : "")}"),
                    $"Everything is applied. Look on {session.Options.Host} for why it is not there, then run the same command again.",
                    target: artifact.Candy);
            }

            session.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"{artifact.Candy}: {path} is not there; it is optional"));
            return null;
        }

        foreach (var rewrite in artifact.Rewrites) content = Replace(content, PlanVariables.Fill(rewrite.Find, ValueOf), PlanVariables.Fill(rewrite.Replace, ValueOf));
        var file = operatorEnvironment.Resolve(PlanVariables.Fill(artifact.RetrieveTo, ValueOf));
        AtomicFile.Write(file, content, (UnixFileMode)Convert.ToInt32(artifact.Mode, 8));
        session.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"{artifact.Candy}: {artifact.Name} fetched to {file}"));
        foreach (var told in await new FetchedCluster(operatorEnvironment).AdoptAsync(file, cancellationToken).ConfigureAwait(false)) session.Progress.Report(new NoticeEvent(NoticeLevel.Info, told));
        return new RetrievedArtifact(artifact.Candy, artifact.Name, file, content.Length);
    }

    private async Task<byte[]?> WaitAsync(PlanArtifact artifact, string path, CancellationToken cancellationToken)
    {
        // Root can read everything, and what lies in the user's home needs no root rights.
        var asRoot = !path.StartsWith(session.Facts.Home.TrimEnd('/') + "/", StringComparison.Ordinal);
        var clock = session.Options.Clock;
        var deadline = clock.GetUtcNow() + TimeSpan.FromSeconds(artifact.WaitSeconds);
        while (true)
        {
            if (await session.GetAsync(path, asRoot, cancellationToken).ConfigureAwait(false) is { } content) return content;
            if (clock.GetUtcNow() >= deadline) return null;
            session.Progress.Report(new WaitEvent($"{path} is there", 1, 1, deadline, "no such file yet"));
            await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    // Byte by byte, so that content in any encoding comes through.
    private static byte[] Replace(byte[] content, string find, string replace)
    {
        if (find.Length == 0) return content;
        var text = Encoding.Latin1.GetString(content);
        return Encoding.Latin1.GetBytes(text.Replace(Bytes(find), Bytes(replace), StringComparison.Ordinal));

        static string Bytes(string s) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(s));
    }

    private string? ValueOf(string name) => name == "HOME" ? operatorEnvironment.Home : operatorEnvironment.Variable(name);
}

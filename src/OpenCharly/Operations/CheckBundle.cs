using System.Diagnostics;
using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Model;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Runs the checks of what is applied as a bundle.</summary>
/// <param name="context">What it works with.</param>
public sealed class CheckBundle(CharlyContext context)
{
    /// <summary>
    /// Reads from the target's ledger what is applied under the name, and runs the checks of that. A check that fails is
    /// a result; a bundle that was never applied is <see cref="Errors.LedgerUnknown"/>. A machine that is off is
    /// started, with a note, unless that is not wanted.
    /// </summary>
    public async Task<CheckReport> RunAsync(CheckRequest request, CancellationToken cancellationToken = default)
    {
        var report = await InGuestAsync(request, cancellationToken).ConfigureAwait(false) ?? await OnTargetAsync(request, async (target, bundle, suite) => await CheckAsync(target, bundle, suite, request.Selection, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        new CheckRuns(context).Keep(report);
        return report;
    }

    /// <summary>Deploy keys that match names with wildcards, in order.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgEntry"/> for a plain name that nobody knows.</exception>
    public async Task<IReadOnlyList<string>> NamesAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        [.. (await new GetBundles(context).RunAsync(new BundleQuery { Names = names, Probe = false, AllTargets = true }, cancellationToken).ConfigureAwait(false))
            .Where(b => b.Target is "local" or "vm" or "pod" || names.Contains(b.Name)).Select(b => b.Name)];

    /// <summary>Runs the checks on a target that is open.</summary>
    internal static async Task<CheckReport> CheckAsync(IDeployTarget target, Bundle bundle, CheckSuite suite, CheckSelection selection, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var facts = await target.GetFactsAsync(cancellationToken).ConfigureAwait(false);
        var results = await target.CheckAsync(suite, selection, BundleChecks.ValuesOf(bundle, facts), DistroVocabulary.Of(bundle.Project), cancellationToken).ConfigureAwait(false);
        return new CheckReport(bundle.Entry.Key, [.. results.Select(r => r with { Target = bundle.Entry.Key })], Stopwatch.GetElapsedTime(start));
    }

    /// <summary>The answer of a machine about a pod in it; null for anything else.</summary>
    internal async Task<CheckReport?> InGuestAsync(CheckRequest request, CancellationToken cancellationToken)
    {
        if (request.Host is not null) return null;
        var inner = context.For(request.Name);
        var project = await new BundleResolver(inner).LoadAsync(cancellationToken).ConfigureAwait(false);
        return project.FindDeployment(request.Name) is { Target: "pod" } entry && NestedPod.Find(inner, project, entry) is { } pod ? await pod.CheckAsync(request, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Opens the target of a bundle, finds its checks, and works with both.</summary>
    internal async Task<T> OnTargetAsync<T>(CheckRequest request, Func<IDeployTarget, Bundle, CheckSuite, Task<T>> work, CancellationToken cancellationToken)
    {
        var inner = context.For(request.Name);
        var resolver = new BundleResolver(inner);
        if (request.Host is null && (await resolver.LoadAsync(cancellationToken).ConfigureAwait(false)) is var known && known.FindDeployment(request.Name) is { Target: "pod" } pod)
        {
            return await new PodChecks(inner, known, pod).OnContainerAsync(work, cancellationToken).ConfigureAwait(false);
        }

        var (project, entry) = await resolver.FindAsync(request.Name, request.Host, needsEntry: false, cancellationToken).ConfigureAwait(false);
        var target = await new TargetOpener(inner).OpenAsync(project, entry, request.NoStart, request.SshTimeout, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            var ledger = await target.ReadLedgerAsync(cancellationToken).ConfigureAwait(false);
            var applied = ledger.Deploys.Where(d => d.Name == request.Name).MaxBy(d => d.DeployedAt) ?? throw new CharlyException(
                Errors.LedgerUnknown,
                $"{request.Name} is not applied on {target.Host}, so there is nothing to check",
                ledger.Deploys.Count == 0 ? $"Run: charly bundle add {request.Name}" : $"Applied there: {string.Join(", ", ledger.Deploys.Select(d => d.Name).Distinct())}.",
                target: request.Name);
            var bundle = await resolver.ResolveAsync(AsApplied(request, entry, applied), cancellationToken).ConfigureAwait(false);
            bundle = bundle with { Values = await new PeerReach(inner, project).ValuesAsync(entry, cancellationToken).ConfigureAwait(false) };
            foreach (var gone in applied.Candy.Where(name => bundle.Candies.All(c => c.Name != name)))
            {
                inner.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"the candy {gone} is applied, but the project no longer leads to it: it is not checked"));
            }

            return await work(target, bundle, BundleChecks.SuiteOf(bundle, applied.Candy)).ConfigureAwait(false);
        }
    }

    private static BundleRequest AsApplied(CheckRequest request, Deployment entry, DeployRecord applied) => new()
    {
        Name = request.Name,
        Ref = applied.Image.Length == 0 || applied.Image == entry.Local ? null : applied.Image,
        AddCandies = applied.AddCandy,
        Host = request.Host,
    };
}

/// <summary>What <see cref="CheckBundle"/> and <see cref="VerifyBundle"/> work from.</summary>
public sealed record CheckRequest
{
    /// <summary>Deploy key.</summary>
    public required string Name { get; init; }

    /// <summary>Which checks run.</summary>
    public CheckSelection Selection { get; init; } = new();

    /// <summary>An error instead of starting a machine that is off.</summary>
    public bool NoStart { get; init; }

    /// <summary>How long to wait for ssh; 120 s if null.</summary>
    public TimeSpan? SshTimeout { get; init; }

    /// <summary>Overrides the entry's host; the entry's own if null.</summary>
    public string? Host { get; init; }
}

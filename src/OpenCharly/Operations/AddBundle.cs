using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Applies a bundle to its target.</summary>
/// <param name="context">What it works with.</param>
public sealed class AddBundle(CharlyContext context)
{
    /// <summary>
    /// Compiles, applies, records. Bad input is an exception and changes nothing; a step that fails is a result with a
    /// <see cref="DeployResult.Failure"/>, and what was done before it is on record. With
    /// <see cref="InstallOptions.Verify"/> the candies' checks run afterwards; one that fails is such a failure too, of
    /// code <see cref="Errors.ChecksFailed"/>, and what was applied stands. The children that are nested in it and its peers
    /// follow, unless only the node is asked for.
    /// </summary>
    public async Task<DeployResult> RunAsync(BundleRequest request, CancellationToken cancellationToken = default)
    {
        var work = context.For(request.Name);
        var early = new TargetOpener(work).BeginLook(request, cancellationToken);
        try
        {
            var resolver = new BundleResolver(work);
            var project = await resolver.LoadAsync(cancellationToken).ConfigureAwait(false);
            if (project.FindDeployment(request.Name) is not { } entry) RefuseReserved(request.Name);
            else if (EphemeralLife.Applies(entry)) return await new EphemeralLife(context).RunAsync(project, entry, (inner, token) => new AddBundle(inner).WholeAsync(request, null, null, token), cancellationToken).ConfigureAwait(false);
            return await WholeAsync(request, resolver, early, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (early is not null) await early.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<DeployResult> WholeAsync(BundleRequest request, BundleResolver? known, EarlyLook? early, CancellationToken cancellationToken)
    {
        var work = context.For(request.Name);
        var resolver = known ?? new BundleResolver(work);
        var result = await NodeAsync(work, resolver, early, request, cancellationToken).ConfigureAwait(false);
        if (request.NodeOnly || result.Failure is not null) return result;
        return await new BundleFamily(context, await resolver.LoadAsync(cancellationToken).ConfigureAwait(false)).BringUpAsync(request, result, cancellationToken).ConfigureAwait(false);
    }

    // Such a name tells a machine of a short-lived deployment from all others.
    private static void RefuseReserved(string name)
    {
        if (name.Contains(EphemeralSettings.Infix, StringComparison.Ordinal) && !name.StartsWith("vm:", StringComparison.Ordinal))
        {
            throw new CharlyException(Errors.CfgName, $"\"{name}\" can't name a deployment: \"{EphemeralSettings.Infix}\" is reserved", "Use another name.", target: name);
        }
    }

    private static async Task<DeployResult> NodeAsync(CharlyContext work, BundleResolver resolver, EarlyLook? early, BundleRequest request, CancellationToken cancellationToken)
    {
        if (await PlanlessTarget.FindAsync(work, resolver, request, cancellationToken).ConfigureAwait(false) is { } planless) return await planless.AddAsync(request, cancellationToken).ConfigureAwait(false);
        return await RunAsync(work, resolver, new TargetOpener(work), early, request, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<DeployResult> RunAsync(
        CharlyContext work, BundleResolver resolver, TargetOpener opener, EarlyLook? early, BundleRequest request, CancellationToken cancellationToken)
    {
        var bundle = await resolver.ResolveAsync(request, cancellationToken).ConfigureAwait(false);
        var target = await opener.OpenAsync(bundle.Project, bundle.Entry, request.NoStart, request.SshTimeout, cancellationToken, early).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            var facts = await target.GetFactsAsync(cancellationToken).ConfigureAwait(false);
            var plan = BundleCompiler.Compile(bundle, facts, work.Environment);
            var options = new ApplyOptions
            {
                Force = request.Force,
                SkipPreflight = bundle.Options.Yes,
                Secrets = await new SecretValues(work).ForAsync(plan, cancellationToken).ConfigureAwait(false),
                FetchTo = work.Environment,
            };
            await opener.EnsureCharlyAsync(bundle.Project, bundle.Entry, isNeeded: false, cancellationToken).ConfigureAwait(false);
            var result = await target.ApplyAsync(plan, options, cancellationToken).ConfigureAwait(false);
            result = await new DeploymentRecorder(work).RecordAsync(bundle.Entry, bundle.Entry.Box is null ? bundle.Ref : null, result, cancellationToken).ConfigureAwait(false);

            // Checks may lean on peers and children, so they wait for them.
            var isLast = request.NodeOnly || !BundleFamily.Has(bundle.Entry);
            return bundle.Options.Verify && isLast && result.Failure is null ? await VerifyAsync(target, bundle, facts, result, options.Secrets, cancellationToken).ConfigureAwait(false) : result;
        }
    }

    private static async Task<DeployResult> VerifyAsync(
        IDeployTarget target, Bundle bundle, TargetFacts facts, DeployResult result, IReadOnlyDictionary<string, string> secrets, CancellationToken cancellationToken)
    {
        try
        {
            var suite = BundleChecks.SuiteOf(bundle, [.. result.Plan!.Candies.Select(c => c.Name)]);
            var checks = await target.CheckAsync(suite, new CheckSelection(), BundleChecks.ValuesOf(bundle, facts), DistroVocabulary.Of(bundle.Project), cancellationToken).ConfigureAwait(false);
            var mask = new SecretMask(secrets);
            checks =
            [
                .. checks.Select(c => c with
                {
                    Target = bundle.Entry.Key,
                    Expected = c.Expected is null ? null : mask.Apply(c.Expected),
                    Actual = c.Actual is null ? null : mask.Apply(c.Actual),
                    Message = c.Message is null ? null : mask.Apply(c.Message),
                }),
            ];
            return result with { Checks = checks, Failure = CheckReport.Of(bundle.Entry.Key, checks) };
        }
        catch (CharlyException e)
        {
            return result with
            {
                Failure = new CharlyException(
                    Errors.ChecksNotRun, $"{bundle.Entry.Key} was applied, but its checks could not run: {e.Message}", e.Help, e.Position, bundle.Entry.Key, e),
            };
        }
    }
}

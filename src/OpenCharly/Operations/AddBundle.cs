using OpenCharly.Model;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>Applies a bundle to its target.</summary>
/// <param name="context">What it works with.</param>
public sealed class AddBundle(CharlyContext context)
{
    /// <summary>
    /// Compiles, applies, records. Bad input is an exception and changes nothing; a step that fails is a result with a
    /// <see cref="DeployResult.Failure"/>, and what was done before it is on record.
    /// </summary>
    public async Task<DeployResult> RunAsync(BundleRequest request, CancellationToken cancellationToken = default)
    {
        var work = context.For(request.Name);
        var bundle = await new BundleResolver(work).ResolveAsync(request, cancellationToken).ConfigureAwait(false);
        var target = await new TargetOpener(work).OpenAsync(bundle.Project, bundle.Entry, request.NoStart, request.SshTimeout, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            var facts = await target.GetFactsAsync(cancellationToken).ConfigureAwait(false);
            var plan = BundleCompiler.Compile(bundle, facts, context.Environment);
            var options = new ApplyOptions
            {
                Force = request.Force,
                SkipPreflight = bundle.Options.Yes,
                Secrets = await new SecretValues(work).ForAsync(plan, cancellationToken).ConfigureAwait(false),
                FetchTo = context.Environment,
            };
            var result = await target.ApplyAsync(plan, options, cancellationToken).ConfigureAwait(false);
            return await new DeploymentRecorder(work).RecordAsync(bundle.Entry, bundle.Entry.Box is null ? bundle.Ref : null, result, cancellationToken).ConfigureAwait(false);
        }
    }
}

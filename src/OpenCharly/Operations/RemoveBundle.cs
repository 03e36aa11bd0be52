using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Targets;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Undoes what a bundle left on its target.</summary>
/// <param name="context">What it works with.</param>
public sealed class RemoveBundle(CharlyContext context)
{
    /// <summary>
    /// Undoes, or says what would be undone. A deployment that is configured but not applied is a result without
    /// operations; a name that nobody knows is <see cref="Errors.LedgerUnknown"/>. Peers go before, then the children that are
    /// nested in it, the deepest first.
    /// </summary>
    public async Task<DeployResult> RunAsync(RemoveBundleRequest request, CancellationToken cancellationToken = default)
    {
        var work = context.For(request.Name);
        var resolver = new BundleResolver(work);
        var project = await resolver.LoadAsync(cancellationToken).ConfigureAwait(false);
        var clone = project.FindDeployment(request.Name)?.Life;
        if (context.Environment.Variable(DeadlineTimer.IdVariable) is { } meant)
        {
            if (clone?.Id != meant)
            {
                work.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"the short-lived {request.Name} that this was to end is gone already"));
                return new DeployResult { Name = request.Name, Verb = "del", DryRun = request.DryRun };
            }

            return await new RemoveBundle(context.With(DeadlineTimer.IdVariable, "")).RunAsync(request, cancellationToken).ConfigureAwait(false);
        }

        var members = request.NodeOnly
            ? []
            : await new BundleFamily(context, project).TakeDownAsync(request, cancellationToken).ConfigureAwait(false);
        if (members.FirstOrDefault(m => m.Failure is not null) is { } failed)
        {
            return new DeployResult { Name = request.Name, Verb = "del", DryRun = request.DryRun, Members = members, Failure = BundleFamily.FailureOf(request.Name, failed) };
        }

        var result = clone is null
            ? await NodeAsync(work, resolver, request, cancellationToken).ConfigureAwait(false)
            : await ShortLivedAsync(work, resolver, project.FindDeployment(request.Name)!, request, cancellationToken).ConfigureAwait(false);
        return members.Count == 0 ? result : result with { Members = members, Changed = result.Changed || members.Any(m => m.Changed) };
    }

    // What was applied to a machine that goes as a whole needs no undoing.
    private async Task<DeployResult> ShortLivedAsync(CharlyContext work, BundleResolver resolver, Deployment entry, RemoveBundleRequest request, CancellationToken cancellationToken)
    {
        var items = EphemeralLife.Describe(entry.Life!);
        var result = new DeployResult { Name = request.Name, Verb = "del", DryRun = request.DryRun, Items = items, Changed = !request.DryRun };
        if (entry.Target != "vm")
        {
            try
            {
                var undone = await NodeAsync(work, resolver, request with { Volumes = true }, cancellationToken).ConfigureAwait(false);
                result = undone with { Items = [.. undone.Items, .. items], Changed = undone.Changed || result.Changed };
            }
            catch (CharlyException e) when (e.Code == Errors.LedgerUnknown)
            {
                work.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"{request.Name} was not applied: only its record goes"));
            }
        }

        if (!request.DryRun && result.Failure is null) await new EphemeralLife(work).EndAsync(entry, cancellationToken).ConfigureAwait(false);
        return result;
    }

    private async Task<DeployResult> NodeAsync(CharlyContext work, BundleResolver resolver, RemoveBundleRequest request, CancellationToken cancellationToken)
    {
        if (await PlanlessTarget.FindAsync(work, resolver, new BundleRequest { Name = request.Name }, cancellationToken).ConfigureAwait(false) is { } planless) return await planless.RemoveAsync(request, cancellationToken).ConfigureAwait(false);
        var (project, entry) = await resolver.FindAsync(request.Name, null, needsEntry: false, cancellationToken).ConfigureAwait(false);
        var result = TargetOpener.HasNoMachine(entry) ? null : await OnTargetAsync(work, project, entry, request, cancellationToken).ConfigureAwait(false);
        if (result is null)
        {
            if (entry.Position is null && !project.HasVm(entry.Vm ?? "")) throw Unknown(project, request.Name);
            work.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"{request.Name} is not applied: there is nothing to undo"));
            result = new DeployResult { Name = request.Name, Verb = "del", DryRun = request.DryRun };
        }

        if (request.DryRun || result.Failure is not null) return result;
        if (entry.Target == "vm") await ForgetAsync(entry, request.Purge, cancellationToken).ConfigureAwait(false);
        return result;
    }

    private static async Task<DeployResult?> OnTargetAsync(
        CharlyContext work, Project project, Deployment entry, RemoveBundleRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var target = await new TargetOpener(work).OpenAsync(project, entry, noStart: request.DryRun || request.ForceLocal, request.SshTimeout, cancellationToken).ConfigureAwait(false);
            await using (target.ConfigureAwait(false))
            {
                await target.GetFactsAsync(cancellationToken).ConfigureAwait(false);
                var options = new RemoveOptions { DryRun = request.DryRun, KeepRepoChanges = request.KeepRepoChanges, KeepServices = request.KeepServices };
                return await target.RemoveAsync(request.Name, options, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (CharlyException e) when (request.ForceLocal && e.Code.Kind is ErrorKind.Unreachable or ErrorKind.WrongState or ErrorKind.NotFound)
        {
            work.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{request.Name}: {e.Message}; only this machine's records are forgotten"));
            return new DeployResult { Name = request.Name, Verb = "del", DryRun = request.DryRun };
        }
    }

    private async Task ForgetAsync(Deployment entry, bool purge, CancellationToken cancellationToken)
    {
        var store = new VmStateStore(context.Paths);
        var key = DeploymentRecorder.VmKey(entry);
        if (purge)
        {
            await store.RemoveAsync(key, cancellationToken).ConfigureAwait(false);
        }
        else if (store.Read(key) is { AppliedLayers.Count: > 0 })
        {
            await store.UpdateAsync(key, s => s with { AppliedLayers = [] }, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    private static CharlyException Unknown(Project project, string name) => new(
        Errors.LedgerUnknown,
        $"nothing is deployed as \"{name}\"",
        Nearest.Suggest(name, project.Deployments.Keys, project.Deployments.Count == 0 ? "No deployment is known on this machine." : "Known: " + string.Join(", ", project.Deployments.Keys.Order(StringComparer.Ordinal)) + "."),
        target: name);
}

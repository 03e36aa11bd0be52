using System.Diagnostics;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods.Volumes;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>What <c>UpdateBundle</c> works from.</summary>
public sealed record UpdateBundleRequest
{
    /// <summary>Deploy key, or a dotted path.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the box, for this run.</summary>
    public string? Tag { get; init; }

    /// <summary>Build the box, or the machine's disk, anew first.</summary>
    public bool Build { get; init; }

    /// <summary>Whether a full reference of an image is pulled, and remote references are fetched anew.</summary>
    public bool Pull { get; init; } = true;

    /// <summary>How files of the image get into a pod's volumes; null for not at all.</summary>
    public SeedMode? Seed { get; init; } = SeedMode.Merge;

    /// <summary>Image whose files are taken instead.</summary>
    public string? DataFrom { get; init; }

    /// <summary>Gates of the add that follows.</summary>
    public InstallOptions Options { get; init; } = new();

    /// <summary>How long to wait for ssh; 120 s if null.</summary>
    public TimeSpan? SshTimeout { get; init; }

    /// <summary>Only this deployment: neither the children that are nested in it nor its peers.</summary>
    public bool NodeOnly { get; init; }

    /// <summary>Only say what would be done.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Brings a deployment to the newest of what it is made of (deploy.md §8); a virtual machine is made anew for it.</summary>
/// <param name="context">What it works with.</param>
public sealed class UpdateBundle(CharlyContext context)
{
    /// <summary>
    /// Peers go down, the deployment is updated, its children are deployed again, peers come up. Being asked for it is leave enough, also for
    /// what is not marked disposable, which is said once.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgEntry"/>, <see cref="Errors.DeployTarget"/> for clusters and devices, and what making,
    /// configuring and adding can end in.</exception>
    public async Task<DeployResult> RunAsync(UpdateBundleRequest request, CancellationToken cancellationToken = default)
    {
        var begin = Stopwatch.GetTimestamp();
        var work = context.For(request.Name);
        var project = await new BundleResolver(work).LoadAsync(cancellationToken).ConfigureAwait(false);
        var entry = EntryOf(project, request.Name);
        Func<CancellationToken, Task<DeployResult>> update = entry.Target switch
        {
            "pod" => token => PodAsync(work, entry, request, token),
            "vm" when entry is { Ephemeral: not null } or { Life: not null } => token => AnewAsync(entry, request, token),
            "vm" => token => MachineAsync(work, project, entry, request, token),
            "local" => token => new AddBundle(context).RunAsync(Again(entry, request), token),
            _ => throw new CharlyException(
                Errors.DeployTarget, $"update is not supported for target {entry.Target}",
                entry.Target == "k8s" ? $"Write and apply its files anew: charly bundle add {entry.Key} --apply" : $"Run: charly bundle add {entry.Key}", entry.Position, entry.Key),
        };
        if (request.DryRun) return await new UpdatePreview(work, project).RunAsync(entry, request, cancellationToken).ConfigureAwait(false) with { Duration = Stopwatch.GetElapsedTime(begin) };
        if (!entry.Disposable) work.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"{entry.Key} is not marked disposable; it is updated because you asked for it"));
        var family = new BundleFamily(context, project);
        if (!request.NodeOnly && entry.Peers.Count > 0) await family.PeersDownAsync(entry, request.SshTimeout, cancellationToken).ConfigureAwait(false);
        var result = await update(cancellationToken).ConfigureAwait(false) with { Verb = "update" };
        if (!request.NodeOnly && result.Failure is null) result = await family.BringUpAsync(Again(entry, request), result, cancellationToken).ConfigureAwait(false);
        return result with { Duration = Stopwatch.GetElapsedTime(begin) };
    }

    private static Deployment EntryOf(Project project, string name)
    {
        if (project.FindDeployment(name) is { } entry) return entry;
        if (name.StartsWith("vm:", StringComparison.Ordinal)) return BundleResolver.EntryFor(project, name, null, needsEntry: true);
        throw new CharlyException(
            Errors.CfgEntry, $"there is no deployment \"{name}\"", Nearest.Suggest(name, project.Deployments.Keys, "See what there is with: charly bundle status --offline"), target: name);
    }

    private static BundleRequest Again(Deployment entry, UpdateBundleRequest request) => new()
    {
        Name = entry.Key, Tag = request.Tag, Options = request.Options, SshTimeout = request.SshTimeout, Pull = request.Pull, NodeOnly = true,
    };

    /// <summary>The box of a project that a pod runs.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.DeployTarget"/> if it runs another image.</exception>
    internal static string BoxToBuild(Deployment entry, string box)
    {
        var name = Boxes.ImageName.Parse(box);
        return name.Form == Boxes.ImageForm.Short ? name.Name : throw new CharlyException(
            Errors.DeployTarget, $"{entry.Key} runs {box}, which is not a box of this project, so there is nothing to build", "Leave out --build.", entry.At("box"), entry.Key);
    }

    /// <summary>Name of the machine of an entry.</summary>
    internal static string MachineOf(Deployment entry) => entry.VmInstance is null ? entry.Vm! : $"{entry.Vm}/{entry.VmInstance}";

    /// <summary>Refuses a machine that no project declares.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>.</exception>
    internal static void RequireMachine(Project project, Deployment entry)
    {
        if (!project.HasVm(entry.Vm!)) throw new CharlyException(Errors.VmNotFound, $"there is no vm \"{entry.Vm}\" that {entry.Key} could be made anew of", Nearest.Suggest(entry.Vm!, project.Vms.Names, "Declare it under vm:."), entry.Position, entry.Key);
    }

    /// <summary>Whether an entry has anything that is put onto its machine.</summary>
    internal static bool HasCandies(Deployment entry) => entry.Box is not null || entry.AddCandies.Count > 0 || entry.Local is not null;

    private static async Task<DeployResult> PodAsync(CharlyContext work, Deployment entry, UpdateBundleRequest request, CancellationToken cancellationToken)
    {
        var built = new List<string>();
        if (request.Build && entry.Box is { } box)
        {
            var name = BoxToBuild(entry, box);
            await new BuildBoxes(work).RunAsync(new BuildBoxesRequest { Names = [name] }, cancellationToken: cancellationToken).ConfigureAwait(false);
            built.Add("box " + name);
        }

        var configure = new ConfigurePodRequest { Name = entry.Key, Tag = request.Tag, Seed = request.Seed, DataFrom = request.DataFrom };
        var pod = await new UpdatePod(work).RunAsync(configure, request.Pull, cancellationToken).ConfigureAwait(false);
        return new DeployResult { Name = entry.Key, Verb = "update", Changed = true, Items = [.. built, $"image {pod.ImageReference}", $"container {pod.Container}"] };
    }

    // A clone is made of what there is now, so another one is the newest.
    private async Task<DeployResult> AnewAsync(Deployment entry, UpdateBundleRequest request, CancellationToken cancellationToken)
    {
        if (entry.Life is not null)
        {
            var gone = await new RemoveBundle(context).RunAsync(new RemoveBundleRequest { Name = entry.Key, NodeOnly = true }, cancellationToken).ConfigureAwait(false);
            if (gone.Failure is not null) return gone;
        }

        return await new AddBundle(context).RunAsync(Again(entry, request), cancellationToken).ConfigureAwait(false);
    }

    private async Task<DeployResult> MachineAsync(CharlyContext work, Project project, Deployment entry, UpdateBundleRequest request, CancellationToken cancellationToken)
    {
        var name = MachineOf(entry);
        RequireMachine(project, entry);
        await new DestroyVm(work).RunAsync(new DestroyVmRequest { Name = name, KeepDeploy = true }, cancellationToken).ConfigureAwait(false);
        if (request.Build) await new BuildVm(work).RunAsync(new BuildVmRequest { Name = entry.Vm!, Refresh = request.Pull }, cancellationToken).ConfigureAwait(false);
        await new CreateVm(work).RunAsync(new CreateVmRequest { Name = entry.Vm!, Instance = entry.VmInstance, Start = true }, cancellationToken).ConfigureAwait(false);
        if (!HasCandies(entry)) return new DeployResult { Name = entry.Key, Verb = "update", Changed = true, Items = [$"machine {name}"] };
        var result = await new AddBundle(context).RunAsync(Again(entry, request), cancellationToken).ConfigureAwait(false);
        return result with { Changed = true, Items = [$"machine {name}", .. result.Items] };
    }
}

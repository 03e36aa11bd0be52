using System.Diagnostics;
using OpenCharly.Boxes;
using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Pods;
using OpenCharly.Pods.Secrets;
using OpenCharly.Targets;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>
/// A pod entry below a machine's (vm.md §7.6): its image is made here and copied into the guest's rootless podman, sending only what
/// is missing there; the guest's own charly configures and starts it, and it comes back after a reboot.
/// </summary>
/// <param name="context">What it works with.</param>
/// <param name="project">The project.</param>
/// <param name="parent">The machine's entry.</param>
/// <param name="entry">The pod's entry.</param>
internal sealed class NestedPod(CharlyContext context, Project project, Deployment parent, Deployment entry) : IPlanlessTarget
{
    private readonly TargetOpener _opener = new(context);

    private string Leaf => DeployVenue.Leaf(entry.Key);

    private string Box => entry.Box ?? (Template?["box"] as YamlScalar)?.Text ?? throw new CharlyException(
        Errors.CfgReference, $"deploy \"{entry.Key}\": box is required", "Say which box it runs.", entry.Position, entry.Key);

    private YamlMapping? Template => (entry.Body?["pod"] as YamlScalar)?.Text is { } name ? project.FindEntity("pod", name) : null;

    /// <summary>The pod of an entry that runs in a machine; else null.</summary>
    public static NestedPod? Find(CharlyContext context, Project project, Deployment entry) =>
        DeployVenue.Of(project, entry) is DeployVenue.Machine { Owner: var machine } ? new NestedPod(context, project, machine, entry) : null;

    /// <inheritdoc/>
    public Task<InstallPlan> PreviewAsync(BundleRequest request, CancellationToken cancellationToken)
    {
        PodKey.Parse(Leaf);
        var text = new YamlEditor("", Leaf);
        foreach (var (key, value) in GuestPod.EntryOf(entry, Template, Leaf)) text.Set(["deploy", Leaf, key], value);
        return Task.FromResult(new InstallPlan
        {
            Name = entry.Key,
            Target = DeploymentRecorder.VmKey(parent),
            Host = TargetOpener.HostOf(parent),
            Ref = request.Ref ?? Box,
            DeployId = PlanCompiler.DeployId(entry.Key, [], entry.AddCandies),
            AddCandies = entry.AddCandies,
            Files = new Dictionary<string, string> { [$"{TargetOpener.HostOf(parent)}:~/.config/charly/charly.yml"] = text.Text },
        });
    }

    /// <inheritdoc/>
    public async Task<DeployResult> AddAsync(BundleRequest request, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        PodKey.Parse(Leaf);
        await ReachAsync(request.NoStart, request.SshTimeout, cancellationToken).ConfigureAwait(false);
        var (item, changed) = await DeployAsync(request, cancellationToken).ConfigureAwait(false);
        return new DeployResult { Name = entry.Key, Verb = "add", Items = [item], Changed = changed, Duration = Stopwatch.GetElapsedTime(begin) };
    }

    private async Task<(string Item, bool Changed)> DeployAsync(BundleRequest request, CancellationToken cancellationToken)
    {
        var image = await ImageAsync(request, cancellationToken).ConfigureAwait(false);
        var executor = _opener.ExecutorFor(parent);
        await using var _ = executor.ConfigureAwait(false);
        var guest = new GuestPod(executor, TargetOpener.HostOf(parent));
        var secrets = await SecretsAsync(image, cancellationToken).ConfigureAwait(false);
        var pod = new GuestPodRequest(Leaf, GuestPod.EntryOf(entry, Template, Leaf, secrets), entry.EnvironmentFile is { } file ? await VariablesAsync(file, cancellationToken).ConfigureAwait(false) : null) { Secrets = secrets };
        var copy = new CopyBoxToVmRequest { Name = DeploymentRecorder.VmKey(parent), Image = image.Reference, As = GuestPod.ImageOf(Leaf), Rootless = true };
        var sent = await new CopyBoxToVm(context).RunAsync(copy, cancellationToken).ConfigureAwait(false);
        if (await guest.StandsAsync(pod, sent.ImageId, cancellationToken).ConfigureAwait(false)) return ($"pod {Leaf} of {image.Reference}: runs as before", sent.Way != BoxTransferWay.None);
        var charly = await _opener.EnsureCharlyAsync(project, parent, isNeeded: true, cancellationToken).ConfigureAwait(false);
        var done = await guest.DeployAsync(pod, charly!, cancellationToken).ConfigureAwait(false);
        return ($"pod {Leaf} of {image.Reference}: {done}", Changed: true);
    }

    /// <inheritdoc/>
    public async Task<DeployResult> RemoveAsync(RemoveBundleRequest request, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        if (request.ForceLocal)
        {
            context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{entry.Key}: nothing of it is recorded on this machine, and its guest is left alone"));
            return new DeployResult { Name = entry.Key, Verb = "del", DryRun = request.DryRun };
        }

        await ReachAsync(request.DryRun, request.SshTimeout, cancellationToken).ConfigureAwait(false);
        var items = await ClearAsync(request, cancellationToken).ConfigureAwait(false);
        if (items.Count == 0) context.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"{entry.Key} is not applied: there is nothing to undo"));
        return new DeployResult { Name = entry.Key, Verb = "del", DryRun = request.DryRun, Items = items, Changed = items.Count > 0 && !request.DryRun, Duration = Stopwatch.GetElapsedTime(begin) };
    }

    // What was there of it, a line each.
    private async Task<IReadOnlyList<string>> ClearAsync(RemoveBundleRequest request, CancellationToken cancellationToken)
    {
        var executor = _opener.ExecutorFor(parent);
        await using var _ = executor.ConfigureAwait(false);
        var guest = new GuestPod(executor, TargetOpener.HostOf(parent));
        var items = (await guest.LookAsync(Leaf, cancellationToken).ConfigureAwait(false)).Select(i => $"pod {Leaf}: {i}").ToArray();
        if (items.Length == 0 || request.DryRun) return items;
        var charly = await _opener.EnsureCharlyAsync(project, parent, isNeeded: true, cancellationToken).ConfigureAwait(false);
        await guest.RemoveAsync(Leaf, charly!, request.Purge, cancellationToken).ConfigureAwait(false);
        return items;
    }

    /// <summary>Has the guest's charly run the checks of the pod (deploy.md §12).</summary>
    /// <exception cref="CharlyException">The machine can't be reached; the pod is not applied, or does not run.</exception>
    public async Task<CheckReport> CheckAsync(CheckRequest request, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        await ReachAsync(request.NoStart, request.SshTimeout, cancellationToken).ConfigureAwait(false);
        var charly = await _opener.EnsureCharlyAsync(project, parent, isNeeded: true, cancellationToken).ConfigureAwait(false);
        var executor = _opener.ExecutorFor(parent);
        await using var _ = executor.ConfigureAwait(false);
        var pod = new GuestPodRequest(Leaf, GuestPod.EntryOf(entry, Template, Leaf));
        var results = await new GuestPod(executor, TargetOpener.HostOf(parent)).CheckAsync(pod, charly!, request.Selection, entry.Key, cancellationToken).ConfigureAwait(false);
        return new CheckReport(entry.Key, results, Stopwatch.GetElapsedTime(begin));
    }

    /// <inheritdoc/>
    public BundleStatus Status() => new() { Name = entry.Key, Target = "pod", Host = TargetOpener.HostOf(parent), Status = "configured", Note = "its guest knows more" };

    private async Task ReachAsync(bool noStart, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var target = await _opener.OpenAsync(project, parent, noStart, timeout, cancellationToken).ConfigureAwait(false);
        await using (target.ConfigureAwait(false)) await target.GetFactsAsync(cancellationToken).ConfigureAwait(false);
    }

    // A box of the project is built, which costs nothing where nothing changed; any other image must be here.
    private async Task<BoxImage> ImageAsync(BundleRequest request, CancellationToken cancellationToken)
    {
        var written = request.Ref ?? Box;
        var box = written;
        if (project.Boxes.Contains(box))
        {
            var built = await new BuildBoxes(context).RunAsync(new BuildBoxesRequest { Names = [box], Tag = request.Tag ?? entry.Tag }, cancellationToken).ConfigureAwait(false);
            box = built.First(b => b.Name == box).Reference;
        }

        var overlay = new BuildOverlayRequest { Key = Leaf, Box = box, Tag = box == written ? request.Tag ?? entry.Tag : null, Candies = [.. entry.AddCandies, .. request.AddCandies], Pull = request.Pull };
        return (await new BuildOverlay(context).RunAsync(overlay, cancellationToken).ConfigureAwait(false)).Image;
    }

    // The operator's values go to the guest; what nobody has here its own charly looks for in the credentials of its user.
    private async Task<IReadOnlyList<SentSecret>> SecretsAsync(BoxImage image, CancellationToken cancellationToken)
    {
        var warnings = new List<string>();
        var pod = PodEntryReader.Read(entry with { Key = Leaf, Box = Box }, Template);
        var secrets = await new SentSecrets(new SecretChain(context.Credentials, context.Environment)).FindAsync(pod, image.Labels, warnings, cancellationToken).ConfigureAwait(false);
        foreach (var warning in warnings) context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{entry.Key}: {warning}"));
        return secrets;
    }

    private async Task<string> VariablesAsync(string file, CancellationToken cancellationToken)
    {
        var path = context.Environment.Resolve(file.StartsWith('~') ? file : Path.Combine(project.Folder, file));
        return File.Exists(path) ? await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false) : throw new CharlyException(
            Errors.FileMissing, $"deploy \"{entry.Key}\": there is no {path}, which env_file names", "Correct the path.", entry.At("env_file"), path);
    }
}

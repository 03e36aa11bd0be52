using System.Diagnostics;
using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Pods;
using OpenCharly.Targets;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>A deployment to a pod: its overlay image, its quadlet, its running container (deploy.md §7.1).</summary>
internal sealed class PodDeployment(CharlyContext context, Project project, Deployment entry) : IPlanlessTarget
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    private readonly PodLookup _lookup = new(context);

    /// <inheritdoc/>
    public async Task<InstallPlan> PreviewAsync(BundleRequest request, CancellationToken cancellationToken)
    {
        RequireHere();
        var box = await BoxAsync(request, fetch: false, cancellationToken).ConfigureAwait(false);
        var candies = Candies(request);
        var overlay = await ImageAsync(request, box!, candies, isPreview: true, cancellationToken).ConfigureAwait(false);
        var made = await new ConfigurePod(context).RunAsync(Request(request, box) with { DryRun = true, Image = overlay.Image }, cancellationToken).ConfigureAwait(false);
        return new InstallPlan
        {
            Name = entry.Key,
            Target = "pod:" + entry.Key,
            Host = made.Container,
            Ref = box ?? "",
            DeployId = new BuildOverlay(context).IdOf(KeyText, BoxOf(request, box!), request.Tag ?? entry.Tag, candies, overlay),
            Box = made.Image,
            AddCandies = candies,
            Files = made.Files.ToDictionary(f => f.Name, f => f.Text, StringComparer.Ordinal),
            Warnings = overlay.Image.Id.Length > 0 ? [] : [$"an overlay image with {string.Join(", ", candies)} is built first"],
        };
    }

    /// <inheritdoc/>
    public async Task<DeployResult> AddAsync(BundleRequest request, CancellationToken cancellationToken)
    {
        RequireHere();
        var begin = Stopwatch.GetTimestamp();
        var box = await BoxAsync(request, fetch: true, cancellationToken).ConfigureAwait(false);
        var candies = Candies(request);
        var image = await ImageAsync(request, box!, candies, isPreview: false, cancellationToken).ConfigureAwait(false);
        var overlay = candies.Count == 0 ? null : image;
        var key = PodKey.Parse(KeyText);
        var before = Texts(key);
        await RecordAsync(request, box, candies, image.Image, cancellationToken).ConfigureAwait(false);
        await new BuildOverlay(context).RecordAsync(KeyText, BoxOf(request, box!), request.Tag ?? entry.Tag, candies, overlay, cancellationToken).ConfigureAwait(false);
        if (entry.Box is { } written && request.Ref is not null && box != written) context.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"{entry.Key} runs {box}, though its entry says {written}: charly config and charly update go back to that"));
        var made = await new ConfigurePod(context).RunAsync(Request(request, box) with { Image = image.Image }, cancellationToken).ConfigureAwait(false);
        var same = before.Count > 0 && before.SequenceEqual(Texts(key));
        var changed = overlay is { IsBuilt: true } || !same || made.Mode == "direct";
        changed |= await StartAsync(key, made, same, cancellationToken).ConfigureAwait(false);
        var result = new DeployResult
        {
            Name = entry.Key, Verb = "add", Changed = changed, Items = [.. overlay is null ? Array.Empty<string>() : [$"image {overlay.Image.Reference}"], .. made.Files.Select(f => f.Name), $"container {made.Container}"],
            Duration = Stopwatch.GetElapsedTime(begin),
        };

        // Checks may lean on peers and children, so they wait for them.
        var isLast = request.NodeOnly || !BundleFamily.Has(entry);
        return isLast && (request.Options.Verify || entry.Options.Verify) ? await BundleFamily.VerifyAsync(context, entry, result, request.SshTimeout, cancellationToken).ConfigureAwait(false) : result;
    }

    /// <inheritdoc/>
    public async Task<DeployResult> RemoveAsync(RemoveBundleRequest request, CancellationToken cancellationToken)
    {
        RequireHere();
        var begin = Stopwatch.GetTimestamp();
        var items = new List<string>();
        try
        {
            items.AddRange(await new RemovePod(context).RunAsync(new RemovePodRequest { Name = entry.Key, Purge = request.Purge || request.Volumes, KeepDeploy = !request.Purge, DryRun = request.DryRun }, cancellationToken).ConfigureAwait(false));
        }
        catch (CharlyException e) when (e.Code == Errors.PodNotFound)
        {
            throw new CharlyException(
                Errors.LedgerUnknown, $"nothing is deployed as \"{entry.Key}\"",
                Nearest.Suggest(entry.Key, project.Deployments.Keys, project.Deployments.Count == 0 ? "No deployment is known on this machine." : "Known: " + string.Join(", ", project.Deployments.Keys.Order(StringComparer.Ordinal)) + "."), target: entry.Key);
        }

        var record = Recorded();
        if (!request.KeepImage) items.AddRange(await RemoveOverlaysAsync(record, request.DryRun, cancellationToken).ConfigureAwait(false));
        if (record is not null)
        {
            items.Add($"ledger record {record.DeployId}");
            if (!request.DryRun) await new BuildOverlay(context).ForgetAsync(KeyText, cancellationToken).ConfigureAwait(false);
        }

        if (items.Count == 0) context.Progress.Report(new NoticeEvent(NoticeLevel.Info, $"{entry.Key} is not deployed: there is nothing to undo"));
        return new DeployResult { Name = entry.Key, Verb = "del", DryRun = request.DryRun, Changed = items.Count > 0 && !request.DryRun, Items = items, Duration = Stopwatch.GetElapsedTime(begin) };
    }

    /// <inheritdoc/>
    public BundleStatus Status()
    {
        var key = PodKey.IsValid(KeyText) ? PodKey.Parse(KeyText) : null;
        var hasQuadlet = key is not null && File.Exists(_lookup.Paths.Quadlet(key));
        var isDirect = key is not null && _lookup.IsDirect(key);
        var record = Recorded();
        return new BundleStatus
        {
            DeployId = record?.DeployId, Candies = record?.Candy ?? [], DeployedAt = record?.DeployedAt,
            Name = entry.Key, Target = "pod", Host = key?.Container ?? "-", Status = hasQuadlet || isDirect ? "ok" : "stale config", HasQuadlet = hasQuadlet, Owner = entry.Parent ?? entry.Owner,
            Note = hasQuadlet ? null : isDirect ? "it runs in direct mode, without a quadlet" : $"write its quadlet with: charly config {entry.Key}",
        };
    }

    private string KeyText => DeployVenue.PodKeyOf(entry);

    private IReadOnlyList<string> Candies(BundleRequest request) => [.. entry.AddCandies.Concat(request.AddCandies).Distinct(StringComparer.Ordinal)];

    // The image of a pod inside of a machine is that machine's, and so is everything else of it.
    private void RequireHere()
    {
        if (DeployVenue.Of(project, entry) is DeployVenue.Own) return;
        throw new CharlyException(
            Errors.DeployPath, $"the pod \"{entry.Key}\" runs inside of {entry.Parent}, which is not this machine",
            $"Bring its image there and deploy it there: charly vm cp-box {DeployVenue.Leaf(entry.Parent!)} IMAGE --rootless, then charly bundle from-box IMAGE in it.", entry.Position, entry.Key);
    }

    // The box that the entry names once it is written.
    private string BoxOf(BundleRequest request, string box) => request.Ref is null ? entry.Box ?? box : box;

    // The image that the pod is to run: its box, or an overlay of that. A preview fetches and builds nothing.
    private async Task<OverlayImage> ImageAsync(BundleRequest request, string box, IReadOnlyList<string> candies, bool isPreview, CancellationToken cancellationToken)
    {
        var wanted = new BuildOverlayRequest { Key = KeyText, Box = box, Tag = request.Tag ?? entry.Tag, Candies = candies, Engine = entry.Engine, Pull = request.Pull && !isPreview };
        try
        {
            var image = isPreview ? new BuildOverlay(context).PreviewAsync(wanted, cancellationToken) : new BuildOverlay(context).RunAsync(wanted, cancellationToken);
            return await image.ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.ImageNotLocal && request.Ref is null)
        {
            throw e.At(entry.At("box"));
        }
    }

    private ConfigurePodRequest Request(BundleRequest request, string? box) => new() { Name = entry.Key, Box = box, Tag = request.Tag };

    /// <summary>What the pod runs: the reference of the command, else the entry's own box, else a box of its name.</summary>
    private async Task<string?> BoxAsync(BundleRequest request, bool fetch, CancellationToken cancellationToken)
    {
        var reference = request.Ref ?? entry.Box ?? (PodKey.IsValid(KeyText) ? PodKey.Parse(KeyText).Base : KeyText);
        var name = ImageName.Parse(reference);
        if (name.Form == ImageForm.Short && !project.Boxes.Contains(name.Name) && project.Candies.Contains(name.Name))
        {
            throw new CharlyException(
                Errors.CfgReference, $"\"{reference}\" is a candy, and the pod \"{entry.Key}\" has no box that it could be added to",
                $"Name a box and add the candy: charly bundle add {entry.Key} BOX --add-candy {reference}. To apply it to this machine: charly bundle add host {reference}", entry.Position, entry.Key);
        }

        if (name.Form != ImageForm.Repository) return reference;
        if (fetch) return (await new PullBox(context).RunAsync(reference, request.Tag, cancellationToken).ConfigureAwait(false)).Reference;
        throw new CharlyException(Errors.ImageNotLocal, $"\"{reference}\" is a repository, and what its image says is known only when the image is here", $"Run: charly box pull {reference}", entry.Position, entry.Key);
    }

    private async Task RecordAsync(BundleRequest request, string? box, IReadOnlyList<string> candies, BoxImage image, CancellationToken cancellationToken)
    {
        // Nothing is written before it is known that the pod can be made at all.
        await new ConfigurePod(context).RunAsync(Request(request, box) with { DryRun = true, IsRehearsal = true, Image = image }, cancellationToken).ConfigureAwait(false);
        await new HostFile(context.Paths).RecordAsync(
            entry with { Key = KeyText, Disposable = request.Disposable, Lifecycle = request.Lifecycle, Host = "local" }, entry.Box is null || entry.Parent is not null || request.Ref is not null ? box : null, cancellationToken).ConfigureAwait(false);
        if (candies.Count == entry.AddCandies.Count) return;
        await new HostFile(context.Paths).EditAsync((editor, root) => editor.Set([root, KeyText, "add_candy"], YamlValue.TextList(candies)), cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> StartAsync(PodKey key, PodConfiguration made, bool same, CancellationToken cancellationToken)
    {
        var changed = false;
        if (made.Mode != "direct")
        {
            if (!await _lookup.Services.IsActiveAsync(key.Service, cancellationToken).ConfigureAwait(false))
            {
                await new StartPod(context).RunAsync(new ConfigurePodRequest { Name = entry.Key, Autodetect = false }, cancellationToken).ConfigureAwait(false);
                changed = true;
            }
            else if (!same)
            {
                await _lookup.Units.RestartAsync(key, cancellationToken).ConfigureAwait(false);
            }
        }

        await WaitUntilRunningAsync(key, cancellationToken).ConfigureAwait(false);
        return changed;
    }

    private async Task WaitUntilRunningAsync(PodKey key, CancellationToken cancellationToken)
    {
        var begin = context.Environment.Clock.GetTimestamp();
        while (true)
        {
            var pod = await new GetPods(context).OneAsync(key, cancellationToken).ConfigureAwait(false);
            if (pod.Status == PodStatus.Running) return;
            if (pod.Status == PodStatus.Failed || context.Environment.Clock.GetElapsedTime(begin) > ReadyLimit)
            {
                throw new CharlyException(
                    Errors.PodNotRunning, $"{entry.Key} is configured and was started, but within {ReadyLimit.TotalSeconds:0} s its container was never seen running; it was last seen {pod.StatusWord}",
                    $"Look at what it printed: charly logs {entry.Key}", entry.Position, entry.Key);
            }

            await Task.Delay(PollInterval, context.Environment.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private IReadOnlyList<string> Texts(PodKey key)
    {
        string[] files = [_lookup.Paths.Quadlet(key), Path.Combine(_lookup.Paths.Quadlets, key.PodFile), .. _lookup.Paths.SidecarQuadlets(key)];
        return [.. files.Where(File.Exists).Select(f => f + "\0" + File.ReadAllText(f))];
    }

    private DeployRecord? Recorded() => new OverlayRecords(context.Environment.Home).Find(KeyText);

    // What is on record, and what was built for earlier lists of candies.
    private async Task<IReadOnlyList<string>> RemoveOverlaysAsync(DeployRecord? record, bool dryRun, CancellationToken cancellationToken)
    {
        var engine = _lookup.Engine(entry.Engine);
        if (!engine.IsInstalled || !PodKey.IsValid(KeyText)) return [];
        var begin = "localhost/" + PodKey.Parse(KeyText).Dashed.ToLowerInvariant() + "-overlay:";
        var images = await new LocalImages(engine).ListAsync(cancellationToken).ConfigureAwait(false);
        string[] overlays = [.. images.SelectMany(i => i.References).Where(n => n == record?.Overlay || n.StartsWith(begin, StringComparison.Ordinal)).Distinct()];
        foreach (var overlay in dryRun ? [] : overlays) await new BuildOverlay(context).RemoveAsync(overlay, entry.Engine, cancellationToken).ConfigureAwait(false);
        return [.. overlays.Select(o => $"image {o}")];
    }
}

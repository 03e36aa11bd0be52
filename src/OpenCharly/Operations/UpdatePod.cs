using OpenCharly.Boxes;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Brings a pod to the newest image: pulls a full reference, builds its box if asked, stops, configures with the same ports, adds new files, starts (deploy.md §8).</summary>
/// <param name="context">What it works with.</param>
public sealed class UpdatePod(CharlyContext context)
{
    private readonly PodLookup _lookup = new(context);

    /// <summary>Updates.</summary>
    /// <param name="request">The pod, tag and seeding.</param>
    /// <param name="pull">Whether a full reference without digest is pulled.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotConfigured"/>, and what configuring can end in. The pod keeps running until the new one is decided.</exception>
    public async Task<CharlyPod> RunAsync(ConfigurePodRequest request, bool pull, CancellationToken cancellationToken = default)
    {
        var found = await _lookup.ExistingAsync(request, cancellationToken).ConfigureAwait(false);
        if (found.Deployment is null) throw PodLookup.NotConfigured(found);
        var entry = found.Read(found.Deployment);
        var engine = _lookup.Engine(entry.Engine);
        if (!found.Deployment.Disposable) _lookup.Inform($"{found.Key} is not marked disposable; it is updated because you asked for it");
        await new PodBuild(context).RunAsync(found, request, cancellationToken).ConfigureAwait(false);
        request = request with { Build = false };
        if (pull && ImageName.Parse(entry.Box) is { Form: ImageForm.Full } && !entry.Box.Contains('@')) await PullAsync(engine, entry.Box, cancellationToken).ConfigureAwait(false);

        await new ImageHandover(context, engine).RepeatAsync(entry.Box, request.Tag ?? entry.Tag, cancellationToken).ConfigureAwait(false);
        OverlayImage? overlay = null;
        if (found.Deployment.AddCandies.Count > 0)
        {
            overlay = await new BuildOverlay(context).RunAsync(
                new BuildOverlayRequest { Key = found.Key.Text, Box = entry.Box, Tag = request.Tag ?? entry.Tag, Candies = found.Deployment.AddCandies, Engine = entry.Engine }, cancellationToken).ConfigureAwait(false);
        }

        // Everything that can go wrong without touching anything does so while the old one still runs.
        var next = await new PodPreparation(context).RunAsync(request with { DryRun = true, IsRehearsal = true }, keepImage: false, cancellationToken).ConfigureAwait(false);
        var isElsewhere = next.Mode == OpenCharly.Pods.Engines.RunMode.Direct && await new DirectPod(context).IsElsewhereAsync(next, cancellationToken).ConfigureAwait(false);
        await new StopPod(context).StopAsync(found, cancellationToken).ConfigureAwait(false);
        await new BuildOverlay(context).RecordAsync(found.Key.Text, entry.Box, request.Tag ?? entry.Tag, found.Deployment.AddCandies, overlay, cancellationToken).ConfigureAwait(false);
        await new ConfigurePod(context).RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (isElsewhere && _lookup.IsDirect(found.Key)) await new DirectPod(context).TellOfVolumesAsync(next, cancellationToken).ConfigureAwait(false);
        return _lookup.IsDirect(found.Key)
            ? await new GetPods(context).OneAsync(found.Key, cancellationToken).ConfigureAwait(false)
            : await new StartPod(context).RunAsync(new ConfigurePodRequest { Name = request.Name, Instance = request.Instance, Autodetect = false }, cancellationToken).ConfigureAwait(false);
    }

    private async Task PullAsync(ContainerEngine engine, string reference, CancellationToken cancellationToken)
    {
        var pulled = await engine.RunAsync(["pull", "--quiet", reference], cancellationToken).ConfigureAwait(false);
        if (pulled.Succeeded) return;
        if (await new LocalImages(engine).FindAsync(reference, cancellationToken).ConfigureAwait(false) is null) throw engine.Refused($"pull {reference}", pulled);
        _lookup.Tell([$"{reference} can't be pulled, so the local image is used: {pulled.Tail(1)}"]);
    }
}

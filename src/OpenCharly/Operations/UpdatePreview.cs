using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Targets;

namespace OpenCharly.Operations;

/// <summary>What <see cref="UpdateBundle"/> would do, and what it would refuse; nothing is changed for it.</summary>
internal sealed class UpdatePreview(CharlyContext context, Project project)
{
    /// <summary>Looks.</summary>
    public async Task<DeployResult> RunAsync(Deployment entry, UpdateBundleRequest request, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> own = entry.Target switch
        {
            "pod" => await PodAsync(entry, request, cancellationToken).ConfigureAwait(false),
            "vm" => await MachineAsync(entry, request, cancellationToken).ConfigureAwait(false),
            _ => [$"apply its plan again; charly bundle diff {entry.Key} tells what that changes"],
        };
        if (!request.NodeOnly)
        {
            own =
            [
                .. entry.Peers.Reverse().Select(p => $"take down {p.Key}"), .. own, .. entry.Nested.Select(n => $"deploy {n.Key} again"), .. entry.Peers.Select(p => $"bring up {p.Key}"),
            ];
        }

        return new DeployResult { Name = entry.Key, Verb = "update", DryRun = true, Changed = true, Items = own };
    }

    private async Task<IReadOnlyList<string>> PodAsync(Deployment entry, UpdateBundleRequest request, CancellationToken cancellationToken)
    {
        var changes = new List<string>();
        var box = entry.Box ?? entry.Key;
        if (request.Build) changes.Add($"build the box {UpdateBundle.BoxToBuild(entry, box)}");
        if (request.Pull && ImageName.Parse(box).Form == ImageForm.Full && !box.Contains('@')) changes.Add($"pull {box}");
        if (entry.AddCandies.Count > 0) changes.Add($"build an overlay of it with {string.Join(", ", entry.AddCandies)}");
        var choices = new ConfigurePodRequest { Name = entry.Key, Tag = request.Tag, Seed = request.Seed, DataFrom = request.DataFrom, DryRun = true };
        await new PodLookup(context).ExistingAsync(choices, cancellationToken).ConfigureAwait(false);
        var overlay = entry.AddCandies.Count == 0 ? null : await new BuildOverlay(context).PreviewAsync(
            new BuildOverlayRequest { Key = DeployVenue.PodKeyOf(entry), Box = box, Tag = request.Tag ?? entry.Tag, Candies = entry.AddCandies, Engine = entry.Engine }, cancellationToken).ConfigureAwait(false);
        var made = await new ConfigurePod(context).RunAsync(choices with { Image = overlay?.Image }, cancellationToken).ConfigureAwait(false);
        return [.. changes, "stop it", $"configure it: {made.Image}, {made.Mode}", .. made.Files.Select(u => $"write {u.Name}"), .. request.Seed is null ? Array.Empty<string>() : ["copy the image's files into its volumes"], "start it"];
    }

    private async Task<IReadOnlyList<string>> MachineAsync(Deployment entry, UpdateBundleRequest request, CancellationToken cancellationToken)
    {
        UpdateBundle.RequireMachine(project, entry);
        var destroyed = await new PreviewVm(context).RunAsync(new PreviewVmRequest(VmVerb.Destroy, UpdateBundle.MachineOf(entry)), cancellationToken).ConfigureAwait(false);
        return
        [
            .. destroyed.Changes, .. request.Build ? [$"build the disk of {entry.Vm}"] : Array.Empty<string>(), "make it anew and boot it",
            .. UpdateBundle.HasCandies(entry) ? ["add its candies"] : Array.Empty<string>(),
        ];
    }
}

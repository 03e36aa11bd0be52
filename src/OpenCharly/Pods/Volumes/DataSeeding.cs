using OpenCharly.Boxes;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Pods.Volumes;

/// <summary>When files of an image are copied into volumes (pod.md §5.4).</summary>
public enum SeedMode
{
    /// <summary>Only into what is empty.</summary>
    Initial,

    /// <summary>Files that are there stay.</summary>
    Merge,

    /// <summary>Files that are there are overwritten.</summary>
    Force,
}

/// <summary>Copies files that an image brings into the volumes of a pod.</summary>
/// <param name="engine">The engine.</param>
/// <param name="isRootful">Whether it runs as root, which knows no user namespace that keeps ids.</param>
/// <param name="processes">Runs what is no program of the engine.</param>
internal sealed class DataSeeding(ContainerEngine engine, bool isRootful, IProcessRunner processes)
{
    private const string Helper = "busybox:stable";

    /// <summary>A function of shells that copies what is not there yet, from one folder into another.</summary>
    /// <remarks>Like cp -an, which busybox takes to mean that a folder that is there is left alone altogether.</remarks>
    internal const string Missing =
        """missing() { for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do [ -e "$f" ] || [ -L "$f" ] || continue; t=$2/${f##*/}; if [ -d "$f" ] && [ ! -L "$f" ] && [ -d "$t" ]; then missing "$f" "$t" || return 1; elif [ ! -e "$t" ] && [ ! -L "$t" ]; then cp -a "$f" "$t" || return 1; fi; done; }""";

    /// <summary>Copies.</summary>
    /// <param name="image">The image that has the files.</param>
    /// <param name="volumes">Volumes of the pod.</param>
    /// <param name="done">Volumes that were seeded before.</param>
    /// <param name="mode">When.</param>
    /// <param name="only">Name of the one volume that counts; null for all.</param>
    /// <param name="warnings">Gets what was left out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Names of volumes that got files now.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(
        BoxImage image, VolumePlan volumes, IReadOnlySet<string> done, SeedMode mode, string? only, ICollection<string> warnings, CancellationToken cancellationToken)
    {
        var seeded = new List<string>();
        foreach (var (data, volume) in Pick(image, volumes, done, mode, only, warnings))
        {
            if (image.Labels.IsDataImage) await FromDataImageAsync(image, volume, data, mode, cancellationToken).ConfigureAwait(false);
            else await FromImageAsync(image, volume, data, mode, cancellationToken).ConfigureAwait(false);
            if (!seeded.Contains(volume.Name)) seeded.Add(volume.Name);
        }

        return seeded;
    }

    /// <summary>What is to be copied where. Whether a volume of the engine's is empty, only its container sees.</summary>
    internal static IEnumerable<(LabelData Data, MountedVolume Volume)> Pick(
        BoxImage image, VolumePlan volumes, IReadOnlySet<string> done, SeedMode mode, string? only, ICollection<string> warnings)
    {
        foreach (var data in image.Labels.Data.Where(d => only is null || d.Volume == only))
        {
            if (volumes.Mounts.FirstOrDefault(m => m.Name == data.Volume) is not { } volume)
            {
                warnings.Add($"the image brings files for the volume \"{data.Volume}\", which the pod does not have: they are left out");
                continue;
            }

            if (mode != SeedMode.Initial || !(done.Contains(volume.Name) || (volume.IsBind && !IsEmpty(Path.Combine(volume.Source, data.Destination))))) yield return (data, volume);
        }
    }

    /// <summary>The script that copies, for a shell in the container.</summary>
    internal static string Script(LabelData data, SeedMode mode, bool isNamed, string staging)
    {
        // Of an engine's volume only the container sees whether it is empty.
        var guard = mode == SeedMode.Initial && isNamed ? "[ -z \"$(ls -A /seed)\" ] || exit 0; " : "";
        var from = Shell.Quote(staging.TrimEnd('/'));
        var to = Shell.Quote(Target(data));
        return $"{guard}mkdir -p {to} && {(mode == SeedMode.Force ? $"cp -a {from}/. {to}" : $"{Missing}; missing {from} {to}")}";
    }

    private static string Target(LabelData data) => data.Destination.Length == 0 ? "/seed" : "/seed/" + data.Destination.Trim('/');

    private async Task FromImageAsync(BoxImage image, MountedVolume volume, LabelData data, SeedMode mode, CancellationToken cancellationToken)
    {
        List<string> arguments = ["run", "--rm", "--entrypoint", "sh", "--network", "none", "-v", $"{volume.Source}:/seed"];
        if (engine.IsPodman) arguments.Insert(2, "--pull=never");
        if (engine.IsPodman && volume.IsBind && !isRootful) arguments.Add($"--userns=keep-id:uid={image.Labels.Uid},gid={image.Labels.Gid}");
        var script = Script(data, mode, !volume.IsBind, data.Staging);
        if (!engine.IsPodman && !volume.IsBind)
        {
            // podman gives a new volume to the user of its first container; with docker it is root's.
            arguments.AddRange(["--user", "0:0"]);
            script += $" && chown {image.Labels.Uid}:{image.Labels.Gid} {string.Join(' ', new[] { "/seed", Target(data) }.Distinct().Select(Shell.Quote))}";
        }

        arguments.AddRange([image.Reference, "-c", script]);
        await MustAsync(volume, arguments, cancellationToken).ConfigureAwait(false);
    }

    // An image that is nothing but files has no shell to copy them with. Only podman mounts an image into another container.
    private Task FromDataImageAsync(BoxImage image, MountedVolume volume, LabelData data, SeedMode mode, CancellationToken cancellationToken) => volume.IsBind || !engine.IsPodman
        ? new DataImageCopy(engine, processes).RunAsync(image, volume, data, mode, cancellationToken)
        : MustAsync(
            volume,
            ["run", "--rm", "--network", "none", "-v", $"{volume.Source}:/seed", $"--mount=type=image,source={image.Reference},destination=/from", Helper, "sh", "-c", Script(data, mode, true, "/from" + data.Staging)],
            cancellationToken);

    private async Task MustAsync(MountedVolume volume, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await engine.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw engine.Refused($"copy the image's files into the volume {volume.Name}", result);
    }

    private static bool IsEmpty(string folder) => !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any();
}

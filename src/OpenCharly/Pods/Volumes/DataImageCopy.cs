using System.Formats.Tar;
using System.Globalization;
using OpenCharly.Boxes;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Pods.Volumes;

/// <summary>
/// Copies files of an image that has nothing to run into a volume, by way of a container that is made and never started: engines
/// copy out of it and into it, volumes included.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="processes">Runs the shell that takes archives from the engine and gives them to it.</param>
internal sealed class DataImageCopy(ContainerEngine engine, IProcessRunner processes)
{
    // A place that no image has files at, so that the volume hides none.
    private const string Place = ".charly-seed";
    private const string Mount = "/" + Place;
    private const UnixFileMode FolderMode = AtomicFile.Shared | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Copies.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageEngine"/>; what was there of the volume is there still.</exception>
    public async Task RunAsync(BoxImage image, MountedVolume volume, LabelData data, SeedMode mode, CancellationToken cancellationToken)
    {
        string[] mount = volume.IsBind ? [] : ["-v", $"{volume.Source}:{Mount}"];
        var made = await engine.RunAsync(["create", .. mount, image.Reference, "true"], cancellationToken).ConfigureAwait(false);
        if (!made.Succeeded) throw engine.Refused($"read {image.Reference}", made);
        var container = made.StandardOutput.Trim();
        var work = Directory.CreateTempSubdirectory("charly-seed-").FullName;
        try
        {
            if (volume.IsBind) await IntoFolderAsync(container, volume, data, mode, work, cancellationToken).ConfigureAwait(false);
            else await IntoVolumeAsync(container, image, volume, data, mode, work, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
            await engine.RunAsync(["rm", "--force", container], CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task IntoFolderAsync(string container, MountedVolume volume, LabelData data, SeedMode mode, string work, CancellationToken cancellationToken)
    {
        var target = Path.Combine(volume.Source, data.Destination.Trim('/'));
        Directory.CreateDirectory(target);

        // The engine overwrites what is there.
        var copied = mode == SeedMode.Merge ? work : target;
        await ShellAsync(volume, Shell.Join([engine.Name, "cp", From(container, data), copied]), cancellationToken).ConfigureAwait(false);
        if (mode == SeedMode.Merge) await ShellAsync(volume, $"{DataSeeding.Missing}; missing {Shell.Quote(work)} {Shell.Quote(target)}", cancellationToken).ConfigureAwait(false);
    }

    // As archives, so that files keep their owners whoever runs this.
    private async Task IntoVolumeAsync(string container, BoxImage image, MountedVolume volume, LabelData data, SeedMode mode, string work, CancellationToken cancellationToken)
    {
        var there = mode == SeedMode.Force ? new Dictionary<string, bool>() : await NamesAsync(container, volume, cancellationToken).ConfigureAwait(false);
        if (mode == SeedMode.Initial && there.Count > 0) return;
        var (all, chosen) = (Path.Combine(work, "all.tar"), Path.Combine(work, "chosen.tar"));
        await ShellAsync(volume, $"{Shell.Join([engine.Name, "cp", From(container, data), "-"])} >{Shell.Quote(all)}", cancellationToken).ConfigureAwait(false);
        Choose(all, chosen, data.Destination.Trim('/'), there, image.Labels);
        await ShellAsync(volume, $"{Shell.Join([engine.Name, "cp", "-a", "-", container + ":/"])} <{Shell.Quote(chosen)}", cancellationToken).ConfigureAwait(false);
    }

    // What is in a volume, and whether it is a folder.
    private async Task<Dictionary<string, bool>> NamesAsync(string container, MountedVolume volume, CancellationToken cancellationToken)
    {
        var listed = await ShellAsync(volume, $"{Shell.Join([engine.Name, "cp", $"{container}:{Mount}/.", "-"])} | tar --list --quoting-style=literal", cancellationToken).ConfigureAwait(false);
        return listed.Split('\n').Where(n => Relative(n).Length > 0).DistinctBy(Relative).ToDictionary(Relative, n => n.EndsWith('/'), StringComparer.Ordinal);
    }

    // What is there already is left out, and all below it unless both are folders. The folders that files go to belong to the image's
    // user; the volume's own is named by its place, because engines pass over the root of an archive.
    private static void Choose(string all, string chosen, string destination, Dictionary<string, bool> there, BoxLabels labels)
    {
        using var reader = new TarReader(File.OpenRead(all));
        using var writer = new TarWriter(File.Create(chosen));
        var hidden = new List<string>();
        foreach (var folder in Folders(destination).Where(f => f.Length == 0 ? there.Count == 0 : !there.ContainsKey(f)))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, Join(Place, folder) + "/") { Uid = labels.Uid, Gid = labels.Gid, Mode = FolderMode });
        }

        while (reader.GetNextEntry(copyData: false) is { } entry)
        {
            var name = Join(destination, Relative(entry.Name));
            if (name == destination || hidden.Any(h => name.StartsWith(h + "/", StringComparison.Ordinal))) continue;
            if (there.TryGetValue(name, out var isFolder))
            {
                if (!isFolder || entry.EntryType != TarEntryType.Directory) hidden.Add(name);
                continue;
            }

            entry.Name = Join(Place, name) + (entry.EntryType == TarEntryType.Directory ? "/" : "");
            if (entry.EntryType == TarEntryType.HardLink) entry.LinkName = Join(Place, Join(destination, Relative(entry.LinkName)));
            writer.WriteEntry(entry);
        }
    }

    private static IEnumerable<string> Folders(string destination)
    {
        yield return "";
        for (var at = destination.IndexOf('/', StringComparison.Ordinal); at > 0; at = destination.IndexOf('/', at + 1)) yield return destination[..at];
        if (destination.Length > 0) yield return destination;
    }

    private static string From(string container, LabelData data) => string.Create(CultureInfo.InvariantCulture, $"{container}:{data.Staging.TrimEnd('/')}/.");

    private static string Join(string folder, string name) => folder.Length == 0 ? name : name.Length == 0 ? folder : $"{folder}/{name}";

    // Engines write names as NAME, ./NAME or /NAME, folders with a slash at the end.
    private static string Relative(string name) => (name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name == "." ? "" : name).Trim('/');

    private async Task<string> ShellAsync(MountedVolume volume, string script, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(new ProcessRequest("bash", "-o", "pipefail", "-c", script), cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput : throw engine.Refused($"copy the image's files into the volume {volume.Name}", result);
    }
}

using System.Globalization;
using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>What builds of a project's boxes left behind to be faster the next time: package caches, root file systems.</summary>
/// <param name="engine">The engine that builds.</param>
/// <param name="environment">Where temporary folders are.</param>
/// <param name="locks">Folder of the locks of <see cref="BoxBuilder"/>.</param>
internal sealed class BuildCaches(ContainerEngine engine, CharlyEnvironment environment, string locks)
{
    /// <summary>Paths of what is there, sorted.</summary>
    /// <param name="projectFolder">The project.</param>
    public IReadOnlyList<string> Find(string projectFolder)
    {
        var build = Path.Combine(projectFolder, ".build");
        if (!Directory.Exists(build)) return [];
        var boxes = Directory.GetDirectories(build);
        var roots = boxes.Select(b => Path.Combine(b, GeneratedBox.RootFile)).Where(File.Exists);
        var names = Texts(boxes).SelectMany(CacheMounts.FolderNames).ToHashSet(StringComparer.Ordinal);
        return [.. roots.Concat(Parents().SelectMany(p => names.Select(n => Path.Combine(p, n))).Where(Directory.Exists)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Removes it. Builds of ours that use it are waited for.</summary>
    /// <param name="projectFolder">The project.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Paths of what is gone.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.ImageEngine"/> if the engine does not let go of a folder.</exception>
    public async Task<IReadOnlyList<string>> RemoveAsync(string projectFolder, CancellationToken cancellationToken)
    {
        var found = Find(projectFolder);
        if (found.Count == 0) return found;
        var held = new List<FileLock>();
        try
        {
            foreach (var id in Texts(Directory.GetDirectories(Path.Combine(projectFolder, ".build"))).SelectMany(CacheMounts.IdsIn).Distinct().Order(StringComparer.Ordinal))
            {
                held.Add(await FileLock.AcquireAsync(Path.Combine(locks, id + ".lock"), null, cancellationToken).ConfigureAwait(false));
            }

            foreach (var file in found.Where(File.Exists)) File.Delete(file);
            string[] folders = [.. found.Where(Directory.Exists)];
            if (folders.Length > 0) await RemoveFoldersAsync(folders, cancellationToken).ConfigureAwait(false);
            return found;
        }
        finally
        {
            foreach (var one in held) one.Dispose();
        }
    }

    // Below a folder of somebody who is not root lie files of users that only the engine's user namespace knows.
    private async Task RemoveFoldersAsync(string[] folders, CancellationToken cancellationToken)
    {
        if (Environment.IsPrivilegedProcess || !engine.IsPodman)
        {
            foreach (var folder in folders) Directory.Delete(folder, recursive: true);
            return;
        }

        var removed = await engine.RunAsync(["unshare", "rm", "-rf", "--", .. folders], cancellationToken).ConfigureAwait(false);
        if (!removed.Succeeded) throw engine.Refused("remove its caches", removed);
    }

    private static IEnumerable<string> Texts(IEnumerable<string> boxes) => boxes.Select(b => Path.Combine(b, "Containerfile")).Where(File.Exists).Select(File.ReadAllText);

    // Before buildah 1.29 there was one folder for all users.
    private string[] Parents()
    {
        var temporary = environment.Variable("TMPDIR") is { Length: > 0 } folder ? folder : "/var/tmp";
        return [Path.Combine(temporary, "buildah-cache"), Path.Combine(temporary, "buildah-cache-" + UserId().ToString(CultureInfo.InvariantCulture))];
    }

    private static int UserId() => int.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1], CultureInfo.InvariantCulture);
}

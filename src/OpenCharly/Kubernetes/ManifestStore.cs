using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Kubernetes;

/// <summary>
/// The trees of a project, in <c>.opencharly/k8s/NAME</c>. A base and an overlay are each written beside the old one and
/// renamed into place, so that a reader sees either. They can be made again at any time, so nothing waits for the disk.
/// </summary>
/// <param name="projectFolder">Folder of the project.</param>
internal sealed class ManifestStore(string projectFolder)
{
    private const string BaseMark = "# base: ";

    private string Root => Path.Combine(projectFolder, ".opencharly", "k8s");

    /// <summary>Folder of a deployment.</summary>
    public string Folder(string name) => Path.Combine(Root, name);

    /// <summary>Folder of an overlay, which is what kubectl is given.</summary>
    public string Overlay(string name, string overlay) => Path.Combine(Root, name, "overlays", overlay);

    /// <summary>Writes a tree; other overlays stay.</summary>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.Io"/> if a link leads out of the project.</exception>
    public async Task<bool> WriteAsync(ManifestTree tree, CancellationToken cancellationToken)
    {
        RefuseLinks(tree.Name);
        Directory.CreateDirectory(Path.Combine(Folder(tree.Name), "overlays"));
        using var held = await FileLock.AcquireAsync(LockOf(tree.Name), null, cancellationToken).ConfigureAwait(false);
        Sweep(Folder(tree.Name));
        Sweep(Path.Combine(Folder(tree.Name), "overlays"));
        var changed = Replace(Path.Combine(Folder(tree.Name), "base"), tree.BaseFiles);
        return Replace(Overlay(tree.Name, tree.Overlay), Marked(tree)) || changed;
    }

    /// <summary>Whether a tree would change anything.</summary>
    public bool IsCurrent(ManifestTree tree) =>
        Holds(Path.Combine(Folder(tree.Name), "base"), tree.BaseFiles) && Holds(Overlay(tree.Name, tree.Overlay), Marked(tree));

    /// <summary>
    /// Refuses an overlay whose base was made for another one since: instances share a base, and applying it would bring
    /// another cluster's choices.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.ManifestsMissing"/>.</exception>
    public void RequireWhole(string key, string name, string overlay)
    {
        var file = Path.Combine(Overlay(name, overlay), ManifestRenderer.Kustomization);
        if (!File.Exists(file)) throw new CharlyException(Errors.ManifestsMissing, $"nothing has been generated for \"{key}\"", $"Run: charly bundle add {key}", target: key);
        var mark = File.ReadLines(file).FirstOrDefault(l => l.StartsWith(BaseMark, StringComparison.Ordinal))?[BaseMark.Length..];
        if (mark is null || mark == Digest(Read(Path.Combine(Folder(name), "base")))) return;
        throw new CharlyException(Errors.ManifestsMissing, $"the base of \"{key}\" has been generated anew for another instance or cluster since", $"Generate it again: charly bundle add {key}. Nothing was applied.", target: key);
    }

    /// <summary>The namespace that an overlay puts its objects into, which entry and profile may have changed since; null if it says none.</summary>
    public string? NamespaceOf(string name, string overlay) =>
        YamlReader.ReadFile(Path.Combine(Overlay(name, overlay), ManifestRenderer.Kustomization)) is [YamlMapping map, ..] && map["namespace"] is YamlScalar { IsNull: false } space ? space.Text : null;

    /// <summary>Whether there is an overlay.</summary>
    public bool Has(string name, string overlay) => Directory.Exists(Overlay(name, overlay));

    /// <summary>Removes an overlay, and the tree with its last one.</summary>
    public async Task RemoveAsync(string name, string overlay, CancellationToken cancellationToken)
    {
        RefuseLinks(name);
        if (!Directory.Exists(Folder(name))) return;
        using (await FileLock.AcquireAsync(LockOf(name), null, cancellationToken).ConfigureAwait(false))
        {
            if (Has(name, overlay)) Directory.Delete(Overlay(name, overlay), recursive: true);
            Sweep(Path.Combine(Folder(name), "overlays"));
            if (!Directory.EnumerateFileSystemEntries(Path.Combine(Folder(name), "overlays")).Any()) Directory.Delete(Folder(name), recursive: true);
        }
    }

    // Beside the folder, so that it outlives the tree.
    private string LockOf(string name) => Path.Combine(Root, $".{name}.lock");

    private static SortedDictionary<string, ManifestFile> Marked(ManifestTree tree)
    {
        var files = new SortedDictionary<string, ManifestFile>(tree.OverlayFiles.ToDictionary(), StringComparer.Ordinal);
        var text = files[ManifestRenderer.Kustomization].Text;
        files[ManifestRenderer.Kustomization] = ManifestFile.Of($"{BaseMark}{Digest(tree.BaseFiles.Select(f => (f.Key, f.Value.Content)))}\n{text}");
        return files;
    }

    private static string Digest(IEnumerable<(string Path, ReadOnlyMemory<byte> Content)> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, content) in files.OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}\0{content.Length}\0"));
            hash.AppendData(content.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<(string Path, ReadOnlyMemory<byte> Content)> Read(string folder) => !Directory.Exists(folder) ? []
        : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => (Path.GetRelativePath(folder, f), (ReadOnlyMemory<byte>)File.ReadAllBytes(f)));

    private static bool Holds(string folder, IReadOnlyDictionary<string, ManifestFile> files)
    {
        if (!Directory.Exists(folder)) return false;
        var there = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(folder, f), StringComparer.Ordinal);
        return there.Count == files.Count && files.All(f => there.TryGetValue(f.Key, out var path)
            && File.GetUnixFileMode(path) == ModeOf(f.Value) && f.Value.Content.Span.SequenceEqual(File.ReadAllBytes(path)));
    }

    private static bool Replace(string folder, IReadOnlyDictionary<string, ManifestFile> files)
    {
        if (Holds(folder, files)) return false;
        var id = Guid.NewGuid().ToString("N");
        var (fresh, old) = ($"{folder}.{id}.new", $"{folder}.{id}.old");
        try
        {
            foreach (var (path, file) in files)
            {
                var full = Path.Combine(fresh, path);
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                using var stream = new FileStream(full, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = ModeOf(file) });
                stream.Write(file.Content.Span);
                File.SetUnixFileMode(stream.SafeFileHandle, ModeOf(file));
            }

            if (Directory.Exists(folder)) Directory.Move(folder, old);
            Directory.Move(fresh, folder);
        }
        catch
        {
            if (Directory.Exists(old) && !Directory.Exists(folder)) Directory.Move(old, folder);
            if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
            throw;
        }

        if (Directory.Exists(old)) Directory.Delete(old, recursive: true);
        return true;
    }

    private static UnixFileMode ModeOf(ManifestFile file) => file.IsPrivate ? AtomicFile.Private : AtomicFile.Shared;

    // What a run that was cut left beside a folder: the folder is made anew, or an old one is put back until then.
    private static void Sweep(string folder)
    {
        foreach (var old in Directory.EnumerateDirectories(folder, "*.old").ToArray())
        {
            var own = old[..old.LastIndexOf('.', old.Length - ".old".Length - 1)];
            if (Directory.Exists(own)) Directory.Delete(old, recursive: true);
            else Directory.Move(old, own);
        }

        foreach (var fresh in Directory.EnumerateDirectories(folder, "*.new").ToArray()) Directory.Delete(fresh, recursive: true);
    }

    // The tree is deleted and made anew, which must not happen elsewhere.
    private void RefuseLinks(string name)
    {
        foreach (var folder in new[] { Path.Combine(projectFolder, ".opencharly"), Root, Folder(name), Path.Combine(Folder(name), "base"), Path.Combine(Folder(name), "overlays") })
        {
            if (new DirectoryInfo(folder).LinkTarget is { } target) throw new CharlyException(Errors.Io, $"{folder} is a link to {target}", "Remove the link: generated files stay in the project. Nothing was changed.", target: name);
        }
    }
}

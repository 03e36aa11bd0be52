using System.Formats.Tar;
using System.Text;

namespace OpenCharly.Tests.Boxes;

/// <summary>A tree of files that changes, and says each change as an engine would: as a layer.</summary>
internal sealed class LayerModel
{
    private static readonly string[] Words = ["a", "b", "c"];

    // Content of files; of folders a number, for one that went and came again is another one.
    private readonly SortedDictionary<string, (bool IsFolder, string Content)> _tree = new(StringComparer.Ordinal);
    private int _next;

    /// <summary>The tree as text: folders by name, files with their content.</summary>
    public IReadOnlyList<string> Files => Text(_tree);

    /// <summary>Changes the tree at random.</summary>
    /// <returns>The layer.</returns>
    public byte[] Change(Random random)
    {
        var before = _tree.ToDictionary(StringComparer.Ordinal);
        var links = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = random.Next(1, 7); i > 0; i--)
        {
            var path = string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Words[random.Next(Words.Length)]));
            switch (random.Next(6))
            {
                case 0 or 1:
                    Put(path, false);
                    break;
                case 2:
                    if (!_tree.TryGetValue(path, out var there) || !there.IsFolder) Put(path, true);
                    break;
                case 3 or 4:
                    Delete(path);
                    break;
                default:
                    Put(path, false);
                    var other = path[..(path.LastIndexOf('/') + 1)] + "link" + random.Next(2);
                    Put(other, false);
                    _tree[other] = _tree[path];
                    links[other] = path;
                    break;
            }
        }

        return Layer(before, links, random);
    }

    /// <summary>The tree that layers give.</summary>
    public static IReadOnlyList<string> Apply(IReadOnlyList<byte[]> layers)
    {
        var tree = new SortedDictionary<string, (bool IsFolder, string Content)>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            var entries = new List<(string Path, TarEntryType Type, string Content)>();
            using var reader = new TarReader(new MemoryStream(layer));
            while (reader.GetNextEntry(copyData: true) is { } entry)
            {
                var content = entry.EntryType == TarEntryType.HardLink ? entry.LinkName.Trim('/') : entry.DataStream is null ? "" : new StreamReader(entry.DataStream, Encoding.UTF8).ReadToEnd();
                entries.Add((entry.Name.Trim('/'), entry.EntryType, content));
            }

            // What a layer says is gone, is gone of the layers below only.
            foreach (var (path, _, _) in entries.Where(e => Name(e.Path).StartsWith(".wh.", StringComparison.Ordinal)))
            {
                var folder = path[..(path.LastIndexOf('/') + 1)];
                var gone = Name(path) == ".wh..wh..opq" ? folder : folder + Name(path)[4..];
                foreach (var key in tree.Keys.Where(k => k == gone || k.StartsWith(gone.EndsWith('/') || gone.Length == 0 ? gone : gone + "/", StringComparison.Ordinal)).ToArray()) tree.Remove(key);
            }

            foreach (var (path, type, content) in entries.Where(e => !Name(e.Path).StartsWith(".wh.", StringComparison.Ordinal)))
            {
                if (type == TarEntryType.Directory && tree.TryGetValue(path, out var there) && there.IsFolder) continue;
                foreach (var key in tree.Keys.Where(k => k.StartsWith(path + "/", StringComparison.Ordinal)).ToArray()) tree.Remove(key);
                tree[path] = type == TarEntryType.HardLink ? tree[content] : (type == TarEntryType.Directory, content);
            }
        }

        return Text(tree);
    }

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static IReadOnlyList<string> Text(SortedDictionary<string, (bool IsFolder, string Content)> tree) => [.. tree.Select(t => t.Value.IsFolder ? t.Key : $"{t.Key}={t.Value.Content}")];

    private void Put(string path, bool isFolder)
    {
        for (var at = path.IndexOf('/'); at > 0; at = path.IndexOf('/', at + 1))
        {
            var above = path[..at];
            if (_tree.TryGetValue(above, out var there) && there.IsFolder) continue;
            Delete(above);
            _tree[above] = (true, $"{_next++}");
        }

        Delete(path);
        _tree[path] = (isFolder, $"{_next++}");
    }

    private void Delete(string path)
    {
        foreach (var key in _tree.Keys.Where(k => k == path || k.StartsWith(path + "/", StringComparison.Ordinal)).ToArray()) _tree.Remove(key);
    }

    private byte[] Layer(Dictionary<string, (bool IsFolder, string Content)> before, Dictionary<string, string> links, Random random)
    {
        var changed = _tree.Where(t => !before.TryGetValue(t.Key, out var was) || was != t.Value).Select(t => t.Key).ToHashSet(StringComparer.Ordinal);
        var entries = new List<TarEntry>();
        var folders = new List<TarEntry>();
        foreach (var gone in before.Keys.Where(k => !_tree.ContainsKey(k)))
        {
            var folder = gone.LastIndexOf('/') is > 0 and var at ? gone[..at] : "";
            var stands = folder.Length == 0 || (_tree.TryGetValue(folder, out var now) && before.TryGetValue(folder, out var was) && now == was && now.IsFolder);
            if (stands) entries.Add(new PaxTarEntry(TarEntryType.RegularFile, (folder.Length > 0 ? folder + "/" : "") + ".wh." + Name(gone)));
        }

        foreach (var (path, (isFolder, content)) in _tree)
        {
            var isNew = changed.Contains(path);
            if (isFolder)
            {
                if (isNew || changed.Any(c => c.StartsWith(path + "/", StringComparison.Ordinal)) || entries.Any(e => e.Name.StartsWith(path + "/", StringComparison.Ordinal))) folders.Add(new PaxTarEntry(TarEntryType.Directory, path));
                if (isNew && before.TryGetValue(path, out var was) && was.IsFolder) entries.Add(new PaxTarEntry(TarEntryType.RegularFile, path + "/.wh..wh..opq"));
            }
            else if (isNew && !(links.TryGetValue(path, out var target) && _tree.GetValueOrDefault(target) == _tree[path] && changed.Contains(target)))
            {
                entries.Add(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
            }
        }

        var further = links.Where(l => changed.Contains(l.Key) && changed.Contains(l.Value) && _tree.GetValueOrDefault(l.Key) is (false, _) and var file && _tree.GetValueOrDefault(l.Value) == file)
            .Where(l => !links.ContainsKey(l.Value)).ToList();
        foreach (var (path, _) in links.Where(l => _tree.ContainsKey(l.Key) && changed.Contains(l.Key) && entries.All(e => e.Name != l.Key) && further.All(f => f.Key != l.Key) && !_tree[l.Key].IsFolder))
        {
            entries.Add(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(_tree[path].Content)) });
        }

        var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            foreach (var folder in folders) tar.WriteEntry(folder);
            TarEntry[] mixed = [.. entries];
            random.Shuffle(mixed);
            foreach (var entry in mixed) tar.WriteEntry(entry);
            foreach (var (path, target) in further) tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, path) { LinkName = target });
        }

        return stream.ToArray();
    }
}

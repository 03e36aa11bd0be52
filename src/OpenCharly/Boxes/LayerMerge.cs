namespace OpenCharly.Boxes;

/// <summary>Makes one layer of several: what a later one replaces or removes is not in it, and what it hides of layers below stays hidden.</summary>
internal static class LayerMerge
{
    private const string Gone = ".wh.";
    private const string Opaque = ".wh..wh..opq";

    /// <summary>Writes the merged layer.</summary>
    /// <param name="layers">Tar archives that can be read anywhere, the lowest first.</param>
    /// <param name="target">Where it goes.</param>
    public static void Write(IReadOnlyList<Stream> layers, Stream target)
    {
        var tree = new Tree();
        for (var i = 0; i < layers.Count; i++)
        {
            foreach (var entry in LayerEntry.Read(layers[i])) tree.Add(i, entry);
        }

        // Folders first, so that nothing stands in one that is made only later; then what is hidden; then the rest in its order.
        foreach (var (layer, entry) in tree.Kept.Where(k => k.Entry.IsFolder).OrderBy(k => k.Entry.Path, StringComparer.Ordinal)) entry.Copy(layers[layer], target);
        foreach (var mark in tree.Marks) LayerEntry.WriteMark(target, mark);
        Files(layers, tree, target);
        target.Write(new byte[1024]);
    }

    private static void Files(IReadOnlyList<Stream> layers, Tree tree, Stream target)
    {
        for (var i = 0; i < layers.Count; i++)
        {
            var entries = LayerEntry.Read(layers[i]).ToList();
            var links = entries.Where(e => e.IsLink && tree.Has(i, e)).ToLookup(e => e.Link, StringComparer.Ordinal);

            // A file that is gone lives on under the first of its further names.
            var heirs = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var entry in entries.Where(e => !e.IsFolder))
            {
                if (!tree.Has(i, entry))
                {
                    if (entry.IsLink || Tree.IsMark(entry.Path) || links[entry.Path].FirstOrDefault() is not { } heir) continue;
                    entry.CopyWith(layers[i], target, "path", heir.Path);
                    heirs[entry.Path] = heir.Path;
                }
                else if (entry.IsLink && heirs.TryGetValue(entry.Link, out var file))
                {
                    if (entry.Path != file) entry.CopyWith(layers[i], target, "linkpath", file);
                }
                else
                {
                    entry.Copy(layers[i], target);
                }
            }
        }
    }

    /// <summary>What is there after some layers.</summary>
    private sealed class Tree
    {
        private readonly SortedDictionary<string, (int Layer, LayerEntry Entry)> _kept = new(StringComparer.Ordinal);
        private readonly SortedSet<string> _gone = new(StringComparer.Ordinal);
        private readonly SortedSet<string> _opaque = new(StringComparer.Ordinal);

        // Every path that something was below once: most entries replace nothing, and are not to be compared with all others.
        private readonly HashSet<string> _above = new(StringComparer.Ordinal);

        public IEnumerable<(int Layer, LayerEntry Entry)> Kept => _kept.Values;

        public IEnumerable<string> Marks => _gone.Select(p => Join(Parent(p), Gone + Name(p))).Concat(_opaque.Select(p => Join(p, Opaque)));

        public static bool IsMark(string path) => Name(path).StartsWith(Gone, StringComparison.Ordinal);

        public bool Has(int layer, LayerEntry entry) => _kept.TryGetValue(entry.Path, out var kept) && kept.Layer == layer && kept.Entry.Offset == entry.Offset;

        public void Add(int layer, LayerEntry entry)
        {
            var (path, name) = (entry.Path, Name(entry.Path));
            if (name == Opaque)
            {
                Forget(Parent(path), layer);
                _opaque.Add(Parent(path));
                Rise(path);
            }
            else if (name.StartsWith(Gone, StringComparison.Ordinal))
            {
                var hidden = Join(Parent(path), name[Gone.Length..]);
                if (_kept.TryGetValue(hidden, out var kept) && kept.Layer == layer)
                {
                    if (kept.Entry.IsFolder) _opaque.Add(hidden);
                    return;
                }

                Forget(hidden, layer);
                _kept.Remove(hidden);
                _opaque.Remove(hidden);
                _gone.Add(hidden);
                Rise(hidden);
            }
            else
            {
                var wasOther = _gone.Remove(path) || (_kept.TryGetValue(path, out var before) && !before.Entry.IsFolder);
                if (!entry.IsFolder) Forget(path, layer);
                else if (wasOther) _opaque.Add(path);
                if (!entry.IsFolder) _opaque.Remove(path);
                _kept[path] = (layer, entry);
                Rise(path);
            }
        }

        private void Rise(string path)
        {
            for (var above = Parent(path); above.Length > 0 && _above.Add(above);) above = Parent(above);
        }

        // Everything below a path that came with earlier layers.
        private void Forget(string path, int layer)
        {
            if (path.Length > 0 && !_above.Contains(path)) return;
            var below = path.Length == 0 ? "" : path + "/";
            foreach (var key in _kept.Where(k => k.Value.Layer < layer && k.Key.Length > 0 && k.Key.StartsWith(below, StringComparison.Ordinal)).Select(k => k.Key).ToArray()) _kept.Remove(key);
            _gone.RemoveWhere(p => below.Length > 0 && p.StartsWith(below, StringComparison.Ordinal));
            _opaque.RemoveWhere(p => below.Length > 0 && p.StartsWith(below, StringComparison.Ordinal));
        }

        private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

        private static string Parent(string path) => path.LastIndexOf('/') is > 0 and var at ? path[..at] : "";

        private static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";
    }
}

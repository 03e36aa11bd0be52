using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Finds the files of a project even where they are too old to be loaded.</summary>
internal static class SchemaFiles
{
    private static readonly EnumerationOptions Recursive = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint };

    /// <summary>The root file, what it imports from its own folder, and the files of candies and boxes; none if there is no project.</summary>
    public static IReadOnlyList<(string Path, SchemaFileKind Kind)> Of(string folder)
    {
        var files = new List<(string Path, SchemaFileKind Kind)>();
        var rules = new List<(string Folder, string Manifest)>();
        var root = Path.Combine(folder, "charly.yml");
        if (!File.Exists(root)) return files;
        AddWithImports(root, SchemaFileKind.Root);
        if (rules.Count == 0) rules.AddRange([(Path.Combine(folder, "box"), "charly.yml"), (Path.Combine(folder, "candy"), "charly.yml")]);
        foreach (var (where, manifest) in rules.Where(r => Directory.Exists(r.Folder) && Containment.Holds(folder, r.Folder)))
        {
            foreach (var file in Directory.EnumerateFiles(where, manifest, Recursive).Order(StringComparer.Ordinal)) Add(file, KindOf(Path.GetRelativePath(folder, file)));
        }

        return files;

        void AddWithImports(string file, SchemaFileKind kind)
        {
            if (!Add(file, kind)) return;
            foreach (var map in YamlReader.ReadFile(file).OfType<YamlMapping>())
            {
                foreach (var rule in Items(map["discover"])) rules.Add((Path.GetFullPath(rule, folder), "charly.yml"));
                foreach (var rule in (map["discover"] as YamlSequence)?.Items.OfType<YamlMapping>() ?? [])
                {
                    if (rule["path"] is YamlScalar { IsNull: false } path) rules.Add((Path.GetFullPath(path.Text, folder), (rule["manifest"] as YamlScalar)?.Text ?? "charly.yml"));
                }

                foreach (var import in Items(map["import"]).Concat(Items(map["include"])))
                {
                    var path = Path.GetFullPath(import, Path.GetDirectoryName(file)!);
                    if (File.Exists(path) && Containment.Holds(folder, path)) AddWithImports(path, SchemaFileKind.Import);
                }
            }
        }

        bool Add(string file, SchemaFileKind kind)
        {
            if (files.Any(f => f.Path == file)) return false;
            files.Add((file, kind));
            return true;
        }
    }

    private static SchemaFileKind KindOf(string relative) =>
        relative.Split('/').SkipLast(1).Any(part => part is "box" or "boxes" or "image" or "images") ? SchemaFileKind.Box : SchemaFileKind.Candy;

    private static IEnumerable<string> Items(YamlNode? node) => node switch
    {
        YamlScalar { IsNull: false } one => [one.Text],
        YamlSequence many => many.Items.OfType<YamlScalar>().Where(i => !i.IsNull).Select(i => i.Text),
        _ => [],
    };
}

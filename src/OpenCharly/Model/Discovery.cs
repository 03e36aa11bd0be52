using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>Finds the entity files of a project by walking its folders (candy-and-plan.md §1.2). Candies are only found here, not read.</summary>
internal static class Discovery
{
    /// <summary>Level of what was discovered: everything explicit wins over it.</summary>
    internal const int Level = int.MaxValue;

    /// <summary>Walks the folders of a project's rules; <c>box</c> and <c>candy</c> if it has none.</summary>
    public static void Run(ProjectShape shape)
    {
        var folder = shape.Project.Folder;
        var rules = shape.Rules ?? [new(Path.Combine(folder, "box"), true, "charly.yml"), new(Path.Combine(folder, "candy"), true, "charly.yml")];
        var found = new HashSet<string>(StringComparer.Ordinal);
        var root = Path.Combine(folder, "charly.yml");
        foreach (var rule in rules)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            Walk(rule.Folder, rule, seen, shape.Project.Folder, file =>
            {
                if (file != root && found.Add(file)) Add(shape, file);
            });
        }
    }

    private static void Walk(string folder, DiscoveryRule rule, HashSet<string> seen, string projectFolder, Action<string> found)
    {
        var info = new DirectoryInfo(folder);
        if (!info.Exists) return;
        var real = info.LinkTarget is null ? info.FullName : info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? info.FullName;
        if (!seen.Add(real)) return;
        var manifest = Path.Combine(folder, rule.Manifest);
        if (File.Exists(manifest)) found(manifest);
        foreach (var child in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(child).StartsWith('.')) continue;
            if (rule.IsRecursive) Walk(child, rule, seen, projectFolder, found);
            else if (File.Exists(Path.Combine(child, rule.Manifest)) && seen.Add(child)) found(Path.Combine(child, rule.Manifest));
        }
    }

    private static void Add(ProjectShape shape, string file)
    {
        if (IsCandy(file))
        {
            shape.AddCandyFile(file, Level);
            return;
        }

        var problems = new List<Problem>();
        var imports = shape.AddFile(file, Level, isRoot: false, problems);
        foreach (var import in imports) problems.Add(new Problem(Errors.CfgImport, "a discovered file can't import others", "Import from the project's root file.", import.Position));
        CharlyValidationException.ThrowIfAny(problems);
        shape.Project.Warn(problems);
    }

    // The first key at the left edge tells a candy without parsing; whatever else is wrong with it is said when it is read.
    private static bool IsCandy(string file) =>
        File.ReadLines(file).FirstOrDefault(l => l.Length > 0 && l[0] is not (' ' or '#' or '\r') && l.TrimEnd() != "---")
            ?.StartsWith("candy:", StringComparison.Ordinal) == true;
}

using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>Finds the entity files of a project by walking its folders (candy-and-plan.md §1.2). Candies are only found here, not read.</summary>
internal static class Discovery
{
    /// <summary>Level of what was discovered: everything explicit wins over it, and it over what other repositories bring.</summary>
    internal const int Level = int.MaxValue - 1;

    private const string ManifestName = "charly.yml";

    private const int Glance = 2 << 10;

    /// <summary>Walks the folders of a project's rules; <c>box</c> and <c>candy</c> if it has none.</summary>
    /// <param name="shape">Where entities go.</param>
    /// <param name="settle">Gets the problems of each file.</param>
    /// <param name="attempt">Runs the reading of one file, which may fail.</param>
    public static void Run(ProjectShape shape, Action<IReadOnlyList<Problem>> settle, Action<Action> attempt)
    {
        var folder = shape.Project.Folder;
        var rules = shape.Rules ?? [new(Path.Combine(folder, "box"), true, ManifestName), new(Path.Combine(folder, "candy"), true, ManifestName)];
        var found = new HashSet<string>(StringComparer.Ordinal) { Real(Path.Combine(folder, ManifestName)) };
        foreach (var rule in rules)
        {
            var walk = new Walk(rule, (file, real) =>
            {
                if (!found.Add(real)) return;
                var problems = new List<Problem>();
                attempt(() => Add(shape, file, problems));
                settle(problems);
            });
            attempt(() => walk.Into(rule.Folder, Real(rule.Folder)));
        }
    }

    private static string Real(string path) => Containment.RealPath(path) ?? path;

    private static void Add(ProjectShape shape, string file, List<Problem> problems)
    {
        // Only a manifest of another name may hold several; a candy's own is read as one candy, however its key is written.
        var isOwn = Path.GetFileName(file) == ManifestName;
        if (IsCandy(file) ? isOwn || !EntityShape.HoldsSeveral(file, shape.Display(file)) : isOwn && EntityShape.BeginsWithCandy(file, shape.Display(file)))
        {
            shape.AddCandyFile(file, Level, problems);
            return;
        }

        var imports = shape.AddFile(file, Level, isRoot: false, problems);
        foreach (var import in imports) problems.Add(new Problem(Errors.CfgImport, "a discovered file can't import others", "Import from the project's root file.", import.Position));
    }

    // The first key at the left edge tells a candy without parsing; whatever else is wrong with it is said when it is read.
    private static bool IsCandy(string file)
    {
        // Pipes and devices say that they are empty, and reading them may never end.
        var info = new FileInfo(file);
        if (info.LinkTarget is not null) info = new FileInfo(Real(file));
        if (info is not { Exists: true, Length: > 0 and var size }) return false;
        using var handle = File.OpenHandle(file);
        var bytes = new byte[Math.Min(size, Glance)];
        while (true)
        {
            var length = RandomAccess.Read(handle, bytes, 0);
            var text = Encoding.UTF8.GetString(bytes, 0, length).TrimStart('\uFEFF');
            var isCut = length == bytes.Length && length < size;
            foreach (var line in (isCut ? text.AsSpan(0, text.LastIndexOf('\n') + 1) : text).EnumerateLines())
            {
                if (line.Length == 0 || line[0] is ' ' or '#' or '\r' || line.TrimEnd() is "---") continue;
                return line.StartsWith("candy:", StringComparison.Ordinal);
            }

            // Nothing but comments so far.
            if (!isCut || bytes.Length >= 1 << 20) return false;
            bytes = new byte[Math.Min(size, bytes.Length * 16)];
        }
    }

    /// <summary>One walk; folders that links lead to a second time are passed by.</summary>
    private sealed class Walk(DiscoveryRule rule, Action<string, string> found)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

        /// <summary>Looks into a folder and what is below it.</summary>
        /// <param name="folder">The folder as it was reached.</param>
        /// <param name="real">The same without links.</param>
        public void Into(string folder, string real)
        {
            if (!Directory.Exists(folder) || !_seen.Add(real)) return;
            Manifest(folder, real);
            foreach (var child in Children(folder))
            {
                var realChild = RealBelow(real, child);
                if (rule.IsRecursive) Into(child, realChild);
                else if (_seen.Add(realChild)) Manifest(child, realChild);
            }
        }

        private void Manifest(string folder, string real)
        {
            var manifest = Path.Combine(folder, rule.Manifest);
            if (File.Exists(manifest)) found(manifest, RealBelow(real, manifest));
        }

        private static string RealBelow(string realFolder, string path) =>
            new FileInfo(path).LinkTarget is null ? Path.Combine(realFolder, Path.GetFileName(path)) : Real(path);

        private static IEnumerable<string> Children(string folder)
        {
            try
            {
                return Directory.GetDirectories(folder).Where(c => !Path.GetFileName(c).StartsWith('.')).Order(StringComparer.Ordinal);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CharlyException(
                    Errors.Io, $"the folder {folder} can't be read: {e.Message}", "Check its owner and mode, or leave it out of discover:.",
                    new SourcePosition(folder, 1, 1), inner: e);
            }
        }
    }
}

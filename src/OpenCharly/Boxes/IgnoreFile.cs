using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>The files that tell podman and docker what of the context no build needs (candy-and-plan.md §8.1).</summary>
internal static class IgnoreFile
{
    private const string Head = "# made by charly box generate; a file without this line is left alone";
    private static readonly string[] Names = [".containerignore", ".dockerignore"];
    private static readonly string[] Always = [".git", "bin", "charly", "*.md"];

    /// <summary>Writes both, unless somebody wrote them by hand or they are right.</summary>
    public static void Write(string context, IReadOnlyList<string> further)
    {
        var text = string.Concat(Always.Concat(further).Distinct().Prepend(Head).Select(l => l + "\n"));
        foreach (var path in Names.Select(n => Path.Combine(context, n)))
        {
            if (!File.Exists(path) || (File.ReadAllText(path) is var before && before.StartsWith(Head, StringComparison.Ordinal) && before != text)) AtomicFile.Write(path, text);
        }
    }
}

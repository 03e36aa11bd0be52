namespace OpenCharly.Tests.Model;

/// <summary>A large catalog of candies beside the repository; tests that need it say so and pass where it is absent.</summary>
internal static class Catalog
{
    public static string? Folder { get; } = Find();

    public static IReadOnlyList<string> Manifests { get; } = Folder is null
        ? []
        : [.. Directory.GetDirectories(Path.Combine(Folder, "candy")).Select(d => Path.Combine(d, "charly.yml")).Where(File.Exists).Order(StringComparer.Ordinal)];

    public static bool IsAbsent()
    {
        if (Folder is not null) return false;
        Console.WriteLine("skipped: there is no ../shared/catalog beside the repository");
        return true;
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Charly.sln"))) continue;
            var catalog = Path.Combine(folder.Parent!.FullName, "shared", "catalog");
            return Directory.Exists(catalog) ? catalog : null;
        }

        return null;
    }
}

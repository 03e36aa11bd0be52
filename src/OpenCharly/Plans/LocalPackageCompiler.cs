using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>Compiles packages that are built from sources beside a candy (candy-and-plan.md §6.7).</summary>
internal static class LocalPackageCompiler
{
    /// <summary>Adds the step for the target's format, if the candy has sources for it.</summary>
    public static void Add(PlanBuilder plan, Candy candy)
    {
        if (plan.Facts.Format is not { } format || !candy.LocalPackages.TryGetValue(format, out var source)) return;
        var folder = Find(candy, format, source);
        var step = new LocalPkgInstallStep
        {
            Candy = candy.Name, Scope = StepScope.System, Format = format, Source = source, SourceFolder = folder ?? "",
            CandyFolder = candy.SourceFolder, ProjectFolder = candy.ProjectFolder, BuilderImage = plan.Request.BuilderImage,
            Files = folder is null ? [] : CandyFiles.Tree(folder),
        };
        if (folder is not null) plan.Add(step);
        else plan.AddSkipped(step, SkipReason.NoSource, $"localpkg: no folder \"{source}\" with {Sentinel(format)} was found");
    }

    /// <summary>The file by which a folder is known to hold the sources of a package.</summary>
    public static string Sentinel(string format) => format switch
    {
        "deb" => "debian/control",
        "rpm" => "a *.spec file",
        _ => "PKGBUILD",
    };

    private static string? Find(Candy candy, string format, string source)
    {
        if (Path.IsPathRooted(source)) return Holds(source, format) ? source : null;
        foreach (var start in new[] { candy.SourceFolder, candy.Folder, candy.ProjectFolder })
        {
            if (Path.GetFullPath(source, start) is var folder && Holds(folder, format)) return folder;
        }

        // Sources are often kept in a repository that holds the project.
        for (var parent = Directory.GetParent(candy.ProjectFolder); parent is not null; parent = parent.Parent)
        {
            if (Path.GetFullPath(source, parent.FullName) is var folder && Holds(folder, format)) return folder;
        }

        return null;
    }

    private static bool Holds(string folder, string format) => Directory.Exists(folder) && format switch
    {
        "deb" => File.Exists(Path.Combine(folder, "debian", "control")),
        "rpm" => Directory.EnumerateFiles(folder, "*.spec").Any(),
        _ => File.Exists(Path.Combine(folder, "PKGBUILD")),
    };
}

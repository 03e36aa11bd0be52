namespace OpenCharly.Plans;

/// <summary>Where things lie below the staging folder of a run.</summary>
public static class StagedNames
{
    /// <summary>A file of a candy, by its path below the candy's source folder.</summary>
    public static string CandyFile(string candy, string path) => $"{candy}/{path}";

    /// <summary>Folder of the package files that a local package step installs: <c>*.deb</c>, <c>*.rpm</c>, <c>*.pkg.tar*</c>.</summary>
    public static string LocalPackages(LocalPkgInstallStep step) => $".packages/{step.Candy}";

    /// <summary>What a builder produced: for aur a folder of package files, else a gzipped tar of folders below the home.</summary>
    public static string BuilderResult(BuilderStep step) =>
        step.Builder == "aur" ? $".packages/{step.Candy}-aur" : $".builders/{step.Candy}-{step.Builder}.tar.gz";

    /// <summary>The content of a file step.</summary>
    public static string Content(FileStep step) => $".files/{step.Sha256}";
}

using System.Security.Cryptography;

namespace OpenCharly.LiveTests.Support;

/// <summary>What stands below folders of this machine: type, mode, content or link target of every path, without the ledger.</summary>
public static class TreePhotograph
{
    /// <summary>Takes it.</summary>
    /// <param name="roots">Folders; paths in the photograph are relative to them.</param>
    public static IReadOnlyList<string> Take(params IReadOnlyList<string> roots) =>
    [
        .. roots.SelectMany((root, i) => Directory
            .EnumerateFileSystemEntries(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(p => !(p + "/").Contains("/.config/opencharly/", StringComparison.Ordinal) && !p.EndsWith("/.config", StringComparison.Ordinal) && !p.EndsWith("/.cache", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(p => $"{i}:{Path.GetRelativePath(root, p)} {Describe(p)}".Replace(root, "", StringComparison.Ordinal))),
    ];

    private static string Describe(string path)
    {
        var info = new FileInfo(path);
        if (info.LinkTarget is { } link) return "-> " + link;
        return Directory.Exists(path)
            ? $"folder {File.GetUnixFileMode(path)}"
            : $"file {File.GetUnixFileMode(path)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))}";
    }
}

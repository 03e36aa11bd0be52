using System.Text.RegularExpressions;

namespace OpenCharly.Vms.Images;

/// <summary>Finds the SHA-256 of a file in a digest file that is published beside it (vm.md §1.1, step 1).</summary>
internal static partial class SidecarDigest
{
    /// <summary>What is appended to the address of an image, in the order in which they are tried.</summary>
    public static readonly string[] Suffixes = [".SHA256", ".sha256", ".sha256sum"];

    /// <summary>Largest digest file that is read, in bytes.</summary>
    public const int MaxSize = 64 << 10;

    /// <summary>The digest, or null if the text holds none.</summary>
    /// <param name="text">A bare digest, lines of <c>hex  [*]name</c>, or lines of <c>SHA256 (name) = hex</c>.</param>
    /// <param name="fileName">The image's file name: its line is preferred, else the first one counts.</param>
    public static string? Find(string text, string fileName)
    {
        string? first = null;
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim().TrimStart('\ufeff');
            if (line.Length == 0 || line[0] == '#') continue;
            var match = Line().Match(line);
            if (!match.Success) continue;
            var digest = match.Groups["hex"].Value.ToLowerInvariant();
            var name = match.Groups["name"].Value;
            if (name == fileName || name.EndsWith('/' + fileName)) return digest;
            first ??= digest;
        }

        return first;
    }

    [GeneratedRegex(@"^(?:(?<hex>[0-9A-Fa-f]{64})(?:\s+\*?(?<name>.+))?|SHA256 ?\((?<name>.+)\) ?= ?(?<hex>[0-9A-Fa-f]{64}))\z")]
    private static partial Regex Line();
}

using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Keys of old files, which are errors with a hint at <c>charly migrate</c> (candy-and-plan.md §1.7, deploy.md §1.3).</summary>
internal static class LegacyKeys
{
    private static readonly Dictionary<string, string> Candy = new(StringComparer.Ordinal)
    {
        ["layers"] = "candy", ["volumes"] = "volume", ["secrets"] = "secret", ["aliases"] = "alias", ["builds"] = "task",
        ["requires"] = "require", ["depends"] = "require", ["tasks"] = "task", ["artifacts"] = "artifact", ["packages"] = "package",
        ["hooks"] = "hook", ["capabilities"] = "capability", ["tags"] = "description.tag", ["images"] = "box", ["vars"] = "var",
        ["repos"] = "distro.<name>.repo", ["services"] = "service", ["env_provides"] = "env_provide", ["env_requires"] = "env_require",
        ["env_accepts"] = "env_accept", ["mcp_provides"] = "mcp_provide", ["mcp_requires"] = "mcp_require", ["mcp_accepts"] = "mcp_accept",
        ["secret_requires"] = "secret_require", ["secret_accepts"] = "secret_accept", ["info"] = "description", ["status"] = "description.tag",
        ["aur"] = "distro.arch.aur",
    };

    private static readonly Dictionary<string, string> Root = new(StringComparer.Ordinal)
    {
        ["include"] = "import", ["image"] = "box", ["images"] = "box", ["layer"] = "candy", ["layers"] = "candy", ["deployment"] = "deploy",
        ["deployments"] = "deploy", ["ai"] = "agent", ["benchmark"] = "score", ["distros"] = "distro", ["builders"] = "builder", ["inits"] = "init",
        ["kind"] = "a kind key such as candy: or deploy:",
    };

    private static readonly Dictionary<string, string> Box = new(StringComparer.Ordinal)
    {
        ["port"] = "port of a candy", ["vm"] = "the vm: map", ["libvirt"] = "the vm: map", ["layers"] = "candy", ["builds"] = "build",
        ["platforms"] = "platform", ["tags"] = "tag",
    };

    /// <summary>Keys of a candy that only have another name now.</summary>
    public static IEnumerable<(string Old, string Now)> CandyRenames => Renames(Candy).Append(("ports", "port"));

    /// <summary>Keys of a root document that only have another name now.</summary>
    public static IEnumerable<(string Old, string Now)> RootRenames => Renames(Root).Append(("deploys", "deploy"));

    /// <summary>Keys of a box that only have another name now.</summary>
    public static IEnumerable<(string Old, string Now)> BoxRenames => Renames(Box);

    /// <summary>What has become of a legacy key of a box or candy; null if it is none.</summary>
    public static string? Successor(string kind, string key) => (kind == "box" ? Box : Candy).GetValueOrDefault(key);

    /// <summary>Whether a key of a candy is a package section that belongs below <c>distro:</c>.</summary>
    public static bool IsPackageSection(string key) =>
        key == "aur" || (Patterns.DistroTag().Match(key) is { Success: true } tag && PackageSectionReader.BuiltIn.Contains(tag.Groups[1].Value));

    /// <summary>Reports the legacy keys of a candy body.</summary>
    public static void ReportCandy(YamlBinder body)
    {
        Report(body, Candy);
        foreach (var entry in body.Mapping.Entries)
        {
            var tag = Patterns.DistroTag().Match(entry.Key.Text);
            if (!tag.Success || entry.Key.Text == "aur" || !PackageSectionReader.BuiltIn.Contains(tag.Groups[1].Value)) continue;
            Add(body, entry.Key, $"distro.{entry.Key.Text}");
        }
    }

    /// <summary>Reports the legacy keys of a root document.</summary>
    public static void ReportRoot(YamlBinder root) => Report(root, Root);

    /// <summary>Reports the legacy keys of a box.</summary>
    public static void ReportBox(YamlBinder box) => Report(box, Box);

    /// <summary>Reports one legacy key if it is there.</summary>
    public static void Report(YamlBinder binder, string key, string now)
    {
        foreach (var entry in binder.Mapping.Entries.Where(e => e.Key.Text == key)) Add(binder, entry.Key, now);
    }

    private static IEnumerable<(string Old, string Now)> Renames(Dictionary<string, string> legacy) =>
        legacy.Where(p => p.Value.All(c => char.IsAsciiLetter(c) || c == '_') && p.Key is not ("info" or "status")).Select(p => (p.Key, p.Value));

    private static void Report(YamlBinder binder, Dictionary<string, string> legacy)
    {
        foreach (var entry in binder.Mapping.Entries)
        {
            if (legacy.TryGetValue(entry.Key.Text, out var now)) Add(binder, entry.Key, now);
        }
    }

    private static void Add(YamlBinder binder, YamlScalar key, string now)
    {
        binder.Accept(key.Text);
        binder.Report(Errors.CfgLegacy, $"\"{key.Text}\" was renamed to {now}", "Run: charly migrate", key.Position);
    }
}

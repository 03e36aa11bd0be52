using OpenCharly.Yaml;

namespace OpenCharly.Vms.Libvirt;

/// <summary>Where the <c>libvirt:</c> part of an entity is not what a domain has.</summary>
internal static class LibvirtPartChange
{
    /// <summary>One line for each key, those of devices one by one: <c>libvirt.cpu: not as in the domain</c>.</summary>
    public static IReadOnlyList<string> Between(YamlValue written, YamlValue domain) => [.. Lines("libvirt", written, domain)];

    /// <summary>Whether a domain has nothing that the part would say.</summary>
    public static bool IsEmpty(YamlValue part) => part is YamlMapValue { Entries.Count: 0 };

    private static IEnumerable<string> Lines(string path, YamlValue written, YamlValue domain)
    {
        var (before, now) = (Entries(written), Entries(domain));
        foreach (var key in before.Keys.Concat(now.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var name = $"{path}.{key}";
            if (!before.TryGetValue(key, out var old)) yield return $"{name}: not there, now as in the domain";
            else if (!now.TryGetValue(key, out var other)) yield return $"{name}: goes, the domain has none";
            else if (YamlTree.Same(old, other, isRoot: false)) continue;
            else if (key == "devices" && old is YamlMapValue && other is YamlMapValue) foreach (var line in Lines(name, old, other)) yield return line;
            else yield return $"{name}: now as in the domain";
        }
    }

    private static Dictionary<string, YamlValue> Entries(YamlValue value) =>
        value is YamlMapValue map ? map.Entries.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal) : [];
}

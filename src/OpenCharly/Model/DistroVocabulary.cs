using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>
/// The distributions that a project adds to the built-in ones in its <c>distro:</c> map, as far as the choice of packages
/// goes: <c>inherits</c> names a parent, whose package format holds here as well, <c>inherit_packages</c> lets the parent's
/// sections apply, and <c>format</c> is a format or maps formats to their templates (candy-and-plan.md §3.4).
/// </summary>
public sealed class DistroVocabulary
{
    private static readonly string[] PackageFormats = ["rpm", "deb", "pac"];

    private readonly Dictionary<string, YamlMapping> _entries;

    private DistroVocabulary(Dictionary<string, YamlMapping> entries) => _entries = entries;

    /// <summary>No distribution beside the built-in ones.</summary>
    public static DistroVocabulary None { get; } = new(new Dictionary<string, YamlMapping>(StringComparer.Ordinal));

    /// <summary>Whether the project says nothing of any distribution.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>That of a project, what it took over from its namespaces included.</summary>
    public static DistroVocabulary Of(Project project)
    {
        var entries = project.Entities("distro");
        return entries.Count == 0 ? None : new DistroVocabulary(entries.ToDictionary(StringComparer.Ordinal));
    }

    /// <summary>The package formats that a body of the <c>distro:</c> map names, the primary one first.</summary>
    public static IReadOnlyList<string> FormatsOf(YamlMapping body) => body["format"] switch
    {
        YamlScalar { IsNull: false } one => [one.Text],
        YamlSequence list => [.. list.Items.OfType<YamlScalar>().Select(i => i.Text)],
        YamlMapping map => [.. map.Entries.OrderBy(e => IsTrue(e.Value as YamlMapping, "secondary")).Select(e => e.Key.Text)],
        _ => [],
    };

    /// <summary>Whether the project knows a distribution.</summary>
    internal bool Knows(string id) => _entries.ContainsKey(id);

    /// <summary>The parent of a distribution; null if the project names none.</summary>
    internal string? ParentOf(string id) => (_entries.GetValueOrDefault(id)?["inherits"] as YamlScalar) is { IsNull: false } parent && parent.Text != id ? parent.Text : null;

    /// <summary>Whether a distribution takes its parent's packages; null if the project does not say.</summary>
    internal bool? InheritsPackages(string id) =>
        _entries.GetValueOrDefault(id) is { } body && (body["inherits"] ?? body["inherit_packages"]) is not null ? IsTrue(body, "inherit_packages") : null;

    /// <summary>The package format of a distribution; null if the project does not say.</summary>
    internal string? FormatOf(string id) =>
        _entries.TryGetValue(id, out var body) ? FormatsOf(body).FirstOrDefault(PackageFormats.Contains) : null;

    private static bool IsTrue(YamlMapping? body, string key) => body?[key] is YamlScalar scalar && YamlBinder.ParseBoolean(scalar.Text) == true;
}

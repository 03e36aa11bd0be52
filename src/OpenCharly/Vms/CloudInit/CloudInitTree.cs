using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Vms.CloudInit;

/// <summary>Merges the trees that become cloud-init documents.</summary>
internal static class CloudInitTree
{
    /// <summary>Merges <paramref name="over"/> into <paramref name="under"/>: mappings merge, lists append, all else replaces.</summary>
    public static YamlMapping Merge(YamlMapping under, YamlMapping over)
    {
        var entries = under.Entries.Select(e => over[e.Key.Text] is { } other ? e with { Value = Merge(e.Value, other) } : e);
        return under with { Entries = [.. entries, .. over.Entries.Where(e => under[e.Key.Text] is null)] };
    }

    /// <summary>Reads the entity's <c>extra</c>.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmValidation"/> if it is no mapping.</exception>
    public static YamlMapping ReadExtra(string extra)
    {
        var documents = YamlReader.Read(extra, "cloud_init.extra");
        return documents switch
        {
            [] => Nodes.Map(),
            [YamlMapping mapping] => mapping,
            _ => throw new CharlyException(
                Errors.VmValidation,
                $"cloud_init.extra must be one YAML mapping, not {(documents.Count > 1 ? "several documents" : documents[0].Description)}",
                "Write cloud-config keys at the top level of extra.",
                documents[^1].Position),
        };
    }

    private static YamlNode Merge(YamlNode under, YamlNode over) => (under, over) switch
    {
        (YamlMapping a, YamlMapping b) => Merge(a, b),
        (YamlSequence a, YamlSequence b) => a with { Items = [.. a.Items, .. b.Items] },
        _ => over,
    };
}

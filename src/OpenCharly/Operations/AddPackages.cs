using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Adds packages to the section of a candy that a package format stands for (candy-and-plan.md §8.4).</summary>
/// <param name="context">What it works with.</param>
public sealed class AddPackages(CharlyContext context)
{
    private static readonly Dictionary<string, string[]> Sections = new(StringComparer.Ordinal)
    {
        ["rpm"] = ["distro", "fedora", "package"],
        ["deb"] = ["distro", "debian,ubuntu", "package"],
        ["pac"] = ["distro", "arch", "package"],
        ["aur"] = ["distro", "arch", "aur", "package"],
    };

    /// <summary>Adds packages that are not in the section yet, in the given order.</summary>
    /// <param name="candy">Name of the candy.</param>
    /// <param name="format"><c>rpm</c>, <c>deb</c>, <c>pac</c> or <c>aur</c>.</param>
    /// <param name="packages">The packages.</param>
    /// <param name="dryRun">Only says what the file would hold.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException">There is no such candy, or a package can't be called so. The file is then as it was.</exception>
    public Task<EntityEdit> RunAsync(string candy, string format, IReadOnlyList<string> packages, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        if (!Sections.TryGetValue(format, out var section)) throw new CharlyException(Errors.Usage, $"\"{format}\" is no package format", $"Use {string.Join(", ", Sections.Keys)}.");
        return new EntityEditing(context).RunAsync("candy", candy, (editor, place) => TextListEdit.Add(editor, place, section, packages), dryRun, cancellationToken);
    }
}

/// <summary>Edits of lists of names.</summary>
internal static class TextListEdit
{
    /// <summary>Adds what is not there yet at the end.</summary>
    public static void Add(YamlEditor editor, Model.EntityPlace place, IReadOnlyList<string> keys, IReadOnlyList<string> items)
    {
        var old = Items(editor, place, keys);
        editor.Set([.. place.Path, .. keys], YamlValue.List([.. old, .. items.Where(i => !old.OfType<YamlScalarValue>().Any(o => o.Content == i)).Distinct().Select(YamlValue.Text)]));
    }

    /// <summary>Takes items out.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.RefNotFound"/> for one that is not there.</exception>
    public static void Remove(YamlEditor editor, Model.EntityPlace place, IReadOnlyList<string> keys, IReadOnlyList<string> items)
    {
        var old = Items(editor, place, keys);
        var names = old.OfType<YamlScalarValue>().Select(o => o.Content).ToArray();
        if (items.FirstOrDefault(i => !names.Contains(i)) is { } missing)
        {
            throw new CharlyException(Errors.RefNotFound, $"\"{missing}\" is not in the list", Nearest.Suggest(missing, names, $"It holds {string.Join(", ", names)}."), target: missing);
        }

        editor.Set([.. place.Path, .. keys], YamlValue.List(old.Where(o => o is not YamlScalarValue s || !items.Contains(s.Content))));
    }

    private static YamlValue[] Items(YamlEditor editor, Model.EntityPlace place, IReadOnlyList<string> keys)
    {
        YamlNode? node = place.Body(editor.Text);
        foreach (var key in keys) node = (node as YamlMapping)?[key];
        return node switch
        {
            null or YamlScalar { IsNull: true } => [],
            YamlSequence list => [.. list.Items.Select(YamlValue.From)],
            var single => [YamlValue.From(single)],
        };
    }
}

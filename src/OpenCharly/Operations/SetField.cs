using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Sets one field of a candy or a box in its file.</summary>
/// <param name="context">What it works with.</param>
public sealed class SetField(CharlyContext context)
{
    /// <summary>Sets a field, or removes it.</summary>
    /// <param name="kind"><c>candy</c> or <c>box</c>.</param>
    /// <param name="name">Name of the candy or box.</param>
    /// <param name="field">Keys joined with dots, such as <c>description.feature</c>; a key that holds a dot stands in double quotes.</param>
    /// <param name="value">The value as YAML; empty text removes the field.</param>
    /// <param name="dryRun">Only says what the file would hold.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException">There is no such entity, the field or value is malformed, or the entity would
    /// not be valid. The file is then as it was.</exception>
    public Task<EntityEdit> RunAsync(string kind, string name, string field, string value, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var keys = Keys(field);
        var documents = YamlReader.Read(value, "the value");
        if (documents.Count > 1) throw new CharlyException(Errors.YamlType, "the value is several documents", "Give one value.");
        return new EntityEditing(context).RunAsync(kind, name, (editor, place) =>
        {
            if (documents.Count == 0) editor.Remove([.. place.Path, .. keys]);
            else editor.Set([.. place.Path, .. keys], YamlValue.From(documents[0]));
        }, dryRun, cancellationToken);
    }

    private static List<string> Keys(string field)
    {
        var keys = new List<string>();
        var key = new System.Text.StringBuilder();
        var isQuoted = false;
        foreach (var c in field)
        {
            if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (c == '.' && !isQuoted)
            {
                keys.Add(key.ToString());
                key.Clear();
            }
            else
            {
                key.Append(c);
            }
        }

        keys.Add(key.ToString());
        return !isQuoted && keys.All(k => k.Length > 0)
            ? keys
            : throw new CharlyException(Errors.Usage, $"\"{field}\" is no field", "Join keys with dots, such as description.feature.");
    }
}

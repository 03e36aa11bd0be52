using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Where the fields of an entity stand: the file, the document of it, and the keys that lead to them.</summary>
/// <param name="File">Absolute path of the file.</param>
/// <param name="Document">Number of the document, from 0.</param>
/// <param name="Path">The keys.</param>
internal sealed record EntityPlace(string File, int Document, IReadOnlyList<string> Path)
{
    /// <summary>Finds an entity in a file.</summary>
    /// <param name="file">Absolute path of the file.</param>
    /// <param name="kind">Its kind, such as <c>candy</c>.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="CharlyException"><see cref="Errors.RefNotFound"/> if it does not stand there.</exception>
    public static EntityPlace Find(string file, string kind, string name)
    {
        var documents = YamlReader.ReadFile(file);
        for (var i = 0; i < documents.Count; i++)
        {
            if ((documents[i] as YamlMapping)?[kind] is not YamlMapping map) continue;
            if (map["name"] is YamlScalar { IsNull: false } own)
            {
                if (own.Text == name) return new EntityPlace(file, i, [kind]);
            }
            else if (map[name] is YamlMapping)
            {
                return new EntityPlace(file, i, [kind, name]);
            }
            else if (System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(file)) == name)
            {
                return new EntityPlace(file, i, [kind]);
            }
        }

        throw new CharlyException(Errors.RefNotFound, $"{file} holds no {kind} \"{name}\"", "Look at the file.", new SourcePosition(file, 1, 1), name);
    }

    /// <summary>The fields in a text that the file holds, or is to hold.</summary>
    public YamlMapping Body(string text)
    {
        YamlNode node = YamlReader.Read(text, File)[Document];
        foreach (var key in Path) node = ((YamlMapping)node)[key]!;
        return (YamlMapping)node;
    }
}

using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>The file that the entity of a machine stands in, to be edited with its comments and order untouched.</summary>
internal sealed class VmEntityFile
{
    private readonly int _document;
    private readonly string _root;

    /// <summary>Finds an entity in its own file.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/> if it is not in that file itself.</exception>
    public VmEntityFile(VmSpec spec)
    {
        Path = System.IO.Path.GetFullPath(spec.Position.File, spec.ProjectFolder);
        var documents = File.Exists(Path) ? YamlReader.ReadFile(Path) : [];
        for (_document = 0; _document < documents.Count; _document++)
        {
            foreach (var root in (string[])["vm", "vms"])
            {
                if ((documents[_document] as YamlMapping)?[root] is not YamlMapping all || all[spec.Name] is not YamlMapping entity) continue;
                (_root, Entity) = (root, entity);
                return;
            }
        }

        throw new CharlyException(
            Errors.VmNotFound, $"the entity {spec.Name} is not in {Path} itself, so it can't be edited there", "Write what is wanted by hand.", spec.Position, spec.Name);
    }

    private VmEntityFile(string path, string root) => (Path, _root, Entity) = (path, root, new YamlMapping([], new SourcePosition(path, 1, 1)));

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>The entity as it stands there.</summary>
    public YamlMapping Entity { get; }

    /// <summary>The root file of a project, for entities that are new.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgNoProject"/>.</exception>
    public static VmEntityFile OfProject(string folder)
    {
        var path = System.IO.Path.Combine(folder, "charly.yml");
        if (!File.Exists(path)) throw new CharlyException(Errors.CfgNoProject, $"there is no project in {folder}", "Make one: charly box new project NAME; or name its folder with -C.", target: folder);
        var root = YamlReader.ReadFile(path) is [YamlMapping first, ..] && first["vm"] is null && first["vms"] is not null ? "vms" : "vm";
        return new VmEntityFile(path, root);
    }

    /// <summary>Sets values of entities and writes the file.</summary>
    /// <param name="values">Each with the path of its keys below the map of entities, such as <c>web</c>, <c>ram</c>.</param>
    public void Set(params IEnumerable<(IReadOnlyList<string> Keys, YamlValue Value)> values)
    {
        var editor = new YamlEditor(File.ReadAllText(Path), Path, _document);
        foreach (var (keys, value) in values) editor.Set([_root, .. keys], value);
        AtomicFile.Write(Path, editor.Text, File.GetUnixFileMode(Path));
    }

    /// <summary>Removes a value of an entity and writes the file; nothing happens if there is none.</summary>
    public void Remove(params IReadOnlyList<string> keys)
    {
        var editor = new YamlEditor(File.ReadAllText(Path), Path, _document);
        if (editor.Remove([_root, .. keys])) AtomicFile.Write(Path, editor.Text, File.GetUnixFileMode(Path));
    }
}

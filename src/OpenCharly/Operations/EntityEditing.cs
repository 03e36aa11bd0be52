using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>A file as an edit leaves it.</summary>
/// <param name="File">Absolute path of the file.</param>
/// <param name="Text">All of its new text.</param>
/// <param name="IsChanged">Whether that differs from what was there.</param>
public sealed record EntityEdit(string File, string Text, bool IsChanged);

/// <summary>Edits the file of a candy or a box: comments, order and layout stay, and what would no longer be valid is refused.</summary>
internal sealed class EntityEditing(CharlyContext context)
{
    /// <summary>The file of a candy or box of the project, and the place in it.</summary>
    public async Task<(Project Project, EntityPlace Place)> FindAsync(string kind, string name, CancellationToken cancellationToken)
    {
        var (project, _) = await new ProjectLoader(context.Environment, context.Paths, context.Processes).InspectAsync(context.ProjectFolder, pull: false, cancellationToken).ConfigureAwait(false);
        var (position, names) = kind == "candy" ? (project.Candies.Position(name), project.Candies.Names) : (project.Boxes.Position(name), project.Boxes.Names);
        if (position is null)
        {
            throw new CharlyException(
                Errors.RefNotFound, $"there is no {kind} \"{name}\" in {project.Folder}", Nearest.Suggest(name, names, $"Run `charly box list {(kind == "candy" ? "candies" : "boxes")}` to see what there is."), target: name);
        }

        var file = context.Environment.Resolve(position.File);
        if (!file.StartsWith(project.Folder.TrimEnd('/') + "/", StringComparison.Ordinal))
        {
            throw new CharlyException(Errors.CfgImport, $"the {kind} \"{name}\" comes from another repository: {file}", "Edit it there, or copy it into this project.", position, name);
        }

        return (project, EntityPlace.Find(file, kind, name));
    }

    /// <summary>Changes the fields of an entity.</summary>
    /// <param name="kind"><c>candy</c> or <c>box</c>.</param>
    /// <param name="name">Its name.</param>
    /// <param name="edit">Makes the change; paths begin with those of the place.</param>
    /// <param name="dryRun">Only says what the file would hold.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException">There is no such entity, or it would not be valid: one error, or a
    /// <see cref="CharlyValidationException"/> with all. The file is then as it was.</exception>
    public async Task<EntityEdit> RunAsync(string kind, string name, Action<YamlEditor, EntityPlace> edit, bool dryRun, CancellationToken cancellationToken)
    {
        var (project, place) = await FindAsync(kind, name, cancellationToken).ConfigureAwait(false);
        var before = await File.ReadAllTextAsync(place.File, cancellationToken).ConfigureAwait(false);
        var editor = new YamlEditor(before, place.File, place.Document);
        edit(editor, place);
        return Write(project, kind, name, place, before, editor.Text, dryRun);
    }

    /// <summary>Replaces a whole file by a text in which the entity is valid.</summary>
    public async Task<EntityEdit> ReplaceAsync(string kind, string name, string text, bool dryRun, CancellationToken cancellationToken)
    {
        var (project, place) = await FindAsync(kind, name, cancellationToken).ConfigureAwait(false);
        var before = await File.ReadAllTextAsync(place.File, cancellationToken).ConfigureAwait(false);
        return Write(project, kind, name, place, before, text, dryRun);
    }

    private static EntityEdit Write(Project project, string kind, string name, EntityPlace place, string before, string text, bool dryRun)
    {
        var problems = new List<Problem>();
        var documents = YamlReader.Read(text, place.File);
        YamlNode? node = place.Document < documents.Count ? documents[place.Document] : null;
        foreach (var key in place.Path) node = (node as YamlMapping)?[key];
        if (node is not YamlMapping body) throw new CharlyException(Errors.CfgDocument, $"the text holds no {kind} \"{name}\"", $"Write {string.Join(": {", place.Path)}: with the fields below it.", new SourcePosition(place.File, 1, 1), name);
        if (kind == "candy") CandyReader.ReadBody(body, Path.GetDirectoryName(place.File)!, name, new CandyOrigin(project.Folder) { ExpectedName = name, Distros = [.. project.Entities("distro").Keys] }, problems);
        else BoxReader.Read(body, name, project.Folder, problems);
        CharlyValidationException.ThrowIfAny(problems);
        var isChanged = text != before;
        if (isChanged && !dryRun) AtomicFile.Write(place.File, text);
        return new EntityEdit(place.File, text, isChanged);
    }
}

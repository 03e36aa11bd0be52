using System.Collections.Concurrent;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>What a plain name means if a box and a candy share it.</summary>
public enum RefPrefer
{
    /// <summary>The box: for what is deployed.</summary>
    Box,

    /// <summary>The candy, and nothing else: for what is added to it.</summary>
    Candy,
}

/// <summary>What a reference leads to.</summary>
/// <param name="Project">The project that it belongs to.</param>
public abstract record ResolvedReference(Project Project);

/// <summary>A candy.</summary>
/// <param name="Candy">The candy.</param>
/// <param name="Project">Its project.</param>
public sealed record ResolvedCandy(Candy Candy, Project Project) : ResolvedReference(Project);

/// <summary>A box.</summary>
/// <param name="Box">The box.</param>
/// <param name="Project">Its project.</param>
public sealed record ResolvedBox(Box Box, Project Project) : ResolvedReference(Project);

/// <summary>
/// Finds what references mean (candy-and-plan.md §2): names in the project and its namespaces, files, remote
/// repositories. One resolver keeps the foreign projects that it loaded, so use one for a whole operation.
/// </summary>
/// <param name="environment">What relative paths are relative to.</param>
/// <param name="loader">Loads foreign projects.</param>
public sealed class ReferenceResolver(CharlyEnvironment environment, ProjectLoader loader)
{
    private readonly ConcurrentDictionary<string, Project> _foreign = new(StringComparer.Ordinal);

    /// <summary>Finds what a reference means.</summary>
    /// <param name="project">The current project.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="prefer">What a plain name means first; with <see cref="RefPrefer.Candy"/> a box is an error.</param>
    /// <param name="pull">Whether remote repositories are fetched anew.</param>
    /// <param name="position">Where the reference stands, for errors.</param>
    /// <param name="baseFolder">What a relative path is relative to; the working folder if null.</param>
    /// <param name="cancellationToken">Ends the wait for a fetch.</param>
    /// <exception cref="CharlyException">One of the <c>REF…</c> codes, or what is wrong with the entity itself.</exception>
    public async Task<ResolvedReference> ResolveAsync(
        Project project,
        string reference,
        RefPrefer prefer,
        bool pull = false,
        SourcePosition? position = null,
        string? baseFolder = null,
        CancellationToken cancellationToken = default)
    {
        var found = Reference.Parse(reference, position) switch
        {
            RemoteReference remote => await RemoteAsync(remote, pull, position, cancellationToken).ConfigureAwait(false),
            PathReference path => await FromPathAsync(project, path, baseFolder, position, cancellationToken).ConfigureAwait(false),
            var name => FromName(project, name.Text, prefer, position),
        };
        if (prefer is RefPrefer.Candy && found is ResolvedBox box)
        {
            throw new CharlyException(Errors.RefKind, $"\"{reference}\" is the box \"{box.Box.Name}\", but a candy is needed", "Name a candy.", position, reference);
        }

        return found;
    }

    /// <summary>Finds a candy that another one requires or is composed of: in its own project first, then in the current one.</summary>
    /// <param name="project">The current project.</param>
    /// <param name="from">The candy that names it.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="pull">Whether remote repositories are fetched anew.</param>
    /// <param name="cancellationToken">Ends the wait for a fetch.</param>
    /// <exception cref="CharlyException"><see cref="Errors.CandyMember"/> if there is none.</exception>
    public async Task<Candy> ResolveMemberAsync(
        Project project, Candy from, SourcedText reference, bool pull = false, CancellationToken cancellationToken = default)
    {
        var own = await OwnerAsync(project, from.ProjectFolder, from.Repository, cancellationToken).ConfigureAwait(false);
        foreach (var place in ReferenceEquals(own, project) ? [project] : (Project[])[own, project])
        {
            try
            {
                var found = await ResolveAsync(place, reference.Text, RefPrefer.Candy, pull, reference.Position, from.Folder, cancellationToken).ConfigureAwait(false);
                return ((ResolvedCandy)found).Candy;
            }
            catch (CharlyException e) when (e.Code == Errors.RefNotFound || e.Code == Errors.RefNamespace || e.Code == Errors.RefKind)
            {
                if (!ReferenceEquals(place, project)) continue;
                throw new CharlyException(Errors.CandyMember, $"candy \"{from.Name}\": {e.Message}", e.Help, reference.Position, from.Name, e);
            }
        }

        throw new InvalidOperationException("a candy is looked for in at least one project");
    }

    private static ResolvedReference FromName(Project project, string text, RefPrefer prefer, SourcePosition? position)
    {
        var (place, name) = project.Boxes.Contains(text) ? (project, text) : project.Qualify(text, position);
        ResolvedReference? found = prefer is RefPrefer.Box ? Box() ?? Candy() : Candy() ?? Box();
        if (found is not null) return found;
        var nearest = Nearest.Find(name, prefer is RefPrefer.Box ? place.Boxes.Names.Concat(place.Candies.Names) : place.Candies.Names.Concat(place.Boxes.Names));
        throw new CharlyException(
            Errors.RefNotFound,
            place.Exists ? $"there is no candy or box \"{text}\" in {place.Folder} (looked in box/ and candy/)" : $"there is no candy or box \"{text}\": {place.Folder} holds no charly.yml",
            nearest is not null ? $"Did you mean \"{nearest}\"?" : place.Exists ? "Run `charly box list candies` to see what there is." : "Change to a project's folder, use --dir, or give a path or repository.",
            position,
            text);

        ResolvedReference? Box() => place.Boxes.Find(name) is { } box ? new ResolvedBox(box, place) : null;
        ResolvedReference? Candy() => place.Candies.Find(name) is { } candy ? new ResolvedCandy(candy, place) : null;
    }

    private async Task<ResolvedReference> RemoteAsync(RemoteReference remote, bool pull, SourcePosition? position, CancellationToken cancellationToken)
    {
        var folder = await loader.Repositories.FetchAsync(remote.Repository, remote.Version, pull, position, cancellationToken).ConfigureAwait(false);
        if (!_foreign.TryGetValue(folder, out var project) || pull)
        {
            project = await loader.LoadForeignAsync(folder, $"{remote.Repository}@{remote.Version}", pull, cancellationToken).ConfigureAwait(false);
            _foreign[folder] = project;
        }

        if (!project.Exists)
        {
            throw Missing("holds neither a charly.yml nor candies or boxes", "Correct the name of the repository, or put its candies into candy/NAME/charly.yml, its boxes into box/NAME/charly.yml.");
        }

        var what = remote.SubPath switch
        {
            [] => project.Boxes.Count == 1 ? ("box", project.Boxes.Names.First()) : throw Missing(
                project.Boxes.Count == 0 ? "has no box" : $"has the boxes {string.Join(", ", project.Boxes.Names)}", "Add /box/NAME or /candy/NAME."),
            ["candy" or "layers" or "layer", var name] => ("candy", name),
            [.., var name] => ("box", name),
        };
        if (what.Item1 == "candy") return project.Candies.Find(what.Item2) is { } candy ? new ResolvedCandy(candy, project) : throw Unknown("candy", project.Candies.Names);
        return project.Boxes.Find(what.Item2) is { } box ? new ResolvedBox(box, project) : throw Unknown("box", project.Boxes.Names);

        CharlyException Missing(string why, string help) => new(Errors.RefSubPath, $"\"{remote.Text}\": {remote.Repository} {why}", help, position, remote.Text);

        CharlyException Unknown(string kind, IEnumerable<string> names) =>
            Missing($"has no {kind} \"{what.Item2}\"", Nearest.Suggest(what.Item2, names, $"It has {string.Join(", ", names.Take(20))}."));
    }

    private async Task<ResolvedReference> FromPathAsync(Project project, PathReference reference, string? baseFolder, SourcePosition? position, CancellationToken cancellationToken)
    {
        if (!Patterns.IsOneLine(reference.Text)) throw Bad("is no path", "Name a file or folder.");
        var path = reference.Text.StartsWith('~') || baseFolder is null ? environment.Resolve(reference.Text) : Path.GetFullPath(reference.Text, baseFolder);
        if (baseFolder is not null && !project.MayReach(path)) throw Bad($"leads outside of the repository {project.Origin}", "A repository can name only what is in it.");
        if (Directory.Exists(path)) path = Path.Combine(path, "charly.yml");
        if (!File.Exists(path)) throw Bad($"leads to {path}, which is not there", "Name a file, or a folder with a charly.yml.");
        var display = loader.Display(path);
        var problems = new List<Problem>();
        var entity = PathEntity.Read(YamlReader.ReadFile(path, display), problems, Bad);
        var folder = Path.GetDirectoryName(path)!;
        var name = entity.Name ?? (Path.GetFileName(folder) is { Length: > 0 } folderName ? folderName : Path.GetFileNameWithoutExtension(path));

        // What it names is looked for in the project that it lies in.
        var owner = OwnerProject.FolderOf(path, project.Folder) ?? project.Folder;
        var repository = baseFolder is null ? null : project.Origin;
        ResolvedReference found;
        if (entity.IsCandy)
        {
            var origin = new CandyOrigin(owner) { Repository = repository, Distros = [.. project.Entities("distro").Keys], DisplayName = display };
            found = new ResolvedCandy(CandyReader.ReadBody(entity.Body, folder, name, origin, problems), project);
        }
        else
        {
            var place = await OwnerAsync(project, owner, repository, cancellationToken).ConfigureAwait(false);
            found = new ResolvedBox(BoxReader.Read(entity.Body, name, place.Folder, problems), place);
        }

        CharlyValidationException.ThrowIfAny(problems);
        project.Warn(problems);
        return found;

        CharlyException Bad(string why, string help) => new(Errors.RefPath, $"\"{reference.Text.ReplaceLineEndings("⏎")}\" {why}", help, position, reference.Text);
    }

    // One that was reached through no reference to it, but through a path to something that lies in it, is loaded when somebody needs it.
    private async Task<Project> OwnerAsync(Project project, string folder, string? repository, CancellationToken cancellationToken)
    {
        if (folder == project.Folder) return project;
        if (_foreign.GetValueOrDefault(folder) is { } known) return known;
        if (Mounted(project, folder) is { } mounted) return mounted;
        var loaded = await loader.LoadForeignAsync(folder, repository, cancellationToken: cancellationToken).ConfigureAwait(false);
        return _foreign.GetOrAdd(folder, loaded);
    }

    private static Project? Mounted(Project project, string folder)
    {
        var seen = new HashSet<Project> { project };
        var open = new Queue<Project>(project.Namespaces.Values.Concat(project.FlatProjects));
        while (open.TryDequeue(out var next))
        {
            if (next.Folder == folder) return next;
            if (!seen.Add(next)) continue;
            foreach (var inner in next.Namespaces.Values.Concat(next.FlatProjects)) open.Enqueue(inner);
        }

        return null;
    }
}

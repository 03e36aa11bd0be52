using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>The project of a context with what planning its boxes needs.</summary>
internal sealed class BoxProject
{
    private readonly CharlyContext _context;

    private BoxProject(CharlyContext context, Project project)
    {
        _context = context;
        Project = project;
        Resolver = new ReferenceResolver(context.Environment, new ProjectLoader(context.Environment, context.Paths, context.Processes));
    }

    public Project Project { get; }

    public ReferenceResolver Resolver { get; }

    /// <summary>Lines of <c>defaults.context_ignore</c>.</summary>
    public IReadOnlyList<string> Ignore => Defaults.TextList("context_ignore");

    private YamlBinder Defaults => new(Project.Defaults ?? new YamlMapping([], new SourcePosition(Project.Folder, 1, 1)), "defaults", []);

    /// <exception cref="CharlyException"><see cref="Errors.CfgNoProject"/>, and what is wrong with the project.</exception>
    public static async Task<BoxProject> LoadAsync(CharlyContext context, CancellationToken cancellationToken)
    {
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        if (!project.Exists)
        {
            throw new CharlyException(
                Errors.CfgNoProject, $"{project.Folder} holds no charly.yml", "Change to a project's folder, name one with --dir, or make one: charly box new project NAME", target: project.Folder);
        }

        return new BoxProject(context, project);
    }

    public BoxPlanner Planner(string? tag) => new(Project, Resolver, tag, _context.Environment.Clock.GetUtcNow());

    /// <summary>A number of <c>defaults:</c>.</summary>
    public int? Number(string key) => Defaults.Integer(key);

    /// <summary>A word of <c>defaults:</c>.</summary>
    public string? Word(string key) => Defaults.Text(key);

    public void Tell(IEnumerable<string> warnings)
    {
        foreach (var warning in warnings) _context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, warning));
    }
}

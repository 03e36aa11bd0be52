using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>What looking at a whole project found.</summary>
/// <param name="Problems">Errors and warnings, in the order of the files.</param>
/// <param name="Candies">Number of candies that were looked at.</param>
/// <param name="Boxes">Number of boxes that were looked at.</param>
/// <param name="Others">Number of machines, local templates and deployments that were looked at.</param>
public sealed record ProjectReport(IReadOnlyList<Problem> Problems, int Candies, int Boxes, int Others)
{
    /// <summary>What keeps the project from being valid.</summary>
    public IEnumerable<Problem> Errors => Problems.Where(p => !p.IsWarning);

    /// <summary>Whether there is no error; warnings don't count.</summary>
    public bool IsValid => !Errors.Any();
}

/// <summary>Reads everything of a project and tells every problem at once (candy-and-plan.md §8.4, §10).</summary>
/// <param name="context">What it works with.</param>
public sealed class ValidateProject(CharlyContext context)
{
    /// <summary>Looks at the project of the context. Only what it refers to elsewhere is fetched; nothing else is changed.</summary>
    /// <param name="includeDisabled">Whether disabled boxes are looked at too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Foundation.Errors.CfgNoProject"/> if there is no <c>charly.yml</c>.</exception>
    public async Task<ProjectReport> RunAsync(bool includeDisabled = false, CancellationToken cancellationToken = default)
    {
        var loader = new ProjectLoader(context.Environment, context.Paths, context.Processes);
        var (project, found) = await loader.InspectAsync(context.ProjectFolder, pull: false, cancellationToken).ConfigureAwait(false);
        if (!project.Exists)
        {
            throw new CharlyException(
                Foundation.Errors.CfgNoProject, $"{project.Folder} holds no charly.yml", "Change to a project's folder, name one with --dir, or make one: charly box new project NAME", target: project.Folder);
        }

        var validator = new ProjectValidator(new ReferenceResolver(context.Environment, loader));
        var problems = await validator.ValidateAsync(project, includeDisabled, found, cancellationToken).ConfigureAwait(false);
        return new ProjectReport(problems, project.Candies.Count, project.Boxes.Count, project.Vms.Count + project.LocalTemplates.Count + project.Deployments.Count);
    }
}

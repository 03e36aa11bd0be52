using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>The machines that a project declares. The project is loaded once, when the first is asked for.</summary>
internal sealed class ProjectVms(CharlyContext context)
{
    private readonly Lazy<Project> _project = new(() =>
        new ProjectLoader(context.Environment, context.Paths, context.Processes).LoadAsync(context.ProjectFolder).GetAwaiter().GetResult());

    /// <summary>The entity of a name, or null.</summary>
    public VmSpec? Find(string name) => _project.Value.Vms.Find(name);
}

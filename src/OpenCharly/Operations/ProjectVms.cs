using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>The machines that a project declares, read when somebody asks for them.</summary>
internal sealed class ProjectVms(CharlyContext context)
{
    /// <summary>The entity of a name, or null.</summary>
    /// <exception cref="CharlyException">The project or the entity has errors.</exception>
    public async Task<VmSpec?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var project = await LoadAsync(cancellationToken).ConfigureAwait(false);
        var spec = project.FindVm(name);
        if (spec is not null) spec = VmDefaults.Over(spec, context) with { GpuClaims = VmGpuClaim.Of(project, name) };
        context.Warn(project.Warnings);
        return spec;
    }

    /// <summary>All entities by name.</summary>
    /// <exception cref="CharlyException">The project or an entity has errors.</exception>
    public async Task<IReadOnlyList<VmSpec>> AllAsync(CancellationToken cancellationToken)
    {
        var project = await LoadAsync(cancellationToken).ConfigureAwait(false);
        return [.. project.Vms.Names.Select(n => project.Vms.Find(n)).OfType<VmSpec>().Select(s => VmDefaults.Over(s, context))];
    }

    private Task<Project> LoadAsync(CancellationToken cancellationToken) =>
        new ProjectLoader(context.Environment, context.Paths, context.Processes).LoadAsync(context.ProjectFolder, pull: false, cancellationToken);
}

using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>The machines that a project declares.</summary>
internal sealed class ProjectVms(CharlyContext context)
{
    /// <summary>The entity of a name, or null.</summary>
    public VmSpec? Find(string name) => throw new NotImplementedException(context.ProjectFolder + name);
}

using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Operations;

/// <summary>Reads a plan that <see cref="ExportPlan"/> wrote.</summary>
/// <param name="context">What it works with.</param>
public sealed class ImportPlan(CharlyContext context)
{
    /// <summary>Reads the file.</summary>
    /// <param name="path">Where from; <c>~</c> and relative paths are those of the environment.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PlanSchema"/> if it is no plan, or one of an unknown schema;
    /// <see cref="Errors.Io"/> if it can't be read.</exception>
    public Task<InstallPlan> RunAsync(string path, CancellationToken cancellationToken = default)
    {
        var full = context.Environment.Resolve(path);
        throw new NotImplementedException();
    }
}

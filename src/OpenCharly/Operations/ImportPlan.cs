using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Operations;

/// <summary>Reads plans that <see cref="ExportPlan"/> wrote.</summary>
/// <param name="context">What it works with.</param>
public sealed class ImportPlan(CharlyContext context)
{
    /// <summary>Reads the file.</summary>
    /// <param name="path">Where from; <c>~</c> and relative paths are those of the environment.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The plans, in the order of the file.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.FileMissing"/> if there is no such file,
    /// <see cref="Errors.PlanSchema"/> if it holds no plan, or one of an unknown schema; <see cref="Errors.Io"/> if it can't be read.</exception>
    public async Task<IReadOnlyList<InstallPlan>> RunAsync(string path, CancellationToken cancellationToken = default)
    {
        var full = context.Environment.Resolve(path);
        if (!File.Exists(full))
        {
            throw new CharlyException(Errors.FileMissing, $"there is no file {full}", "Name a file that a plan was exported to.", target: full);
        }

        try
        {
            return PlanJson.Read(await File.ReadAllTextAsync(full, cancellationToken).ConfigureAwait(false), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CharlyException(Errors.Io, $"{full} can't be read: {e.Message}", "Check its owner and mode.", target: full, inner: e);
        }
    }
}

using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Operations;

/// <summary>Writes plans to a file, from which <see cref="ImportPlan"/> reads them back.</summary>
/// <param name="context">What it works with.</param>
public sealed class ExportPlan(CharlyContext context)
{
    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="plans">The plans, in order.</param>
    /// <param name="path">Where to; <c>~</c> and relative paths are those of the environment.</param>
    /// <param name="overwrite">Whether a file that is there already is replaced.</param>
    /// <param name="cancellationToken">Stops before the file is written.</param>
    /// <returns>The absolute path.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.FileExists"/> if it exists and may not be replaced,
    /// <see cref="Errors.Io"/> if it can't be written.</exception>
    public async Task<string> RunAsync(
        IReadOnlyList<InstallPlan> plans, string path, bool overwrite = true, CancellationToken cancellationToken = default)
    {
        var json = PlanJson.Write(plans);
        return await NewFile.WriteAsync(context, path, json, overwrite, cancellationToken).ConfigureAwait(false);
    }
}

using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Operations;

/// <summary>Draws plans: as a tree, a Mermaid chart, a page of HTML.</summary>
/// <param name="context">What it works with.</param>
public sealed class DrawPlan(CharlyContext context)
{
    /// <summary>The picture as text.</summary>
    /// <param name="plans">The plans, in order.</param>
    /// <param name="picture">How they are drawn.</param>
    public static string Run(IReadOnlyList<InstallPlan> plans, PlanPicture picture) => PlanGraph.Draw(plans, picture);

    /// <summary>Writes the picture to a file, whole or not at all.</summary>
    /// <param name="plans">The plans, in order.</param>
    /// <param name="picture">How they are drawn.</param>
    /// <param name="path">Where to; <c>~</c> and relative paths are those of the environment.</param>
    /// <param name="overwrite">Whether a file that is there already is replaced.</param>
    /// <param name="cancellationToken">Stops before the file is written.</param>
    /// <returns>The absolute path.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.FileExists"/>, <see cref="Errors.Io"/>.</exception>
    public Task<string> WriteAsync(
        IReadOnlyList<InstallPlan> plans, PlanPicture picture, string path, bool overwrite = true, CancellationToken cancellationToken = default) =>
        NewFile.WriteAsync(context, path, Run(plans, picture), overwrite, cancellationToken);
}

using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Lists the boxes of the project.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetBoxes(CharlyContext context)
{
    /// <summary>The boxes that the project defines, by name. One that can't be read is told as a warning and left out.</summary>
    public async Task<IReadOnlyList<Box>> RunAsync(CancellationToken cancellationToken = default)
    {
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        var boxes = new List<Box>();
        foreach (var name in project.Boxes.Names)
        {
            var problems = project.Boxes.Problems(name);
            if (problems.All(p => p.IsWarning)) boxes.Add(project.Boxes.Find(name)!);
            else context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"box {name} is left out: {problems.First(p => !p.IsWarning)}"));
        }

        return boxes;
    }
}

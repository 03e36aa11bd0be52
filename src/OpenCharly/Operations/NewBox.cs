using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Starts a new box of the project: a file that is valid, and says where to go on.</summary>
/// <param name="context">What it works with.</param>
public sealed class NewBox(CharlyContext context)
{
    /// <summary>Writes <c>box/NAME/charly.yml</c>.</summary>
    /// <param name="name">Name of the box.</param>
    /// <param name="dryRun">Only say where.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Path of the file.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>, <see cref="Errors.CfgNoProject"/>,
    /// <see cref="Errors.FileExists"/>; <see cref="Errors.CfgDuplicate"/> if the project has a box of that name elsewhere.</exception>
    public async Task<string> RunAsync(string name, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        if (!Patterns.Alias().IsMatch(name) || name.Contains('.')) throw new CharlyException(Errors.BadName, $"\"{name}\" can't name a box", "Use letters, digits, dashes, underscores.", target: name);
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        if (project.Boxes.Position(name) is { } position && !position.File.EndsWith($"box/{name}/charly.yml", StringComparison.Ordinal))
        {
            throw new CharlyException(Errors.CfgDuplicate, $"the box \"{name}\" is declared in {position.File}", "Choose another name.", position, name);
        }

        var file = Scaffold.FileOf(context, "box", name);
        if (!dryRun) Scaffold.Write(file, Scaffold.Box(name, context.Environment.Clock));
        return file;
    }
}

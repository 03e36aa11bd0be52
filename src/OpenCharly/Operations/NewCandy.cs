using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Starts a new candy of the project: a file that is valid, and says where to go on.</summary>
/// <param name="context">What it works with.</param>
public sealed class NewCandy(CharlyContext context)
{
    /// <summary>Writes <c>candy/NAME/charly.yml</c> and reads it back.</summary>
    /// <param name="name">Name of the candy.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.BadName"/>, <see cref="Errors.CfgNoProject"/>,
    /// <see cref="Errors.FileExists"/>; <see cref="Errors.CfgDuplicate"/> if the project has a candy of that name elsewhere.</exception>
    public async Task<Candy> RunAsync(string name, CancellationToken cancellationToken = default)
    {
        var file = await PreviewAsync(name, cancellationToken).ConfigureAwait(false);
        Scaffold.Write(file, Scaffold.Candy(name, context.Environment.Clock));
        var after = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        if (after.Candies.Find(name) is { } candy) return candy;
        context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"discover: of {after.Folder}/charly.yml does not look into candy/; add it there"));
        return CandyReader.ReadFile(file, new CandyOrigin(after.Folder), [])!;
    }

    /// <summary>Where the file would be written; nothing is.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws.</exception>
    public async Task<string> PreviewAsync(string name, CancellationToken cancellationToken = default)
    {
        if (!Names.IsCandy(name)) throw new CharlyException(Errors.BadName, $"\"{name}\" can't name a candy", "Begin with a-z or 0-9; then also _ and -.", target: name);
        var before = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        if (before.Candies.Position(name) is { } position && position.File is var known && !known.EndsWith($"candy/{name}/charly.yml", StringComparison.Ordinal))
        {
            throw new CharlyException(Errors.CfgDuplicate, $"the candy \"{name}\" is declared in {known}", "Choose another name.", position, name);
        }

        return Scaffold.FileOf(context, "candy", name);
    }
}

using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Brings the image of a box into local storage (pod.md §3.2): the one operation that fetches images of boxes.</summary>
/// <param name="context">What it works with.</param>
public sealed class PullBox(CharlyContext context)
{
    /// <summary>Pulls it.</summary>
    /// <param name="reference">Full reference of an image, name of a box of the project, or a reference to a box in a repository.</param>
    /// <param name="tag">Tag of a box's image; what the box says, else its version, if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The image with what it says of itself.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.ImageReference"/>, <see cref="Errors.ImagePull"/>, <see cref="Errors.RefNotFound"/>,
    /// <see cref="Errors.ImageMetadata"/> for an image that is no box.</exception>
    public async Task<BoxImage> RunAsync(string reference, string? tag = null, CancellationToken cancellationToken = default)
    {
        var image = await PreviewAsync(reference, tag, cancellationToken).ConfigureAwait(false);
        var engine = new EngineChoice(context.Environment, context.Paths, context.Processes).Run();
        await new ImageBuilder(engine).PullAsync(image, line => context.Progress.Report(new NoticeEvent(NoticeLevel.Debug, line.Text)), cancellationToken).ConfigureAwait(false);
        return await new LocalImages(engine).ResolveAsync(image, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Full reference of the image that would be pulled; nothing is.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it asks the registry.</exception>
    public async Task<string> PreviewAsync(string reference, string? tag = null, CancellationToken cancellationToken = default)
    {
        var name = ImageName.Parse(reference);
        if (name.Form == ImageForm.Full && tag is not null) throw new CharlyException(Errors.Usage, $"\"{reference}\" says which image it is, so there is no tag to choose", "Leave out --tag.", target: reference);
        return name.Form == ImageForm.Full ? reference : await FindAsync(name, tag, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> FindAsync(ImageName name, string? tag, CancellationToken cancellationToken)
    {
        var project = await new BundleResolver(context).LoadAsync(cancellationToken).ConfigureAwait(false);
        var resolver = new ReferenceResolver(context.Environment, new ProjectLoader(context.Environment, context.Paths, context.Processes));
        var text = name.Form == ImageForm.Short ? name.Name : name.Text;
        var found = await resolver.ResolveAsync(project, text, RefPrefer.Box, pull: name.Form == ImageForm.Repository, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (found is not ResolvedBox { Box: var box, Project: var place }) throw new CharlyException(Errors.RefKind, $"\"{name.Text}\" is a candy, and only boxes have images", "Name a box.", target: name.Text);
        var body = BoxBody.Read(box, place);
        if (body.Registry.Length == 0)
        {
            throw new CharlyException(
                Errors.ImageReference, $"the box \"{box.Name}\" is in no registry, so there is nothing to pull", $"Build it with: charly box build {box.Name}", box.Position, box.Name);
        }

        var wanted = tag ?? name.Tag ?? body.Tag ?? (box.Version.Length > 0 ? box.Version : null) ?? throw new CharlyException(
            Errors.ImageReference, $"nothing says which image of the box \"{box.Name}\" is meant", $"Name its tag: charly box pull {name.Text} --tag TAG", box.Position, box.Name);
        return BoxTag.Reference(body.Registry, box.Name, BoxTag.Check(wanted));
    }
}

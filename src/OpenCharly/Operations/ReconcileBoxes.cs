using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>What <c>box reconcile</c> makes of the <c>build:</c> of one box.</summary>
/// <param name="Name">The box.</param>
/// <param name="Distro">Its distribution tags.</param>
/// <param name="Before">Package formats as they were in force; empty if none were.</param>
/// <param name="After">Package formats as they are now.</param>
/// <param name="File">The file that was, or would be, changed; null if it fits already.</param>
public sealed record ReconciledBox(string Name, IReadOnlyList<string> Distro, IReadOnlyList<string> Before, IReadOnlyList<string> After, string? File)
{
    /// <summary>Whether it did not fit.</summary>
    public bool IsChanged => File is not null;
}

/// <summary>
/// Brings <c>build:</c> of boxes in line with the vocabulary (candy-and-plan.md §8.4): a box whose distribution has another
/// package format than the box says, or that says none, gets that format. Comments and layout of its file stay.
/// </summary>
/// <param name="context">What it works with.</param>
public sealed class ReconcileBoxes(CharlyContext context)
{
    /// <summary>Reconciles boxes.</summary>
    /// <param name="names">Names of boxes; all of the project's own files if empty.</param>
    /// <param name="dryRun">Only say what would change.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>All that were looked at, by name.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.RefNotFound"/>; <see cref="Errors.BoxBuild"/> for a box whose distribution is not known: nothing is changed.</exception>
    public async Task<IReadOnlyList<ReconciledBox>> RunAsync(IReadOnlyList<string> names, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var project = (await BoxProject.LoadAsync(context, cancellationToken).ConfigureAwait(false)).Project;
        var editing = new EntityEditing(context);
        var plans = new List<(string Name, IReadOnlyList<string> Distro, IReadOnlyList<string> Before, IReadOnlyList<string>? After)>();
        foreach (var name in names.Count > 0 ? names.Distinct(StringComparer.Ordinal) : project.Boxes.Names.Where(n => IsOwn(project, n)).Order(StringComparer.Ordinal))
        {
            var box = project.Boxes.Find(name) ?? throw new CharlyException(
                Errors.RefNotFound, $"there is no box \"{name}\" in {project.Folder}", Nearest.Suggest(name, project.Boxes.Names, "Run `charly box list boxes` to see what there is."), target: name);
            plans.Add(Plan(project, box));
        }

        var done = new List<ReconciledBox>();
        foreach (var (name, distro, before, after) in plans)
        {
            string? file = null;
            if (after is not null)
            {
                file = (await editing.RunAsync(
                    "box", name, (editor, place) => editor.Set([.. place.Path, "build"], YamlValue.TextList(after)), dryRun, cancellationToken).ConfigureAwait(false)).File;
            }

            done.Add(new ReconciledBox(name, distro, before, after ?? before, file));
        }

        return done;
    }

    private static (string Name, IReadOnlyList<string> Distro, IReadOnlyList<string> Before, IReadOnlyList<string>? After) Plan(Project project, Box box)
    {
        var chain = BoxChain.Of(project, box, []);
        IReadOnlyList<string> distro = [.. chain.Distros.Select(d => d.Text)];
        IReadOnlyList<string> before = [.. chain.Build.Select(b => b.Text)];

        // What only comes from a base is put right there.
        var isInherited = chain.Boxes.Count > 1 && box.Build.Count == 0 && box.Distros.Count == 0;
        if (box.IsDataImage || distro.Count == 0 || isInherited) return (box.Name, distro, before, null);
        var format = FormatOf(project, distro) ?? throw new CharlyException(
            Errors.BoxBuild, $"box \"{box.Name}\": the vocabulary knows no package format of {string.Join(", ", distro)}", "Correct distro:, or add the distribution to distro: of the project.", box.Distros.Count > 0 ? box.Distros[0].Position : box.Position, box.Name);

        // Of the further formats only those stay that go with the first: the user repository of Arch.
        IReadOnlyList<string> after = [format, .. before.Where(b => b == "aur" && format == "pac")];
        return (box.Name, distro, before, after.SequenceEqual(before) ? null : after);
    }

    private static string? FormatOf(Project project, IReadOnlyList<string> distro) => TagChain.Expand(distro, DistroVocabulary.Of(project)).Format;

    private bool IsOwn(Project project, string name) =>
        project.Boxes.Position(name) is { } position && context.Environment.Resolve(position.File).StartsWith(project.Folder.TrimEnd('/') + "/", StringComparison.Ordinal);
}

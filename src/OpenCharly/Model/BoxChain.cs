using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>A box with the boxes that it is based on, and what it takes from them and the defaults (candy-and-plan.md §4.1).</summary>
internal sealed class BoxChain
{
    private readonly Project _project;
    private readonly BoxDefaults _defaults;

    private BoxChain(Project project, IReadOnlyList<Box> boxes, BoxDefaults defaults)
    {
        _project = project;
        _defaults = defaults;
        Boxes = boxes;
    }

    /// <summary>The box itself, then its bases, the nearest first.</summary>
    public IReadOnlyList<Box> Boxes { get; }

    /// <summary>The box itself.</summary>
    public Box Box => Boxes[0];

    /// <summary>The image at the bottom of the chain; null for the image that is used where none is named, a root file system of a builder, or data only.</summary>
    public string? ExternalBase => Boxes[^1] is { From: null, IsDataImage: false } last ? last.Base : null;

    /// <summary>Distribution tags, most specific first.</summary>
    public IReadOnlyList<SourcedText> Distros => First(b => b.Distros) ?? _defaults.Distros;

    /// <summary>Package formats, the primary one first.</summary>
    public IReadOnlyList<SourcedText> Build => First(b => b.Build) ?? _defaults.Build;

    /// <summary>Boxes that builders run in: the defaults', those of a box of the same distribution, the bases', its own.</summary>
    public IReadOnlyDictionary<string, SourcedText> Builders
    {
        get
        {
            var builders = new Dictionary<string, SourcedText>(StringComparer.Ordinal);
            Lay(_defaults.Builders);
            var tags = Distros.Select(d => d.Text).ToHashSet(StringComparer.Ordinal);
            var sibling = _project.Boxes.Names
                .Where(n => n != Box.Name && _project.Boxes.Problems(n).All(p => p.IsWarning))
                .Select(n => _project.Boxes.Find(n)!)
                .FirstOrDefault(b => b.Builders.Count > 0 && (b.Base is null || !_project.Boxes.Contains(b.Base)) && b.Distros.Any(d => tags.Contains(d.Text)));
            if (sibling is not null) Lay(sibling.Builders);
            foreach (var box in Boxes.Reverse()) Lay(box.Builders);
            return builders;

            // A box that builds for others needs no builder for itself.
            void Lay(IReadOnlyDictionary<string, SourcedText> more)
            {
                foreach (var (builder, box) in more.Where(m => m.Value.Text != Box.Name)) builders[builder] = box;
            }
        }
    }

    /// <summary>Follows the bases of a box as far as they go.</summary>
    /// <param name="project">The project of the box.</param>
    /// <param name="box">The box.</param>
    /// <param name="problems">An unknown or disabled base and a circle are reported here.</param>
    public static BoxChain Of(Project project, Box box, ICollection<Problem> problems)
    {
        var boxes = new List<Box> { box };
        var (here, place) = (box, project);
        while (here.Base is { } text && !text.Contains('/') && !text.Contains('@'))
        {
            var position = here.Body["base"]?.Position ?? here.Position;
            if (!TryQualify(place, text, position, out var next, out var name) || !next.Boxes.Contains(name))
            {
                // A tag, or a registry's name, is part of an image; a single word is meant to be a box.
                if (!text.Contains(':') && ReferenceEquals(here, box))
                {
                    problems.Add(new Problem(
                        Errors.BoxBase, $"box \"{box.Name}\": there is no box \"{text}\" to be its base",
                        Nearest.Suggest(text, place.Boxes.Names, "Name a box, or an image with its registry or tag."), position));
                }

                break;
            }

            if (boxes.FindIndex(b => b.Name == name && b.ProjectFolder == next.Folder) is >= 0 and var start)
            {
                // Every box of the circle comes by here, and those that lead into it: the first of them by name tells it.
                var circle = boxes.Skip(start).ToArray();
                if (start == 0 && circle.Where(b => b.Enabled).All(b => string.CompareOrdinal(b.Name, box.Name) >= 0))
                {
                    problems.Add(new Problem(Errors.BoxBase, $"box \"{box.Name}\": the bases go in a circle: {string.Join(" -> ", circle.Select(b => b.Name))} -> {name}", "Give one of them another base.", position));
                }

                break;
            }

            if (next.Boxes.Problems(name).Any(p => !p.IsWarning)) break;
            var found = next.Boxes.Find(name)!;
            if (!found.Enabled && box.Enabled) problems.Add(new Problem(Errors.BoxBase, $"box \"{box.Name}\": its base \"{name}\" is disabled", "Enable it, or use another base.", position));
            boxes.Add(found);
            (here, place) = (found, next);
        }

        return new BoxChain(project, boxes, BoxDefaults.Of(project));
    }

    private static bool TryQualify(Project project, string text, SourcePosition position, out Project place, out string name)
    {
        (place, name) = (project, text);
        if (project.Boxes.Contains(text) || !project.Namespaces.ContainsKey(text.Split('.')[0])) return true;
        try
        {
            (place, name) = project.Qualify(text, position);
            return true;
        }
        catch (CharlyException e) when (e.Code == Errors.RefNamespace)
        {
            return false;
        }
    }

    private IReadOnlyList<SourcedText>? First(Func<Box, IReadOnlyList<SourcedText>> of) => Boxes.Select(of).FirstOrDefault(l => l.Count > 0);
}

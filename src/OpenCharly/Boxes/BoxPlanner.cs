using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Yaml;

namespace OpenCharly.Boxes;

/// <summary>Settles everything that boxes take from their bases, the defaults and their candies (candy-and-plan.md §4).</summary>
/// <param name="project">The project.</param>
/// <param name="resolver">Finds candies.</param>
/// <param name="tag">Tag that was asked for; null for what boxes and the clock say.</param>
/// <param name="now">Now, for tags by the clock: one moment for all boxes of a run.</param>
internal sealed class BoxPlanner(Project project, ReferenceResolver resolver, string? tag, DateTimeOffset now)
{
    /// <summary>The image that is meant where a box names no base.</summary>
    public const string DefaultBase = "fedora:43";

    private readonly Dictionary<string, BoxPlan> _plans = new(StringComparer.Ordinal);

    /// <summary>Plans boxes with all that they stand on and that builds for them, in the order in which they can be built.</summary>
    /// <param name="names">Names of boxes; all that are enabled if empty.</param>
    /// <param name="includeDisabled">Whether disabled ones count if no name is given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.RefNotFound"/>, or what is wrong with the boxes.</exception>
    public async Task<IReadOnlyList<BoxPlan>> PlanAsync(IReadOnlyList<string> names, bool includeDisabled, CancellationToken cancellationToken)
    {
        var boxes = names.Count > 0
            ? names.Distinct(StringComparer.Ordinal).Select(Find).ToList()
            : [.. project.Boxes.All().Where(b => b.Enabled || includeDisabled)];
        var order = new List<BoxPlan>();
        foreach (var box in boxes.OrderBy(b => b.Name, StringComparer.Ordinal)) await AddAsync(box, order, cancellationToken).ConfigureAwait(false);
        return order;
    }

    /// <summary>The box of a name.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.RefNotFound"/>, or what is wrong with it.</exception>
    public Box Find(string name)
    {
        var (place, plain) = project.Boxes.Contains(name) ? (project, name) : project.Qualify(name);
        return place.Boxes.Find(plain) ?? throw new CharlyException(
            Errors.RefNotFound, $"there is no box \"{name}\"",
            Nearest.Suggest(name, place.Boxes.Names, place.Boxes.Count == 0 ? "Make one: charly box new box NAME" : $"Known: {string.Join(", ", place.Boxes.Names)}."), target: name);
    }

    /// <summary>The full reference of a box's image as this run would make it.</summary>
    public string ReferenceOf(Box box)
    {
        var body = BoxBody.Read(box, project);
        return BoxTag.Reference(body.Registry, box.Name, TagOf(body));
    }

    private string TagOf(BoxBody body) => tag is not null ? BoxTag.Check(tag) : body.Tag ?? BoxTag.Of(now);

    private async Task AddAsync(Box box, List<BoxPlan> order, CancellationToken cancellationToken)
    {
        if (_plans.ContainsKey(box.Name)) return;
        var problems = new List<Problem>();
        var chain = BoxChain.Of(project, box, problems);
        CharlyValidationException.ThrowIfAny(problems);
        foreach (var below in chain.Boxes.Skip(1).Reverse()) await AddAsync(below, order, cancellationToken).ConfigureAwait(false);
        var plan = await SettleAsync(box, chain, cancellationToken).ConfigureAwait(false);

        // Noted before its builders are looked at: a builder may stand on the same base.
        _plans[box.Name] = plan;
        foreach (var builder in plan.Candies.SelectMany(c => c.Builders).Distinct().Order(StringComparer.Ordinal))
        {
            if (chain.Builders.TryGetValue(builder, out var by) && by.Text != box.Name && project.Boxes.TryFind(by.Text, out var maker)) await AddAsync(maker, order, cancellationToken).ConfigureAwait(false);
        }

        order.Add(plan);
    }

    private async Task<BoxPlan> SettleAsync(Box box, BoxChain chain, CancellationToken cancellationToken)
    {
        var problems = new List<Problem>();
        var inherited = await CandiesAsync([.. chain.Boxes.Skip(1).Reverse()], null, [], problems, cancellationToken).ConfigureAwait(false);
        var own = await CandiesAsync([box], box.Name, [.. inherited.Select(c => c.Name)], problems, cancellationToken).ConfigureAwait(false);
        new BoxRules(project, chain, problems).Check([.. inherited, .. own]);
        new BoxCandyRules(project, chain, [.. inherited, .. own], problems).Check();
        CharlyValidationException.ThrowIfAny(problems);
        var body = BoxBody.Read(box, project);
        var imageTag = TagOf(body);
        IReadOnlyList<string> distros = chain.Distros.Count > 0 ? [.. chain.Distros.Select(d => d.Text)] : chain.ExternalBase is null && !box.IsDataImage ? ["fedora:43", "fedora"] : [];
        var tags = TagChain.Expand(distros.Select(Normalize), DistroVocabulary.Of(project));
        return new BoxPlan
        {
            Box = box,
            Project = project,
            Bases = [.. chain.Boxes.Skip(1)],
            Reference = BoxTag.Reference(body.Registry, box.Name, imageTag),
            BaseReference = BaseOf(chain),
            Version = VersionOf(chain, [.. inherited, .. own], imageTag),
            Registry = body.Registry,
            Tags = tags.Tags,
            Distros = distros,
            Formats = [.. chain.Build.Select(b => b.Text)],
            User = BoxUser.Of(project, chain),
            Init = InitOf(chain, [.. inherited, .. own]),
            Builders = chain.Builders.ToDictionary(b => b.Key, b => project.Boxes.TryFind(b.Value.Text, out var maker) ? ReferenceOf(maker) : b.Value.Text, StringComparer.Ordinal),
            Inherited = inherited,
            Candies = own,
        };
    }

    private async Task<IReadOnlyList<Candy>> CandiesAsync(
        IReadOnlyList<Box> boxes, string? list, HashSet<string> present, List<Problem> problems, CancellationToken cancellationToken)
    {
        var roots = new List<Candy>();
        foreach (var box in boxes)
        {
            var place = ProjectOf(project, box.ProjectFolder) ?? project;
            foreach (var reference in box.Candies)
            {
                var found = await resolver.ResolveAsync(place, reference.Text, RefPrefer.Candy, false, reference.Position, place.Folder, cancellationToken).ConfigureAwait(false);
                roots.Add(((ResolvedCandy)found).Candy);
            }
        }

        return await CandyGraph.OrderAsync(
            roots, (reference, from, token) => resolver.ResolveMemberAsync(project, from, reference, cancellationToken: token),
            new CandyGraphOptions { ListName = list, Present = present }, problems, cancellationToken).ConfigureAwait(false);
    }

    private string BaseOf(BoxChain chain) =>
        chain.Box.IsDataImage || chain.Box.From is not null ? ""
        : chain.Boxes.Count > 1 ? ReferenceOf(chain.Boxes[1])
        : chain.ExternalBase ?? DefaultBase;

    private static string? InitOf(BoxChain chain, IReadOnlyList<Candy> candies)
    {
        if (chain.Box.IsDataImage) return null;
        if (chain.Boxes.Select(b => b.Init).FirstOrDefault(i => i is not null) is { } named) return named;
        if (chain.Boxes.Any(b => b.IsBootc)) return "systemd";
        if (candies.Select(c => c.Capabilities?.InitSystemHint).FirstOrDefault(h => h is not null) is { } hint) return hint;
        return candies.Any(c => c.Name == "supervisord" || c.PortRelays.Count > 0 || c.Services.Any(s => s.Exec is not null)) ? "supervisord" : null;
    }

    private static string VersionOf(BoxChain chain, IReadOnlyList<Candy> candies, string imageTag)
    {
        if (chain.Box.Version.Length > 0) return chain.Box.Version;
        var versions = candies.Select(c => CalVer.TryParse(c.Version, out var version) ? version : default).Where(v => v != default).ToList();
        if (versions.Count > 0) return versions.Max().ToString();
        if (chain.Boxes.Select(b => b.Version).FirstOrDefault(v => v.Length > 0) is { } below) return below;
        return CalVer.TryParse(imageTag, out _)
            ? imageTag
            : throw new CharlyException(
                Errors.CandyVersion, $"box \"{chain.Box.Name}\": nothing gives it a version, and its tag \"{imageTag}\" is none", "Add version: YYYY.DDD.HHMM to the box.", chain.Box.Position, chain.Box.Name);
    }

    // debian-13 in a box means what debian:13 means.
    private static string Normalize(string distro)
    {
        var dash = distro.LastIndexOf('-');
        return !distro.Contains(':') && dash > 0 && dash + 1 < distro.Length && char.IsAsciiDigit(distro[dash + 1]) ? $"{distro[..dash]}:{distro[(dash + 1)..]}" : distro;
    }

    private static Project? ProjectOf(Project project, string folder) =>
        project.Folder == folder ? project : project.Namespaces.Values.Select(n => ProjectOf(n, folder)).FirstOrDefault(p => p is not null);
}

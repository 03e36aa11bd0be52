using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>What a box must keep to be built (candy-and-plan.md §4.1, §10), apart from its candies.</summary>
/// <param name="project">Its project.</param>
/// <param name="chain">The box with its bases.</param>
/// <param name="problems">Where problems go.</param>
internal sealed class BoxRules(Project project, BoxChain chain, ICollection<Problem> problems)
{
    private static readonly string[] Formats = ["rpm", "deb", "pac", "aur"];
    private static readonly string[] BuiltInBuilders = ["aur", "cargo", "npm", "pixi"];

    // Distributions whose images bring an ordinary user.
    private static readonly string[] WithBaseUser = ["ubuntu"];

    private Box Box => chain.Box;

    /// <summary>Checks base, formats, builders and user.</summary>
    /// <param name="candies">Its candies and those of its bases, in order; null if they could not be found.</param>
    public void Check(IReadOnlyList<Candy>? candies)
    {
        if (!Box.IsDataImage)
        {
            CheckBuild();
            CheckUser();
        }

        CheckBuilders();
        if (candies is not null) CheckCandyBuilders(candies);
    }

    private void CheckBuild()
    {
        var known = Formats.Concat(project.Entities("distro").Values.SelectMany(DistroVocabulary.FormatsOf)).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var format in Box.Build)
        {
            if (!known.Contains(format.Text)) Report(Errors.BoxBuild, $"the package format \"{format.Text}\" is not known", Nearest.Suggest(format.Text, known, $"Use {string.Join(", ", Formats)}."), format.Position);
            else if (!seen.Add(format.Text)) Report(Errors.BoxBuild, $"the package format \"{format.Text}\" is listed twice", "Remove one.", format.Position);
        }

        if (chain.Build.Count == 0) Report(Errors.BoxBuild, "nothing says in which format it takes packages", "Add build: [deb] or another of rpm, deb, pac; or set it in defaults:.", Box.Position);
        if (chain.ExternalBase is { } image && chain.Distros.Count == 0)
        {
            Report(Errors.BoxBuild, $"nothing says which distribution {image} is", "Add distro: [debian:13, debian] or the like; or set it in defaults:.", Box.Body["base"]?.Position ?? Box.Position);
        }
    }

    private void CheckUser()
    {
        if (Box.UserPolicy != "adopt") return;
        var families = chain.Distros.Select(d => d.Text.Split(':', '-')[0]).ToArray();
        if (families.Any(f => WithBaseUser.Contains(f) || project.Entities("distro").GetValueOrDefault(f)?["base_user"] is not null)) return;
        Report(Errors.BoxAdopt, $"there is no user to adopt: {(families.Length == 0 ? "its distribution" : families[0])} has no base user", "Use user_policy: auto or create.", Box.Body["user_policy"]!.Position);
    }

    private void CheckBuilders()
    {
        var known = BuiltInBuilders.Concat(project.Entities("builder").Keys).ToHashSet(StringComparer.Ordinal);
        foreach (var (builder, target) in Box.Builders)
        {
            if (!known.Contains(builder)) Report(Errors.BoxBuilder, $"the builder \"{builder}\" is not known", Nearest.Suggest(builder, known.Order(StringComparer.Ordinal), $"Builders are {string.Join(", ", known.Order(StringComparer.Ordinal))}."), target.Position);
            else if (target.Text == Box.Name) Report(Errors.BoxBuilder, $"it is its own builder for {builder}", "Name another box.", target.Position);
        }

        foreach (var (builder, target) in chain.Builders.Where(b => known.Contains(b.Key)))
        {
            if (!project.Boxes.Contains(target.Text) && target.Text.Contains('.') && project.Namespaces.ContainsKey(target.Text.Split('.')[0])) continue;
            if (!project.Boxes.Contains(target.Text)) Report(Errors.BoxBuilder, $"there is no box \"{target.Text}\" to run {builder} in", Nearest.Suggest(target.Text, project.Boxes.Names, "Name a box that produces it."), target.Position);
            else if (project.Boxes.Problems(target.Text).All(p => p.IsWarning) && project.Boxes.Find(target.Text) is { } box) CheckBuilder(builder, box, target.Position);
        }
    }

    private void CheckBuilder(string builder, Box box, SourcePosition position)
    {
        if (!box.Enabled) Report(Errors.BoxBuilder, $"its builder \"{box.Name}\" is disabled", "Enable it, or use another.", position);
        else if (!box.Produces.Contains(builder)) Report(Errors.BoxBuilder, $"the box \"{box.Name}\" does not list {builder} in produce:", $"Add produce: [{builder}] to it, or name another box.", position);
    }

    private void CheckCandyBuilders(IReadOnlyList<Candy> candies)
    {
        var takesAur = chain.Build.Any(f => f.Text == "aur");
        var builders = chain.Builders;
        foreach (var builder in candies.SelectMany(c => c.Builders).Distinct().Where(b => !builders.ContainsKey(b) && (b != "aur" || takesAur) && !chain.Boxes.Any(x => x.Produces.Contains(b))))
        {
            var candy = candies.First(c => c.Builders.Contains(builder));
            Report(Errors.BoxBuilder, $"candy \"{candy.Name}\" needs {builder}, but no builder is configured for it", $"Add builder: {{{builder}: BOX}} to the box or to defaults:.", Place(candy));
        }
    }

    // Where the box names the candy, or the box itself if another candy brought it along.
    private SourcePosition Place(Candy candy) => Box.Candies.FirstOrDefault(c => c.Text == candy.Name)?.Position ?? Box.Position;

    private void Report(ErrorCode code, string message, string help, SourcePosition position) =>
        problems.Add(new Problem(code, $"box \"{Box.Name}\": {message}", help, position));
}

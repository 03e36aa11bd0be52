using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>What the candies of one box must agree on (candy-and-plan.md §3.1, §10).</summary>
/// <param name="project">The project of the box.</param>
/// <param name="chain">The box with its bases.</param>
/// <param name="candies">Its candies and those of its bases, in order.</param>
/// <param name="problems">Where problems go.</param>
internal sealed class BoxCandyRules(Project project, BoxChain chain, IReadOnlyList<Candy> candies, ICollection<Problem> problems)
{
    private const string Supervisor = "supervisord";

    private Box Box => chain.Box;

    /// <summary>Checks relays, data, engines, capabilities, init and ports.</summary>
    public void Check()
    {
        if (Box.IsDataImage)
        {
            CheckDataImage();
            return;
        }

        foreach (var candy in candies.Where(c => c.PortRelays.Count > 0 && candies.All(o => o.Name != "socat")))
        {
            Report(Errors.CandyPort, $"candy \"{candy.Name}\" relays ports, but the box has no candy socat", "Add socat to its candies.", Place(candy));
        }

        CheckData();
        CheckAgreement(Errors.CandyFragment, "the engine", c => c.Engine is { } engine ? [("engine", engine)] : []);
        CheckAgreement(Errors.CandyCapability, "the init system", c => c.Capabilities?.InitSystemHint is { } init ? [("init_system_hint", init)] : []);
        CheckAgreement(Errors.CandyCapability, "the label", c => c.Capabilities?.OciLabels.Select(l => (l.Key, l.Value)) ?? []);
        CheckCapabilities();
        CheckInit();
        new TunnelRules(project, problems).Check(Box, candies, Place);
    }

    private void CheckDataImage()
    {
        if (candies.All(c => c.Data.Count == 0)) Report(Errors.BoxSource, "it is a data image, but no candy has data", "Add a candy with data:, or remove data_image.", At("data_image"));
        foreach (var candy in candies)
        {
            var what = candy.Services.Count > 0 ? "services" : candy.Ports.Count > 0 ? "ports" : null;
            if (what is not null) Report(Errors.BoxSource, $"a data image runs nothing, but candy \"{candy.Name}\" has {what}", "Remove the candy, or data_image.", Place(candy));
        }

        CheckData();
    }

    private void CheckData()
    {
        var volumes = candies.SelectMany(c => c.Volumes).Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var candy in candies)
        {
            foreach (var data in candy.Data.Where(d => !volumes.Contains(d.Volume)))
            {
                Report(Errors.CandyData, $"candy \"{candy.Name}\" has data for the volume \"{data.Volume}\", which no candy of the box declares", Nearest.Suggest(data.Volume, volumes, "Declare it below volume:."), Place(candy));
            }
        }
    }

    private void CheckAgreement(ErrorCode code, string what, Func<Candy, IEnumerable<(string Key, string Value)>> of)
    {
        var all = candies.SelectMany(c => of(c).Select(v => (Candy: c, v.Key, v.Value)));
        foreach (var group in all.GroupBy(v => v.Key).Where(g => g.Select(v => v.Value).Distinct().Count() > 1))
        {
            var first = group.First();
            var other = group.First(v => v.Value != first.Value);
            var name = what == "the label" ? $"the label \"{group.Key}\"" : what;
            Report(code, $"candy \"{first.Candy.Name}\" says that {name} is {first.Value}, candy \"{other.Candy.Name}\" that it is {other.Value}", "Remove one of the two.", Place(other.Candy));
        }
    }

    private void CheckCapabilities()
    {
        var given = candies.Select(c => c.Capabilities).OfType<CandyCapabilities>().SelectMany(Given).ToHashSet(StringComparer.Ordinal);
        foreach (var candy in candies)
        {
            foreach (var needed in candy.RequiresCapabilities.Where(n => !given.Contains(n)))
            {
                Report(Errors.CandyCapability, $"candy \"{candy.Name}\" needs the capability \"{needed}\", which no candy of the box gives", Nearest.Suggest(needed, given, "Add a candy that gives it."), Place(candy));
            }
        }
    }

    private static IEnumerable<string> Given(CandyCapabilities capabilities)
    {
        if (capabilities.PreserveUser) yield return "preserve_user";
        if (capabilities.NeedsRootAfterInit) yield return "needs_root_after_init";
        if (capabilities.DataOnly) yield return "data_only";
        if (capabilities.InitSystemHint is { } init)
        {
            yield return "init_system_hint";
            yield return init;
        }

        foreach (var label in capabilities.OciLabels.Keys) yield return label;
    }

    // Services of an ordinary container are run by the candy of its init system.
    private void CheckInit()
    {
        if (chain.Boxes.Any(b => b.IsBootc)) return;
        if (candies.FirstOrDefault(c => c.Services.Any(s => s.Exec is not null)) is not { } candy) return;
        var init = chain.Boxes.Select(b => b.Init).FirstOrDefault(i => i is not null) ?? candies.Select(c => c.Capabilities?.InitSystemHint).FirstOrDefault(h => h is not null) ?? Supervisor;
        if (init == "systemd") return;
        var needed = (project.Entities("init").GetValueOrDefault(init)?["candy"] as Yaml.YamlScalar)?.Text ?? init;
        if (candies.Any(c => c.Name == needed)) return;
        Report(Errors.BoxInit, $"candy \"{candy.Name}\" has services, but the candy \"{needed}\" that runs them is missing", $"Add {needed} to its candies.", Place(candy));
    }

    private SourcePosition Place(Candy candy) => Box.Candies.FirstOrDefault(c => c.Text == candy.Name)?.Position ?? Box.Position;

    private SourcePosition At(string key) => Box.Body[key]?.Position ?? Box.Position;

    private void Report(ErrorCode code, string message, string help, SourcePosition position) =>
        problems.Add(new Problem(code, $"box \"{Box.Name}\": {message}", help, position));
}

using System.Globalization;
using OpenCharly.Checks;
using OpenCharly.Model;
using OpenCharly.Plans;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>The checks of a bundle from all their sources, and the values of their variables (candy-and-plan.md §9.4, §9.5).</summary>
internal static class BundleChecks
{
    /// <summary>The checks of candies in plan order, then of the box, the local template and the deploy entry.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="applied">The candies that were applied; one that only brings others is never among them, and counts all the same.</param>
    public static CheckSuite SuiteOf(Bundle bundle, IReadOnlyCollection<string> applied)
    {
        var sources = new List<CheckSource>();
        foreach (var candy in bundle.Candies.Where(c => !c.HasOwnContent || applied.Contains(c.Name))) sources.Add(new CheckSource("candy", candy.Name, candy.Checks, candy.Description?.Scenarios ?? []));
        if (bundle.Box is { } box) sources.Add(new CheckSource("box", box.Name, box.Checks, []));
        if (bundle.Template is { } template) sources.Add(new CheckSource("local", template.Name, template.Checks, []));
        sources.Add(new CheckSource("deploy", bundle.Entry.Key, bundle.Entry.Checks, []));
        return CheckSuite.Merge(sources);
    }

    /// <summary>The values of variables on a machine: there are no containers, and so none of theirs.</summary>
    public static IReadOnlyDictionary<string, string> ValuesOf(Bundle bundle, TargetFacts facts)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["DEPLOY_NAME"] = bundle.Entry.Key };
        if (bundle.Box is { } box) values["IMAGE"] = box.Name;
        if (bundle.Entry.VmInstance is { } instance) values["INSTANCE"] = instance;
        foreach (var key in new[] { "dns", "acme_email" })
        {
            if (bundle.Entry.Body?[key] is YamlScalar { IsNull: false } text) values[key.ToUpper(CultureInfo.InvariantCulture)] = text.Text;
        }

        foreach (var (name, value) in bundle.Candies.SelectMany(c => c.Environment).Concat(bundle.Environment))
        {
            values["ENV_" + name] = HomeToken.Expand(value, facts.Home);
        }

        foreach (var (name, value) in bundle.Values) values[name] = value;

        return values;
    }
}

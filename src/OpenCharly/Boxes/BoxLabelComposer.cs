using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Boxes;

/// <summary>Puts together what an image says of itself: what it stands on, its candies, the box.</summary>
internal static class BoxLabelComposer
{
    private static readonly string[] Statuses = ["broken", "testing", "working"];

    /// <summary>The labels of a box.</summary>
    public static BoxLabels Of(BoxPlan plan, BoxBody body)
    {
        var start = new BoxLabels
        {
            Version = plan.Version,
            Box = plan.Box.Name,
            Registry = plan.Registry,
            IsBootc = plan.Box.IsBootc || plan.Bases.Any(b => b.IsBootc),
            Uid = plan.User.Uid,
            Gid = plan.User.Gid,
            User = plan.User.Name,
            Home = plan.User.Home,
            Distros = plan.Distros,
            Formats = plan.Formats,
            IsDataImage = plan.Box.IsDataImage,
            BuildersProvided = plan.Box.Produces,
            Status = "working",
            Init = plan.Init,
        };
        var labels = With(start, [.. plan.AllCandies], plan.Builders);
        return labels with
        {
            Environment = Lay(labels.Environment, body.Environment.Select(e => KeyValuePair.Create(e.Key, HomeToken.Expand(e.Value, labels.Home)))),
            Aliases = labels.Aliases.Concat(body.Aliases).GroupBy(a => a.Key).ToDictionary(g => g.Key, g => g.Last().Value),
            Security = SecurityMerge.Over(labels.Security, body.Security),
            Network = body.Network,
            Shell = body.Shell,
            Description = body.Description,
            Info = body.Info,
            Status = Worst(labels.Status, body.Status),
            Checks = LabelChecks.WithBox(labels.Checks, plan.Box.Checks),
        };
    }

    /// <summary>Labels with what further candies bring.</summary>
    /// <param name="labels">What is there already.</param>
    /// <param name="candies">The candies, in order.</param>
    /// <param name="builders">References of the images that builders ran in.</param>
    public static BoxLabels With(BoxLabels labels, IReadOnlyList<Candy> candies, IReadOnlyDictionary<string, string> builders)
    {
        string Expand(string text) => HomeToken.Expand(text, labels.Home);
        var own = labels.Init == "systemd" ? Units(candies) : Programs(candies);
        var services = labels.IsDataImage || labels.Init is null ? [] : own.ToList();
        var used = candies.SelectMany(c => c.Builders).Distinct().Where(b => builders.ContainsKey(b) && (b != "aur" || labels.Formats.Contains("aur")));
        return labels with
        {
            Ports = [.. labels.Ports.Union(candies.SelectMany(c => c.Ports).Select(p => new ContainerPort(p.Number, p.Scheme == "udp")))],
            PortProtocols = Lay(labels.PortProtocols, candies.SelectMany(c => c.Ports).Where(p => p.Scheme != "http").Select(p => KeyValuePair.Create(p.Number, p.Scheme))),
            PortRelays = [.. labels.PortRelays.Union(candies.SelectMany(c => c.PortRelays))],
            Volumes = [.. labels.Volumes.Concat(candies.SelectMany(c => c.Volumes).Select(v => new CandyVolume($"charly-{labels.Box}-{v.Name}", Expand(v.Path)))).DistinctBy(v => v.Name)],
            Aliases = Lay(labels.Aliases, candies.SelectMany(c => c.Aliases)),
            Security = SecurityMerge.OfCandies(candies.Select(c => c.Security).Prepend(labels.Security)),
            Environment = Lay(labels.Environment, candies.SelectMany(c => c.Environment).Select(e => KeyValuePair.Create(e.Key, Expand(e.Value)))),
            EnvironmentByCandy = Lay(labels.EnvironmentByCandy, candies.Where(c => c.Environment.Count > 0).Select(c => KeyValuePair.Create(c.Name, (IReadOnlyList<string>)[.. c.Environment.Keys.Order(StringComparer.Ordinal)]))),
            PathEntries = [.. candies.SelectMany(BoxEnvironment.Paths).Select(Expand).Concat(labels.PathEntries).Distinct()],
            Hooks = candies.SelectMany(c => c.Hooks).Aggregate(
                labels.Hooks, (all, hook) => Lay(all, [KeyValuePair.Create(hook.Key, all.TryGetValue(hook.Key, out var before) ? $"{before.TrimEnd('\n')}\n{hook.Value}" : hook.Value)])),
            Routes = [.. labels.Routes, .. candies.Where(c => c.Route is not null).Select(c => new LabelRoute(c.Name, c.Route!.Host, c.Route.Port))],
            Services = [.. labels.Services.Concat(services).DistinctBy(s => s.Name)],
            ServiceNames = labels.Init is { } init && labels.Services.Concat(services).Any()
                ? new Dictionary<string, IReadOnlyList<string>> { [init] = [.. labels.Services.Concat(services).Select(s => s.Name).Distinct()] }
                : labels.ServiceNames,
            BuildersUsed = Lay(labels.BuildersUsed, used.Select(b => KeyValuePair.Create(b, builders[b]))),
            CandyVersions = Lay(labels.CandyVersions, candies.Select(c => KeyValuePair.Create(c.Name, c.Version))),
            Secrets = [.. labels.Secrets.Concat(candies.SelectMany(c => c.Secrets)).Distinct()],
            Data = [.. labels.Data.Concat(candies.SelectMany(c => c.Data.Select(d => new LabelData(d.Volume, BoxEnvironment.Staging(d), c.Name, d.Destination ?? "")))).Distinct()],
            EnvProvide = Lay(labels.EnvProvide, candies.SelectMany(c => c.EnvProvide)),
            EnvRequire = Join(labels.EnvRequire, candies.SelectMany(c => c.EnvRequire)),
            EnvAccept = Join(labels.EnvAccept, candies.SelectMany(c => c.EnvAccept)),
            SecretRequire = Join(labels.SecretRequire, candies.SelectMany(c => c.SecretRequire)),
            SecretAccept = Join(labels.SecretAccept, candies.SelectMany(c => c.SecretAccept)),
            McpProvide = [.. labels.McpProvide.Concat(candies.SelectMany(c => c.McpProvide)).Distinct()],
            McpRequire = Join(labels.McpRequire, candies.SelectMany(c => c.McpRequire)),
            McpAccept = Join(labels.McpAccept, candies.SelectMany(c => c.McpAccept)),
            Checks = LabelChecks.WithCandies(labels.Checks, candies),
            Status = candies.Aggregate(labels.Status, (status, candy) => Worst(status, candy.Status)),
        };
    }

    private static IEnumerable<LabelService> Programs(IReadOnlyList<Candy> candies) =>
        SupervisorText.Services(candies).Select(s => new LabelService(s.Service.Name, s.Candy.Name, s.Service.IsUser, s.Service.AutoStart ?? s.Service.Events is null))
            .Concat(candies.SelectMany(c => c.PortRelays.Select(p => new LabelService($"relay-{p}", c.Name, false, true))));

    private static IEnumerable<LabelService> Units(IReadOnlyList<Candy> candies) => candies.SelectMany(c => c.Services
        .Where(s => s.PackagedUnit is not null || c.Services.All(o => o.PackagedUnit is null || o.Name != s.Name))
        .Select(s => new LabelService(s.PackagedUnit ?? $"charly-{c.Name}-{s.Name}.service", c.Name, s.IsUser, s.Enable)))
        .Concat(candies.SelectMany(c => c.PortRelays.Select(p => new LabelService(RelayUnit.Name(p), c.Name, false, true))));

    private static string Worst(string a, string b) => Statuses.FirstOrDefault(s => s == a || s == b) ?? "testing";

    // The order of what is there stays, and so does the place of what is replaced.
    private static List<KeyValuePair<string, string>> Lay(IReadOnlyList<KeyValuePair<string, string>> below, IEnumerable<KeyValuePair<string, string>> above)
    {
        var all = below.ToList();
        foreach (var pair in above)
        {
            var at = all.FindIndex(p => p.Key == pair.Key);
            if (at < 0) all.Add(pair);
            else all[at] = pair;
        }

        return all;
    }

    private static Dictionary<TKey, TValue> Lay<TKey, TValue>(IReadOnlyDictionary<TKey, TValue> below, IEnumerable<KeyValuePair<TKey, TValue>> above)
        where TKey : notnull
    {
        var all = below.ToDictionary();
        foreach (var (key, value) in above) all[key] = value;
        return all;
    }

    private static IReadOnlyList<CandyRequirement> Join(IReadOnlyList<CandyRequirement> below, IEnumerable<CandyRequirement> above) => [.. below.Concat(above).DistinctBy(r => r.Name)];
}

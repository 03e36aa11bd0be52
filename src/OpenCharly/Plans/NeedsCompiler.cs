using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>Compiles what a plan needs besides its steps: secrets by name, and files to fetch afterwards.</summary>
internal static class NeedsCompiler
{
    /// <summary>The secrets that enabled steps are given, each once.</summary>
    public static IReadOnlyList<PlanSecret> Secrets(IEnumerable<Candy> candies, IReadOnlyList<InstallStep> steps)
    {
        var named = steps.OfType<OpStep>().SelectMany(s => s.Secrets).ToHashSet(StringComparer.Ordinal);
        var secrets = new Dictionary<string, PlanSecret>(StringComparer.Ordinal);
        foreach (var candy in candies)
        {
            foreach (var need in candy.SecretRequire) Add(need, isRequired: true);
            foreach (var need in candy.SecretAccept) Add(need, isRequired: false);
        }

        return [.. secrets.Values.OrderBy(s => s.Name, StringComparer.Ordinal)];

        void Add(CandyRequirement need, bool isRequired)
        {
            if (!named.Contains(need.Name)) return;
            var known = secrets.GetValueOrDefault(need.Name);
            secrets[need.Name] = new PlanSecret(need.Name, known?.Key ?? need.Key ?? $"charly/secret/{need.Name}", isRequired || known is { IsRequired: true });
        }
    }

    /// <summary>The files that the candies want fetched: what only the operator's machine knows stays to be filled in there.</summary>
    public static IReadOnlyList<PlanArtifact> Artifacts(PlanRequest request, IEnumerable<Candy> candies) =>
    [
        .. candies.SelectMany(c => c.Artifacts.Select(a => new PlanArtifact(
            c.Name,
            a.Name,
            Known(request, c, HomeToken.Expand(a.Path, request.Facts.Home)),
            Known(request with { Name = ClusterNames.MadeBy(request.Name) }, c, a.RetrieveTo),
            a.Mode ?? "0644",
            a.WaitSeconds,
            [.. a.Rewrites.Select(r => new PlanRewrite(Known(request, c, r.Find), Known(request, c, r.Replace)))],
            a.IsOptional))),
    ];

    private static string Known(PlanRequest request, Candy candy, string text) => PlanVariables.FillKnown(text, name => name switch
    {
        "deploy_name" => request.Name,
        "layer_name" => candy.Name,
        _ => request.Environment.GetValueOrDefault(name),
    });
}

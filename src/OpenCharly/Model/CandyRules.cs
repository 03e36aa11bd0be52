using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>What a candy of the project owes its readers (candy-and-plan.md §3.1); deploying it works without.</summary>
internal static class CandyRules
{
    /// <summary>Reports what is missing, and services that hide one another.</summary>
    public static void Check(Candy candy, ICollection<Problem> problems)
    {
        if (candy.Version.Length == 0) Add(Errors.CandyVersion, "\"version\" is missing", $"Add version: {CalVer.NewestSchema}, or run `charly migrate`.");
        if (candy.Description is null)
        {
            Add(Errors.CandyDescription, "it has no description", "Add description: with feature:, which says in one line what the candy gives, and scenario: with at least one step.");
        }
        else
        {
            if (string.IsNullOrWhiteSpace(candy.Description.Feature)) Add(Errors.CandyDescription, "\"description.feature\" is missing", "Say in one line what the candy gives.");
            if (candy.Description.Scenarios.Count == 0) Add(Errors.CandyDescription, "it has no scenario", "Add description.scenario with at least one step.");
        }

        if (candy.Checks.Count == 0) Add(Errors.CandyDescription, "it has no check", "Add eval: with at least one check.");
        if (!Installs(candy)) Add(Errors.CandyEmpty, "it installs nothing", "Add packages, tasks, services, env, shell or members.");

        var packaged = candy.Services.Where(s => s.PackagedUnit is not null && !s.IsUser).Select(s => s.PackagedUnit!).ToHashSet(StringComparer.Ordinal);
        foreach (var service in candy.Services.Where(s => s.Exec is not null && !s.IsUser && packaged.Contains($"charly-{candy.Name}-{s.Name}.service")))
        {
            problems.Add(new Problem(
                Errors.ServiceShadow, $"candy \"{candy.Name}\": the service \"{service.Name}\" would hide the unit charly-{candy.Name}-{service.Name}.service of a package",
                "Use use_packaged for it, or rename the service.", service.Position));
        }

        void Add(ErrorCode code, string message, string help) => problems.Add(new Problem(code, $"candy \"{candy.Name}\": {message}", help, candy.Position));
    }

    private static bool Installs(Candy candy) =>
        candy.Packages.Count + candy.Tasks.Count + candy.Builders.Count + candy.Services.Count + candy.Environment.Count + candy.PathEntries.Count + candy.Data.Count
            + candy.Apks.Count + candy.LocalPackages.Count + candy.Members.Count + candy.UnitFiles.Count > 0
        || candy.Shell is not null || candy.Sections.Any(s => s.Packages.Count > 0);
}

using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Pods;

/// <summary>What an image can't do without (pod.md §6.2).</summary>
internal static class PodRequirements
{
    /// <summary>Fills in defaults of required variables, and refuses what has no value at all.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodRequirement"/> with all that is missing.</exception>
    public static void Check(PodEntry entry, BoxLabels labels, PodVariables variables, Provides provides, IReadOnlyCollection<string> secrets, ICollection<string> warnings)
    {
        variables.AddMissing(VariableOrigin.Detected, labels.EnvRequire.Concat(labels.EnvAccept).Where(r => r.Default is not null).Select(r => KeyValuePair.Create(r.Name, r.Default!)));
        var missing = labels.EnvRequire.Where(r => string.IsNullOrEmpty(variables[r.Name])).Select(r => Problem(r, $"Give it: charly config {entry.Key} -e {r.Name}=VALUE"))
            .Concat(labels.SecretRequire.Where(r => !secrets.Contains(r.Name)).Select(r => Problem(r, Set(r))))
            .ToArray();
        if (missing.Length > 0) throw missing.Length == 1 ? CharlyException.From(missing[0]) : new CharlyValidationException(missing);
        foreach (var server in labels.McpRequire.Where(r => provides.McpFor(entry.Key).All(m => m.Name != r.Name)))
        {
            warnings.Add($"no pod provides the MCP server \"{server.Name}\" that {entry.Key} needs: {server.Description}");
        }

        Problem Problem(CandyRequirement requirement, string help) =>
            new(Errors.PodRequirement, $"{entry.Key} needs {requirement.Name}: {requirement.Description}", help, entry.Position);
    }

    /// <summary>Where a credential of a requirement is kept.</summary>
    public static CredentialAddress AddressOf(CandyRequirement requirement) =>
        requirement.Key is { Length: > 0 } key && key.Contains('/') ? CredentialAddress.Parse(key) : new CredentialAddress("charly/secret", requirement.Key is { Length: > 0 } item ? item : requirement.Name);

    private static string Set(CandyRequirement requirement) => AddressOf(requirement) is var address ? $"Run: charly secrets set {address.Service} {address.Item}" : "";
}

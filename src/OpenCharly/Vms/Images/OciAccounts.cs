using System.Text;
using System.Text.Json;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Images;

/// <summary>Accounts for registries: a token from the environment, else what docker and podman logged in with (vm.md §9).</summary>
/// <param name="environment">Variables and home; without one there are no accounts.</param>
internal sealed class OciAccounts(CharlyEnvironment? environment)
{
    /// <summary>The registry whose token is in <c>GITHUB_TOKEN</c>.</summary>
    private const string TokenHost = "ghcr.io";

    /// <summary>The account that is used at once, without asking anonymously first; null if there is none.</summary>
    /// <returns>What HTTP's Basic scheme sends; a secret.</returns>
    public string? Immediate(string host) =>
        host == TokenHost && environment?.Variable("GITHUB_TOKEN") is { } token ? Encode("_token", token) : null;

    /// <summary>The account for a registry that wants one; null if there is none.</summary>
    /// <returns>What HTTP's Basic scheme sends; a secret.</returns>
    public string? Find(string host)
    {
        if (Immediate(host) is { } immediate) return immediate;
        foreach (var file in Files())
        {
            if (Read(file, host) is { } found) return found;
        }

        return null;
    }

    private static string Encode(string user, string secret) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{secret}"));

    private IEnumerable<string> Files()
    {
        if (environment is null) yield break;
        if (environment.Variable("REGISTRY_AUTH_FILE") is { } named) yield return environment.Resolve(named);
        if (environment.Variable("XDG_RUNTIME_DIR") is { } runtime) yield return Path.Combine(runtime, "containers", "auth.json");
        yield return Path.Combine(environment.Variable("XDG_CONFIG_HOME") ?? Path.Combine(environment.Home, ".config"), "containers", "auth.json");
        yield return Path.Combine(environment.Variable("DOCKER_CONFIG") ?? Path.Combine(environment.Home, ".docker"), "config.json");
    }

    private static string? Read(string file, string host)
    {
        if (!File.Exists(file)) return null;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            if (!json.RootElement.TryGetProperty("auths", out var all) || all.ValueKind != JsonValueKind.Object) return null;
            foreach (var entry in all.EnumerateObject())
            {
                var name = entry.Name.Replace("https://", "", StringComparison.Ordinal).Split('/')[0];
                if (name != host || entry.Value.ValueKind != JsonValueKind.Object) continue;
                if (entry.Value.TryGetProperty("auth", out var auth) && auth.ValueKind == JsonValueKind.String && auth.GetString() is { Length: > 0 } text) return text;
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CharlyException(Errors.OciPull, $"the accounts in {file} can't be read: {e.Message}", "Correct the file, or log in again with podman login or docker login.", target: file, inner: e);
        }
    }
}

using System.Security.Cryptography;
using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Pods.Secrets;

/// <summary>A secret that the engine is to be given. Its value is in memory only, and in no text of it.</summary>
/// <param name="Name">Its name in the engine.</param>
/// <param name="Value">The value; null to leave the one that the engine has.</param>
internal sealed record PreparedSecret(string Name, string? Value)
{
    /// <summary>Whether the value was made up, and is to be kept in the store.</summary>
    public bool IsGenerated { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>All secrets of a pod.</summary>
/// <param name="Lines">How its container gets them, those of the image first.</param>
/// <param name="Values">What the engine is to be given.</param>
/// <param name="Variables">Variables that have a credential.</param>
internal sealed record PreparedSecrets(IReadOnlyList<SecretLine> Lines, IReadOnlyList<PreparedSecret> Values, IReadOnlyCollection<string> Variables);

/// <summary>How secrets are asked for and renewed.</summary>
internal sealed record SecretChoices
{
    /// <summary>Names of image secrets to renew; <c>all</c> for every one.</summary>
    public IReadOnlyList<string> Refresh { get; init; } = [];

    /// <summary>Whether missing values are asked for instead of being made up.</summary>
    public bool IsManual { get; init; }
}

/// <summary>Finds the values of a pod's secrets and hands them to the engine through a pipe (pod.md §8).</summary>
/// <param name="engine">The engine.</param>
/// <param name="store">The operator's credentials.</param>
/// <param name="environment">Variables of this process.</param>
/// <param name="password">Asks the operator.</param>
internal sealed class PodSecrets(ContainerEngine engine, CredentialStore store, CharlyEnvironment environment, PasswordPrompt password)
{
    private readonly SecretChain _chain = new(store, environment);

    /// <summary>Names in the engine of the secrets of a pod, found out without looking at any value.</summary>
    public static string NameOf(PodKey key, CandyRequirement requirement) => key.Secret(requirement.Name.ToLowerInvariant().Replace('_', '-'));

    /// <summary>Finds all values; changes nothing.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodSecret"/> for an override whose source is missing.</exception>
    public async Task<PreparedSecrets> PrepareAsync(PodEntry entry, BoxLabels labels, SecretChoices choices, ICollection<string> warnings, CancellationToken cancellationToken)
    {
        var lines = new List<SecretLine>();
        var values = new List<PreparedSecret>();
        var variables = new HashSet<string>(StringComparer.Ordinal);
        var existing = labels.Secrets.Count == 0 && !entry.Secrets.Any(SecretChain.IsEngines) ? [] : await ExistingAsync(cancellationToken).ConfigureAwait(false);
        foreach (var secret in labels.Secrets)
        {
            var name = entry.Key.Secret(secret.Name);
            var isVariable = secret.Variable.Length > 0;
            lines.Add(new SecretLine(name, isVariable ? secret.Variable : null, secret.Target.Length > 0 ? secret.Target : secret.Name));
            var isKept = existing.Contains(name) && !choices.Refresh.Contains("all") && !choices.Refresh.Contains(secret.Name);
            values.Add(isKept || IsEngines(entry, secret.Name, name, existing) ? new PreparedSecret(name, null) : await FindAsync(entry, secret, name, choices, cancellationToken).ConfigureAwait(false));
        }

        foreach (var unknown in entry.Secrets.Where(s => labels.Secrets.All(l => l.Name != s.Name) && Credentials(labels).All(r => r.Name != s.Name)))
        {
            warnings.Add($"the image has no secret \"{unknown.Name}\": its source is not used");
        }

        foreach (var requirement in Credentials(labels))
        {
            var name = NameOf(entry.Key, requirement);
            var isThere = IsEngines(entry, requirement.Name, name, existing);
            var value = isThere ? null : await _chain.OfCredentialAsync(entry, requirement, cancellationToken).ConfigureAwait(false);
            if (value is null && !isThere) continue;
            lines.Add(new SecretLine(name, requirement.Name, requirement.Name));
            values.Add(new PreparedSecret(name, value));
            variables.Add(requirement.Name);
        }

        return new PreparedSecrets(lines, values, variables);
    }

    /// <summary>Finds the values of a sidecar's secrets; one that has none is left out.</summary>
    public async Task<(PlannedSidecar Planned, IReadOnlyList<PreparedSecret> Values)> PrepareAsync(PodKey key, Sidecar sidecar, ICollection<string> warnings, CancellationToken cancellationToken)
    {
        var lines = new List<SecretLine>();
        var values = new List<PreparedSecret>();
        var existing = sidecar.Secrets.Count == 0 ? [] : await ExistingAsync(cancellationToken).ConfigureAwait(false);
        foreach (var (secret, variable) in sidecar.Secrets)
        {
            var name = $"{key.Sidecar(sidecar.Name)}-{secret.Name}";
            var line = new SecretLine(name, secret.Variable.Length > 0 ? secret.Variable : null, secret.Target.Length > 0 ? secret.Target : secret.Name);
            var found = await _chain.OfSidecarAsync(name, secret, variable, cancellationToken).ConfigureAwait(false);
            lines.Add(line);
            if (found is not null) values.Add(new PreparedSecret(name, found));
            else if (!existing.Contains(name)) warnings.Add($"the sidecar {sidecar.Name} has no {secret.Name}: set it with charly secrets set {SecretChain.Service} {name}{(variable is null ? "" : $", or in the variable {variable}")}, and run charly config {key} again");
        }

        return (new PlannedSidecar(sidecar, lines), values);
    }

    /// <summary>Hands values to the engine, through a pipe; those that were made up are kept in the store first. docker has none of its own, so there they are only kept.</summary>
    public async Task ProvisionAsync(IEnumerable<PreparedSecret> secrets, CancellationToken cancellationToken)
    {
        HashSet<string>? existing = null;
        foreach (var secret in secrets.Where(s => s.Value is not null))
        {
            if (secret.IsGenerated) await _chain.KeepAsync(secret.Name, secret.Value!, cancellationToken).ConfigureAwait(false);
            if (!engine.IsPodman) continue;
            existing ??= await ExistingAsync(cancellationToken).ConfigureAwait(false);
            if (existing.Contains(secret.Name)) await MustAsync($"replace the secret {secret.Name}", ["secret", "rm", secret.Name], null, cancellationToken).ConfigureAwait(false);
            await MustAsync($"create the secret {secret.Name}", ["secret", "create", secret.Name, "-"], secret.Value, cancellationToken).ConfigureAwait(false);
        }
    }

    private static IEnumerable<CandyRequirement> Credentials(BoxLabels labels) => labels.SecretRequire.Concat(labels.SecretAccept);

    private async Task<PreparedSecret> FindAsync(PodEntry entry, CandySecret secret, string name, SecretChoices choices, CancellationToken cancellationToken)
    {
        if (await _chain.OfImageAsync(entry, secret, name, cancellationToken).ConfigureAwait(false) is { } found) return new PreparedSecret(name, found);
        var made = choices.IsManual ? await password.AskAsync($"charly-{entry.Key.Dashed}", $"Value of the secret {secret.Name} of {entry.Key}:", cancellationToken).ConfigureAwait(false) : Generate();
        return new PreparedSecret(name, made) { IsGenerated = true };
    }

    // Whether an entry says that the engine has the value, as it must.
    private static bool IsEngines(PodEntry entry, string secret, string name, HashSet<string> existing)
    {
        if (entry.Secrets.FirstOrDefault(s => s.Name == secret && SecretChain.IsEngines(s)) is not { } source) return false;
        return existing.Contains(name) ? true : throw SecretChain.Missing(source, $"the engine has no {name}", "Run charly bundle add again where its value is, or write where it comes from: keyring, env:VARIABLE or file:/path.");
    }

    private async Task<HashSet<string>> ExistingAsync(CancellationToken cancellationToken)
    {
        // Those of docker are a swarm's.
        if (!engine.IsPodman) return [];
        var listed = await engine.RunAsync(["secret", "ls", "--format", "{{.Name}}"], cancellationToken).ConfigureAwait(false);
        return listed.Succeeded ? [.. listed.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)] : throw engine.Refused("list its secrets", listed);
    }

    private async Task MustAsync(string what, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        var result = await engine.RunAsync(new Execution.ProcessRequest(engine.Name, arguments) { Input = input }, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw engine.Refused(what, result);
    }

    private static string Generate() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).Replace('+', '-').Replace('/', '_');
}

using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Values of a deployment's secrets for a cluster that takes them raw (pod.md §8): where the entry says, else the usual places.</summary>
internal sealed class WorkloadSecretValues(CharlyContext context)
{
    private const string Service = "charly/secret";

    /// <summary>All values by name.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> for a secret that nobody has set.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ReadAsync(Deployment entry, IReadOnlyList<WorkloadSecret> secrets, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var secret in secrets)
        {
            values[secret.Name] = await FindAsync(entry, secret, cancellationToken).ConfigureAwait(false) ?? throw new CharlyException(
                Errors.SecretStore,
                $"deploy \"{entry.Key}\": the secret \"{secret.Name}\" has no value{(secret.Source is { } source ? $" in {source}" : "")}",
                $"Set it: charly secrets set {Service} {secret.Name}. Nothing was changed.",
                secret.Position ?? entry.Position,
                entry.Key);
        }

        return values;
    }

    private async Task<string?> FindAsync(Deployment entry, WorkloadSecret secret, CancellationToken cancellationToken)
    {
        if (secret.Source?.StartsWith("env:", StringComparison.Ordinal) == true) return context.Environment.Variable(secret.Source[4..]);
        if (secret.Source?.StartsWith("file:", StringComparison.Ordinal) == true)
        {
            var file = context.Environment.Resolve(secret.Source[5..]);
            if (!File.Exists(file)) return null;
            var text = await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false);
            return text.EndsWith('\n') ? text[..^1] : text;
        }

        // One deployment's own value comes before the one that all share.
        var store = context.Credentials;
        var variable = secret.Source is null ? secret.Variable : null;
        foreach (var item in new[] { $"charly-{entry.Key.Replace('/', '-')}-{secret.Name}", secret.Name })
        {
            if (await store.FindAsync(new CredentialAddress(Service, item), variable, cancellationToken).ConfigureAwait(false) is { } found) return found.Value;
        }

        return null;
    }
}

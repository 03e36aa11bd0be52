using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Pods.Secrets;

/// <summary>Where the operator's values of a pod's secrets are: what the entry says, variables of this process, the credential store (pod.md §8).</summary>
/// <param name="store">The operator's credentials.</param>
/// <param name="environment">Variables of this process.</param>
internal sealed class SecretChain(CredentialStore store, CharlyEnvironment environment)
{
    /// <summary>Service of secrets that say no other.</summary>
    public const string Service = "charly/secret";

    /// <summary>The source of a value that the engine was given by somebody else, and keeps.</summary>
    public const string Engine = "engine";

    /// <summary>Whether the engine itself is the source.</summary>
    public static bool IsEngines(SecretSource source) => source.Source == Engine;

    /// <summary>The value of a secret of the image; null if there is none.</summary>
    /// <param name="entry">The pod's entry.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="name">Its name in the engine.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodSecret"/> for an override whose source is missing.</exception>
    public async Task<string?> OfImageAsync(PodEntry entry, CandySecret secret, string name, CancellationToken cancellationToken)
    {
        CredentialAddress[] addresses = [new(Service, name), new(Service, secret.Name)];
        if (entry.Secrets.FirstOrDefault(s => s.Name == secret.Name) is { } source && await FromSourceAsync(source, addresses, cancellationToken).ConfigureAwait(false) is { } given) return given;
        if (secret.Variable.Length > 0 && environment.Variable(secret.Variable) is { } own) return own;
        return await FromStoreAsync(addresses, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The value of a credential that the image needs or takes; null if there is none.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodSecret"/> for an override whose source is missing.</exception>
    public async Task<string?> OfCredentialAsync(PodEntry entry, CandyRequirement requirement, CancellationToken cancellationToken)
    {
        var address = PodRequirements.AddressOf(requirement);
        return entry.Secrets.FirstOrDefault(s => s.Name == requirement.Name) is { } source
            ? await FromSourceAsync(source, [address], cancellationToken).ConfigureAwait(false)
            : (await store.FindAsync(address, requirement.Name, cancellationToken).ConfigureAwait(false))?.Value;
    }

    /// <summary>The value of a sidecar's secret; null if there is none.</summary>
    /// <param name="name">Its name in the engine.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="variable">Variable of this machine; that of the secret itself if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string?> OfSidecarAsync(string name, CandySecret secret, string? variable, CancellationToken cancellationToken) =>
        (await store.FindAsync(new CredentialAddress(Service, name), variable ?? (secret.Variable.Length > 0 ? secret.Variable : null), cancellationToken).ConfigureAwait(false)
            ?? await store.FindAsync(new CredentialAddress(Service, variable ?? secret.Name), null, cancellationToken).ConfigureAwait(false))?.Value;

    /// <summary>Keeps a value that was made up.</summary>
    /// <param name="name">Name of the secret in the engine.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task KeepAsync(string name, string value, CancellationToken cancellationToken) => store.SetAsync(new CredentialAddress(Service, name), value, cancellationToken);

    /// <summary>The error for a source without a value.</summary>
    public static CharlyException Missing(SecretSource source, string what, string help) => new(Errors.PodSecret, $"the secret \"{source.Name}\": {what}", help, source.Position, source.Name);

    // What an entry says about its source is never replaced by something else; only the keyring may be empty.
    private async Task<string?> FromSourceAsync(SecretSource source, IEnumerable<CredentialAddress> addresses, CancellationToken cancellationToken)
    {
        if (source.Source.StartsWith("env:", StringComparison.Ordinal))
        {
            var variable = source.Source[4..];
            return environment.Variables.GetValueOrDefault(variable) is { Length: > 0 } value ? value : throw Missing(source, $"the variable {variable} is not set", $"Set {variable}, or correct the source.");
        }

        if (source.Source.StartsWith("file:", StringComparison.Ordinal))
        {
            var path = Volumes.VolumePlan.Expand(source.Source[5..], environment);
            if (!File.Exists(path)) throw Missing(source, $"the file {path} does not exist", "Create it, or correct the source.");
            var text = await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
            return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        }

        return await FromStoreAsync(addresses, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string?> FromStoreAsync(IEnumerable<CredentialAddress> addresses, CancellationToken cancellationToken)
    {
        foreach (var address in addresses)
        {
            if (await store.FindAsync(address, null, cancellationToken).ConfigureAwait(false) is { } kept) return kept.Value;
        }

        return null;
    }
}

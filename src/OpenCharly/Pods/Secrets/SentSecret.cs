using OpenCharly.Boxes;

namespace OpenCharly.Pods.Secrets;

/// <summary>A secret of a pod on another machine, whose value the operator has here. It is in memory only, and in no text of it.</summary>
/// <param name="Name">Its name in the engine there.</param>
/// <param name="Value">The value.</param>
internal sealed record SentSecret(string Name, string Value)
{
    /// <summary>Its name in the entry; null for one of a sidecar.</summary>
    public string? Declared { get; init; }

    /// <summary>Whether it always follows its source; else the one that the engine has stays.</summary>
    public bool IsReplaced { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>
/// Finds what the operator has of the secrets of a pod on another machine (pod.md §8): by the same rules as for a pod here, except that
/// nothing is made up. What nobody has here is left to the credentials of the other machine's user.
/// </summary>
/// <param name="chain">Where values are looked for.</param>
internal sealed class SentSecrets(SecretChain chain)
{
    /// <summary>Finds all of them; changes nothing.</summary>
    /// <param name="entry">The pod's entry, with the key that it has there.</param>
    /// <param name="labels">What its image says.</param>
    /// <param name="warnings">Gets what is odd.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Foundation.CharlyException"><see cref="Foundation.Errors.PodSecret"/> for an override whose source is missing.</exception>
    public async Task<IReadOnlyList<SentSecret>> FindAsync(PodEntry entry, BoxLabels labels, ICollection<string> warnings, CancellationToken cancellationToken)
    {
        var sent = new List<SentSecret>();
        foreach (var secret in labels.Secrets.DistinctBy(s => s.Name).Where(s => !IsThere(entry, s.Name)))
        {
            var name = entry.Key.Secret(secret.Name);
            if (await chain.OfImageAsync(entry, secret, name, cancellationToken).ConfigureAwait(false) is { } value) sent.Add(new SentSecret(name, value) { Declared = secret.Name });
        }

        foreach (var requirement in labels.SecretRequire.Concat(labels.SecretAccept).Where(r => !IsThere(entry, r.Name)))
        {
            var written = entry.Environment.LastOrDefault(e => e.Key == requirement.Name).Value;
            if (written is not null) warnings.Add($"{requirement.Name} is a credential, and stands in the entry in plain text: keep it with charly secrets set instead");
            if ((written ?? await chain.OfCredentialAsync(entry, requirement, cancellationToken).ConfigureAwait(false)) is { } value)
            {
                sent.Add(new SentSecret(PodSecrets.NameOf(entry.Key, requirement), value) { Declared = requirement.Name, IsReplaced = true });
            }
        }

        foreach (var unknown in entry.Secrets.Where(s => labels.Secrets.All(l => l.Name != s.Name) && labels.SecretRequire.Concat(labels.SecretAccept).All(r => r.Name != s.Name)))
        {
            warnings.Add($"the image has no secret \"{unknown.Name}\": its source is not used");
        }

        foreach (var sidecar in entry.Sidecars.Select(s => Sidecar.Resolve(entry.Key, s)))
        {
            foreach (var (secret, variable) in sidecar.Secrets)
            {
                var name = $"{entry.Key.Sidecar(sidecar.Name)}-{secret.Name}";
                if (await chain.OfSidecarAsync(name, secret, variable, cancellationToken).ConfigureAwait(false) is { } value) sent.Add(new SentSecret(name, value));
            }
        }

        return sent;
    }

    private static bool IsThere(PodEntry entry, string secret) => entry.Secrets.Any(s => s.Name == secret && SecretChain.IsEngines(s));
}

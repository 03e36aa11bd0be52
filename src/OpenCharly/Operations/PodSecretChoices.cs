using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Engines;
using OpenCharly.Pods.Secrets;

namespace OpenCharly.Operations;

/// <summary>Decides the secrets of a pod and of its sidecars, values in memory only (pod.md §8, §11).</summary>
internal static class PodSecretChoices
{
    /// <summary>The secrets of the pod itself.</summary>
    public static async Task<PreparedSecrets> PrepareAsync(
        PodSecrets secrets, PodEntry entry, BoxLabels labels, List<(CredentialAddress Address, string Value)> credentials, ConfigurePodRequest request, List<string> warnings, CancellationToken cancellationToken)
    {
        var prepared = await secrets.PrepareAsync(entry, labels, new SecretChoices { Refresh = request.RefreshSecrets, IsManual = request.ManualPasswords }, warnings, cancellationToken).ConfigureAwait(false);

        // Credentials that were given just now are not in the store yet.
        var lines = prepared.Lines.ToList();
        var values = prepared.Values.ToList();
        var variables = prepared.Variables.ToHashSet(StringComparer.Ordinal);
        foreach (var requirement in labels.SecretRequire.Concat(labels.SecretAccept))
        {
            var at = credentials.FindLastIndex(c => c.Address == PodRequirements.AddressOf(requirement));
            if (at < 0) continue;
            var name = PodSecrets.NameOf(entry.Key, requirement);
            values.RemoveAll(v => v.Name == name);
            values.Add(new PreparedSecret(name, credentials[at].Value));
            if (variables.Add(requirement.Name)) lines.Add(new SecretLine(name, requirement.Name, requirement.Name));
        }

        return new PreparedSecrets(lines, values, variables);
    }

    /// <summary>The sidecars, and their secrets. Direct mode has none.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodSidecar"/> where the engine is too old.</exception>
    public static async Task<(IReadOnlyList<PlannedSidecar> Sidecars, IReadOnlyList<PreparedSecret> Values)> SidecarsAsync(
        PodSecrets secrets, ContainerEngine engine, PodEntry entry, RunMode mode, List<string> warnings, CancellationToken cancellationToken)
    {
        var merged = entry.Sidecars.Select(s => Sidecar.Resolve(entry.Key, s)).ToArray();
        if (merged.Length > 0 && mode == RunMode.Direct)
        {
            warnings.Add($"sidecars need the service manager: {string.Join(", ", merged.Select(s => s.Name))} left out");
            return ([], []);
        }

        // Pods as quadlets came with podman 5.
        if (merged.Length > 0 && await engine.VersionAsync(cancellationToken).ConfigureAwait(false) is { Major: < 5 } version)
        {
            throw new CharlyException(Errors.PodSidecar, $"deploy \"{entry.Key}\": sidecars need podman 5, and this is {version}", "Update podman, or remove the sidecars.", entry.Sidecars[0].Position, entry.Key.Text);
        }

        var planned = new List<PlannedSidecar>();
        var values = new List<PreparedSecret>();
        foreach (var sidecar in merged)
        {
            var (one, own) = await secrets.PrepareAsync(entry.Key, sidecar, warnings, cancellationToken).ConfigureAwait(false);
            planned.Add(one);
            values.AddRange(own);
        }

        return (planned, values);
    }
}

using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;

namespace OpenCharly.Operations;

/// <summary>Sorts the variables that are given to a pod: what is meant for a sidecar or is a secret is no variable of the pod (pod.md §7, §11).</summary>
internal static class GivenVariables
{
    /// <summary>Takes out what is meant for sidecars, and puts it there.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodSecret"/> for the secret of a sidecar.</exception>
    public static (PodEntry Entry, IReadOnlyList<KeyValuePair<string, string>> Given) TakeForSidecars(PodEntry entry, IReadOnlyList<KeyValuePair<string, string>> given, Action<string> inform)
    {
        if (entry.Sidecars.Count == 0) return (entry, given);
        var rest = new List<KeyValuePair<string, string>>();
        var sidecars = entry.Sidecars.ToList();
        var merged = sidecars.Select(s => Sidecar.Resolve(entry.Key, s)).ToArray();
        foreach (var (name, value) in given)
        {
            var at = Array.FindIndex(merged, s => s.Takes(name));
            if (at < 0)
            {
                rest.Add(KeyValuePair.Create(name, value));
                continue;
            }

            // A secret of a sidecar is one all the same.
            if (merged[at].Secrets.Any(s => s.Secret.Variable == name)) throw new CharlyException(Errors.PodSecret, $"{name} is a secret of the sidecar {merged[at].Name}", $"Keep it in the store: charly secrets set charly/secret {entry.Key.Sidecar(merged[at].Name)}-{merged[at].Secrets.First(s => s.Secret.Variable == name).Secret.Name}", target: name);
            sidecars[at] = sidecars[at] with { Environment = new Dictionary<string, string>(sidecars[at].Environment, StringComparer.Ordinal) { [name] = value } };
            inform($"{name} goes to the sidecar {merged[at].Name}");
        }

        return (entry with { Sidecars = sidecars }, rest);
    }

    /// <summary>Takes out what the image calls secret, given now or written in the entry: it belongs into the store.</summary>
    public static (PodEntry Entry, IReadOnlyList<KeyValuePair<string, string>> Given, bool Migrates) TakeCredentials(
        PodEntry entry, BoxLabels labels, IReadOnlyList<KeyValuePair<string, string>> given, List<(CredentialAddress, string)> credentials)
    {
        var known = labels.SecretAccept.Concat(labels.SecretRequire).ToDictionary(r => r.Name, StringComparer.Ordinal);
        if (known.Count == 0) return (entry, given, false);
        var written = entry.Environment.Where(e => known.ContainsKey(e.Key)).ToArray();
        foreach (var (name, value) in written.Concat(given.Where(g => known.ContainsKey(g.Key)))) credentials.Add((PodRequirements.AddressOf(known[name]), value));
        return (entry with { Environment = [.. entry.Environment.Where(e => !known.ContainsKey(e.Key))] }, [.. given.Where(g => !known.ContainsKey(g.Key))], written.Length > 0);
    }

    /// <summary>Variables by name, those above replacing those below at their place.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Merge(IReadOnlyList<KeyValuePair<string, string>> below, IReadOnlyList<KeyValuePair<string, string>> above)
    {
        var merged = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in below.Concat(above)) merged[name] = value;
        return [.. merged];
    }
}

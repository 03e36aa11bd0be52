using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Forgets what the per-host file says of deployments (<c>bundle reset</c>, deploy.md §3.3).</summary>
/// <param name="context">What it works with.</param>
public sealed class ResetDeployments(CharlyContext context)
{
    /// <summary>
    /// Removes the entries; the file goes with the last of them, unless it says what pods offer. Targets, quadlets and ledgers are left
    /// alone, and so is what is known of a virtual machine that exists.
    /// </summary>
    /// <param name="keys">Deploy keys; all entries if null. A key without an entry is passed over with a note.</param>
    /// <param name="dryRun">Only say which would go.</param>
    /// <param name="cancellationToken">Ends the wait for the file.</param>
    /// <returns>The entries that were removed, or would be.</returns>
    public async Task<IReadOnlyList<Deployment>> RunAsync(IReadOnlyCollection<string>? keys, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var file = new HostFile(context.Paths);
        file.CheckForm();
        var there = file.ReadDeployments()?.Entries ?? [];
        foreach (var missing in (keys ?? []).Where(k => there.All(e => e.Key.Text != k))) Tell($"No overrides for box \"{missing}\"");
        var chosen = there.Where(e => keys is null || keys.Contains(e.Key.Text)).ToArray();
        var keep = new Dictionary<string, IReadOnlyCollection<string>>(StringComparer.Ordinal);
        foreach (var entry in chosen)
        {
            if (entry.Value is not YamlMapping body || DeploymentImport.Kept(body) is not { Entries.Count: > 0 } kept || !Exists(entry.Key.Text)) continue;
            keep[entry.Key.Text] = [.. kept.Entries.Select(e => e.Key.Text)];
            Tell($"{entry.Key.Text}: its machine exists, so what is known of the machine stays; destroy it with: charly vm destroy {entry.Key.Text[3..]}");
        }

        if (!dryRun && chosen.Length > 0) await file.ResetAsync([.. chosen.Select(e => e.Key.Text)], keep, cancellationToken).ConfigureAwait(false);

        // What is thrown away may be broken, and is shown all the same.
        var problems = new List<Problem>();
        return [.. chosen.Where(e => e.Value is YamlMapping).Select(e => DeploymentReader.Read(DeploymentReader.Canonical((YamlMapping)e.Value, e.Key.Text, problems), e.Key.Text, isBed: false, problems))];
    }

    private bool Exists(string key) => key.StartsWith("vm:", StringComparison.Ordinal) && VmName.ParseOrNull(key) is { } name && new VmServices(context).Registry.Find(name.Id) is not null;

    private void Tell(string text) => context.Progress.Report(new NoticeEvent(NoticeLevel.Info, text));
}

using System.Security.Cryptography;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Operations;

/// <summary>
/// Finds the values of the secrets that a plan names (candy-and-plan.md §6.8), at the last moment before it is applied.
/// One that a candy requires and nobody has set is made up, once, and kept.
/// </summary>
internal sealed class SecretValues(CharlyContext context)
{
    public async Task<IReadOnlyDictionary<string, string>> ForAsync(InstallPlan plan, CancellationToken cancellationToken)
    {
        var store = context.Credentials;
        var wanted = plan.Steps.OfType<OpStep>().Where(s => s.Enabled && plan.Gates.Allows(s.Gate)).SelectMany(s => s.Secrets).ToHashSet(StringComparer.Ordinal);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var secret in plan.Secrets.Where(s => wanted.Contains(s.Name)))
        {
            var address = CredentialAddress.Parse(secret.Key);
            var found = await store.FindAsync(address, secret.Name, cancellationToken).ConfigureAwait(false);
            if (found is not null) values[secret.Name] = found.Value;
            else if (secret.IsRequired) values[secret.Name] = await MakeAsync(store, secret, address, cancellationToken).ConfigureAwait(false);
        }

        return values;
    }

    private async Task<string> MakeAsync(CredentialStore store, PlanSecret secret, CredentialAddress address, CancellationToken cancellationToken)
    {
        var value = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var where = await store.SetAsync(address, value, cancellationToken).ConfigureAwait(false);
        context.Progress.Report(where == CredentialSource.Config
            ? new NoticeEvent(NoticeLevel.Warning, $"{secret.Name} was made up and is kept in {context.Paths.SettingsFile}, since no keyring answers")
            : new NoticeEvent(NoticeLevel.Info, $"{secret.Name} was made up and is kept in the {(where == CredentialSource.Kdbx ? "KeePass file" : "keyring")} as {address}"));
        return value;
    }
}

using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Operations;

/// <summary>Reads the operator's secrets.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetSecrets(CharlyContext context)
{
    private readonly CredentialStore _store = context.Credentials;

    /// <summary>Names of what is kept; never a value, and also while the keyring is locked.</summary>
    public IReadOnlyList<CredentialName> List() => _store.List();

    /// <summary>One secret.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretMissing"/>; <see cref="Errors.SecretStore"/> if the keyring is locked or does not answer.</exception>
    public async Task<Credential> ReadAsync(string service, string item, CancellationToken cancellationToken = default)
    {
        var address = CredentialAddress.Of(service, item);
        return await _store.FindAsync(address, null, cancellationToken).ConfigureAwait(false) ?? throw Missing(_store, address);
    }

    /// <summary>One secret by its name, such as <c>charly/secret/DB_PASSWORD</c>.</summary>
    /// <exception cref="CharlyException">As for the address.</exception>
    public Task<Credential> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        var address = CredentialAddress.Parse(name);
        return ReadAsync(address.Service, address.Item, cancellationToken);
    }

    /// <summary>Says where a secret is kept; also of one that another program put into the keyring, which is on no list.</summary>
    /// <exception cref="CharlyException">As for its value.</exception>
    public async Task<CredentialName> FindAsync(string name, CancellationToken cancellationToken = default) =>
        List().FirstOrDefault(n => n.Name == name)
        ?? new CredentialName(CredentialAddress.Parse(name), (await ReadAsync(name, cancellationToken).ConfigureAwait(false)).Source);

    /// <summary>Secrets with values as YAML of services, items and values, as <see cref="ImportSecrets"/> reads it.</summary>
    public static string Yaml(IEnumerable<(CredentialName Name, string Value)> secrets)
    {
        var editor = new YamlEditor("", "the export");
        foreach (var (name, value) in secrets) editor.Set([name.Service, name.Item], YamlValue.Text(value));
        return editor.Text;
    }

    /// <summary>Everything that is kept, with values.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if the keyring is locked or does not answer.</exception>
    public async Task<IReadOnlyList<(CredentialName Name, string Value)>> ReadAllAsync(CancellationToken cancellationToken = default)
    {
        var all = new List<(CredentialName, string)>();
        foreach (var name in List()) all.Add((name, (await ReadAsync(name.Service, name.Item, cancellationToken).ConfigureAwait(false)).Value));
        return all;
    }

    internal static CharlyException Missing(CredentialStore store, CredentialAddress address)
    {
        var name = $"{address.Service}/{address.Item}";
        var known = Nearest.Find(name, store.List().Select(n => n.Name));
        return new CharlyException(
            Errors.SecretMissing,
            $"there is no secret {name}",
            known is not null ? $"Did you mean \"{known}\"?" : $"Set it: charly secrets set {Shell.Quote(address.Service)} {Shell.Quote(address.Item)}",
            target: name);
    }
}

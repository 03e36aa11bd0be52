using System.Security.Cryptography;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Keeps secrets, and removes them.</summary>
/// <param name="context">What it works with.</param>
public sealed class SetSecret(CharlyContext context)
{
    private readonly CredentialStore _store = context.Credentials;

    /// <summary>Keeps a value: in the keyring where one answers, else in the settings file, which is told as a warning.</summary>
    /// <returns>Its name, and where it is kept.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> for no value; <see cref="Errors.SecretStore"/> if the
    /// address is none, or a keyring is insisted on and does not take it.</exception>
    public async Task<CredentialName> RunAsync(string service, string item, string value, CancellationToken cancellationToken = default)
    {
        var kept = await KeepAsync(CredentialAddress.Of(service, item), value, cancellationToken).ConfigureAwait(false);
        if (kept.Source == CredentialSource.Config) WarnOfPlainText();
        return kept;
    }

    /// <summary>Keeps a value by the name of the secret, such as <c>charly/secret/DB_PASSWORD</c>.</summary>
    /// <exception cref="CharlyException">As for the address.</exception>
    public Task<CredentialName> RunAsync(string name, string value, CancellationToken cancellationToken = default)
    {
        var address = CredentialAddress.Parse(name);
        return RunAsync(address.Service, address.Item, value, cancellationToken);
    }

    /// <summary>A new value: 16 random bytes in hexadecimal digits.</summary>
    public static string Generate() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Removes a secret.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretMissing"/>; <see cref="Errors.SecretStore"/> if it is in a keyring that is locked or does not answer.</exception>
    public async Task RemoveAsync(string service, string item, CancellationToken cancellationToken = default)
    {
        var address = CredentialAddress.Of(service, item);
        if (!await _store.RemoveAsync(address, cancellationToken).ConfigureAwait(false)) throw GetSecrets.Missing(_store, address);
    }

    /// <summary>Removes a secret by its name.</summary>
    /// <exception cref="CharlyException">As for the address.</exception>
    public Task RemoveAsync(string name, CancellationToken cancellationToken = default)
    {
        var address = CredentialAddress.Parse(name);
        return RemoveAsync(address.Service, address.Item, cancellationToken);
    }

    /// <summary>Moves plain text of the settings file into the keyring.</summary>
    /// <param name="dryRun">Only says what would move.</param>
    /// <param name="cancellationToken">Gives up; what moved stays moved.</param>
    /// <returns>What moved.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if no keyring answers, or it does not take one.</exception>
    public Task<IReadOnlyList<CredentialName>> MigrateAsync(bool dryRun = false, CancellationToken cancellationToken = default) => _store.MigrateAsync(dryRun, cancellationToken);

    internal async Task<CredentialName> KeepAsync(CredentialAddress address, string value, CancellationToken cancellationToken)
    {
        if (value.Length == 0) throw new CharlyException(Errors.Usage, $"the value of {address} is empty", "Give it on standard input, or let one be made up: --generate.", target: address.ToString());
        return new CredentialName(address, await _store.SetAsync(address, value, cancellationToken).ConfigureAwait(false));
    }

    internal void WarnOfPlainText()
    {
        if (new Settings(context.Environment, context.Paths).Get("secret_backend").Value != "auto") return;
        context.Progress.Report(new NoticeEvent(
            NoticeLevel.Warning, $"no keyring answers, so secrets are kept as plain text in {context.Paths.SettingsFile}; later: charly settings migrate-secrets"));
    }
}

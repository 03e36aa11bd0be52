using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Reads the user's settings.</summary>
/// <param name="context">What it works with.</param>
public sealed class GetSettings(CharlyContext context)
{
    private readonly Settings _settings = new(context.Environment, context.Paths);

    /// <summary>The file that keeps them; it need not be there.</summary>
    public string Path => _settings.FilePath;

    /// <summary>All settings as they are in force.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SettingInvalid"/> for a value that a variable or the file has and that can't be.</exception>
    public IReadOnlyList<Setting> List() => _settings.List();

    /// <summary>One setting; of a <c>vnc.password.KEY</c> the password, from where secrets are kept.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SettingUnknown"/>, <see cref="Errors.SettingInvalid"/>;
    /// <see cref="Errors.SecretMissing"/> for a password that is not kept.</exception>
    public async Task<Setting> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        if (SettingSecrets.Address(key) is not { } address) return _settings.Get(key);
        var secret = await new GetSecrets(context).ReadAsync(address.Service, address.Item, cancellationToken).ConfigureAwait(false);
        return new Setting(key, secret.Value, secret.Source == CredentialSource.Env ? SettingSource.Env : SettingSource.File);
    }
}

/// <summary>Settings that are secrets, and are kept as such.</summary>
internal static class SettingSecrets
{
    private const string Prefix = "vnc.password.";

    /// <summary>The address of the secret that a key stands for; null if it is an ordinary setting.</summary>
    public static CredentialAddress? Address(string key) =>
        key.StartsWith(Prefix, StringComparison.Ordinal) && key.Length > Prefix.Length ? CredentialAddress.Of("charly/vnc", key[Prefix.Length..].Replace('/', '-')) : null;
}

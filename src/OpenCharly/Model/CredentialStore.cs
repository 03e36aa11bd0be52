using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>
/// The operator's credentials (deploy.md §13.2): the environment first, then the desktop's keyring, then the settings
/// file, which only its owner can read; or a KeePass file in the place of both. Values pass through streams and files, never through
/// an argument list.
/// </summary>
/// <param name="environment">Variables of this process.</param>
/// <param name="paths">Where the settings file is.</param>
/// <param name="processes">Runs <c>secret-tool</c> and <c>keepassxc-cli</c>.</param>
/// <param name="password">The password of the KeePass file; from its file alone if null.</param>
public sealed class CredentialStore(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, VaultPassword? password = null)
{
    private const string Plain = "secret";

    private readonly VaultPassword _password = password ?? new VaultPassword(environment);
    private readonly SettingsFile _file = new(paths);
    private readonly Settings _settings = new(environment, paths);

    /// <summary>Looks a credential up; null if there is none.</summary>
    /// <param name="address">Where it is kept.</param>
    /// <param name="variable">The variable of this process that takes precedence; none if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if the keyring is needed and is locked or does not answer, or
    /// the KeePass file can't be opened; <see cref="Errors.ToolMissing"/> if that needs a program that is not there.</exception>
    public async Task<Credential?> FindAsync(CredentialAddress address, string? variable, CancellationToken cancellationToken = default)
    {
        var found = await ResolveAsync(address, variable, cancellationToken).ConfigureAwait(false);
        return found switch
        {
            { Value: { } value } => new Credential(value, found.Source),
            { Source: CredentialSource.Locked } => throw Locked(address),
            { Source: CredentialSource.Unavailable } when Backend() == "keyring" || (Vault() is { } vault && IsIndexed(vault, address)) => throw Unreachable(address),
            _ => null,
        };
    }

    /// <summary>Looks a credential up and says where it is, or why it is not to be had.</summary>
    /// <param name="address">Where it is kept.</param>
    /// <param name="variable">The variable of this process that takes precedence; none if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException">The KeePass file can't be opened.</exception>
    public async Task<CredentialLookup> ResolveAsync(CredentialAddress address, string? variable, CancellationToken cancellationToken = default)
    {
        if (variable is not null && environment.Variable(variable) is { } own) return new CredentialLookup(own, CredentialSource.Env);
        var state = VaultState.Missing;
        if (Vault() is { } vault)
        {
            (state, var value) = await vault.FindAsync(address, cancellationToken).ConfigureAwait(false);
            if (value is not null) return new CredentialLookup(value, vault.Source);
            if (state == VaultState.Locked || (state == VaultState.Missing && vault.MayHideNames && IsIndexed(vault, address))) return new CredentialLookup(null, CredentialSource.Locked);
        }

        // Whoever chose a vault wants nothing from anywhere else.
        if (Backend() is "auto" or "config" && FromFile(address) is { } kept) return new CredentialLookup(kept, CredentialSource.Config);
        return new CredentialLookup(null, state == VaultState.Unavailable ? CredentialSource.Unavailable : CredentialSource.Default);
    }

    /// <summary>Keeps a credential: in the keyring where one answers, else in the settings file; in the KeePass file if that is chosen.</summary>
    /// <returns>Where it is kept now: <c>Keyring</c>, <c>Kdbx</c> or <c>Config</c>.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if a keyring or a file is insisted on and does not answer, or one that
    /// answers does not take it.</exception>
    public async Task<CredentialSource> SetAsync(CredentialAddress address, string value, CancellationToken cancellationToken = default)
    {
        var vault = Vault();
        if (vault is not null && await vault.AnswersAsync(address, cancellationToken).ConfigureAwait(false))
        {
            await vault.WriteAsync(address, value, cancellationToken).ConfigureAwait(false);
            await _file.EditAsync(editor =>
            {
                editor.Remove([Plain, address.Service, address.Item], removeEmptyParents: true);
                WriteIndex(editor, vault, Indexed(vault).Append(address));
            }, cancellationToken).ConfigureAwait(false);
            return vault.Source;
        }

        // A second, newer value elsewhere would lose against the old one as soon as the keyring answers again.
        if (Backend() == "keyring" || (vault is not null && IsIndexed(vault, address))) throw Unreachable(address);
        await _file.EditAsync(
            editor =>
            {
                editor.Set([Plain, address.Service, address.Item], YamlValue.Text(value));
                if (vault is not null) return;
                foreach (var other in Vaults()) WriteIndex(editor, other, Indexed(other).Where(a => a != address));
            },
            cancellationToken).ConfigureAwait(false);
        return CredentialSource.Config;
    }

    /// <summary>Names of what is kept, by name; values are not read, and nothing is unlocked.</summary>
    public IReadOnlyList<CredentialName> List()
    {
        // Of one that is in several places, the place counts that is read.
        var source = Vault()?.Source;
        return
        [
            .. Vaults().OrderBy(v => v.Source != source).SelectMany(v => Indexed(v).Select(a => new CredentialName(a, v.Source)))
                .Concat(InFile().Select(a => new CredentialName(a, CredentialSource.Config)))
                .DistinctBy(n => n.Name).OrderBy(n => n.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Removes a credential from wherever it is kept.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if it is in a keyring that is locked or does not answer, or in a KeePass
    /// file that can't be opened; nothing was changed.</exception>
    public async Task<bool> RemoveAsync(CredentialAddress address, CancellationToken cancellationToken = default)
    {
        var chosen = Vault()?.Source;
        var isKept = FromFile(address) is not null;
        var open = new List<ICredentialVault>();
        foreach (var vault in Vaults())
        {
            var isIndexed = IsIndexed(vault, address);
            isKept |= isIndexed;
            if (!isIndexed && vault.Source != chosen) continue;
            var state = (await vault.FindAsync(address, cancellationToken).ConfigureAwait(false)).State;
            if (state == VaultState.Locked) throw Locked(address);
            if (state == VaultState.Unavailable && (isIndexed || Backend() == "keyring")) throw Unreachable(address);
            if (state == VaultState.Open) open.Add(vault);
        }

        foreach (var vault in open) await vault.RemoveAsync(address, cancellationToken).ConfigureAwait(false);
        await _file.EditAsync(editor =>
        {
            editor.Remove([Plain, address.Service, address.Item], removeEmptyParents: true);
            foreach (var vault in Vaults()) WriteIndex(editor, vault, Indexed(vault).Where(a => a != address));
        }, cancellationToken).ConfigureAwait(false);
        return isKept || open.Count > 0;
    }

    /// <summary>Moves what the settings file keeps as plain text into the keyring, or into the KeePass file if that is chosen.</summary>
    /// <param name="dryRun">Only says what would move.</param>
    /// <param name="cancellationToken">Gives up; what moved stays moved.</param>
    /// <returns>What moved.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if no keyring answers, or it does not take one.</exception>
    public async Task<IReadOnlyList<CredentialName>> MigrateAsync(bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var moved = new List<CredentialName>();
        var vault = Vault();
        foreach (var address in InFile())
        {
            if (!dryRun)
            {
                if (vault is null) throw new CharlyException(Errors.SecretStore, "secret_backend is config, so secrets stay in the settings file", "Run: charly settings set secret_backend auto");
                if (!await vault.AnswersAsync(address, cancellationToken).ConfigureAwait(false)) throw Unreachable(address);
                await SetAsync(address, FromFile(address)!, cancellationToken).ConfigureAwait(false);
            }

            moved.Add(new CredentialName(address, vault?.Source ?? CredentialSource.Keyring));
        }

        return moved;
    }

    private string Backend() => _settings.Get("secret_backend").Value!;

    // The one that the settings choose; null for the settings file itself.
    private ICredentialVault? Vault() => Backend() switch { "config" => null, "kdbx" => Kdbx(), _ => Keyring() };

    private ICredentialVault[] Vaults() => [Keyring(), Kdbx()];

    private Keyring Keyring() => new(environment, processes, _settings.Get("keyring_collection_label").Value);

    private KdbxFile Kdbx() => new(environment, paths, processes, _settings.Get("secret_kdbx_path").Value, _password);

    private string? FromFile(CredentialAddress address) =>
        (((_file.Read()?[Plain] as YamlMapping)?[address.Service] as YamlMapping)?[address.Item] as YamlScalar) is { IsNull: false } scalar ? scalar.Text : null;

    private CredentialAddress[] InFile() => _file.Read()?[Plain] is YamlMapping services
        ? [.. from service in services.Entries
              where service.Value is YamlMapping
              from item in ((YamlMapping)service.Value).Entries
              where item.Value is YamlScalar { IsNull: false }
              select new CredentialAddress(service.Key.Text, item.Key.Text)]
        : [];

    // Names alone, so that lists work while a vault is locked, and a locked item is not taken for none.
    private CredentialAddress[] Indexed(ICredentialVault vault) => _file.Read()?[vault.Index] is YamlMapping services
        ? [.. from service in services.Entries
              where service.Value is YamlSequence
              from item in ((YamlSequence)service.Value).Items.OfType<YamlScalar>()
              select new CredentialAddress(service.Key.Text, item.Text)]
        : [];

    private bool IsIndexed(ICredentialVault vault, CredentialAddress address) => Indexed(vault).Contains(address);

    private static void WriteIndex(YamlEditor editor, ICredentialVault vault, IEnumerable<CredentialAddress> addresses)
    {
        var services = addresses.Distinct().GroupBy(a => a.Service, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).ToArray();
        if (services.Length == 0) editor.Remove([vault.Index]);
        else editor.Set([vault.Index], YamlValue.Map(services.Select(g => (g.Key, YamlValue.TextList(g.Select(a => a.Item).Order(StringComparer.Ordinal))))));
    }

    private static CharlyException Locked(CredentialAddress address) => new(
        Errors.SecretStore,
        $"the keyring is locked, and {address} is in it",
        $"Unlock it in the desktop session. If it was removed there by hand: charly secrets delete {Shell.Quote(address.Service)} {Shell.Quote(address.Item)}",
        target: address.ToString());

    private static CharlyException Unreachable(CredentialAddress address) => new(
        Errors.SecretStore,
        $"the keyring does not answer, and {address} may be kept nowhere else",
        "Run this in a session whose keyring is unlocked, with secret-tool (package libsecret-tools) installed; or run: charly settings set secret_backend config",
        target: address.ToString());
}

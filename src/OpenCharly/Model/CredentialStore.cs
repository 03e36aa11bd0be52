using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>
/// The operator's credentials (deploy.md §13.2): the environment first, then the desktop's keyring, then the settings
/// file, which only its owner can read. Values pass through streams and files, never through an argument list.
/// </summary>
/// <param name="environment">Variables of this process.</param>
/// <param name="paths">Where the settings file is.</param>
/// <param name="processes">Runs <c>secret-tool</c>.</param>
public sealed class CredentialStore(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes)
{
    private const string Plain = "secret";

    // Names alone, so that lists work while the keyring is locked, and a locked item is not taken for none.
    private const string Index = "keyring_items";

    private readonly SettingsFile _file = new(paths);
    private readonly Settings _settings = new(environment, paths);

    /// <summary>Looks a credential up; null if there is none.</summary>
    /// <param name="address">Where it is kept.</param>
    /// <param name="variable">The variable of this process that takes precedence; none if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if the keyring is needed and is locked or does not answer.</exception>
    public async Task<Credential?> FindAsync(CredentialAddress address, string? variable, CancellationToken cancellationToken = default)
    {
        var found = await ResolveAsync(address, variable, cancellationToken).ConfigureAwait(false);
        return found switch
        {
            { Value: { } value } => new Credential(value, found.Source),
            { Source: CredentialSource.Locked } => throw Locked(address),
            { Source: CredentialSource.Unavailable } when Backend() == "keyring" || IsIndexed(address) => throw Unreachable(address),
            _ => null,
        };
    }

    /// <summary>Looks a credential up and says where it is, or why it is not to be had.</summary>
    /// <param name="address">Where it is kept.</param>
    /// <param name="variable">The variable of this process that takes precedence; none if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<CredentialLookup> ResolveAsync(CredentialAddress address, string? variable, CancellationToken cancellationToken = default)
    {
        if (variable is not null && environment.Variable(variable) is { } own) return new CredentialLookup(own, CredentialSource.Env);
        var backend = Backend();
        var state = KeyringState.Missing;
        if (backend != "config")
        {
            var keyring = Keyring();
            state = await keyring.StateAsync(address, cancellationToken).ConfigureAwait(false);
            if (state == KeyringState.Open && await keyring.ReadAsync(address, cancellationToken).ConfigureAwait(false) is { } value) return new CredentialLookup(value, CredentialSource.Keyring);

            // Some keyrings don't even tell the names of what they lock.
            if (state is KeyringState.Locked or KeyringState.Open || (state == KeyringState.Missing && IsIndexed(address))) return new CredentialLookup(null, CredentialSource.Locked);
        }

        if (backend != "keyring" && FromFile(address) is { } kept) return new CredentialLookup(kept, CredentialSource.Config);
        return new CredentialLookup(null, state == KeyringState.Unavailable ? CredentialSource.Unavailable : CredentialSource.Default);
    }

    /// <summary>Keeps a credential: in the keyring where one answers, else in the settings file.</summary>
    /// <returns>Where it is kept now: <c>Keyring</c> or <c>Config</c>.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if a keyring is insisted on and does not answer, or one that answers does not take it.</exception>
    public async Task<CredentialSource> SetAsync(CredentialAddress address, string value, CancellationToken cancellationToken = default)
    {
        var backend = Backend();
        if (backend != "config")
        {
            var keyring = Keyring();
            if (await keyring.StateAsync(address, cancellationToken).ConfigureAwait(false) != KeyringState.Unavailable)
            {
                await keyring.WriteAsync(address, value, cancellationToken).ConfigureAwait(false);
                await _file.EditAsync(editor =>
                {
                    editor.Remove([Plain, address.Service, address.Item], removeEmptyParents: true);
                    WriteIndex(editor, Indexed().Append(address));
                }, cancellationToken).ConfigureAwait(false);
                return CredentialSource.Keyring;
            }
        }

        // A second, newer value elsewhere would lose against the old one as soon as the keyring answers again.
        if (backend == "keyring" || (backend == "auto" && IsIndexed(address))) throw Unreachable(address);
        await _file.EditAsync(
            editor =>
            {
                editor.Set([Plain, address.Service, address.Item], YamlValue.Text(value));
                if (backend == "config") WriteIndex(editor, Indexed().Where(a => a != address));
            },
            cancellationToken).ConfigureAwait(false);
        return CredentialSource.Config;
    }

    /// <summary>Names of what is kept, by name; values are not read.</summary>
    public IReadOnlyList<CredentialName> List()
    {
        var indexed = Indexed();
        return
        [
            .. indexed.Select(a => new CredentialName(a, CredentialSource.Keyring))
                .Concat(InFile().Where(a => !indexed.Contains(a)).Select(a => new CredentialName(a, CredentialSource.Config)))
                .OrderBy(n => n.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Removes a credential from wherever it is kept.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if it is in a keyring that is locked or does not answer; nothing was changed.</exception>
    public async Task<bool> RemoveAsync(CredentialAddress address, CancellationToken cancellationToken = default)
    {
        var isIndexed = IsIndexed(address);
        var isKept = isIndexed || FromFile(address) is not null;
        if (isIndexed || Backend() != "config")
        {
            var keyring = Keyring();
            var state = await keyring.StateAsync(address, cancellationToken).ConfigureAwait(false);
            if (state == KeyringState.Locked) throw Locked(address);
            if (state == KeyringState.Unavailable && (isIndexed || Backend() == "keyring")) throw Unreachable(address);
            if (state == KeyringState.Open)
            {
                await keyring.RemoveAsync(address, cancellationToken).ConfigureAwait(false);
                isKept = true;
            }
        }

        await _file.EditAsync(editor =>
        {
            editor.Remove([Plain, address.Service, address.Item], removeEmptyParents: true);
            WriteIndex(editor, Indexed().Where(a => a != address));
        }, cancellationToken).ConfigureAwait(false);
        return isKept;
    }

    /// <summary>Moves what the settings file keeps as plain text into the keyring.</summary>
    /// <param name="dryRun">Only says what would move.</param>
    /// <param name="cancellationToken">Gives up; what moved stays moved.</param>
    /// <returns>What moved.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if no keyring answers, or it does not take one.</exception>
    public async Task<IReadOnlyList<CredentialName>> MigrateAsync(bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var moved = new List<CredentialName>();
        foreach (var address in InFile())
        {
            if (!dryRun)
            {
                if (Backend() == "config") throw new CharlyException(Errors.SecretStore, "secret_backend is config, so secrets stay in the settings file", "Run: charly settings set secret_backend auto");
                if (await Keyring().StateAsync(address, cancellationToken).ConfigureAwait(false) == KeyringState.Unavailable) throw Unreachable(address);
                await SetAsync(address, FromFile(address)!, cancellationToken).ConfigureAwait(false);
            }

            moved.Add(new CredentialName(address, CredentialSource.Keyring));
        }

        return moved;
    }

    private string Backend() => _settings.Get("secret_backend").Value!;

    private Keyring Keyring() => new(environment, processes, _settings.Get("keyring_collection_label").Value);

    private string? FromFile(CredentialAddress address) =>
        (((_file.Read()?[Plain] as YamlMapping)?[address.Service] as YamlMapping)?[address.Item] as YamlScalar) is { IsNull: false } scalar ? scalar.Text : null;

    private CredentialAddress[] InFile() => _file.Read()?[Plain] is YamlMapping services
        ? [.. from service in services.Entries
              where service.Value is YamlMapping
              from item in ((YamlMapping)service.Value).Entries
              where item.Value is YamlScalar { IsNull: false }
              select new CredentialAddress(service.Key.Text, item.Key.Text)]
        : [];

    private CredentialAddress[] Indexed() => _file.Read()?[Index] is YamlMapping services
        ? [.. from service in services.Entries
              where service.Value is YamlSequence
              from item in ((YamlSequence)service.Value).Items.OfType<YamlScalar>()
              select new CredentialAddress(service.Key.Text, item.Text)]
        : [];

    private bool IsIndexed(CredentialAddress address) => Indexed().Contains(address);

    private static void WriteIndex(YamlEditor editor, IEnumerable<CredentialAddress> addresses)
    {
        var services = addresses.Distinct().GroupBy(a => a.Service, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).ToArray();
        if (services.Length == 0) editor.Remove([Index]);
        else editor.Set([Index], YamlValue.Map(services.Select(g => (g.Key, YamlValue.TextList(g.Select(a => a.Item).Order(StringComparer.Ordinal))))));
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

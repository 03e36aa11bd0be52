using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Where a credential is kept.</summary>
/// <param name="Service">Such as <c>charly/secret</c>.</param>
/// <param name="Item">Such as <c>DB_PASSWORD</c>.</param>
public sealed record CredentialAddress(string Service, string Item)
{
    /// <summary>Reads <c>SERVICE/ITEM</c>, divided at the last slash.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> for text that is none.</exception>
    public static CredentialAddress Parse(string key) => key.LastIndexOf('/') is > 0 and var at && at < key.Length - 1
        ? new CredentialAddress(key[..at], key[(at + 1)..])
        : throw new CharlyException(Errors.SecretStore, $"\"{key}\" is no credential path", "Write charly/<service>/<name>.", target: key);

    /// <inheritdoc/>
    public override string ToString() => $"{Service} {Item}";
}

/// <summary>A credential that was found.</summary>
/// <param name="Value">Its value; never shown.</param>
/// <param name="Source">Where it came from: <c>env</c>, <c>keyring</c>, <c>config</c>.</param>
public sealed record Credential(string Value, string Source)
{
    /// <summary>Says where it came from, not what it is.</summary>
    public override string ToString() => $"a credential from {Source}";
}

/// <summary>
/// The operator's credentials (deploy.md §13.2): the environment first, then the desktop's keyring, then the settings
/// file, which only its owner can read. Values pass through streams and files, never through an argument list.
/// </summary>
/// <param name="environment">Variables of this process.</param>
/// <param name="paths">Where the settings file is.</param>
/// <param name="processes">Runs <c>secret-tool</c>.</param>
public sealed class CredentialStore(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes)
{
    private const string Tool = "secret-tool";
    private const string Root = "secret";
    private static readonly TimeSpan KeyringLimit = TimeSpan.FromSeconds(3);

    /// <summary>Looks a credential up; null if there is none.</summary>
    /// <param name="address">Where it is kept.</param>
    /// <param name="variable">The variable of this process that takes precedence; none if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if a keyring is insisted on and does not answer.</exception>
    public async Task<Credential?> FindAsync(CredentialAddress address, string? variable, CancellationToken cancellationToken = default)
    {
        if (variable is not null && environment.Variable(variable) is { } own) return new Credential(own, "env");
        var backend = Backend();
        if (backend != "config")
        {
            var (isReached, value) = await LookUpAsync(address, cancellationToken).ConfigureAwait(false);
            if (value is not null) return new Credential(value, "keyring");
            if (!isReached && backend == "keyring") throw Unreachable();
        }

        return backend != "keyring" && FromFile(address) is { } kept ? new Credential(kept, "config") : null;
    }

    /// <summary>Keeps a credential: in the keyring where one answers, else in the settings file.</summary>
    /// <returns>Where it is kept now: <c>keyring</c> or <c>config</c>.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SecretStore"/> if a keyring is insisted on and does not answer.</exception>
    public async Task<string> SetAsync(CredentialAddress address, string value, CancellationToken cancellationToken = default)
    {
        var backend = Backend();
        if (backend != "config" && CanAskKeyring())
        {
            var request = new ProcessRequest(Tool, "store", $"--label=charly {address}", "service", address.Service, "item", address.Item) { Input = value, Timeout = TimeSpan.FromMinutes(1) };
            if ((await processes.RunAsync(request, cancellationToken).ConfigureAwait(false)).Succeeded) return "keyring";
        }

        if (backend == "keyring") throw Unreachable();
        using var held = await FileLock.AcquireAsync(paths.SettingsFile + ".lock", null, cancellationToken).ConfigureAwait(false);
        var editor = new YamlEditor(File.Exists(paths.SettingsFile) ? await File.ReadAllTextAsync(paths.SettingsFile, cancellationToken).ConfigureAwait(false) : "", paths.SettingsFile);
        editor.Set([Root, address.Service, address.Item], YamlValue.Text(value));
        AtomicFile.Write(paths.SettingsFile, editor.Text, AtomicFile.Private);
        return "config";
    }

    private string Backend()
    {
        var backend = environment.Variable("CHARLY_SECRET_BACKEND") ?? (Settings()?["secret_backend"] as YamlScalar)?.Text ?? "auto";
        return backend is "auto" or "keyring" or "config" ? backend : throw new CharlyException(
            Errors.SecretStore, $"the credential backend \"{backend}\" is not known", "Set secret_backend to auto, keyring or config.", target: backend);
    }

    private YamlMapping? Settings() => File.Exists(paths.SettingsFile) && YamlReader.ReadFile(paths.SettingsFile) is [YamlMapping root, ..] ? root : null;

    private string? FromFile(CredentialAddress address) =>
        (((Settings()?[Root] as YamlMapping)?[address.Service] as YamlMapping)?[address.Item] as YamlScalar) is { IsNull: false } scalar ? scalar.Text : null;

    // Without a session bus there is no keyring, and the tool would try to start one.
    private bool CanAskKeyring() => environment.Variable("DBUS_SESSION_BUS_ADDRESS") is not null && processes.Find(Tool) is not null;

    private async Task<(bool IsReached, string? Value)> LookUpAsync(CredentialAddress address, CancellationToken cancellationToken)
    {
        if (!CanAskKeyring()) return (false, null);
        try
        {
            var request = new ProcessRequest(Tool, "lookup", "service", address.Service, "item", address.Item) { Timeout = KeyringLimit };
            var result = await processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
            return result.Succeeded ? (true, result.StandardOutput) : (string.IsNullOrWhiteSpace(result.StandardError), null);
        }
        catch (CharlyException e) when (e.Code == Errors.Io)
        {
            return (false, null);
        }
    }

    private static CharlyException Unreachable() => new(
        Errors.SecretStore,
        "the keyring does not answer, and secret_backend: keyring allows nothing else",
        "Unlock it in a desktop session with secret-tool (libsecret-tools) installed, or set secret_backend to auto or config.");
}

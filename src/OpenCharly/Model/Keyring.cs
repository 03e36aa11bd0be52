using System.Globalization;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>
/// The desktop's keyring (Secret Service), through the program <c>secret-tool</c>. Values go to it on standard input and
/// come back on standard output, never in an argument.
/// </summary>
/// <param name="environment">Says whether there is a session bus.</param>
/// <param name="processes">Runs the program.</param>
/// <param name="collection">Collection that new items go to; the default one if null.</param>
internal sealed class Keyring(CharlyEnvironment environment, IProcessRunner processes, string? collection) : ICredentialVault
{
    private const string Tool = "secret-tool";
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);

    // Long enough for somebody to type the password of the keyring.
    private static readonly TimeSpan UnlockLimit = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public CredentialSource Source => CredentialSource.Keyring;

    /// <inheritdoc/>
    public string Index => "keyring_items";

    /// <inheritdoc/>
    public bool MayHideNames => true;

    /// <inheritdoc/>
    public async Task<bool> AnswersAsync(CredentialAddress address, CancellationToken cancellationToken) => await StateAsync(address, cancellationToken).ConfigureAwait(false) != VaultState.Unavailable;

    /// <inheritdoc/>
    public async Task<VaultAnswer> FindAsync(CredentialAddress address, CancellationToken cancellationToken)
    {
        var state = await StateAsync(address, cancellationToken).ConfigureAwait(false);
        if (state != VaultState.Open) return new VaultAnswer(state);
        return await AskAsync("lookup", address, cancellationToken).ConfigureAwait(false) is { Succeeded: true } result ? new VaultAnswer(VaultState.Open, result.StandardOutput) : new VaultAnswer(VaultState.Locked);
    }

    // Never asks anybody to unlock it.
    private async Task<VaultState> StateAsync(CredentialAddress address, CancellationToken cancellationToken)
    {
        // Without a session bus there is no keyring, and the program would try to start one.
        if (!HasBus || processes.Find(Tool) is null) return VaultState.Unavailable;
        var result = await AskAsync("search", address, cancellationToken).ConfigureAwait(false);
        if (result is not { Succeeded: true }) return VaultState.Unavailable;

        // An item that is locked is described without its secret.
        return result.StandardOutput.Length == 0 ? VaultState.Missing
            : result.StandardOutput.Contains("\nsecret = ", StringComparison.Ordinal) ? VaultState.Open
            : VaultState.Locked;
    }

    /// <inheritdoc/>
    /// <remarks>The desktop may ask to unlock it.</remarks>
    public async Task WriteAsync(CredentialAddress address, string value, CancellationToken cancellationToken)
    {
        string[] place = collection is null ? [] : ["--collection=/org/freedesktop/secrets/collection/" + PathElement(collection)];
        var request = new ProcessRequest(Tool, ["store", $"--label=charly {address}", .. place, "service", address.Service, "item", address.Item]) { Input = value, Timeout = UnlockLimit };
        var result = await processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw new CharlyException(
                Errors.SecretStore, $"the keyring did not take {address}: {result.Tail()}", "Unlock it, or keep secrets in a file: charly settings set secret_backend config.", target: address.ToString());
        }
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(CredentialAddress address, CancellationToken cancellationToken)
    {
        if (await AskAsync("clear", address, cancellationToken).ConfigureAwait(false) is { Succeeded: true }) return;
        throw new CharlyException(Errors.SecretStore, $"the keyring did not remove {address}", "Unlock it and try again.", target: address.ToString());
    }

    private bool HasBus => environment.Variable("DBUS_SESSION_BUS_ADDRESS") is not null
        || (environment.Variable("XDG_RUNTIME_DIR") is { } runtime && File.Exists(Path.Combine(runtime, "bus")));

    // Null if it did not answer in time.
    private async Task<CommandResult?> AskAsync(string verb, CredentialAddress address, CancellationToken cancellationToken)
    {
        try
        {
            return await processes.RunAsync(new ProcessRequest(Tool, verb, "service", address.Service, "item", address.Item) { Timeout = AnswerLimit }, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.Io)
        {
            return null;
        }
    }

    // A path on the bus has letters and digits; the rest is written as hexadecimal bytes.
    private static string PathElement(string label) => string.Concat(Encoding.UTF8.GetBytes(label).Select(b =>
        char.IsAsciiLetterOrDigit((char)b) ? ((char)b).ToString() : "_" + b.ToString("x2", CultureInfo.InvariantCulture)));
}

using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>
/// A KeePass file, through the program <c>keepassxc-cli</c> (deploy.md §13.1). A service is a path of groups, an item the title of an
/// entry, a value its password. Passwords go there on standard input and come back on standard output, never in an argument.
/// </summary>
/// <param name="environment">Variables of this process.</param>
/// <param name="paths">Where its lock is.</param>
/// <param name="processes">Runs the program.</param>
/// <param name="setting">The file as the settings name it; null if they don't.</param>
/// <param name="password">Its password.</param>
internal sealed class KdbxFile(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes, string? setting, VaultPassword password) : ICredentialVault
{
    private const string Tool = "keepassxc-cli";

    // Opening such a file is made to take long, by whoever set it up.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    // Its messages are told apart below, so it must not be quiet; and its streams carry UTF-8.
    private static readonly Dictionary<string, string?> Plainly = new() { ["LC_ALL"] = "C.UTF-8", ["LANGUAGE"] = null };

    /// <inheritdoc/>
    public CredentialSource Source => CredentialSource.Kdbx;

    /// <inheritdoc/>
    public string Index => "kdbx_items";

    /// <inheritdoc/>
    public bool MayHideNames => false;

    /// <inheritdoc/>
    public Task<bool> AnswersAsync(CredentialAddress address, CancellationToken cancellationToken)
    {
        Locate();
        EntryOf(address);
        return Task.FromResult(true);
    }

    /// <inheritdoc/>
    public async Task<VaultAnswer> FindAsync(CredentialAddress address, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["show", "-s", "-a", "Password"], [EntryOf(address)], null, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return new VaultAnswer(VaultState.Open, result.StandardOutput.EndsWith('\n') ? result.StandardOutput[..^1] : result.StandardOutput);
        return result.StandardError.Contains("Could not find entry", StringComparison.Ordinal) ? new VaultAnswer(VaultState.Missing) : throw Refused($"read {address}", result);
    }

    /// <inheritdoc/>
    public async Task WriteAsync(CredentialAddress address, string value, CancellationToken cancellationToken)
    {
        if (value.AsSpan().IndexOfAny('\n', '\r') >= 0)
        {
            throw new CharlyException(
                Errors.SecretStore, $"the value of {address} has several lines, and {Tool} takes only one", "Keep it as base64, or choose another secret_backend.", target: address.ToString());
        }

        // Each call reads the file, changes it and writes it whole.
        using var held = await FileLock.AcquireAsync(Path.Combine(paths.Config, "kdbx.lock"), null, cancellationToken).ConfigureAwait(false);
        var entry = EntryOf(address);
        var listed = await RunAsync(["ls", "-R", "-f"], [], null, cancellationToken).ConfigureAwait(false);
        if (!listed.Succeeded) throw Refused("list its entries", listed);
        var names = listed.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        var groups = entry.Split('/')[..^1];
        for (var depth = 1; depth <= groups.Length; depth++)
        {
            var group = string.Join('/', groups[..depth]);
            if (names.Any(n => n.StartsWith(group + "/", StringComparison.Ordinal))) continue;
            var made = await RunAsync(["mkdir"], [group], null, cancellationToken).ConfigureAwait(false);
            if (!made.Succeeded) throw Refused($"make the group {group}", made);
        }

        var kept = await RunAsync([names.Contains(entry) ? "edit" : "add", "-p"], [entry], value, cancellationToken).ConfigureAwait(false);
        if (!kept.Succeeded) throw Refused($"keep {address}", kept);
    }

    /// <inheritdoc/>
    /// <remarks>It goes into the file's recycle bin, if that is switched on.</remarks>
    public async Task RemoveAsync(CredentialAddress address, CancellationToken cancellationToken)
    {
        using var held = await FileLock.AcquireAsync(Path.Combine(paths.Config, "kdbx.lock"), null, cancellationToken).ConfigureAwait(false);
        var result = await RunAsync(["rm"], [EntryOf(address)], null, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw Refused($"remove {address}", result);
    }

    private static string EntryOf(CredentialAddress address)
    {
        var entry = $"{address.Service}/{address.Item}".Trim('/');
        return entry.Split('/').All(p => p.Length > 0) ? entry : throw new CharlyException(
            Errors.SecretStore, $"{address} can't be a path in a KeePass file", "Write each slash between two words.", target: address.ToString());
    }

    // Path of the file, and of the program.
    private string Locate()
    {
        if (processes.Find(Tool) is null)
        {
            throw new CharlyException(Errors.ToolMissing, $"secret_backend is kdbx, and {Tool} is not installed", "Install the package keepassxc, or choose another secret_backend.", target: Tool);
        }

        if (setting is null) throw new CharlyException(Errors.SecretStore, "secret_backend is kdbx, and no file is named", "Run: charly settings set secret_kdbx_path FILE", target: "secret_kdbx_path");
        var file = environment.Resolve(setting);
        return File.Exists(file) ? file : throw new CharlyException(Errors.SecretStore, $"there is no KeePass file {file}", $"Make it: {Tool} db-create -p {Shell.Quote(file)}; or correct secret_kdbx_path.", target: file);
    }

    private async Task<CommandResult> RunAsync(IReadOnlyList<string> verb, IReadOnlyList<string> entry, string? value, CancellationToken cancellationToken)
    {
        var file = Locate();
        var opens = await password.GetAsync(file, cancellationToken).ConfigureAwait(false);
        var request = new ProcessRequest(Tool, [.. verb, file, .. entry]) { Input = value is null ? opens + "\n" : $"{opens}\n{value}\n", Variables = Plainly, Timeout = Limit };
        var result = await processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
        if (!result.StandardError.Contains("Invalid credentials", StringComparison.Ordinal)) return result;
        password.Forget();
        throw new CharlyException(Errors.SecretStore, $"the password does not open {file}", "Type it again, or correct the file that CHARLY_KDBX_PASSWORD_FILE names.", target: file);
    }

    private static CharlyException Refused(string what, CommandResult result) => new(
        Errors.SecretStore, $"{Tool} could not {what} (exit code {result.ExitCode}): {result.Tail(2)}", "Look into the file with KeePassXC.");
}

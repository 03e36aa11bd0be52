using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Model;

/// <summary>A public key of the user's GnuPG.</summary>
/// <param name="Fingerprint">Its fingerprint; the id of a key that is not in the user's keyring.</param>
/// <param name="UserId">Whose it is, such as <c>Ada &lt;ada@example.org&gt;</c>; empty if it is not known.</param>
public sealed record GpgKey(string Fingerprint, string UserId)
{
    /// <summary>Whether something can be encrypted to it, as far as time and its owner allow.</summary>
    internal bool IsUsable { get; init; }

    /// <summary>Whether it is known to belong to whom it names.</summary>
    internal bool IsValid { get; init; }

    /// <inheritdoc/>
    public override string ToString() => UserId.Length > 0 ? $"{Fingerprint} ({UserId})" : Fingerprint;
}

/// <summary>The program <c>gpg</c> with the user's own keys and settings. Texts pass through its streams, never through an argument or another file.</summary>
/// <param name="processes">Runs it.</param>
internal sealed class GpgProgram(IProcessRunner processes)
{
    private const string Tool = "gpg";

    // Long enough for somebody to find the passphrase, or the card.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly string[] Always = ["--batch", "--no-tty"];

    /// <summary>What a file says to those who can read it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretFile"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<string> DecryptAsync(string path, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["--quiet", "--decrypt", "--", path], null, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput : throw new CharlyException(
            Errors.SecretFile, $"gpg can't decrypt {path} (exit code {result.ExitCode}): {result.Tail(2)}",
            $"It takes the secret key of one of its recipients: charly secrets gpg recipients -f {Shell.Quote(path)}. Where no window can ask for the passphrase: export GPG_TTY=$(tty)", target: path);
    }

    /// <summary>A text for the owners of keys; for the user's own default key if none is named.</summary>
    /// <returns>Lines of ASCII.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SecretFile"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<string> EncryptAsync(string text, IEnumerable<string> fingerprints, CancellationToken cancellationToken)
    {
        // Whether a key is to be trusted was decided when it became a recipient.
        string[] recipients = [.. fingerprints.SelectMany(f => (string[])["--recipient", f])];
        var result = await RunAsync(
            ["--yes", "--armor", "--trust-model", "always", .. recipients.Length > 0 ? recipients : ["--default-recipient-self"], "--encrypt"], text, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput : throw new CharlyException(
            Errors.SecretFile, $"gpg can't encrypt (exit code {result.ExitCode}): {result.Tail(2)}", "Name a key whose owner is to read it, with --recipient; or make one of your own: charly secrets gpg setup.");
    }

    /// <summary>Whom a file is encrypted for.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretFile"/> for a file that is not encrypted for keys.</exception>
    public async Task<IReadOnlyList<GpgKey>> RecipientsAsync(string path, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["--status-fd", "1", "--list-only", "--decrypt", "--", path], null, cancellationToken).ConfigureAwait(false);
        var ids = result.StandardOutput.Split('\n').Where(l => l.StartsWith("[GNUPG:] ENC_TO ", StringComparison.Ordinal)).Select(l => l.Split(' ')[2]).Distinct(StringComparer.Ordinal).ToArray();
        if (ids.Length == 0) throw new CharlyException(Errors.SecretFile, $"{path} is not encrypted for anybody's key: {result.Tail(1)}", "Name a file that gpg --encrypt or charly secrets gpg made.", target: path);
        var keys = new List<GpgKey>();
        foreach (var id in ids) keys.Add(await ListAsync(id, cancellationToken).ConfigureAwait(false) is [var known, ..] ? known : new GpgKey(id, ""));
        return [.. keys.DistinctBy(k => k.Fingerprint)];
    }

    /// <summary>The key that a new recipient is named by.</summary>
    /// <param name="name">Fingerprint, key id, address or part of a name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SecretFile"/> if it names none, several, one that can't be used, or one that nobody has vouched for.</exception>
    public async Task<GpgKey> FindAsync(string name, CancellationToken cancellationToken)
    {
        var found = await ListAsync(name, cancellationToken).ConfigureAwait(false);
        var isWhole = name.Length >= 40 && name.All(char.IsAsciiHexDigit);
        return found switch
        {
            [] => throw Wrong($"gpg knows no key \"{name}\"", "Import it: charly secrets gpg import-key FILE"),
            [_, _, ..] => throw Wrong($"\"{name}\" is the name of {found.Count} keys", $"Name one by its fingerprint: {string.Join(", ", found.Select(k => k.Fingerprint))}"),
            [{ IsUsable: false }] => throw Wrong($"nothing can be encrypted to the key {found[0].Fingerprint}", "It has expired, was revoked or switched off, or only signs. Name another."),
            [{ IsValid: false }] when !isWhole => throw Wrong(
                $"nobody has vouched that the key {found[0].Fingerprint} is that of {found[0].UserId}", $"Compare its fingerprint with its owner's, then name it by that, or sign it: gpg --lsign-key {found[0].Fingerprint}"),
            [var key] => key,
        };

        CharlyException Wrong(string message, string help) => new(Errors.SecretFile, message, help, target: name);
    }

    /// <summary>The keys whose secret part the user has, those that can be encrypted to first.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/>.</exception>
    public async Task<IReadOnlyList<GpgKey>> OwnAsync(CancellationToken cancellationToken)
    {
        var listed = await RunAsync(["--with-colons", "--list-secret-keys"], null, cancellationToken).ConfigureAwait(false);
        return [.. Keys(listed.StandardOutput).OrderByDescending(k => k.IsUsable)];
    }

    /// <summary>Makes a key that signs, with another in it that encrypts; neither ends by itself.</summary>
    /// <param name="owner">Whose it is, such as <c>Ada &lt;ada@example.org&gt;</c>.</param>
    /// <param name="unprotected">Whether it gets no passphrase; else the user's own agent asks for one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SecretFile"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<GpgKey> MakeAsync(string owner, bool unprotected, CancellationToken cancellationToken)
    {
        string[] passphrase = unprotected ? ["--pinentry-mode", "loopback", "--passphrase", ""] : [];
        var result = await RunAsync(["--quiet", "--status-fd", "1", .. passphrase, "--quick-gen-key", "--", owner, "future-default", "default", "never"], null, cancellationToken).ConfigureAwait(false);
        var fingerprint = Status(result, "KEY_CREATED").Select(w => w[^1]).FirstOrDefault();
        if (!result.Succeeded || fingerprint is null)
        {
            throw new CharlyException(
                Errors.SecretFile, $"gpg can't make a key for {owner} (exit code {result.ExitCode}): {result.Tail(2)}",
                "Where no window can ask for the passphrase: export GPG_TTY=$(tty). A key without one is made with --no-passphrase.", target: owner);
        }

        return (await ListAsync(fingerprint, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>The keys that a file or a text holds; nothing is imported.</summary>
    /// <param name="path">The file; null for the text.</param>
    /// <param name="text">The text, if there is no file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SecretFile"/> if there are none, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<IReadOnlyList<GpgKey>> ShowAsync(string? path, string? text, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["--with-colons", "--show-keys", .. From(path)], text, cancellationToken).ConfigureAwait(false);
        return Keys(result.StandardOutput) is { Count: > 0 } keys ? keys : throw new CharlyException(
            Errors.SecretFile, $"{path ?? "standard input"} holds no key", "Its owner makes it with: charly secrets gpg export-key", target: path);
    }

    /// <summary>Takes keys into the user's keyring; what a key says of itself is not vouched for by that.</summary>
    /// <param name="path">The file; null for the text.</param>
    /// <param name="text">The text, if there is no file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Those that were in it, new or known.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SecretFile"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<IReadOnlyList<GpgKey>> ImportAsync(string? path, string? text, CancellationToken cancellationToken)
    {
        await ShowAsync(path, text, cancellationToken).ConfigureAwait(false);
        var result = await RunAsync(["--quiet", "--status-fd", "1", "--import", .. From(path)], text, cancellationToken).ConfigureAwait(false);
        var fingerprints = Status(result, "IMPORT_OK").Select(w => w[^1]).Distinct(StringComparer.Ordinal).ToArray();
        if (!result.Succeeded || fingerprints.Length == 0)
        {
            throw new CharlyException(Errors.SecretFile, $"gpg can't import {path ?? "standard input"} (exit code {result.ExitCode}): {result.Tail(2)}", "Ask the owner for another copy.", target: path);
        }

        var keys = new List<GpgKey>();
        foreach (var fingerprint in fingerprints) keys.AddRange(await ListAsync(fingerprint, cancellationToken).ConfigureAwait(false));
        return [.. keys.DistinctBy(k => k.Fingerprint)];
    }

    /// <summary>A key as lines of ASCII.</summary>
    /// <param name="fingerprint">The key.</param>
    /// <param name="secret">Its secret part instead, protected by its passphrase as it is in the keyring.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SecretFile"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<string> ExportAsync(string fingerprint, bool secret, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["--quiet", "--armor", secret ? "--export-secret-keys" : "--export", "--", fingerprint], null, cancellationToken).ConfigureAwait(false);
        return result is { Succeeded: true, StandardOutput.Length: > 0 } ? result.StandardOutput : throw new CharlyException(
            Errors.SecretFile, $"gpg can't export {(secret ? "the secret part of " : "")}the key {fingerprint} (exit code {result.ExitCode}): {result.Tail(2)}",
            secret ? "Only the machine where the key was made has it; where no window can ask for the passphrase: export GPG_TTY=$(tty)" : "Look at what there is: gpg --list-keys", target: fingerprint);
    }

    /// <summary>What it says of itself, such as <c>gpg (GnuPG) 2.4.7</c>.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/>.</exception>
    public async Task<string> VersionAsync(CancellationToken cancellationToken) => (await RunAsync(["--version"], null, cancellationToken).ConfigureAwait(false)).StandardOutput.Split('\n')[0].Trim();

    private static string[] From(string? path) => path is null ? [] : ["--", path];

    private static IEnumerable<string[]> Status(CommandResult result, string word) =>
        result.StandardOutput.Split('\n').Select(l => l.TrimEnd().Split(' ')).Where(w => w is ["[GNUPG:]", var first, _, ..] && first == word);

    /// <summary>The keys of a name, such as a fingerprint or an address.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/>.</exception>
    public async Task<IReadOnlyList<GpgKey>> ListAsync(string name, CancellationToken cancellationToken) =>
        Keys((await RunAsync(["--with-colons", "--list-keys", "--", name], null, cancellationToken).ConfigureAwait(false)).StandardOutput);

    private static List<GpgKey> Keys(string colons)
    {
        var keys = new List<GpgKey>();
        var isPrimary = false;
        foreach (var line in colons.Split('\n'))
        {
            var fields = line.Split(':');
            switch (fields[0])
            {
                case "pub" or "sec" when fields.Length > 11:
                    keys.Add(new GpgKey(fields[4], "") { IsUsable = fields[11].Contains('E') && !fields[11].Contains('D') && fields[1] is not ("e" or "r" or "i"), IsValid = fields[1] is "u" or "f" });
                    isPrimary = true;
                    break;
                case "sub" or "ssb":
                    isPrimary = false;
                    break;
                case "fpr" when isPrimary && fields.Length > 9:
                    keys[^1] = keys[^1] with { Fingerprint = fields[9] };
                    break;
                case "uid" when keys is [.., { UserId.Length: 0 }] && fields.Length > 9:
                    keys[^1] = keys[^1] with { UserId = fields[9].Replace("\\x3a", ":", StringComparison.Ordinal) };
                    break;
            }
        }

        return keys;
    }

    private async Task<CommandResult> RunAsync(IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        if (processes.Find(Tool) is null) throw new CharlyException(Errors.ToolMissing, $"{Tool} is not installed", "Install the package gnupg.", target: Tool);
        var request = new ProcessRequest(Tool, [.. Always, .. arguments]) { Input = input, Timeout = Limit, Variables = new Dictionary<string, string?> { ["LC_ALL"] = "C.UTF-8", ["LANGUAGE"] = null } };
        return await processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
    }
}

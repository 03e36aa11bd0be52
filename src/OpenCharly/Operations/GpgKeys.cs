using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>What <see cref="GpgKeys.SetUpAsync"/> found or made.</summary>
/// <param name="Key">The user's own key; without a fingerprint if it would only be made.</param>
/// <param name="IsNew">Whether it was made now, or would be.</param>
public sealed record GpgSetup(GpgKey Key, bool IsNew);

/// <summary>The user's own keys of GnuPG, and those of others, for files that <see cref="SecretFile"/> keeps (deploy.md §13.2).</summary>
/// <param name="context">What it works with.</param>
public sealed class GpgKeys(CharlyContext context)
{
    private readonly GpgProgram _gpg = new(context.Processes);

    /// <summary>Where GnuPG keeps its keys.</summary>
    internal string Folder => context.Environment.Variable("GNUPGHOME") ?? Path.Combine(context.Environment.Home, ".gnupg");

    /// <summary>The user's own keys, those that can be encrypted to first. Looking makes no folder.</summary>
    internal async Task<IReadOnlyList<GpgKey>> OwnAsync(CancellationToken cancellationToken) => Directory.Exists(Folder) ? await _gpg.OwnAsync(cancellationToken).ConfigureAwait(false) : [];

    /// <summary>Makes sure that the user has a key of their own; one that is there is left as it is.</summary>
    /// <param name="owner">Whom a new key is to name, such as <c>Ada &lt;ada@example.org&gt;</c>; whom git knows if null.</param>
    /// <param name="unprotected">Whether a new key gets no passphrase; else gpg's own agent asks for one.</param>
    /// <param name="dryRun">Only say whether one would be made.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> if nobody says whose key it is to be; <see cref="Errors.SecretFile"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<GpgSetup> SetUpAsync(string? owner = null, bool unprotected = false, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        if (owner is not null) Check(owner);
        if ((await OwnAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(k => k.IsUsable) is { } own) return new GpgSetup(own, IsNew: false);
        owner ??= await GitOwnerAsync(cancellationToken).ConfigureAwait(false);
        if (dryRun) return new GpgSetup(new GpgKey("", owner), IsNew: true);

        // gpg makes its usual folder by itself, but no other.
        AtomicFile.EnsureFolder(Folder, isPrivate: true);
        return new GpgSetup(await _gpg.MakeAsync(owner, unprotected, cancellationToken).ConfigureAwait(false), IsNew: true);
    }

    /// <summary>Takes keys into the user's keyring. That does not vouch for whom they name.</summary>
    /// <param name="path">File of keys; null for the text.</param>
    /// <param name="text">Keys in lines of ASCII, if there is no file.</param>
    /// <param name="dryRun">Only say which keys there are.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.FileMissing"/>; <see cref="Errors.SecretFile"/> for what holds no key; <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<IReadOnlyList<GpgKey>> ImportAsync(string? path, string? text = null, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var file = path is null ? null : context.Environment.Resolve(path);
        if (file is not null && !File.Exists(file)) throw new CharlyException(Errors.FileMissing, $"there is no file {file}", "Name a file, or - for standard input.", target: path);
        return dryRun ? await _gpg.ShowAsync(file, text, cancellationToken).ConfigureAwait(false) : await _gpg.ImportAsync(file, text, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A key in lines of ASCII: the public part for those who are to encrypt to it, the secret part for another machine of its owner.</summary>
    /// <param name="name">Fingerprint, key id or address; the user's own key if null.</param>
    /// <param name="secret">The secret part, protected by its passphrase.</param>
    /// <param name="path">A file to write as well, which only its owner can read; null for none.</param>
    /// <param name="cancellationToken">Gives up; no file was written.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SecretFile"/> if the name names no key, or several; <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<string> ExportAsync(string? name = null, bool secret = false, string? path = null, CancellationToken cancellationToken = default)
    {
        var text = await _gpg.ExportAsync(await FingerprintAsync(name, cancellationToken).ConfigureAwait(false), secret, cancellationToken).ConfigureAwait(false);
        if (path is not null) AtomicFile.Write(context.Environment.Resolve(path), text, AtomicFile.Private);
        return text;
    }

    private async Task<string> FingerprintAsync(string? name, CancellationToken cancellationToken)
    {
        var own = await OwnAsync(cancellationToken).ConfigureAwait(false);
        if (name is null)
        {
            return own is [var first, ..] ? first.Fingerprint : throw new CharlyException(Errors.SecretFile, "you have no key of your own", "Make one: charly secrets gpg setup");
        }

        var all = await _gpg.ListAsync(name, cancellationToken).ConfigureAwait(false);
        return all switch
        {
            [] => throw new CharlyException(Errors.SecretFile, $"gpg knows no key \"{name}\"", own.Count == 0 ? "Make one of your own: charly secrets gpg setup" : $"Your own: {string.Join(", ", own.Select(k => k.Fingerprint))}", target: name),
            [var key] => key.Fingerprint,
            _ => throw new CharlyException(Errors.SecretFile, $"\"{name}\" is the name of {all.Count} keys", $"Name one by its fingerprint: {string.Join(", ", all.Select(k => k.Fingerprint))}", target: name),
        };
    }

    private async Task<string> GitOwnerAsync(CancellationToken cancellationToken)
    {
        var name = await GitAsync("user.name", cancellationToken).ConfigureAwait(false);
        var address = await GitAsync("user.email", cancellationToken).ConfigureAwait(false);
        if (name.Length == 0 || address.Length == 0) throw new CharlyException(Errors.Usage, "nobody says whose key it is to be", "Say so: charly secrets gpg setup --user-id 'NAME <ADDRESS>'. Nothing was made.");
        var owner = $"{name} <{address}>";
        Check(owner);
        return owner;
    }

    private async Task<string> GitAsync(string key, CancellationToken cancellationToken)
    {
        if (context.Processes.Find("git") is null) return "";
        var said = await context.Processes.RunAsync(new ProcessRequest("git", "config", "--get", key) { WorkingDirectory = context.ProjectFolder }, cancellationToken).ConfigureAwait(false);
        return said.Succeeded ? said.StandardOutput.Trim() : "";
    }

    private static void Check(string owner)
    {
        if (owner.Trim().Length < 5 || owner.Any(char.IsControl)) throw new CharlyException(Errors.Usage, $"\"{owner.ReplaceLineEndings("⏎")}\" can't name the owner of a key", "Write at least five characters on one line, such as 'Ada <ada@example.org>'.", target: owner);
    }
}

using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>A variable of an encrypted file, without its value.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">The file.</param>
public sealed record SecretVariable(string Name, string Path);

/// <summary>
/// A file of variables that GnuPG encrypts, such as a project keeps beside its <c>charly.yml</c> for all who work on it
/// (<c>charly secrets gpg</c>, deploy.md §13.2). It is plain only in memory, and while it is edited in a private folder of memory.
/// </summary>
public sealed class SecretFile
{
    /// <summary>Name of the file where none is given, in the folder of the project.</summary>
    public const string DefaultName = ".secrets";

    private readonly CharlyContext _context;
    private readonly GpgProgram _gpg;

    /// <summary>Finds the file; it need not be there.</summary>
    /// <param name="context">What it works with.</param>
    /// <param name="path">The file; <c>.secrets</c> of the project if null.</param>
    public SecretFile(CharlyContext context, string? path = null)
    {
        _context = context;
        _gpg = new GpgProgram(context.Processes);
        Path = path is null ? System.IO.Path.Combine(context.ProjectFolder, DefaultName) : context.Environment.Resolve(path);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The names of its variables.</summary>
    /// <exception cref="CharlyException">As for <see cref="ShowAsync"/>.</exception>
    public async Task<IReadOnlyList<SecretVariable>> ListAsync(CancellationToken cancellationToken = default) =>
        [.. (await ReadAsync(cancellationToken).ConfigureAwait(false)).Select(v => new SecretVariable(v.Key, Path))];

    /// <summary>Its variables with their values.</summary>
    /// <exception cref="CharlyException">As for <see cref="ShowAsync"/>.</exception>
    public async Task<IReadOnlyList<KeyValuePair<string, string>>> ReadAsync(CancellationToken cancellationToken = default) =>
        new VariableText(await ShowAsync(cancellationToken).ConfigureAwait(false), Path).Read();

    /// <summary>The value of one variable.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretMissing"/>; and as for <see cref="ShowAsync"/>.</exception>
    public async Task<string> ValueAsync(string name, CancellationToken cancellationToken = default)
    {
        var all = await ReadAsync(cancellationToken).ConfigureAwait(false);
        return all.FirstOrDefault(v => v.Key == name).Value ?? throw Missing(name, all);
    }

    /// <summary>Its text.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.FileMissing"/>; <see cref="Errors.SecretFile"/> if it can't be decrypted or holds no
    /// variables; <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<string> ShowAsync(CancellationToken cancellationToken = default)
    {
        if (!File.Exists(Path)) throw new CharlyException(Errors.FileMissing, $"there is no file {Path}", "Make it: charly secrets gpg set NAME; or name another with -f.", target: Path);
        return await _gpg.DecryptAsync(Path, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Commands that set the variables in a shell.</summary>
    /// <exception cref="CharlyException">As for <see cref="ShowAsync"/>.</exception>
    public async Task<string> ExportsAsync(CancellationToken cancellationToken = default) =>
        string.Concat((await ReadAsync(cancellationToken).ConfigureAwait(false)).Select(v => $"export {v.Key}={Shell.Quote(v.Value)}\n"));

    /// <summary>Gives a variable a value. A file that is not there is made, for the recipients, or for the user's own key if there are none.</summary>
    /// <param name="name">The variable.</param>
    /// <param name="value">Its value, on one line.</param>
    /// <param name="recipients">Who may read a file that is made; names of keys.</param>
    /// <param name="cancellationToken">Gives up; nothing was changed.</param>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/>; and as for <see cref="ShowAsync"/>. Nothing was changed.</exception>
    public async Task SetAsync(string name, string value, IReadOnlyList<string>? recipients = null, CancellationToken cancellationToken = default)
    {
        using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
        var isThere = File.Exists(Path);
        if (isThere && recipients is { Count: > 0 }) throw new CharlyException(Errors.Usage, $"{Path} has recipients already", "Add to them: charly secrets gpg add-recipient KEY", target: Path);
        var text = new VariableText(isThere ? await ShowAsync(cancellationToken).ConfigureAwait(false) : "", Path);
        text.Set(name, value);
        await WriteAsync(text.Text, isThere ? await KeepAsync(cancellationToken).ConfigureAwait(false) : await FindAsync(recipients ?? [], cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes variables out.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SecretMissing"/>; and as for <see cref="ShowAsync"/>. Nothing was changed.</exception>
    public async Task RemoveAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default)
    {
        using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
        var text = new VariableText(await ShowAsync(cancellationToken).ConfigureAwait(false), Path);
        var all = text.Read();
        foreach (var name in names)
        {
            if (!text.Remove(name)) throw Missing(name, all);
        }

        await WriteAsync(text.Text, await KeepAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Encrypts a plain file of variables, which stays.</summary>
    /// <param name="plain">The plain text.</param>
    /// <param name="from">Where it is from, for messages.</param>
    /// <param name="recipients">Who may read it; names of keys. None: who could read the file so far, else the user's own key.</param>
    /// <param name="force">Whether a file that is there is replaced.</param>
    /// <param name="cancellationToken">Gives up; nothing was changed.</param>
    /// <exception cref="CharlyException"><see cref="Errors.FileExists"/>; <see cref="Errors.SecretFile"/> for a line that is no variable, or a key.</exception>
    public async Task EncryptAsync(string plain, string from, IReadOnlyList<string> recipients, bool force = false, CancellationToken cancellationToken = default)
    {
        using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
        var isThere = File.Exists(Path);
        if (isThere && !force) throw new CharlyException(Errors.FileExists, $"{Path} is there already", "Replace it with --force, or change it: charly secrets gpg set.", target: Path);
        new VariableText(plain, from).Read();
        await WriteAsync(plain, isThere && recipients.Count == 0 ? await KeepAsync(cancellationToken).ConfigureAwait(false) : await FindAsync(recipients, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets a program change the plain text, in a private file that is gone afterwards.</summary>
    /// <param name="edit">Runs the program on the file.</param>
    /// <param name="cancellationToken">Gives up; nothing was changed.</param>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SecretFile"/> if somebody else changed it meanwhile, or a line is no variable; and as for <see cref="ShowAsync"/>.</exception>
    public async Task<bool> EditAsync(Func<string, CancellationToken, Task> edit, CancellationToken cancellationToken = default)
    {
        var isThere = File.Exists(Path);
        var sealedBefore = isThere ? await File.ReadAllBytesAsync(Path, cancellationToken).ConfigureAwait(false) : [];
        var before = isThere ? await ShowAsync(cancellationToken).ConfigureAwait(false) : "";

        // In memory, where there is such a place: what was on a disk can be found there long after.
        var memory = ((string?[])[_context.Environment.Variable("XDG_RUNTIME_DIR"), "/dev/shm"]).FirstOrDefault(Directory.Exists) ?? System.IO.Path.GetTempPath();
        var folder = System.IO.Path.Combine(memory, "charly-secrets-" + Guid.NewGuid().ToString("N"));
        AtomicFile.EnsureFolder(folder, isPrivate: true);
        try
        {
            var file = System.IO.Path.Combine(folder, "secrets.env");
            AtomicFile.Write(file, before, AtomicFile.Private);
            await edit(file, cancellationToken).ConfigureAwait(false);
            var after = await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false);
            if (after == before) return false;
            new VariableText(after, Path).Read();
            using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
            var sealedNow = File.Exists(Path) ? await File.ReadAllBytesAsync(Path, cancellationToken).ConfigureAwait(false) : [];
            if (!sealedNow.AsSpan().SequenceEqual(sealedBefore)) throw new CharlyException(Errors.SecretFile, $"{Path} was changed by somebody else meanwhile, and was left as it is now", "Edit it again.", target: Path);
            await WriteAsync(after, isThere ? await KeepAsync(cancellationToken).ConfigureAwait(false) : [], cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Whose keys can read it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.FileMissing"/>, <see cref="Errors.SecretFile"/>.</exception>
    public async Task<IReadOnlyList<GpgKey>> RecipientsAsync(CancellationToken cancellationToken = default)
    {
        if (!File.Exists(Path)) throw new CharlyException(Errors.FileMissing, $"there is no file {Path}", "Make it: charly secrets gpg set NAME; or name another with -f.", target: Path);
        return await _gpg.RecipientsAsync(Path, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Encrypts it for other keys: what was read with a key that is taken away stays known to its owner.</summary>
    /// <param name="add">Keys to add.</param>
    /// <param name="remove">Keys to take away.</param>
    /// <param name="cancellationToken">Gives up; nothing was changed.</param>
    /// <returns>Who can read it now.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SecretFile"/> if a key is none of its own, or none would be left; and as for <see cref="ShowAsync"/>.</exception>
    public async Task<IReadOnlyList<GpgKey>> ChangeRecipientsAsync(IReadOnlyList<string> add, IReadOnlyList<string> remove, CancellationToken cancellationToken = default)
    {
        using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
        var text = await ShowAsync(cancellationToken).ConfigureAwait(false);
        var keys = (await RecipientsAsync(cancellationToken).ConfigureAwait(false)).ToList();
        foreach (var name in remove)
        {
            var gone = keys.FindAll(k => k.Fingerprint.EndsWith(name, StringComparison.OrdinalIgnoreCase) || (k.UserId.Length > 0 && k.UserId.Contains(name, StringComparison.OrdinalIgnoreCase)));
            if (gone.Count != 1) throw new CharlyException(Errors.SecretFile, $"\"{name}\" names {(gone.Count == 0 ? "none" : "several")} of the recipients of {Path}", $"They are: {string.Join(", ", keys)}", target: name);
            keys.Remove(gone[0]);
        }

        foreach (var name in add) keys.Add(await _gpg.FindAsync(name, cancellationToken).ConfigureAwait(false));
        if (keys.Count == 0) throw new CharlyException(Errors.SecretFile, $"nobody could read {Path} any more", "Add another recipient first: charly secrets gpg add-recipient KEY", target: Path);
        await WriteAsync(text, Known(keys), cancellationToken).ConfigureAwait(false);
        return await RecipientsAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteAsync(string text, IReadOnlyList<string> fingerprints, CancellationToken cancellationToken) =>
        AtomicFile.Write(Path, await _gpg.EncryptAsync(text, fingerprints, cancellationToken).ConfigureAwait(false));

    // Whoever could read it can read it afterwards.
    private async Task<IReadOnlyList<string>> KeepAsync(CancellationToken cancellationToken) => Known(await RecipientsAsync(cancellationToken).ConfigureAwait(false));

    private async Task<IReadOnlyList<string>> FindAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        foreach (var name in names) found.Add((await _gpg.FindAsync(name, cancellationToken).ConfigureAwait(false)).Fingerprint);
        return found;
    }

    private string[] Known(IEnumerable<GpgKey> keys)
    {
        GpgKey[] all = [.. keys.DistinctBy(k => k.Fingerprint)];
        return all.FirstOrDefault(k => !k.IsUsable) is not { } gone ? [.. all.Select(k => k.Fingerprint)] : throw new CharlyException(
            Errors.SecretFile, $"{Path} is encrypted for the key {gone}, which can't be used: it is not in your keyring, has expired or was revoked",
            $"Import it anew, or take it away: charly secrets gpg remove-recipient {gone.Fingerprint}", target: gone.Fingerprint);
    }

    private Task<FileLock> LockAsync(CancellationToken cancellationToken) =>
        FileLock.AcquireAsync(System.IO.Path.Combine(_context.Paths.Config, "gpg.lock"), null, cancellationToken);

    private CharlyException Missing(string name, IReadOnlyList<KeyValuePair<string, string>> all) => new(
        Errors.SecretMissing, $"{Path} has no variable {name}", Nearest.Suggest(name, all.Select(v => v.Key), $"Set it: charly secrets gpg set {Shell.Quote(name)}"), target: name);
}

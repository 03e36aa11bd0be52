using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Looks whether the user can work with files that GnuPG encrypts, and with one of them in particular (deploy.md §13.2).</summary>
/// <param name="context">What it works with.</param>
public sealed class CheckGpg(CharlyContext context)
{
    private const string Program = "gpg";

    /// <summary>Looks. Nothing is changed, and nobody is asked for a passphrase.</summary>
    /// <param name="file">The file; <c>.secrets</c> of the project if null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was looked at; what is required and missing stands in the way.</returns>
    public async Task<IReadOnlyList<HostItem>> RunAsync(string? file = null, CancellationToken cancellationToken = default)
    {
        if (context.Processes.Find(Program) is null) return [Item(Program, HostItemStatus.Missing, true, "not installed", "encrypts and decrypts", "Install the package gnupg.")];
        var keys = new GpgKeys(context);
        var items = new List<HostItem> { Item(Program, HostItemStatus.Ok, true, await new GpgProgram(context.Processes).VersionAsync(cancellationToken).ConfigureAwait(false), "encrypts and decrypts"), Folder(keys.Folder) };
        var own = await keys.OwnAsync(cancellationToken).ConfigureAwait(false);
        items.Add(OwnKey(own));
        if (own.Count > 0) items.Add(Passphrase());
        var secrets = new SecretFile(context, file);
        items.AddRange(File.Exists(secrets.Path) ? await ReadersAsync(secrets, own, cancellationToken).ConfigureAwait(false)
            : [Item("file", HostItemStatus.Ok, false, $"{secrets.Path} is not there yet", "holds the variables", "Make it: charly secrets gpg set NAME")]);
        return items;
    }

    private static HostItem Folder(string folder)
    {
        const string Purpose = "keeps keys and settings";
        if (!Directory.Exists(folder)) return Item("folder", HostItemStatus.Warning, false, $"{folder} is not there", Purpose, "It is made with your first key: charly secrets gpg setup");
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        return (File.GetUnixFileMode(folder) & Others) == 0
            ? Item("folder", HostItemStatus.Ok, false, folder, Purpose)
            : Item("folder", HostItemStatus.Warning, false, $"{folder} is open to others", Purpose, $"Run: chmod 700 {Shell.Quote(folder)}");
    }

    private static HostItem OwnKey(IReadOnlyList<GpgKey> own)
    {
        const string Purpose = "decrypts what is encrypted for you";
        return own switch
        {
            [] => Item("own key", HostItemStatus.Missing, true, "none", Purpose, "Make one: charly secrets gpg setup; or bring yours: charly secrets gpg import-key FILE"),
            [{ IsUsable: false } key, ..] => Item("own key", HostItemStatus.Warning, true, $"{key} can't be encrypted to: it has expired, was revoked, or only signs", Purpose, $"Renew it: gpg --quick-set-expire {key.Fingerprint} 2y"),
            [var key, ..] => Item("own key", HostItemStatus.Ok, true, key.ToString(), Purpose),
        };
    }

    // The agent needs a window or a terminal to ask in.
    private HostItem Passphrase()
    {
        var way = ((string[])["WAYLAND_DISPLAY", "DISPLAY", "GPG_TTY"]).FirstOrDefault(v => context.Environment.Variable(v) is not null);
        return way is not null
            ? Item("passphrase", HostItemStatus.Ok, false, $"asked for by way of {way}", "unlocks your key")
            : Item("passphrase", HostItemStatus.Warning, false, "there is neither a window nor a terminal to ask for it in", "unlocks your key", "Run: export GPG_TTY=$(tty)");
    }

    private static async Task<IReadOnlyList<HostItem>> ReadersAsync(SecretFile file, IReadOnlyList<GpgKey> own, CancellationToken cancellationToken)
    {
        const string Purpose = "holds the variables";
        var again = Shell.Quote(file.Path);
        try
        {
            var readers = await file.RecipientsAsync(cancellationToken).ConfigureAwait(false);
            var isMine = readers.Any(r => own.Any(o => o.Fingerprint == r.Fingerprint));
            var items = new List<HostItem>
            {
                isMine ? Item("file", HostItemStatus.Ok, true, $"{file.Path}, for {readers.Count} {(readers.Count == 1 ? "key" : "keys")}, yours among them", Purpose)
                    : Item("file", HostItemStatus.Missing, true, $"{file.Path} is encrypted for {readers.Count} {(readers.Count == 1 ? "key" : "keys")}, and none is yours", Purpose, $"One of its readers lets you in: charly secrets gpg add-recipient YOUR-KEY -f {again}"),
            };
            items.AddRange(readers.Where(r => !r.IsUsable).Select(r => Item(
                "recipient", HostItemStatus.Warning, false, $"{r} can't be encrypted to, so that the file can't be changed", "can read the file",
                $"Import it anew, or take it away: charly secrets gpg remove-recipient {r.Fingerprint} -f {again}")));
            return items;
        }
        catch (CharlyException e) when (e.Code == Errors.SecretFile)
        {
            return [Item("file", HostItemStatus.Missing, true, e.Message, Purpose, e.Help)];
        }
    }

    private static HostItem Item(string name, HostItemStatus status, bool isRequired, string detail, string purpose, string? hint = null) => new(HostGroup.Encryption, name, status, isRequired, detail, purpose, hint);
}

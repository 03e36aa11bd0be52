using System.Security.Cryptography;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods.Secrets;

namespace OpenCharly.Pods.Volumes;

/// <summary>The state of an encrypted volume.</summary>
/// <param name="Name">Name of the volume.</param>
/// <param name="IsInitialized">Whether its folder of encrypted files is set up.</param>
/// <param name="IsMounted">Whether its plain files can be seen.</param>
/// <param name="Path">Folder of the plain files.</param>
public sealed record EncryptedVolumeStatus(string Name, bool IsInitialized, bool IsMounted, string Path);

/// <summary>Sets up, mounts and unmounts volumes with gocryptfs (pod.md §5.3). Passphrases pass through pipes and variables, never through arguments.</summary>
/// <param name="processes">Runs gocryptfs.</param>
/// <param name="store">The operator's credentials.</param>
/// <param name="environment">Variables of this process.</param>
/// <param name="password">Asks the operator.</param>
/// <param name="mountTable">The list of mounts.</param>
internal sealed class EncryptedVolumes(IProcessRunner processes, CredentialStore store, CharlyEnvironment environment, PasswordPrompt password, string mountTable = "/proc/mounts")
{
    private const string Variable = "GOCRYPTFS_PASSWORD";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly string[] OwnFiles = ["gocryptfs.conf", "gocryptfs.diriv"];

    /// <summary>The states of volumes.</summary>
    public IReadOnlyList<EncryptedVolumeStatus> Status(IEnumerable<MountedVolume> volumes) => [.. volumes.Select(v => new EncryptedVolumeStatus(v.Name, IsInitialized(v), IsMounted(v), v.Source))];

    /// <summary>Whether a volume is mounted.</summary>
    public bool IsMounted(MountedVolume volume) => File.ReadLines(mountTable).Select(l => l.Split(' '))
        .Any(f => f.Length > 2 && f[2] == "fuse.gocryptfs" && Unescape(f[1]) == volume.Source);

    /// <summary>Sets up what is not yet, and mounts all.</summary>
    /// <param name="key">The pod.</param>
    /// <param name="volumes">Its encrypted volumes.</param>
    /// <param name="isManual">Whether a first passphrase is asked for instead of being made up.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Volumes that were mounted by this call.</returns>
    public async Task<IReadOnlyList<MountedVolume>> SetUpAsync(PodKey key, IReadOnlyList<MountedVolume> volumes, bool isManual, CancellationToken cancellationToken)
    {
        if (volumes.All(v => IsInitialized(v) && IsMounted(v))) return [];
        var passphrase = await PassphraseAsync(key, cancellationToken).ConfigureAwait(false);
        if (passphrase is null)
        {
            // A new passphrase opens nothing that was encrypted with another one.
            if (volumes.FirstOrDefault(IsInitialized) is { } old) throw new CharlyException(Errors.PodEncryption, $"the passphrase of the volume {old.Name} of {key} is not in the store", $"Put it there: charly secrets set charly/enc {key}", target: key.Text);
            passphrase = isManual
                ? await password.AskAsync($"charly-{key.Dashed}", $"New passphrase of the encrypted volumes of {key}:", cancellationToken).ConfigureAwait(false)
                : Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).Replace('+', '-').Replace('/', '_');
            await store.SetAsync(AddressOf(key), passphrase, cancellationToken).ConfigureAwait(false);
        }

        foreach (var volume in volumes.Where(v => !IsInitialized(v)))
        {
            AtomicFile.EnsureFolder(volume.Cipher!, isPrivate: true);
            await GocryptfsAsync($"set up {volume.Name}", ["-init", "-q", "-extpass", "printenv", "-extpass", Variable, volume.Cipher!], passphrase, cancellationToken).ConfigureAwait(false);
        }

        return await MountAsync(key, volumes, passphrase, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Mounts all volumes; where all are mounted, the store is not even asked.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodEncryption"/> for a volume that is not set up or has no passphrase.</exception>
    public async Task<IReadOnlyList<MountedVolume>> MountAsync(PodKey key, IReadOnlyList<MountedVolume> volumes, CancellationToken cancellationToken)
    {
        if (volumes.FirstOrDefault(v => !IsInitialized(v)) is { } raw) throw new CharlyException(Errors.PodEncryption, $"the volume {raw.Name} of {key} is not set up", $"Run: charly config {key.Arguments}", target: key.Text);
        if (volumes.All(IsMounted)) return [];
        var passphrase = await PassphraseAsync(key, cancellationToken).ConfigureAwait(false)
            ?? throw new CharlyException(Errors.PodEncryption, $"the passphrase of the encrypted volumes of {key} is not in the store", $"Put it there: charly secrets set charly/enc {key}", target: key.Text);
        return await MountAsync(key, volumes, passphrase, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Unmounts what is mounted.</summary>
    public async Task UnmountAsync(PodKey key, IEnumerable<MountedVolume> volumes, CancellationToken cancellationToken)
    {
        foreach (var volume in volumes.Where(IsMounted))
        {
            var program = processes.Find("fusermount3") is not null ? "fusermount3" : "fusermount";
            var result = await processes.RunAsync(new ProcessRequest(program, "-u", volume.Source) { Timeout = Limit }, cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded) throw Failed($"unmount {volume.Name}", result);
            if (HasManager) await processes.RunAsync(new ProcessRequest("systemctl", "--user", "stop", key.Scope(volume.Name)) { Timeout = Limit }, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Changes the passphrase of all volumes and in the store, or of none: what holds their keys is made anew beside, for all of them,
    /// before the first is replaced, and is put back if the store does not take the new passphrase.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodEncryption"/> while one is mounted, or if one does not open with the old passphrase.</exception>
    public async Task ChangeAsync(PodKey key, IReadOnlyList<MountedVolume> volumes, CancellationToken cancellationToken)
    {
        if (volumes.FirstOrDefault(IsMounted) is { } mounted) throw new CharlyException(Errors.PodEncryption, $"the volume {mounted.Name} of {key} is mounted", $"Unmount it first: charly config unmount {key.Arguments}", target: key.Text);
        var old = await password.AskAsync($"charly-{key.Dashed}", "Old passphrase:", cancellationToken).ConfigureAwait(false);
        var next = await password.AskAsync($"charly-{key.Dashed}", "New passphrase:", cancellationToken).ConfigureAwait(false);
        if (await password.AskAsync($"charly-{key.Dashed}", "New passphrase again:", cancellationToken).ConfigureAwait(false) != next) throw new CharlyException(Errors.PodEncryption, "the two new passphrases differ", "Try again.", target: key.Text);
        var changes = new PassphraseChange(processes, key);
        await changes.PrepareAsync([.. volumes.Where(IsInitialized)], old, next, cancellationToken).ConfigureAwait(false);
        await changes.CommitAsync(() => store.SetAsync(AddressOf(key), next, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Refuses to let a container write plain text where encrypted files belong (pod.md §5.3, safety).</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodEncryption"/>.</exception>
    public void ThrowIfLocked(PodKey key, IEnumerable<MountedVolume> volumes)
    {
        foreach (var volume in volumes.Where(v => !IsMounted(v)))
        {
            var holdsFiles = Directory.Exists(volume.Cipher) && Directory.EnumerateFileSystemEntries(volume.Cipher).Any(f => !OwnFiles.Contains(Path.GetFileName(f)));
            throw new CharlyException(
                Errors.PodEncryption, $"the encrypted volume {volume.Name} of {key} is not mounted{(holdsFiles ? " and holds files: the container would write beside them in plain text" : "")}", $"Run: charly config mount {key.Arguments}", target: key.Text);
        }
    }

    private bool HasManager => environment.Variable("XDG_RUNTIME_DIR") is { } runtime && Directory.Exists(Path.Combine(runtime, "systemd")) && processes.Find("systemd-run") is not null;

    private static CredentialAddress AddressOf(PodKey key) => new("charly/enc", key.Text);

    private static bool IsInitialized(MountedVolume volume) => File.Exists(Path.Combine(volume.Cipher!, "gocryptfs.conf"));

    private async Task<string?> PassphraseAsync(PodKey key, CancellationToken cancellationToken) => (await store.FindAsync(AddressOf(key), Variable, cancellationToken).ConfigureAwait(false))?.Value;

    private async Task<IReadOnlyList<MountedVolume>> MountAsync(PodKey key, IReadOnlyList<MountedVolume> volumes, string passphrase, CancellationToken cancellationToken)
    {
        var mounted = new List<MountedVolume>();
        foreach (var volume in volumes.Where(v => !IsMounted(v)))
        {
            AtomicFile.EnsureFolder(volume.Source, isPrivate: true);
            string[] program = ["gocryptfs", "-q", "-extpass", "printenv", "-extpass", Variable, "-allow_other", volume.Cipher!, volume.Source];

            // In a scope of its own the mount outlives the unit that asked for it. What is left of an earlier one is stopped first.
            string[] command = HasManager ? ["systemd-run", "--scope", "--user", "--quiet", $"--unit={key.Scope(volume.Name)[..^".scope".Length]}", "--", .. program] : program;
            var result = await RunAsync(command, passphrase, cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded && HasManager)
            {
                await processes.RunAsync(new ProcessRequest("systemctl", "--user", "stop", key.Scope(volume.Name)) { Timeout = Limit }, cancellationToken).ConfigureAwait(false);
                result = await RunAsync(command, passphrase, cancellationToken).ConfigureAwait(false);
            }

            if (!result.Succeeded) throw Failed($"mount {volume.Name}", result);
            mounted.Add(volume);
        }

        return mounted;
    }

    private async Task GocryptfsAsync(string what, IReadOnlyList<string> arguments, string passphrase, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["gocryptfs", .. arguments], passphrase, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw Failed(what, result);
    }

    private Task<CommandResult> RunAsync(IReadOnlyList<string> command, string passphrase, CancellationToken cancellationToken) => processes.RunAsync(
        new ProcessRequest(command[0], [.. command.Skip(1)]) { Variables = new Dictionary<string, string?> { [Variable] = passphrase }, Timeout = Limit }, cancellationToken);

    private static CharlyException Failed(string what, CommandResult result) => new(Errors.PodEncryption, $"gocryptfs could not {what} (exit code {result.ExitCode}): {result.Tail(2)}", "Check the passphrase in the store, and that FUSE allows other users: user_allow_other in /etc/fuse.conf.");

    // Blanks in the table of mounts are written as octal numbers.
    private static string Unescape(string path) => path.Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
}

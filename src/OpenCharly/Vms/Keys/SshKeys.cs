using System.Text.RegularExpressions;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Keys;

/// <summary>The key pairs of machines and of their users (vm.md §5.5).</summary>
/// <param name="environment">Where the user's own keys are.</param>
/// <param name="processes">Runs <c>ssh-keygen</c>.</param>
public sealed partial class SshKeys(CharlyEnvironment environment, IProcessRunner processes)
{
    /// <summary>File name of a machine's own key in its state folder.</summary>
    public const string MachineKeyName = "id_ed25519";

    /// <summary>File name of the guest's host key in the machine's state folder.</summary>
    public const string HostKeyName = "ssh_host_ed25519_key";

    private static readonly string[] Preferred = ["id_ed25519.pub", "id_rsa.pub", "id_ecdsa.pub"];

    /// <summary>The key that opens a machine, by the entity's <c>ssh.key_source</c>.</summary>
    /// <param name="keySource"><c>auto</c>, <c>generate</c>, <c>none</c> or the path of a public key.</param>
    /// <param name="stateFolder">The machine's state folder; <c>generate</c> makes the pair there unless it exists.</param>
    /// <param name="cancellationToken">Stops the program.</param>
    /// <returns>The key; null for <c>none</c>.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SshNoKey"/>, <see cref="Errors.SshKeygen"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<SshKey?> ResolveAsync(string keySource, string stateFolder, CancellationToken cancellationToken = default) => keySource switch
    {
        "none" => null,
        "generate" => await EnsurePairAsync(Path.Combine(stateFolder, MachineKeyName), cancellationToken: cancellationToken).ConfigureAwait(false),
        "auto" => FindOwn(),
        _ => Read(environment.Resolve(keySource)),
    };

    /// <summary>The ed25519 pair at a path. An existing public key is always reused, never made anew.</summary>
    /// <param name="privatePath">Path of the private key; the public one is beside it with <c>.pub</c>.</param>
    /// <param name="comment">Comment of a new key.</param>
    /// <param name="cancellationToken">Stops the program.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SshKeygen"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<SshKey> EnsurePairAsync(string privatePath, string comment = "charly", CancellationToken cancellationToken = default)
    {
        var publicPath = privatePath + ".pub";
        if (File.Exists(publicPath)) return Read(publicPath);
        using var held = await FileLock.AcquireAsync(privatePath + ".lock", cancellationToken: cancellationToken).ConfigureAwait(false);
        if (File.Exists(publicPath)) return Read(publicPath);
        if (File.Exists(privatePath)) await RestorePublicAsync(privatePath, cancellationToken).ConfigureAwait(false);
        else await GenerateAsync(privatePath, comment, cancellationToken).ConfigureAwait(false);
        return Read(publicPath);
    }

    /// <summary>The guest host key in a state folder, made if it is not there.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SshKeygen"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<GuestHostKey> EnsureHostKeyAsync(string stateFolder, CancellationToken cancellationToken = default)
    {
        var path = Path.Combine(stateFolder, HostKeyName);

        // Unlike a user's key, half a pair is of no use here: the guest needs the private key.
        if (!File.Exists(path)) RemoveHostKey(stateFolder);
        var pair = await EnsurePairAsync(path, "charly-guest", cancellationToken).ConfigureAwait(false);
        return new GuestHostKey(await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false), pair.PublicKey);
    }

    /// <summary>Drops the guest host key, so that the next machine of this name gets one of its own.</summary>
    public static void RemoveHostKey(string stateFolder)
    {
        if (!Directory.Exists(stateFolder)) return;
        File.Delete(Path.Combine(stateFolder, HostKeyName));
        File.Delete(Path.Combine(stateFolder, HostKeyName + ".pub"));
    }

    private SshKey FindOwn()
    {
        var folder = Path.Combine(environment.Home, ".ssh");
        var others = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.pub").Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
        var found = Preferred.Select(n => Path.Combine(folder, n)).Concat(others).FirstOrDefault(File.Exists);
        return found is not null ? Read(found) : throw new CharlyException(
            Errors.SshNoKey,
            $"there is no public ssh key in {folder}",
            "Make one with ssh-keygen -t ed25519, or say key_source: generate to give the machine a key of its own.");
    }

    private static SshKey Read(string publicPath)
    {
        if (!File.Exists(publicPath))
        {
            throw new CharlyException(
                Errors.SshNoKey, $"there is no public key {publicPath}", "Give the path of an existing public key, or say key_source: generate.", target: publicPath);
        }

        var line = File.ReadLines(publicPath).Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0 && l[0] != '#');
        if (line is null || !PublicKey().IsMatch(line))
        {
            throw new CharlyException(
                Errors.SshNoKey, $"{publicPath} holds no public key", "Name the file that ends in .pub, which holds one line such as \"ssh-ed25519 AAAA… name\".", target: publicPath);
        }

        var privatePath = publicPath.EndsWith(".pub", StringComparison.Ordinal) ? publicPath[..^4] : null;
        return new SshKey(line, publicPath, File.Exists(privatePath) ? privatePath : null);
    }

    private async Task GenerateAsync(string privatePath, string comment, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(privatePath)!;
        AtomicFile.EnsureFolder(folder, isPrivate: true);
        var temporary = Path.Combine(folder, $".{Path.GetFileName(privatePath)}.{Guid.NewGuid():N}");
        try
        {
            await RunKeygenAsync(privatePath, ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", temporary], cancellationToken).ConfigureAwait(false);
            File.SetUnixFileMode(temporary, AtomicFile.Private);
            File.SetUnixFileMode(temporary + ".pub", AtomicFile.Shared);

            // The private half first: a .pub file means that the pair is complete.
            File.Move(temporary, privatePath, overwrite: true);
            File.Move(temporary + ".pub", privatePath + ".pub", overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
            File.Delete(temporary + ".pub");
        }
    }

    private async Task RestorePublicAsync(string privatePath, CancellationToken cancellationToken) =>
        AtomicFile.Write(privatePath + ".pub", await RunKeygenAsync(privatePath, ["-y", "-f", privatePath], cancellationToken).ConfigureAwait(false));

    private async Task<string> RunKeygenAsync(string privatePath, string[] arguments, CancellationToken cancellationToken)
    {
        if (processes.Find("ssh-keygen") is null)
        {
            throw new CharlyException(
                Errors.ToolMissing, "the program ssh-keygen is not installed", "Install it: apt-get install openssh-client (or the package openssh).", target: "ssh-keygen");
        }

        var result = await processes.RunAsync(new ProcessRequest("ssh-keygen", arguments), cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return result.StandardOutput;
        throw new CharlyException(
            Errors.SshKeygen,
            $"the key pair {privatePath} could not be made: {result.Tail()}",
            "Check that the folder is writable and that the disk is not full; report it if both hold.",
            target: privatePath);
    }

    // Any other text would be handed to the guest all the same, which then lets nobody in.
    [GeneratedRegex(@"^(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9-]+(?:@openssh\.com)?[ \t]+[A-Za-z0-9+/]+={0,2}(?:[ \t].*)?\z")]
    private static partial Regex PublicKey();
}

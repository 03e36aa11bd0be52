using System.Globalization;
using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Ssh;

/// <summary>How ssh reaches one machine.</summary>
/// <param name="Alias">What the user types after <c>ssh</c>: the machine id.</param>
/// <param name="Host">Address.</param>
/// <param name="Port">Port.</param>
/// <param name="User">Account.</param>
/// <param name="IdentityFile">Private key; null to leave it to the user's own set-up.</param>
/// <param name="KnownHosts">The machine's own known_hosts file.</param>
/// <param name="IsHostKeyKnown">Whether that file holds the host key already; else the first key seen is kept there.</param>
public sealed record SshStanza(string Alias, string Host, int Port, string User, string? IdentityFile, string KnownHosts, bool IsHostKeyKnown)
{
    /// <summary>Further private keys, offered after <see cref="IdentityFile"/>.</summary>
    public IReadOnlyList<string> MoreIdentityFiles { get; init; } = [];
}

/// <summary>
/// The stanzas of all machines in one file of ours, which <c>~/.ssh/config</c> includes at its top (vm.md §6). Everything
/// else in that file stays as it is, byte by byte.
/// </summary>
/// <param name="paths">Where both files are.</param>
public sealed class ManagedSshConfig(HostPaths paths)
{
    private const string Header = "(managed by charly; do not edit inside this block)";
    private static readonly ManagedBlock Block = new("opencharly", Header);
    private static readonly ManagedBlock OldBlock = new("overthink", "");

    /// <summary>Adds or replaces a machine's stanza, and makes sure that the file is included.</summary>
    public async Task SetAsync(SshStanza stanza, CancellationToken cancellationToken = default)
    {
        using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
        var stanzas = ReadStanzas();
        stanzas[stanza.Alias] = Render(stanza);
        WriteStanzas(stanzas);
        Include();
    }

    /// <summary>Changes address and port of a machine's stanza, if it has one.</summary>
    public async Task MoveAsync(string alias, string host, int port, CancellationToken cancellationToken = default)
    {
        using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
        var stanzas = ReadStanzas();
        if (!stanzas.TryGetValue(alias, out var old)) return;
        var stanza = string.Join('\n', old.Split('\n').Select(l =>
            l.StartsWith("    Port ", StringComparison.Ordinal) ? $"    Port {port.ToString(CultureInfo.InvariantCulture)}"
            : l.StartsWith("    Hostname ", StringComparison.Ordinal) ? $"    Hostname {host}"
            : l));
        if (stanza == old) return;
        stanzas[alias] = stanza;
        WriteStanzas(stanzas);
    }

    /// <summary>Drops a machine's stanza; after the last one the file, its inclusion, and a then blank <c>~/.ssh/config</c> go too.</summary>
    public async Task RemoveAsync(string alias, CancellationToken cancellationToken = default)
    {
        using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
        var stanzas = ReadStanzas();
        if (!stanzas.Remove(alias) && (stanzas.Count > 0 || !File.Exists(paths.SshConfig))) return;
        if (stanzas.Count > 0)
        {
            WriteStanzas(stanzas);
            return;
        }

        File.Delete(paths.SshConfig);
        if (!File.Exists(paths.UserSshConfig)) return;
        var text = Read(paths.UserSshConfig);
        var rest = Block.Remove(OldBlock.Remove(text));
        if (rest == text) return;
        if (string.IsNullOrWhiteSpace(rest)) File.Delete(paths.UserSshConfig);
        else WriteUserConfig(rest);
    }

    /// <summary>The stanza as text.</summary>
    internal static string Render(SshStanza stanza)
    {
        var text = new StringBuilder()
            .Append("Host ").Append(stanza.Alias).Append('\n')
            .Append("    Hostname ").Append(stanza.Host).Append('\n')
            .Append("    Port ").Append(stanza.Port.ToString(CultureInfo.InvariantCulture)).Append('\n')
            .Append("    User ").Append(stanza.User).Append('\n');
        if (stanza.IdentityFile is { } key) text.Append("    IdentityFile ").Append(Quote(key)).Append('\n');
        foreach (var more in stanza.MoreIdentityFiles) text.Append("    IdentityFile ").Append(Quote(more)).Append('\n');
        return text
            .Append("    StrictHostKeyChecking ").Append(stanza.IsHostKeyKnown ? "yes" : "accept-new").Append('\n')
            .Append("    UserKnownHostsFile ").Append(Quote(stanza.KnownHosts)).Append('\n')
            .ToString();
    }

    /// <summary>Whether a file includes ours at its top.</summary>
    internal bool IsIncludedBy(string file) =>
        File.Exists(file) && Block.Find(Read(file)) is { } block && block.Contains(IncludeLine() + "\n", StringComparison.Ordinal);

    private string IncludeLine() => "Include " + Quote(paths.SshConfig);

    private void Include()
    {
        var text = File.Exists(paths.UserSshConfig) ? Read(paths.UserSshConfig) : "";
        if (OldBlock.Find(text) is null && Block.Find(text) is { } block && block.Contains(IncludeLine() + "\n", StringComparison.Ordinal) && text.StartsWith(block, StringComparison.Ordinal)) return;

        // At the top: below a Host line it would count for that host only.
        WriteUserConfig(Block.Render(IncludeLine() + "\n") + Block.Remove(OldBlock.Remove(text)));
    }

    private void WriteUserConfig(string text)
    {
        var isNew = !File.Exists(paths.UserSshConfig);
        var mode = isNew ? AtomicFile.Private : File.GetUnixFileMode(paths.UserSshConfig) & AtomicFile.Private;
        AtomicFile.EnsureFolder(Path.GetDirectoryName(paths.UserSshConfig)!, isPrivate: true);
        AtomicFile.Write(paths.UserSshConfig, Encoding.Latin1.GetBytes(text), mode);
    }

    private SortedDictionary<string, string> ReadStanzas()
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(paths.SshConfig) || Block.Find(Read(paths.SshConfig)) is not { } block) return result;
        string? alias = null;
        foreach (var line in block.Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line.StartsWith("Host ", StringComparison.Ordinal)) result[alias = line[5..]] = "";
            if (alias is not null) result[alias] += line + "\n";
        }

        return result;
    }

    private void WriteStanzas(SortedDictionary<string, string> stanzas) =>
        AtomicFile.Write(paths.SshConfig, Encoding.Latin1.GetBytes(Block.Render(string.Join('\n', stanzas.Values))), AtomicFile.Private);

    private Task<FileLock> LockAsync(CancellationToken cancellationToken) => FileLock.AcquireAsync(paths.SshConfig + ".lock", null, cancellationToken);

    /// <summary>Latin-1 carries every byte of a file in whatever encoding there and back unchanged.</summary>
    private static string Read(string path) => Encoding.Latin1.GetString(File.ReadAllBytes(path));

    /// <summary>A path as ssh_config reads it; our Latin-1 files hold its UTF-8 bytes.</summary>
    private static string Quote(string path)
    {
        if (path.AsSpan().ContainsAny('"', '\n', '\r'))
        {
            throw new CharlyException(Errors.BadName, $"ssh can't be told of the path {path}", "Use a folder without double quotes and line breaks in its name.", target: path);
        }

        // ssh expands % and ${ in these values.
        var escaped = path.Replace("%", "%%", StringComparison.Ordinal);
        var bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(escaped));
        return bytes.Any(c => c is ' ' or '\t' or '#' or '\'' or '\\') ? $"\"{bytes}\"" : bytes;
    }
}

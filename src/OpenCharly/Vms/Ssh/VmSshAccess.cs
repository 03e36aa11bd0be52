using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Ssh;

/// <summary>How ssh is called for a machine: always by its alias, so that address, key and host key live in one place.</summary>
/// <param name="environment">Whose machine it is.</param>
/// <param name="paths">The user's folders.</param>
public sealed class VmSshAccess(CharlyEnvironment environment, HostPaths paths)
{
    /// <summary>
    /// The file for <c>ssh -F</c>: null if ssh finds our stanzas by itself, else the file that holds them. OpenSSH looks
    /// for <c>~/.ssh/config</c> in the home folder of the password database and ignores <c>$HOME</c>, so the inclusion
    /// that we made may be in a file that it never reads.
    /// </summary>
    public string? ConfigFile
    {
        get
        {
            var home = PasswordDatabaseHome() ?? environment.Home;
            return new ManagedSshConfig(paths).IsIncludedBy(Path.Combine(home, ".ssh", "config")) ? null : paths.SshConfig;
        }
    }

    /// <summary>The machine as ssh and the executor are told about it.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="user">Account instead of the configured one.</param>
    /// <param name="port">Port instead of the configured one.</param>
    /// <param name="keyPath">Private key instead of the configured one.</param>
    public SshDestination DestinationFor(VmName machine, string? user = null, int? port = null, string? keyPath = null)
    {
        List<string> arguments = [];

        // The host key is on record under the alias, whatever port leads to it.
        if (port is not null) arguments.AddRange(["-o", $"HostKeyAlias={machine.Alias}"]);
        if (keyPath is not null) arguments.AddRange(["-i", environment.Resolve(keyPath)]);
        return new SshDestination(machine.Alias) { User = user, Port = port, ConfigFile = ConfigFile, Arguments = arguments };
    }

    /// <summary>Ends the shared connection to a machine, if there is one: after a stop it would only hang.</summary>
    public async Task CloseAsync(VmName machine, IProcessRunner processes, CancellationToken cancellationToken = default)
    {
        var line = new SshCommandLine(DestinationFor(machine), paths);
        if (line.ControlSocket is not { } socket || !File.Exists(socket)) return;
        try
        {
            await processes.RunAsync(new ProcessRequest("ssh", line.Control("exit")) { Timeout = TimeSpan.FromSeconds(2) }, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.Io)
        {
            // It hangs, as connections to machines that are gone do. Without its socket nobody will ask it again.
        }

        File.Delete(socket);
    }

    private static string? PasswordDatabaseHome()
    {
        if (!File.Exists("/etc/passwd")) return null;
        foreach (var line in File.ReadLines("/etc/passwd"))
        {
            if (line.Split(':') is [var name, _, _, _, _, var home, ..] && name == Environment.UserName) return home;
        }

        return null;
    }
}

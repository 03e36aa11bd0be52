using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>
/// The words of ssh's command line for one destination (candy-and-plan.md §6.1): quiet, never asking, sharing one
/// connection, and never a key or host key option: those are the user's.
/// </summary>
public sealed class SshCommandLine
{
    // A socket path may have 107 bytes, and ssh adds 17 to it for a moment when it makes the socket.
    private const int LongestSocket = 107 - 17;

    /// <summary>Makes the words and the folder of control sockets.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="paths">Where control sockets are.</param>
    /// <exception cref="CharlyException"><see cref="Errors.Io"/> if the socket folder is someone else's.</exception>
    public SshCommandLine(SshDestination destination, HostPaths paths)
    {
        Destination = destination;
        var socket = Path.Combine(paths.SshControl, SocketName(destination));
        if (Encoding.UTF8.GetByteCount(socket) <= LongestSocket) ControlSocket = socket;
        if (ControlSocket is not null) ClaimFolders(paths);
        Options =
        [
            .. destination.ConfigFile is { } file ? (string[])["-F", file] : [],
            "-T",
            "-o", "LogLevel=ERROR",
            "-o", "ConnectTimeout=10",
            "-o", "BatchMode=yes",
            "-o", "RemoteCommand=none",
            "-o", "ServerAliveInterval=10",
            "-o", "ServerAliveCountMax=3",
            .. ControlSocket is null
                ? (string[])["-o", "ControlMaster=no", "-o", "ControlPath=none"]
                : ["-o", "ControlMaster=auto", "-o", "ControlPersist=10m", "-o", $"ControlPath={ControlSocket}"],
            .. destination.Port is { } port ? (string[])["-p", $"{port}"] : [],
            .. destination.Arguments,
        ];
    }

    /// <summary>Where to.</summary>
    public SshDestination Destination { get; }

    /// <summary>The shared connection's socket; null if its folder's path is too long for one.</summary>
    public string? ControlSocket { get; }

    /// <summary>All options, without destination.</summary>
    public IReadOnlyList<string> Options { get; }

    /// <summary>Options of a person's own session: it may ask, shares a connection that is there, and keeps none open.</summary>
    public IReadOnlyList<string> SessionOptions =>
    [
        .. Destination.ConfigFile is { } file ? (string[])["-F", file] : [],
        "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=10",
        .. ControlSocket is null ? (string[])["-o", "ControlPath=none"] : ["-o", "ControlMaster=no", "-o", $"ControlPath={ControlSocket}"],
        .. Destination.Port is { } port ? (string[])["-p", $"{port}"] : [],
        .. Destination.Arguments,
    ];

    /// <summary>Arguments for running a command line on the destination.</summary>
    public IReadOnlyList<string> Run(string command) => [.. Options, "--", Destination.Address, command];

    /// <summary>Arguments for telling the shared connection something: <c>check</c>, <c>exit</c>, <c>forward</c>.</summary>
    public IReadOnlyList<string> Control(string order, params IReadOnlyList<string> more) =>
        [.. Options, "-O", order, .. more, "--", Destination.Address];

    // An alias alone names its connection. Whatever else makes a connection another one goes into a digest.
    private static string SocketName(SshDestination destination)
    {
        if (destination is { Port: null, ConfigFile: null, Arguments.Count: 0 } && Names.IsVm(destination.Address)) return "to-" + destination.Address;
        var identity = string.Join('\0', [destination.Address, $"{destination.Port}", destination.ConfigFile ?? "", .. destination.Arguments]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..16];
    }

    private static void ClaimFolders(HostPaths paths)
    {
        try
        {
            AtomicFile.EnsureFolder(paths.SshControl, isPrivate: true);

            // Only the owner may set the mode: a folder in /tmp that someone else made before us is refused here.
            File.SetUnixFileMode(paths.Runtime, AtomicFile.PrivateFolder);
            File.SetUnixFileMode(paths.SshControl, AtomicFile.PrivateFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CharlyException(
                Errors.Io,
                $"the folder of ssh control sockets {paths.SshControl} can't be used: {e.Message}",
                "Remove it if it is not yours, or set XDG_RUNTIME_DIR to a folder of your own.",
                target: paths.SshControl,
                inner: e);
        }
    }
}

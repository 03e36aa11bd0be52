using System.Buffers;
using System.Globalization;
using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>Makes the executor for a deployment's <c>host:</c>, <c>user:</c> and <c>ssh_arg:</c> (candy-and-plan.md §1.5).</summary>
/// <param name="environment">Variables and folders.</param>
/// <param name="processes">Finds and runs programs.</param>
public sealed class ExecutorFactory(CharlyEnvironment environment, IProcessRunner processes)
{
    /// <summary>The host name that means this machine, as no host at all does.</summary>
    public const string LocalHost = "local";

    // What ssh itself refuses in a host or user name, since both may end up in the user's ProxyCommand.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("'`\"$\\;&<>|(){}*?!#~");

    private readonly HostPaths _paths = new(environment);

    /// <summary>This machine.</summary>
    public LocalExecutor Local() => new(environment, processes);

    /// <summary>A machine behind ssh.</summary>
    public SshExecutor Ssh(SshDestination destination)
    {
        Check(destination.Host, "host");
        if (destination.User is not null) Check(destination.User, "user");
        return new SshExecutor(destination, environment, _paths, processes);
    }

    /// <summary>The executor for a host as users write it.</summary>
    /// <param name="host">Null or <c>local</c> for this machine; else <c>[user@]host[:port]</c> or an ssh alias.</param>
    /// <param name="user">Log-in user, if not in <paramref name="host"/>.</param>
    /// <param name="arguments">More words for ssh.</param>
    /// <exception cref="CharlyException"><see cref="Errors.CfgHost"/> if the three make no sense together.</exception>
    public IExecutor Create(string? host, string? user = null, IReadOnlyList<string>? arguments = null)
    {
        if (!IsLocal(host)) return Ssh(Parse(host!, user, arguments));
        if (user is not null) throw Bad($"user '{user}' with host 'local'", "Leave out the user, or name a host; this machine is used as the user who runs charly.");
        if (arguments is { Count: > 0 }) throw Bad("ssh_arg with host 'local'", "Leave out ssh_arg, or name a host; to reach this machine over ssh, write localhost.");
        return Local();
    }

    /// <summary>Whether a host means this machine.</summary>
    public static bool IsLocal(string? host) => host is null or LocalHost;

    /// <summary>Reads <c>[user@]host[:port]</c>; an IPv6 address with a port stands in brackets.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgHost"/> for text that can't be a host, and for two different users.</exception>
    public static SshDestination Parse(string host, string? user = null, IReadOnlyList<string>? arguments = null)
    {
        var name = host;
        string? inlineUser = null;
        if (name.LastIndexOf('@') is var at and >= 0)
        {
            inlineUser = name[..at];
            name = name[(at + 1)..];
            Check(inlineUser, "user");
        }

        string? port = null;
        if (name.StartsWith('[') && name.IndexOf(']') is var close and > 0)
        {
            port = name[(close + 1)..] is [':', ..] rest ? rest[1..]
                : close == name.Length - 1 ? null
                : throw Bad($"host '{host}'", "Write an IPv6 address with a port as [address]:port.");
            name = name[1..close];
        }
        else if (name.Count(c => c == ':') == 1)
        {
            port = name[(name.IndexOf(':') + 1)..];
            name = name[..name.IndexOf(':')];
        }

        Check(name, "host");
        if (user is not null) Check(user, "user");
        if (user is not null && inlineUser is not null && user != inlineUser)
        {
            throw Bad($"user '{user}' with host '{host}'", "Name the user once: in the host or as user.");
        }

        if (arguments?.FirstOrDefault(a => a.Length == 0 || a.Any(char.IsControl)) is { } word)
        {
            throw Bad($"ssh_arg '{word}'", "Give each word of ssh's command line as an entry of its own, without control characters.");
        }

        return new SshDestination(name)
        {
            User = inlineUser ?? user,
            Port = port is null ? null : PortNumber(port, host),
            Arguments = arguments ?? [],
        };
    }

    private static int PortNumber(string text, string host) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? port
            : throw Bad($"port '{text}' in host '{host}'", "Give a port from 1 to 65535.");

    private static void Check(string text, string what)
    {
        if (text.Length == 0 || text[0] == '-' || text.AsSpan().ContainsAny(Forbidden) || text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            throw Bad(
                $"{what} '{text}'",
                $"A {what} is not empty, does not start with a dash and has no blanks, control characters, quotes or shell characters.");
        }
    }

    private static CharlyException Bad(string what, string help) => new(Errors.CfgHost, $"{what} can't be used", help);
}

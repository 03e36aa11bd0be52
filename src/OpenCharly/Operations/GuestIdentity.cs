using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Keys;

namespace OpenCharly.Operations;

/// <summary>Makes anew what two machines that wake from one saved state would share: clock, host key, machine id, name, randomness, log-in key.</summary>
/// <param name="services">The machine's host.</param>
/// <param name="name">The machine that woke.</param>
/// <param name="user">Account in the saved guest that is logged in as.</param>
internal sealed class GuestIdentity(VmServices services, VmName name, string user)
{
    private const int SshFailed = 255;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Does it in one script, which travels on standard input. The guest is tried without a question before, as it stood ready when it was saved.</summary>
    /// <param name="hostKey">The new host key.</param>
    /// <param name="loginKey">Public key that may log in from now on; null to leave that as it is.</param>
    /// <param name="oldLoginKey">Public key that no longer may; null to leave it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when it is done; what ssh said if the guest could not be reached yet.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/> with what the guest said.</exception>
    public async Task<string?> RenewAsync(GuestHostKey hostKey, string? loginKey, string? oldLoginKey, CancellationToken cancellationToken)
    {
        var line = new SshCommandLine(services.SshAccess.DestinationFor(name), services.Context.Paths);
        var privateKey = await File.ReadAllTextAsync(services.Files(name).HostKey, cancellationToken).ConfigureAwait(false);
        var script = Script(name, services.Context.Environment.Clock.GetUtcNow(), privateKey, hostKey.PublicKey, loginKey, oldLoginKey == loginKey ? null : oldLoginKey);
        var run = user == "root" ? "exec bash -s" : "exec sudo -n HOME=\"$HOME\" bash -s";
        var result = await services.Context.Processes.RunAsync(new ProcessRequest("ssh", line.Run(run)) { Input = script, Timeout = Limit }, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return null;
        if (result.ExitCode == SshFailed) return result.Tail(1) is { Length: > 0 } said ? said : "no answer";
        throw new CharlyException(
            Errors.SnapshotFailed, $"machine {name} woke, but its identity could not be made anew: {result.Tail()}", $"Remove it: charly vm destroy {name} --disk", target: name.ToString());
    }

    /// <summary>
    /// The script; it holds a private key and must not be shown. It is bash's own words as far as they go, for under emulation
    /// every program that it starts costs more than all of them, and writes in place: a guest that this fails in is ended.
    /// </summary>
    internal static string Script(VmName name, DateTimeOffset now, string privateKey, string publicKey, string? loginKey, string? oldLoginKey)
    {
        var host = name.Instance is null ? name.Entity : $"{name.Entity}-{name.Instance}";
        var script = new StringBuilder("set -e\numask 022\n")
            .Append(CultureInfo.InvariantCulture, $"date -u -s @{now.ToUnixTimeMilliseconds() / 1000.0:0.000} >/dev/null\n")
            .Append(CultureInfo.InvariantCulture, $"printf %s {Convert.ToBase64String(RandomNumberGenerator.GetBytes(64))} > /dev/urandom\n")
            .Append(CultureInfo.InvariantCulture, $"id={Convert.ToHexStringLower(Guid.NewGuid().ToByteArray())}\n")
            .Append("printf '%s\\n' \"$id\" > /etc/machine-id\n")
            .Append("if [ -f /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then printf '%s\\n' \"$id\" > /var/lib/dbus/machine-id; fi\n")
            .Append(CultureInfo.InvariantCulture, $"host={Shell.Quote(host)}\n")
            .Append("""
                old=
                read -r old 2>/dev/null < /etc/hostname || old=$HOSTNAME
                printf '%s\n' "$host" > /etc/hostname
                printf %s "$host" > /proc/sys/kernel/hostname
                if [ -n "$old" ] && [ "$old" != "$host" ] && [ -s /etc/hosts ]; then
                  mapfile -t lines < /etc/hosts
                  for i in "${!lines[@]}"; do
                    while [[ ${lines[i]} =~ ^(.*[[:space:]])"$old"([[:space:]].*)?$ ]]; do lines[i]=${BASH_REMATCH[1]}$host${BASH_REMATCH[2]}; done
                  done
                  printf '%s\n' "${lines[@]}" > /etc/hosts
                fi
                rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub

                """)
            .Append(CultureInfo.InvariantCulture, $"(umask 077; printf '%s\\n' {Shell.Quote(privateKey.TrimEnd('\n'))} > /etc/ssh/ssh_host_ed25519_key)\n")
            .Append(CultureInfo.InvariantCulture, $"printf '%s\\n' {Shell.Quote(publicKey.TrimEnd('\n'))} > /etc/ssh/ssh_host_ed25519_key.pub\n");
        if (loginKey is not null)
        {
            script
                .Append(CultureInfo.InvariantCulture, $"new={Shell.Quote(loginKey.Trim())}\nold={Shell.Quote(WithoutComment(oldLoginKey))}\n")
                .Append("""
                    for file in "$HOME/.ssh/authorized_keys" /etc/ssh/authorized_keys.d/"${SUDO_USER:-root}"; do
                      [ -f "$file" ] || continue
                      mapfile -t lines < "$file"
                      {
                        for line in "${lines[@]}"; do
                          if [ -z "$line" ] || [ "$line" = "$new" ]; then continue; fi
                          if [ -n "$old" ] && [[ $line == *"$old"* ]]; then continue; fi
                          printf '%s\n' "$line"
                        done
                        printf '%s\n' "$new"
                      } > "$file"
                    done

                    """);
        }

        // sshd reads its keys anew; sessions that are open, such as this one, go on.
        return script.Append("""
            if [ -s /run/sshd.pid ] && read -r pid < /run/sshd.pid; then kill -HUP "$pid"
            else systemctl reload-or-restart ssh 2>/dev/null || systemctl reload-or-restart sshd; fi

            """).ToString();
    }

    // A key is known by its kind and its bytes, whatever was said about it.
    private static string WithoutComment(string? key) => key is null ? "" : string.Join(' ', key.Trim().Split(' ').Take(2));
}

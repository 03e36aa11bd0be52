using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Keys;

namespace OpenCharly.Operations;

/// <summary>Makes anew what two machines that wake from one saved state would share: clock, host key, machine id, name, randomness, log-in key.</summary>
internal sealed class GuestIdentity(VmServices services, VmName name)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Does it in one script, which travels on standard input.</summary>
    /// <param name="hostKey">The new host key.</param>
    /// <param name="loginKey">Public key that may log in from now on; null to leave that as it is.</param>
    /// <param name="oldLoginKey">Public key that no longer may; null to leave it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CharlyException"><see cref="Errors.SnapshotFailed"/> with what the guest said.</exception>
    public async Task RenewAsync(GuestHostKey hostKey, string? loginKey, string? oldLoginKey, CancellationToken cancellationToken)
    {
        var line = new SshCommandLine(services.SshAccess.DestinationFor(name), services.Context.Paths);
        var privateKey = await File.ReadAllTextAsync(services.Files(name).HostKey, cancellationToken).ConfigureAwait(false);
        var script = Script(name, services.Context.Environment.Clock.GetUtcNow(), privateKey, hostKey.PublicKey, loginKey, oldLoginKey == loginKey ? null : oldLoginKey);
        var result = await services.Context.Processes.RunAsync(
            new ProcessRequest("ssh", line.Run("if [ \"$(id -u)\" = 0 ]; then exec bash -s; else exec sudo -n HOME=\"$HOME\" bash -s; fi")) { Input = script, Timeout = Limit }, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded) return;
        throw new CharlyException(
            Errors.SnapshotFailed, $"machine {name} woke, but its identity could not be made anew: {result.Tail()}", $"Remove it: charly vm destroy {name} --disk", target: name.ToString());
    }

    /// <summary>The script; it holds a private key and must not be shown.</summary>
    internal static string Script(VmName name, DateTimeOffset now, string privateKey, string publicKey, string? loginKey, string? oldLoginKey)
    {
        var host = name.Instance is null ? name.Entity : $"{name.Entity}-{name.Instance}";
        var script = new StringBuilder("set -e\numask 022\n")
            .Append(CultureInfo.InvariantCulture, $"date -u -s @{now.ToUnixTimeMilliseconds() / 1000.0:0.000} >/dev/null\n")
            .Append(CultureInfo.InvariantCulture, $"printf %s {Convert.ToBase64String(RandomNumberGenerator.GetBytes(64))} | base64 -d > /dev/urandom\n")
            .Append(CultureInfo.InvariantCulture, $"id={Convert.ToHexStringLower(Guid.NewGuid().ToByteArray())}\n")
            .Append("printf '%s\\n' \"$id\" > /etc/machine-id.new && mv -f /etc/machine-id.new /etc/machine-id\n")
            .Append("if [ -f /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then printf '%s\\n' \"$id\" > /var/lib/dbus/machine-id; fi\n")
            .Append(CultureInfo.InvariantCulture, $"host={Shell.Quote(host)}\n")
            .Append("old=$(cat /etc/hostname 2>/dev/null || hostname)\nprintf '%s\\n' \"$host\" > /etc/hostname\nhostname \"$host\"\n")
            .Append("if [ -n \"$old\" ] && [ -f /etc/hosts ]; then sed -i \"s/\\([[:space:]]\\)$(printf %s \"$old\" | sed 's/[.[\\*^$/]/\\\\&/g')\\([[:space:]]\\|\\$\\)/\\1$host\\2/g\" /etc/hosts; fi\n")
            .Append("rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub\n")
            .Append(CultureInfo.InvariantCulture, $"(umask 077; printf '%s\\n' {Shell.Quote(privateKey.TrimEnd('\n'))} > /etc/ssh/ssh_host_ed25519_key)\n")
            .Append(CultureInfo.InvariantCulture, $"printf '%s\\n' {Shell.Quote(publicKey.TrimEnd('\n'))} > /etc/ssh/ssh_host_ed25519_key.pub\n");
        if (loginKey is not null)
        {
            script
                .Append(CultureInfo.InvariantCulture, $"new={Shell.Quote(loginKey.Trim())}\nold={Shell.Quote(oldLoginKey?.Trim() ?? "")}\n")
                .Append("for file in \"$HOME/.ssh/authorized_keys\" /etc/ssh/authorized_keys.d/\"${SUDO_USER:-root}\"; do\n")
                .Append("  [ -f \"$file\" ] || continue\n")
                .Append("  if [ -n \"$old\" ]; then keep=$(grep -vF \"$(printf %s \"$old\" | cut -d' ' -f1,2)\" \"$file\" || true); else keep=$(cat \"$file\"); fi\n")
                .Append("  printf '%s\\n%s\\n' \"$keep\" \"$new\" | sed '/^$/d' > \"$file.new\"\n")
                .Append("  chown --reference=\"$file\" \"$file.new\" && chmod --reference=\"$file\" \"$file.new\" && mv -f \"$file.new\" \"$file\"\n")
                .Append("done\n");
        }

        // sshd reads its keys anew; sessions that are open, such as this one, go on.
        return script.Append("if [ -s /run/sshd.pid ]; then kill -HUP \"$(cat /run/sshd.pid)\"; else systemctl reload-or-restart ssh 2>/dev/null || systemctl reload-or-restart sshd; fi\n").ToString();
    }
}

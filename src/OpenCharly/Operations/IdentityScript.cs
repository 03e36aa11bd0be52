using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>
/// The script that gives a guest an identity of its own; it holds a private key and must not be shown. It is the POSIX shell's own
/// words as far as they go, for under emulation every program that it starts costs more than all of them, and writes in place: a guest
/// that this fails in is ended.
/// </summary>
internal static class IdentityScript
{
    // sshd takes longest to begin anew, so it does while the rest is done. It writes its process id when it listens again.
    private const string Keys = """
        for file in /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub; do
          case $file in "$key" | "$key.pub") ;; *) [ ! -e "$file" ] || rm -f "$file" ;; esac
        done
        daemon=
        if read -r daemon 2>/dev/null < /run/sshd.pid && kill -0 "$daemon" 2>/dev/null; then
          printf '' > /run/sshd.pid
          kill -HUP "$daemon"
        else daemon=
        fi

        """;

    private const string Names = """
        printf '%s\n' "$id" > /etc/machine-id
        if [ -f /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then printf '%s\n' "$id" > /var/lib/dbus/machine-id; fi
        old=
        read -r old 2>/dev/null < /etc/hostname || read -r old < /proc/sys/kernel/hostname
        printf '%s\n' "$host" > /etc/hostname
        printf %s "$host" > /proc/sys/kernel/hostname
        set -f
        if [ -n "$old" ] && [ "$old" != "$host" ] && [ -s /etc/hosts ]; then
          lines=
          while IFS= read -r line || [ -n "$line" ]; do
            case " $line " in
              *[[:space:]]"$old"[[:space:]]*)
                words=
                for word in $line; do
                  [ "$word" != "$old" ] || word=$host
                  words="$words${words:+ }$word"
                done
                line=$words ;;
            esac
            lines="$lines$line
        "
          done < /etc/hosts
          printf %s "$lines" > /etc/hosts
        fi

        """;

    private const string LogIn = """
        home=
        while IFS=: read -r account _ _ _ _ folder _; do
          if [ "$account" = "$user" ]; then home=$folder; break; fi
        done < /etc/passwd
        for file in "$home/.ssh/authorized_keys" "/etc/ssh/authorized_keys.d/$user"; do
          [ -f "$file" ] || continue
          lines=
          while IFS= read -r line || [ -n "$line" ]; do
            if [ -z "$line" ] || [ "$line" = "$new" ]; then continue; fi
            if [ -n "$gone" ]; then case $line in *"$gone"*) continue ;; esac; fi
            lines="$lines$line
        "
          done < "$file"
          printf '%s%s\n' "$lines" "$new" > "$file"
        done

        """;

    private const string End = """
        wait "$clock"
        if [ -n "$daemon" ]; then
          tries=0
          until [ -s /run/sshd.pid ]; do
            tries=$((tries + 1))
            if [ "$tries" -gt 600 ]; then echo 'sshd does not listen again' >&2; exit 1; fi
            sleep 0.04
          done
        else
          systemctl reload-or-restart ssh 2>/dev/null || systemctl reload-or-restart sshd
        fi

        """;

    /// <summary>Renders it.</summary>
    /// <param name="name">The machine that the guest becomes.</param>
    /// <param name="user">Account whose log-in key is changed.</param>
    /// <param name="now">What the clock is set to.</param>
    /// <param name="privateKey">The new host key.</param>
    /// <param name="keys">The public halves.</param>
    public static string Render(VmName name, string user, DateTimeOffset now, string privateKey, GuestKeys keys)
    {
        var host = name.Instance is null ? name.Entity : $"{name.Entity}-{name.Instance}";
        var script = new StringBuilder("set -e\numask 077\nkey=/etc/ssh/ssh_host_ed25519_key\n")
            .Append(CultureInfo.InvariantCulture, $"printf '%s\\n' {Shell.Quote(privateKey.TrimEnd('\n'))} > \"$key\"\n")
            .Append(CultureInfo.InvariantCulture, $"umask 022\nprintf '%s\\n' {Shell.Quote(keys.Host.TrimEnd('\n'))} > \"$key.pub\"\n")
            .Append(Keys)
            .Append(CultureInfo.InvariantCulture, $"date -u -s @{now.ToUnixTimeMilliseconds() / 1000.0:0.000} >/dev/null & clock=$!\n")
            .Append(CultureInfo.InvariantCulture, $"printf %s {Convert.ToBase64String(RandomNumberGenerator.GetBytes(64))} > /dev/urandom\n")
            .Append(CultureInfo.InvariantCulture, $"id={Convert.ToHexStringLower(Guid.NewGuid().ToByteArray())}\nhost={Shell.Quote(host)}\n")
            .Append(Names);
        if (keys.LogIn is { } logIn)
        {
            // A key is known by its kind and its bytes, whatever was said about it.
            var gone = keys.OldLogIn is not { } old || old == logIn ? "" : string.Join(' ', old.Trim().Split(' ').Take(2));
            script.Append(CultureInfo.InvariantCulture, $"user={Shell.Quote(user)}\nnew={Shell.Quote(logIn.Trim())}\ngone={Shell.Quote(gone)}\n").Append(LogIn);
        }

        return script.Append(End).ToString();
    }
}

using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks.Probes;

/// <summary>How accounts are looked up, also where the program for it is absent.</summary>
internal static class AccountLookup
{
    public const string Functions = """
        c_entry() {
          local l
          if command -v getent >/dev/null 2>&1; then
            getent "$1" "$2" 2>/dev/null
          else
            while IFS= read -r l; do case $l in "$2":*) builtin printf '%s\n' "$l"; return ;; esac; done <"/etc/$1"
          fi
        }
        c_account() {
          local x
          x=$(c_entry "$1" "$2")
          [ -z "$x" ] || c_value entry "$x"
          [ -z "$3" ] || c_value groups "$(id -Gn "$2" 2>/dev/null)"
        }
        """;
}

/// <summary>Looks up an account.</summary>
internal sealed class UserProbe(UserCheck check) : Probe
{
    public override IReadOnlyList<string> Functions => [AccountLookup.Functions];

    public override string Script => $"c_account passwd {Shell.Quote(check.User)} '{(check.Groups.Count > 0 ? "y" : "")}'";

    public override Verdict Judge(ProbeOutput output)
    {
        var fields = output["entry"]?.Split(':');
        if (Verdict.Unless(check.Exists, fields is not null, "exists", "does not exist") is { } wrong) return wrong;
        if (fields is null || fields.Length < 7) return Verdict.Pass();
        return Verdict.UnlessEqual("uid", check.Uid, fields[2])
            ?? Verdict.UnlessEqual("gid", check.Gid, fields[3])
            ?? Verdict.UnlessEqual("home", check.Home, fields[5])
            ?? Verdict.UnlessEqual("shell", check.Shell, fields[6])
            ?? Verdict.UnlessAmong("group", check.Groups, output.Text("groups").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            ?? Verdict.Pass(output["entry"]);
    }
}

/// <summary>Looks up a group.</summary>
internal sealed class GroupProbe(GroupCheck check) : Probe
{
    public override IReadOnlyList<string> Functions => [AccountLookup.Functions];

    public override string Script => $"c_account group {Shell.Quote(check.Group)} ''";

    public override Verdict Judge(ProbeOutput output)
    {
        var fields = output["entry"]?.Split(':');
        return Verdict.Unless(check.Exists, fields is not null, "exists", "does not exist")
            ?? (fields is { Length: > 2 } ? Verdict.UnlessEqual("gid", check.Gid, fields[2]) : null)
            ?? Verdict.Pass(output["entry"]);
    }
}

/// <summary>Looks at a network interface.</summary>
internal sealed class InterfaceProbe(InterfaceCheck check) : Probe
{
    private const string Look = """
        c_interface() {
          local m=
          [ -d "/sys/class/net/$1" ] || return 0
          c_value there 1
          read -r m <"/sys/class/net/$1/mtu"
          c_value mtu "$m"
          [ -z "$2" ] || c_value addresses "$(PATH=$PATH:/usr/sbin:/sbin ip -o addr show dev "$1" 2>/dev/null)"
        }
        """;

    public override IReadOnlyList<string> Functions => [Look];

    public override string Script => $"c_interface {Shell.Quote(check.Interface)} '{(check.Addresses.Count > 0 ? "y" : "")}'";

    public override Verdict Judge(ProbeOutput output)
    {
        var exists = output["there"] is not null;
        if (Verdict.Unless(check.Exists, exists, "exists", "does not exist") is { } wrong) return wrong;
        if (!exists) return Verdict.Pass();
        return Verdict.UnlessEqual("mtu", check.Mtu?.ToString(), output["mtu"])
            ?? Verdict.UnlessAmong("address", check.Addresses, [.. Addresses(output)])
            ?? Verdict.Pass(output["mtu"]);
    }

    // "2: eth0    inet 10.0.2.15/24 brd …": both spellings may be asked for.
    private static IEnumerable<string> Addresses(ProbeOutput output)
    {
        foreach (var line in output.Lines("addresses"))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 4 || words[2] is not ("inet" or "inet6")) continue;
            yield return words[3];
            yield return words[3].Split('/')[0];
        }
    }
}

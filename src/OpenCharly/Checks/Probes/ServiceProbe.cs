using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks.Probes;

/// <summary>Asks supervisord, then systemd: the system's units, then the user's.</summary>
/// <param name="check">What is expected of the service.</param>
/// <param name="candy">The candy that the check comes from; its own units are called <c>charly-candy-name</c>.</param>
internal sealed class ServiceProbe(ServiceCheck check, string candy) : Probe
{
    private const string Ask = """
        c_service() {
          local o s=$1
          shift
          if command -v supervisorctl >/dev/null 2>&1; then
            o=$(c_limit 10 supervisorctl status "$s" 2>&1)
            c_value supervisor "$o"
            case $o in *PermissionError*|*"Permission denied"*) [ "$EUID" = 0 ] || c_value denied 1 ;; esac
          fi
          if [ -d /run/systemd/system ]; then
            o=$(c_limit 10 systemctl show -p Id,LoadState,ActiveState,UnitFileState -- "$@" 2>&1)
            c_value system "$o"
            case $o in
              *LoadState=loaded*|*LoadState=masked*) ;;
              *) c_value user "$(XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$EUID} c_limit 10 systemctl --user show -p Id,LoadState,ActiveState,UnitFileState -- "$@" 2>&1)" ;;
            esac
          fi
        }
        """;

    private readonly string[] _units = Units(check.Service, candy);

    public override IReadOnlyList<string> Functions => [Ask];

    public override string Script => $"c_service {Shell.Quote(check.Service)} {Shell.Join(_units)}";

    public override Verdict Judge(ProbeOutput output)
    {
        if (output["supervisor"] is null && output["system"] is null) return Verdict.Skip("neither supervisord nor systemd runs there");
        if (Find(output) is not { } found)
        {
            var wanted = check.Running == false || check.Enabled == false ? null : $"no service of that name: neither {string.Join(" nor ", _units)}";
            if (wanted is null) return Verdict.Pass();
            return Verdict.Fail(check.Running == true ? "running" : "enabled", wanted, "Custom units are written only with --with-services.");
        }

        return (check.Running is { } running ? Judge(running, found.IsRunning, "running", found.State) : null)
            ?? (check.Enabled is { } enabled ? Judge(enabled, found.IsEnabled, "enabled", found.FileState) : null)
            ?? Verdict.Pass(found.State);
    }

    private static string[] Units(string service, string candy)
    {
        var suffix = service.LastIndexOf('.') is > 0 and var dot && service[dot..] is ".service" or ".socket" or ".timer" or ".target" or ".mount" or ".path" ? "" : ".service";
        var own = $"charly-{candy}-{service}{suffix}";
        return candy.Length == 0 || !Names.IsUnit(own) ? [service + suffix] : [service + suffix, own];
    }

    private static Verdict? Judge(bool expected, bool actual, string word, string state) =>
        expected == actual ? null : Verdict.Fail(expected ? word : "not " + word, state.Length > 0 ? state : actual ? word : "not " + word);

    private FoundService? Find(ProbeOutput output)
    {
        foreach (var line in output.Lines("supervisor"))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || (words[0] != check.Service && !words[0].EndsWith(":" + check.Service, StringComparison.Ordinal))) continue;
            if (words[1] is "RUNNING" or "STARTING" or "STOPPED" or "STOPPING" or "EXITED" or "FATAL" or "BACKOFF" or "UNKNOWN")
            {
                return new FoundService(words[1] == "RUNNING", words[1].ToLowerInvariant(), true, "known to supervisord");
            }
        }

        return Units(output.Text("system")).Concat(Units(output.Text("user"))).FirstOrDefault();
    }

    private static IEnumerable<FoundService> Units(string shown)
    {
        foreach (var block in shown.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var line in block.Split('\n'))
            {
                if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at) values[line[..at]] = line[(at + 1)..].Trim();
            }

            if (values.GetValueOrDefault("LoadState") is not ("loaded" or "masked")) continue;
            var active = values.GetValueOrDefault("ActiveState") ?? "";
            var file = values.GetValueOrDefault("UnitFileState") ?? "";
            yield return new FoundService(active is "active" or "reloading", active, file is "enabled" or "enabled-runtime" or "alias" or "linked", file);
        }
    }

    private sealed record FoundService(bool IsRunning, string State, bool IsEnabled, string FileState);
}

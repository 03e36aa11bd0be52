using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Ledger;

/// <summary>What the last script of a run writes.</summary>
internal sealed record RecordChanges
{
    /// <summary>Record files to write, by name below the ledger folder.</summary>
    public IReadOnlyDictionary<string, string> Write { get; init; } = new Dictionary<string, string>();

    /// <summary>Record files to delete.</summary>
    public IReadOnlyList<string> Delete { get; init; } = [];

    /// <summary>Journals that the records now hold, by run id.</summary>
    public IReadOnlyList<string> Runs { get; init; } = [];

    /// <summary>All paths that recorded steps can be told by.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Those of them whose content may have changed.</summary>
    public IReadOnlyList<string> Digest { get; init; } = [];

    /// <summary>All units that recorded steps can be told by.</summary>
    public IReadOnlyList<string> Units { get; init; } = [];

    /// <summary>Kept files that nobody needs any more, below the backup folder.</summary>
    public IReadOnlyList<string> Backups { get; init; } = [];

    /// <summary>The changes that lead from the files on a target to a state.</summary>
    public static RecordChanges Between(IReadOnlyDictionary<string, string> files, LedgerState state)
    {
        var wanted = state.Files();
        return new RecordChanges
        {
            Write = wanted.Where(f => files.GetValueOrDefault(f.Key)?.TrimEnd() != f.Value.TrimEnd()).ToDictionary(),
            Delete = [.. files.Keys.Where(f => !wanted.ContainsKey(f)).Order(StringComparer.Ordinal)],
            Paths = state.TracedPaths(),
            Units = state.TracedUnits(),
        };
    }
}

/// <summary>
/// Renders the last script of a run: takes the traces, flushes everything that the run did together with the new
/// records, renames them into place, and only then deletes the journals that they replace.
/// </summary>
internal static class RecordScript
{
    /// <summary>Renders the script; it runs as root if the run did, and then hands what it makes to the deploy user.</summary>
    public static string Render(GuestPaths paths, RecordChanges changes, int uid, int gid)
    {
        var script = new StringBuilder("set -e\numask 022\n");
        script.Append($"charly_l={Shell.Quote(paths.Installed)}\ncharly_t=$charly_l/.new\n");
        script.Append("[[ ! -e $charly_t ]] || rm -rf -- \"$charly_t\"\nmkdir -- \"$charly_t\" \"$charly_t\"/{deploys,layers,traces}\n");
        foreach (var (file, text) in changes.Write) script.Append($"printf %s {Shell.Quote(text)} >\"$charly_t\"/{Shell.Quote(file)}\n");
        script.Append(Traces
            .Replace("@FORMAT@", Shell.Quote(Stamps.Format), StringComparison.Ordinal)
            .Replace("@PATHS@", Shell.Join(changes.Paths), StringComparison.Ordinal)
            .Replace("@DIGEST@", Shell.Join(changes.Digest), StringComparison.Ordinal)
            .Replace("@DIGESTFUNCTION@", InspectScript.DigestFunction, StringComparison.Ordinal));
        foreach (var manager in new[] { 's', 'u' })
        {
            var names = changes.Units.Where(u => u[0] == manager).Select(u => u[2..]).ToList();
            if (names.Count > 0) script.Append($"charly_states {manager} {uid} {Shell.Join(names)}\n");
        }

        script.Append($"[[ $EUID == {uid} ]] || chown -R {uid}:{gid} -- \"$charly_t\"\n");
        script.Append("sync -f -- / \"$charly_l\"\n");
        foreach (var folder in new[] { "layers", "deploys" })
        {
            var files = changes.Write.Keys.Where(f => f.StartsWith(folder + "/", StringComparison.Ordinal)).ToList();
            if (files.Count > 0) script.Append($"(cd \"$charly_t\" && mv -f -- {Shell.Join(files)} \"$charly_l/{folder}/\")\n");
        }

        script.Append("mv -f -- \"$charly_t\"/traces/* \"$charly_l/traces/\"\n");
        var gone = changes.Delete.Concat(changes.Backups.Select(b => "backup/" + b)).Select(f => "\"$charly_l\"/" + Shell.Quote(f))
            .Concat(changes.Runs.Select(r => $"\"$charly_l/journal/{r}\".*"));
        script.Append($"rm -rf -- \"$charly_t\" \"$charly_l\"/stage/* {string.Join(' ', gone)}\n");
        return script.ToString();
    }

    private const string Traces = """
        @DIGESTFUNCTION@
        charly_traces() {
          local p line
          local -a paths=(@PATHS@) now=()
          local -A seen=() digest=() old=()
          if ((${#paths[@]} > 2000)); then
            mapfile -t now < <(printf '%s\n' "${paths[@]}" | xargs -d '\n' stat -c @FORMAT@ -- 2>/dev/null)
          elif ((${#paths[@]})); then
            mapfile -t now < <(stat -c @FORMAT@ -- "${paths[@]}" 2>/dev/null)
          fi
          for line in "${now[@]}"; do
            printf '%s\n' "$line" >&7
            seen[${line#* * * * * * }]=1
          done
          for p in "${paths[@]}"; do [[ ${seen[$p]} ]] || printf -- '- - - - - - %s\n' "$p" >&7; done
          if [[ -f $charly_l/traces/digests ]]; then
            while IFS= read -r line; do old[${line#*$'\t'}]=${line%%$'\t'*}; done <"$charly_l/traces/digests"
          fi
          for p in @DIGEST@; do digest[$p]=1; done
          now=()
          for p in "${paths[@]}"; do
            case $p in /var/lib/dpkg/status|/var/lib/rpm/rpmdb.sqlite) continue ;; esac
            [[ ${seen[$p]} ]] || continue
            if [[ ${digest[$p]} || ! ${old[$p]} ]]; then now+=("$p"); else printf '%s\t%s\n' "${old[$p]}" "$p" >&6; fi
          done
          ((${#now[@]} == 0)) || charly_digest "${now[@]}" >&6
        }
        charly_states() {
          local m=$1 uid=$2 line e= a= n=0
          shift 2
          local -a show=(systemctl show -p 'Id,UnitFileState,ActiveState' -- "$@") names=("$@")
          [[ -d /run/systemd/system ]] || return 0
          if [[ $m == u ]]; then
            show=(env XDG_RUNTIME_DIR=/run/user/$uid systemctl --user "${show[@]:1}")
            [[ $EUID == "$uid" ]] || show=(setpriv --reuid "$uid" --clear-groups "${show[@]}")
          fi
          while IFS= read -r line; do
            case $line in
              UnitFileState=*) e=${line#*=} ;;
              ActiveState=*) a=${line#*=} ;;
              '') [[ ! $a ]] || { printf '%s %s %s %s\n' "$m" "${names[n]}" "${e:--}" "$a" >>"$charly_t/traces/units"; n=$((n + 1)) e= a=; } ;;
            esac
          done < <("${show[@]}" 2>/dev/null; echo)
        }
        : >"$charly_t/traces/units"
        charly_traces 7>"$charly_t/traces/stamps" 6>"$charly_t/traces/digests"

        """;
}

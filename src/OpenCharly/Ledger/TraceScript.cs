using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Ledger;

/// <summary>
/// The part of the last script of a run that takes traces: how paths, units and packages on record look now. Only what
/// the run itself touched is looked at anew; of everything else the old trace stays, so that what somebody else did to
/// it in the meantime does not become ours.
/// </summary>
internal static class TraceScript
{
    /// <summary>Renders the functions and their calls; the new traces go below <c>$charly_t/traces</c>.</summary>
    public static string Render(RecordChanges changes, int uid)
    {
        var script = new StringBuilder(Source
            .Replace("@FORMAT@", Shell.Quote(Stamps.Format), StringComparison.Ordinal)
            .Replace("@PATHS@", Shell.Join(changes.Paths), StringComparison.Ordinal)
            .Replace("@TOUCHED@", Shell.Join(changes.Touched), StringComparison.Ordinal)
            .Replace("@DIGESTFUNCTION@", InspectScript.DigestFunction, StringComparison.Ordinal));
        if (changes.Blocks.Count > 0) script.Append($"printf '%s\\n' {Shell.Join(changes.Blocks)} >\"$charly_t/traces/blocks\"\n");
        else script.Append(": >\"$charly_t/traces/blocks\"\n");
        if (changes.Packages.Count > 0)
        {
            // Without a look at the package manager where nothing was installed or removed.
            if (!changes.TouchedDatabase) script.Append("[[ -f $charly_l/traces/packages ]] || ");
            script.Append($"charly_versions {Shell.Join(changes.TouchedPackages)} -- {Shell.Join(changes.Packages)}\n");
        }

        script.Append("charly_traces 7>\"$charly_t/traces/stamps\" 6>\"$charly_t/traces/digests\"\n");
        script.Append(": >\"$charly_t/traces/units\"\n");
        foreach (var line in changes.KeptUnits) script.Append($"printf '%s\\n' {Shell.Quote(line)} >>\"$charly_t/traces/units\"\n");
        foreach (var manager in new[] { 's', 'u' })
        {
            var names = changes.Units.Where(u => u[0] == manager).Select(u => u[2..]).ToList();
            if (names.Count > 0) script.Append($"charly_states {manager} {uid} {Shell.Join(names)}\n");
        }

        return script.ToString();
    }

    private const string Source = """
        @DIGESTFUNCTION@
        charly_doubt=()
        charly_versions() {
          local f n v line k
          local -A now=() old=() ours=() touched=() asked=()
          while [[ $1 != -- ]]; do touched[$1]=1; shift; done
          shift
          for k; do asked[${k%% *}]+="${k#* } "; done
          for f in "${!asked[@]}"; do
            while read -r n v; do now["$f $n"]=$v; done < <(
              case $f in
                deb) dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' -- ${asked[$f]} | sed -n 's/^installed //p' ;;
                rpm) rpm -q --qf '%{NAME} %{VERSION}-%{RELEASE}\n' -- ${asked[$f]} | sed '/^package .* is not installed/d' ;;
                pac) pacman -Q -- ${asked[$f]} ;;
              esac 2>/dev/null)
          done
          if [[ -f $charly_l/traces/packages ]]; then
            while read -r f n v; do old["$f $n"]=$v; done <"$charly_l/traces/packages"
            # What stood on record when a step of ours began, and is something else now, is our doing.
            for line in "$charly_l"/journal/*.versions; do
              [[ -f $line ]] || continue
              while read -r f n v; do [[ ${old["$f $n"]-} != "$v" ]] || ours["$f $n"]=1; done <"$line"
            done
          fi
          for k; do
            if [[ ${touched[$k]-} || ! ${old[$k]-} || ${ours[$k]-} ]]; then
              printf '%s %s\n' "$k" "${now[$k]:--}"
            else
              printf '%s %s\n' "$k" "${old[$k]}"
              # Somebody took it away: the database may not pass for unchanged, or the next add would not see it.
              [[ ${old[$k]} == - || ${now[$k]-} ]] || charly_doubt+=("${k%% *}")
            fi
          done >"$charly_t/traces/packages"
        }
        charly_traces() {
          local p line
          local -a paths=(@PATHS@) now=() fresh=()
          local -A seen=() touched=() stamp=() old=()
          if [[ -f $charly_l/traces/stamps ]]; then
            while IFS= read -r line; do stamp[/${line#*/}]=$line; done <"$charly_l/traces/stamps"
          fi
          if [[ -f $charly_l/traces/digests ]]; then
            while IFS= read -r line; do old[${line#*$'\t'}]=${line%%$'\t'*}; done <"$charly_l/traces/digests"
          fi
          for p in @TOUCHED@; do touched[$p]=1; done
          for p in "${charly_doubt[@]}"; do
            case $p in
              deb) p=/var/lib/dpkg/status ;;
              rpm) p=/var/lib/rpm/rpmdb.sqlite ;;
              *) p=/var/lib/pacman/local ;;
            esac
            unset "touched[$p]"
            stamp[$p]="0 0 0 0 0 0 $p"
          done
          for p in "${paths[@]}"; do
            if [[ ${touched[$p]-} || ! ${stamp[$p]-} ]]; then now+=("$p"); fi
            case $p in /var/lib/dpkg/status|/var/lib/rpm/rpmdb.sqlite) continue ;; esac
            if [[ ${touched[$p]-} || ! ${old[$p]-} ]]; then fresh+=("$p"); fi
          done
          # Both look at files, one process each, so they look at the same time.
          exec 5< <(charly_digest "${fresh[@]}")
          if ((${#now[@]} > 2000)); then
            mapfile -t now < <(printf '%s\n' "${now[@]}" | xargs -d '\n' stat -c @FORMAT@ -- 2>/dev/null)
          elif ((${#now[@]})); then
            mapfile -t now < <(stat -c @FORMAT@ -- "${now[@]}" 2>/dev/null)
          fi
          for line in "${now[@]}"; do seen[/${line#*/}]=$line; done
          for p in "${paths[@]}"; do
            if [[ ! ${touched[$p]-} && ${stamp[$p]-} ]]; then line=${stamp[$p]}; else line=${seen[$p]:-"- - - - - - $p"}; fi
            printf '%s\n' "$line" >&7
            case $p in /var/lib/dpkg/status|/var/lib/rpm/rpmdb.sqlite) continue ;; esac
            [[ $line == '- '* || ${touched[$p]-} || ! ${old[$p]-} ]] || printf '%s\t%s\n' "${old[$p]}" "$p" >&6
          done
          IFS= read -r -N 100000000 -u 5 line || : # lines of a pipe would be read a byte at a time
          printf '%s' "$line" >&6
          exec 5<&-
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

        """;
}

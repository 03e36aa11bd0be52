using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>
/// Saves what a removal is about to undo, so that a removal that is cut can be taken back: hard links to files, whatever
/// their size, modes and owners of folders, versions of packages, states of units. It costs a few programs a script.
/// </summary>
internal static class SaveScript
{
    /// <summary>Renders the calls for neighbouring operations of one user, and before them the functions.</summary>
    /// <param name="items">What is about to be undone.</param>
    /// <param name="run">Id of the run.</param>
    /// <param name="home">Home of the deploy user.</param>
    public static string Render(IReadOnlyList<UndoItem> items, string run, string home)
    {
        var script = new StringBuilder(Functions.Replace("@T@", "\t", StringComparison.Ordinal));
        var words = items.SelectMany(i => Words(i.Run, home)).Where(w => w.AsSpan(1).StartsWith("/")).Distinct(StringComparer.Ordinal).ToList();
        if (words.Count > 0) script.Append($"charly_save .{run}/{items[0].Index} {Shell.Join(words)} || exit 96\n");
        foreach (var op in items.Select(i => i.Run))
        {
            var packages = op.Targets.Concat(LedgerExtra.List(op.Extra, LedgerExtra.Dependencies)).Concat(LedgerExtra.List(op.Extra, LedgerExtra.Upgraded).Select(ReverseOps.BareName)).ToList();
            if (op.Kind == ReverseKinds.PackageRemove && packages.Count > 0) script.Append($"charly_save_packages {Shell.Quote(op.Format ?? "")} {Shell.Join(packages)}\n");
            if (op.Kind == ReverseKinds.LingerDisable) script.Append($"[[ ! -e /var/lib/systemd/linger/{Shell.Quote(ReverseOps.Path(op))} ]] || printf '%s\\n' {Shell.Quote("M\t" + ReverseOps.Path(op))} >&8\n");
            if (op.Kind is ReverseKinds.CargoUninstall or ReverseKinds.NpmUninstall or ReverseKinds.CoprDisable) script.Append($"printf '%s\\n' {Shell.Quote("Q\t" + UndoScript.Describe(op))} >&8\n");
        }

        foreach (var manager in items.Where(i => i.Run.Kind is ReverseKinds.ServiceDisable or ReverseKinds.RestoreEnabled).GroupBy(i => i.Run.Scope == StepScope.System))
        {
            script.Append($"charly_i=0; charly_units {(manager.Key ? 's' : 'u')} {Shell.Join(manager.Select(i => ReverseOps.Path(i.Run)).Distinct(StringComparer.Ordinal))}\n");
        }

        return script.ToString();
    }

    /// <summary>Paths with what is saved of each: <c>f</c> a file, <c>b</c> a file that may be written through a link, <c>d</c> a folder alone, <c>t</c> a tree.</summary>
    private static IEnumerable<string> Words(ReverseOp op, string home)
    {
        foreach (var folder in LedgerExtra.List(op.Extra, LedgerExtra.Folders)) yield return "d" + folder;
        foreach (var stray in LedgerExtra.List(op.Extra, LedgerExtra.Strays)) yield return "d" + stray;
        if (op.Kind == ReverseKinds.PixiEnvRemove) yield return $"t{home}/.pixi/envs/{ReverseOps.Path(op)}";
        if (!ReverseOps.TakesPaths(op.Kind)) yield break;
        var isWhole = op.Kind == ReverseKinds.RemoveFolder && !op.Extra.ContainsKey(LedgerExtra.OnlyIfEmpty) && op.Extra.GetValueOrDefault(LedgerExtra.Prior) != "folder";
        foreach (var path in op.Targets)
        {
            if (op.Kind == ReverseKinds.RemoveDropIn) yield return "d" + path[..Math.Max(path.LastIndexOf('/'), 1)];
            yield return (isWhole ? "t" : op.Extra.ContainsKey(LedgerExtra.Marker) ? "b" : "d") + path;
        }
    }

    private const string Functions = """
        charly_save() { # FOLDER KINDPATH...
          local to=$charly_l/backup/$1 w p n=0 m line
          local -a files=() folders=() modes=() lines=()
          shift
          for w; do
            p=${w:1}
            if [[ $w == b* && -L $p ]]; then p=$(readlink -f -- "$p"); fi
            charly_escape "$p"
            if [[ ! -e $p && ! -L $p ]]; then
              printf -v line 'T@T@a@T@%s@T@@T@%s' "$EUID" "$charly_v"
            elif [[ -d $p && ! -L $p && $w != t* ]]; then
              folders+=("$p")
              continue
            else
              files+=("${p#/}")
              m=f; [[ $w != t* || -L $p || ! -d $p ]] || m=t
              printf -v line 'T@T@%s@T@%s@T@%s@T@%s' "$m" "$EUID" "${to##*/backup/}" "$charly_v"
            fi
            lines+=("$line")
          done
          if ((${#folders[@]})); then
            mapfile -t modes < <(printf '%s\0' "${folders[@]}" | xargs -0 stat -c '%a@T@%u:%g' --)
            [[ ${#modes[@]} == "${#folders[@]}" ]] || return 1
            for m in "${modes[@]}"; do
              charly_escape "${folders[n++]}"
              printf -v line 'T@T@d@T@%s@T@%s@T@%s' "$EUID" "$m" "$charly_v"
              lines+=("$line")
            done
          fi
          if ((${#files[@]})); then
            mkdir -p -m 0700 -- "${to%/*}" && mkdir -- "$to" && charly_own "${to%/*}" "$to" || return 1
            # Links where they can be made: the files themselves are on the disk already. There may be more than one command can name.
            if ! (cd / && printf '%s\0' "${files[@]}" | xargs -0 cp -al --parents -t "$to/" --) 2>/dev/null; then
              rm -rf -- "$to" && mkdir -- "$to" && charly_own "$to" || return 1
              (cd / && printf '%s\0' "${files[@]}" | xargs -0 cp -a --parents -t "$to/" --) && sync -f -- "$to" || return 1
            fi
          fi
          # Only what has been saved is told of.
          ((${#lines[@]} == 0)) || printf '%s\n' "${lines[@]}" >&8
        }
        charly_save_packages() { # FORMAT NAME...
          local f=$1 a= v=
          shift
          case $f in
            deb)
              v=$(dpkg-query -W -f '${db:Status-Status} ${Package}=${Version}\n' -- "$@" 2>/dev/null | sed -n 's/^installed //p')
              a=$(apt-mark showauto "$@" 2>/dev/null) ;;
            rpm) v=$(rpm -q --qf '%{NAME}=%{VERSION}-%{RELEASE}\n' -- "$@" 2>/dev/null | grep -v ' ') ;;
            pac) v=$(pacman -Q -- "$@" 2>/dev/null | sed 's/ /=/') ;;
          esac
          [[ ! $v ]] || printf 'C@T@%s@T@%s@T@%s\n' "$f" "${v//$'\n'/ }" "${a//$'\n'/ }" >&8
        }

        """;
}

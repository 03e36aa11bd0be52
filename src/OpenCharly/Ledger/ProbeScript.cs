using System.Globalization;
using OpenCharly.Foundation;

namespace OpenCharly.Ledger;

/// <summary>How the probe treats the ledger's lock.</summary>
internal enum ProbeLock
{
    /// <summary>Only look.</summary>
    None,

    /// <summary>Make the ledger's folders if they are missing, and take it.</summary>
    Always,
}

/// <summary>
/// The first script on a target: takes the lock, and prints in one go what a plan needs to know about the target, all
/// records, the journals of cut runs, and whether the recorded traces still look the same. With an untouched target it
/// starts one process, <c>stat</c>, or two with the lock's <c>flock</c> (and one <c>systemctl</c> a manager if units are on record).
/// </summary>
/// <remarks>It runs in the session's own shell, so that the lock on descriptor 9 lasts as long as the session.</remarks>
internal static class ProbeScript
{
    /// <summary>Renders the script.</summary>
    /// <param name="nonce">Random word that marks section headers.</param>
    /// <param name="locking">How the lock is treated.</param>
    /// <param name="more">A function that is called before the end, and sees the variables of the probe.</param>
    /// <param name="holder">What the lock file says of those who hold the lock.</param>
    /// <param name="patience">How long to wait for the lock.</param>
    public static string Render(string nonce, ProbeLock locking, string more = ":", LockHolder? holder = null, TimeSpan? patience = null) => Source
        .Replace("@MORE@", more, StringComparison.Ordinal)
        .Replace("@HOLDER@", Shell.Quote(holder?.ToString() ?? ""), StringComparison.Ordinal)
        .Replace("@PATIENCE@", Math.Max(1, (int)(patience ?? TimeSpan.FromMinutes(10)).TotalSeconds).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("@T@", "\t", StringComparison.Ordinal)
        .Replace("@N@", nonce, StringComparison.Ordinal)
        .Replace("@LOCK@", locking.ToString(), StringComparison.Ordinal)
        .Replace("@FORMAT@", Shell.Quote(Stamps.Format), StringComparison.Ordinal);

    // Starting stat is what takes longest, above all in an emulated guest, so a look without lock starts it before the
    // rest of the script is even read; and a locale costs a program half of its start.
    private const string Source = """
        charly_stat() {
          local LC_ALL=C
          charly_l=$HOME/.config/opencharly/installed charly_seen=() charly_b=()
          [[ -f $charly_l/traces/stamps ]] || return 0
          mapfile -t charly_b <"$charly_l/traces/stamps"
          charly_seen=("${charly_b[@]#* * * * * * }")
          exec 8< <(
            export LC_ALL=C
            if ((${#charly_seen[@]} > 2000)); then printf '%s\n' "${charly_seen[@]}" | xargs -d '\n' stat -c @FORMAT@ -- 2>/dev/null
            elif ((${#charly_seen[@]})); then exec stat -c @FORMAT@ -- "${charly_seen[@]}" 2>/dev/null
            fi)
        }
        charly_early=
        if [[ $HOME && @LOCK@ == None ]]; then
          charly_early=1
          charly_stat
        fi
        charly_probe() {
          local f t line name uid home shell rest stamps
          local -a b=() want=()
          charly_say() { printf '%s%s\n' @N@ "$1"; }
          charly_put() { b=(); mapfile -n 1 -d '' -t b <"$2" 2>/dev/null; charly_say "$1"; printf '%s\n' "${b[0]}"; }
          while IFS=: read -r name _ uid _ _ home shell; do
            [[ $uid == "$EUID" ]] && break
          done </etc/passwd 2>/dev/null
          if [[ $uid != "$EUID" ]]; then
            IFS=: read -r name _ uid _ _ home shell < <(getent passwd "$EUID")
          fi
          [[ $HOME ]] || HOME=$home
          charly_l=$HOME/.config/opencharly/installed
          while [[ @LOCK@ == Always ]]; do
            if [[ ! -d $charly_l/stage ]]; then
              t=; [[ -d $HOME/.config ]] || t=1
              mkdir -p -- "$charly_l"/{deploys,layers,journal,backup,traces,stage} "$HOME/.config/opencharly/env.d" || return 95
              [[ ! $t ]] || : >"$charly_l/.made-config"
            fi
            if [[ ! -w $charly_l || ( -e $charly_l/.lock && ! -w $charly_l/.lock ) ]]; then
              printf 'the ledger %s is not writable by %s\n' "$charly_l" "$name" >&2
              return 95
            fi
            { exec 9<>"$charly_l/.lock"; } 2>/dev/null || continue
            if ! flock -w 2 9; then
              t=
              IFS= read -r t <"$charly_l/.lock"
              charly_say "waiting@T@$t"
              if ! flock -w @PATIENCE@ 9; then
                IFS= read -r t <"$charly_l/.lock"
                exec 9>&-
                charly_say "held@T@$t"
                return 94
              fi
            fi
            # The last removal takes the lock away with the ledger: then this is a lock on nothing.
            if [[ $charly_l/.lock -ef /dev/fd/9 ]]; then break; fi
            exec 9>&-
          done
          [[ ! -d $charly_l ]] || charly_say there
          # Whoever held the lock last stays written down: two looks with the same line between them had nobody in between.
          if [[ -r $charly_l/.lock ]]; then
            t=
            IFS= read -r t <"$charly_l/.lock"
            charly_say "last@T@$t"
          fi
          if [[ @LOCK@ == Always ]]; then
            printf '%s\n' @HOLDER@ >"$charly_l/.lock"
            for f in "$charly_l"/journal/*.log; do
              [[ -w $f ]] || continue
              if exec 7<>"$f" && ! flock -w 2 7; then
                t=
                IFS= read -r t <"$f"
                charly_say "orphan@T@${t#I@T@}"
                if ! flock -w @PATIENCE@ 7; then
                  charly_say "held@T@a script of an earlier run that is still at work"
                  return 94
                fi
              fi
              exec 7>&-
            done
            charly_say locked
          fi
          [[ $charly_early ]] || charly_stat
          charly_put os /etc/os-release
          if [[ -r /proc/sys/kernel/arch ]]; then read -r t </proc/sys/kernel/arch; else t=$(uname -m); fi
          charly_say "machine@T@$t"
          t=
          for f in bash zsh fish sh; do type -P "$f" >/dev/null && t+=" $f"; done
          charly_say "shells@T@${t# }"
          charly_say "user@T@$name"
          charly_say "id@T@$EUID@T@${GROUPS[0]}"
          charly_say "home@T@$HOME"
          charly_say "shell@T@$shell"
          [[ -d /run/systemd/system ]] && charly_say systemd
          [[ -d /run/cloud-init && ! -e /run/cloud-init/result.json && ! -e /run/cloud-init/disabled ]] && charly_say cloudinit
          t=; [[ -r /proc/sys/kernel/random/boot_id ]] && read -r t </proc/sys/kernel/random/boot_id
          charly_say "boot@T@$t"
          if [[ -d $charly_l ]]; then
            for f in "$charly_l"/deploys/*.json "$charly_l"/layers/*.json "$charly_l"/layers/.login-shell.json "$charly_l"/journal/*.log "$charly_l"/journal/*.cut; do
              [[ -f $f ]] && charly_put "file@T@${f#"$charly_l"/}" "$f"
            done
            if ((${#charly_b[@]})); then
              stamps= rest=
              for line in "${charly_b[@]}"; do [[ $line == '- '* ]] || stamps+=$line$'\n'; done
              IFS= LC_ALL=C read -r -N 100000000 -u 8 rest || : # lines of a pipe would be read a byte at a time
              exec 8<&-
              if [[ $rest == "$stamps" ]]; then
                charly_put same "$charly_l/traces/stamps"
              else
                charly_put recorded "$charly_l/traces/stamps"
                charly_say now
                printf '%s' "$rest"
              fi
            fi
            if [[ -s $charly_l/traces/units ]]; then
              charly_put units "$charly_l/traces/units"
              mapfile -t b <"$charly_l/traces/units"
              want=()
              for line in "${b[@]}"; do [[ $line == 's '* ]] && { line=${line#s }; want+=("${line%% *}"); }; done
              if ((${#want[@]})) && [[ -d /run/systemd/system ]]; then
                charly_say 'unitsnow@T@s'
                systemctl show -p Id,UnitFileState,ActiveState -- "${want[@]}" 2>/dev/null
              fi
              want=()
              for line in "${b[@]}"; do [[ $line == 'u '* ]] && { line=${line#u }; want+=("${line%% *}"); }; done
              if ((${#want[@]})) && [[ -d /run/systemd/system ]]; then
                charly_say 'unitsnow@T@u'
                XDG_RUNTIME_DIR=/run/user/$EUID systemctl --user show -p Id,UnitFileState,ActiveState -- "${want[@]}" 2>/dev/null
              fi
            fi
          fi
          @MORE@
          charly_say end
        }
        charly_probe
        """;
}

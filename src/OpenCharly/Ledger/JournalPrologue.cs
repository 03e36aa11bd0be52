using OpenCharly.Foundation;

namespace OpenCharly.Ledger;

/// <summary>
/// The bash functions at the head of every script that changes a target: they write the journal, keep what stands in
/// the way, and mark where each step's output begins and ends. They start no process of their own unless there is
/// something to keep, because on a slow guest every process counts.
/// </summary>
/// <remarks>
/// Orders that matter across a power cut: the intent of the batch is flushed before its first effect; a kept file is
/// flushed before the journal says so, and the journal before the effect. Begin and end lines are not flushed one by
/// one: if they get lost, <see cref="RunJournal"/> falls back to the intent.
/// </remarks>
internal static class JournalPrologue
{
    /// <summary>Renders the functions.</summary>
    /// <param name="nonce">Random word that marks lines for <see cref="BatchOutput"/>.</param>
    /// <param name="paths">Where the ledger is.</param>
    /// <param name="run">Id of the run.</param>
    /// <param name="uid">The deploy user, who owns the ledger also where root writes it.</param>
    /// <param name="gid">That user's group.</param>
    /// <param name="withPackages">Whether the functions for package steps are needed too.</param>
    public static string Render(string nonce, GuestPaths paths, string run, int uid, int gid, bool withPackages) => (withPackages ? Source + PackagePrologue.Source + AccountCopies.Keep : Source)
        .Replace("@T@", "\t", StringComparison.Ordinal)
        .Replace("@N@", nonce, StringComparison.Ordinal)
        .Replace("@L@", Shell.Quote(paths.Installed), StringComparison.Ordinal)
        .Replace("@R@", run, StringComparison.Ordinal)
        .Replace("@UID@", uid.ToString(), StringComparison.Ordinal)
        .Replace("@GID@", gid.ToString(), StringComparison.Ordinal);

    // The journal is for its owner alone, because it holds the plan with the contents of files that may be private.
    // It is locked while a script runs: after a lost connection its shell may outlive the session that
    // held the ledger's lock, and the next run must wait for it.
    private const string Source = """
        umask 022
        charly_lc=${LC_ALL+=$LC_ALL}
        export LC_ALL=C
        charly_locale() { if [[ $charly_lc ]]; then LC_ALL=${charly_lc#=}; else unset LC_ALL; fi; }
        charly_l=@L@ charly_k=0 charly_i= charly_c=
        charly_j=$charly_l/journal/@R@.log
        charly_x=()
        charly_own() { [[ $EUID == @UID@ ]] || chown -R -- @UID@:@GID@ "$@"; }
        if [[ -e $charly_j ]]; then charly_e=; else charly_e=1; fi
        umask 077
        exec 8>>"$charly_j" || exit 98
        umask 022
        [[ $charly_e ]] && charly_own "$charly_j"
        flock -n 8 || { echo 'another script of this run is still at work' >&2; exit 97; }
        charly_note() { printf '%s\n' "$1" >&8; printf '%s%s\n' @N@ "$1"; }
        charly_escape() { charly_v=${1//\\/\\\\}; charly_v=${charly_v//$'\t'/\\t}; charly_v=${charly_v//$'\n'/\\n}; }
        charly_bits() {
          local -n charly_w=charly_w$1
          local p
          charly_b=
          for p in "${charly_w[@]}"; do
            p=${p:1}
            if [[ -e $p || -L $p ]]; then charly_b+=1; else charly_b+=0; fi
          done
        }
        charly_intend() {
          local i
          for i; do
            charly_bits "$i"
            charly_x[$i]=$charly_b
            charly_note "X@T@$i@T@$charly_b"
          done
          sync -- "$charly_j" "${charly_j%/*}"
        }
        charly_hold() {
          local b=$charly_c/@R@-$charly_i-$charly_k m
          charly_escape "$1"
          if [[ -d $1 && ! -L $1 ]]; then
            m=$(stat -c '%a@T@%u:%g' -- "$1") || return 1
            charly_note "D@T@$charly_i@T@$m@T@$charly_v"
            return
          fi
          if [[ ! -d $charly_l/backup/$charly_c ]]; then
            mkdir -p -- "$charly_l/backup/$charly_c" && charly_own "$charly_l/backup/$charly_c" || return 1
          fi
          cp -a --no-dereference -- "$1" "$charly_l/backup/$b" || return 1
          # A managed block is written through a link: into what the link points to.
          if [[ -L $1 && -f $1 ]]; then cp -aL -- "$1" "$charly_l/backup/$b.target" && sync -- "$charly_l/backup/$b.target" || return 1; fi
          if [[ -f $1 && ! -L $1 ]]; then sync -- "$charly_l/backup/$b" "$charly_l/backup/$charly_c"; else sync -- "$charly_l/backup/$charly_c"; fi
          charly_k=$((charly_k + 1))
          charly_note "K@T@$charly_i@T@$b@T@$charly_v"
        }
        charly_keep() {
          local p
          exec 8>>"$charly_j"
          for p; do
            if [[ -e $p || -L $p ]]; then
              charly_hold "$p" || { exec 8>&-; return 1; }
            else
              charly_escape "$p"
              charly_note "Z@T@$charly_i@T@$charly_v"
            fi
          done
          exec 8>&-
          sync -- "$charly_j"
        }
        charly_end() {
          charly_note "E@T@$charly_i@T@$1@T@$EPOCHREALTIME"
          printf '%sE@T@%s\n' @N@ "$charly_i" >&2
          [[ $1 == 0 ]] || exit "$1"
        }
        charly_begin() {
          local -n charly_w=charly_w$1
          local n s=
          charly_i=$1 charly_c=$2 charly_k=0
          charly_bits "$1"
          charly_note "B@T@$1@T@$EPOCHREALTIME@T@$charly_b"
          printf '%sB@T@%s\n' @N@ "$1" >&2
          [[ $charly_b == "${charly_x[$1]}" ]] || s=1
          if [[ $charly_b == *1* ]]; then
            for n in "${!charly_w[@]}"; do
              [[ ${charly_b:n:1} == 1 && ${charly_w[n]} == [pk]* ]] || continue
              charly_hold "${charly_w[n]:1}" || { echo "cannot keep ${charly_w[n]:1} before it is overwritten" >&2; charly_end 96; }
              s=1
            done
          fi
          [[ ! $s ]] || sync -- "$charly_j"
        }
        charly_linger() {
          local l=no
          [[ ! -e /var/lib/systemd/linger/$1 ]] || l=yes
          charly_note "N@T@$charly_i@T@$1@T@$l"
          sync -- "$charly_j"
        }
        charly_units() {
          local m=$1 line e= a= i n=0
          shift
          local -a show=(systemctl show -p 'Id,UnitFileState,ActiveState' -- "$@") names=("$@") ids=("$@")
          [[ -d /run/systemd/system ]] || return 0
          [[ $m == s ]] || show=(env XDG_RUNTIME_DIR=/run/user/@UID@ systemctl --user "${show[@]:1}")
          while IFS= read -r line; do
            case $line in
              Id=*) ids[n]=${line#*=} ;;
              UnitFileState=*) e=${line#*=} ;;
              ActiveState=*) a=${line#*=} ;;
              '') [[ ! $a ]] || { charly_note "V@T@$charly_i@T@$m ${names[n]}@T@$e@T@$a"; n=$((n + 1)) e= a=; } ;;
            esac
          done < <("${show[@]}" 2>/dev/null; echo)
          if [[ $m == s ]]; then
            # Enabling a unit runs update-rc.d for its init script, and so changes these links.
            for i in "${!names[@]}"; do
              n=${ids[i]%.service}
              [[ -e /etc/init.d/$n ]] || continue
              a=
              for line in /etc/rc[0-6S].d/[SK][0-9][0-9]"$n"; do [[ ! -L $line ]] || a+=" $line"; done
              charly_note "L@T@$charly_i@T@s ${names[i]}@T@${a# }"
            done
          fi
          sync -- "$charly_j"
        }

        """;
}

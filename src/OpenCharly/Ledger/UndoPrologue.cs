namespace OpenCharly.Ledger;

/// <summary>
/// The bash functions that undo operations come down to: they mark where each operation's output begins and ends, put
/// files, folders, blocks and units back as they were, and set <c>charly_s</c> to 10 where nothing was left to undo.
/// </summary>
internal static class UndoPrologue
{
    /// <summary>Renders the functions, those for packages included.</summary>
    /// <param name="nonce">Random word that marks lines.</param>
    /// <param name="uid">The deploy user, whose service manager is spoken to.</param>
    public static string Render(string nonce, int uid) => (Source + UndoPackagePrologue.Source + AccountCopies.PutBack)
        .Replace("@N@", nonce, StringComparison.Ordinal)
        .Replace("@T@", "\t", StringComparison.Ordinal)
        .Replace("@UID@", uid.ToString(), StringComparison.Ordinal);

    private const string Source = """
        charly_undo() { printf '%sB@T@%s\n' @N@ "$1"; printf '%sB@T@%s\n' @N@ "$1" >&2; }
        charly_undone() { printf '%sE@T@%s@T@%s\n' @N@ "$1" "$2"; printf '%sE@T@%s\n' @N@ "$1" >&2; }
        charly_remove() {
          [[ ! -e $1.charly-new ]] || rm -rf -- "$1.charly-new"
          if [[ ! -e $1 && ! -L $1 ]]; then charly_s=10; return 0; fi
          if [[ -d $1 && ! -L $1 ]]; then echo "$1 is a folder now" >&2; return 1; fi
          rm -f -- "$1"
        }
        charly_restore() {
          [[ -e $2 || -L $2 ]] || { echo "the kept copy $2 of $1 is gone" >&2; return 1; }
          if [[ -d $1 && ! -L $1 ]]; then echo "$1 is a folder now" >&2; return 1; fi
          [[ -d ${1%/*}/ ]] || mkdir -p -- "${1%/*}"
          rm -rf -- "$1.charly-undo" "$1.charly-new"
          cp -a --no-dereference -- "$2" "$1.charly-undo"
          mv -fT -- "$1.charly-undo" "$1"
        }
        charly_settle() {
          local now b p=$1
          shift
          [[ -f $p ]] || return 0
          now=$(<"$p")
          for b; do
            if [[ -L $b ]]; then b+=.target; fi
            if [[ -f $b && "$(<"$b")" == "$now" ]]; then
              # Written through a link: the link stays, its file gets the kept bytes.
              if [[ -L $p ]]; then p=$(readlink -f -- "$p"); fi
              charly_restore "$p" "$b"
              return
            fi
          done
        }
        charly_tidy() {
          local p
          for p; do
            if [[ -d $p && ! -L $p ]]; then rmdir --ignore-fail-on-non-empty -- "$p" || return 1; fi
          done
        }
        charly_delete() {
          if [[ ! -e $1 && ! -L $1 ]]; then charly_s=10; return 0; fi
          if [[ $1 == "$HOME" || $1 == "$HOME/" ]]; then echo "$1 is the home folder" >&2; return 1; fi
          rm -rf -- "$1"
        }
        charly_systemctl() {
          local m=$1
          shift
          if [[ $m == s ]]; then systemctl "$@"; else XDG_RUNTIME_DIR=/run/user/@UID@ systemctl --user "$@"; fi
        }
        charly_reload() { [[ ! -d /run/systemd/system ]] || charly_systemctl "$1" daemon-reload; }
        charly_restart() { [[ ! -d /run/systemd/system ]] || charly_systemctl "$1" try-restart "$2"; }
        charly_name() { # a unit's own name, where it was asked for by another
          charly_own_name=$(charly_systemctl "$1" show -P Id -- "$2" 2>/dev/null) && [[ $charly_own_name ]] || charly_own_name=$2
        }
        charly_put_back() { # PATH KIND SAVED MODE OWNER
          case $2 in
            a)
              if [[ -d $1 && ! -L $1 ]]; then rmdir --ignore-fail-on-non-empty -- "$1"; else charly_remove "$1"; fi ;;
            d)
              [[ -d $1 ]] || mkdir -p -- "$1"
              chown -- "$5" "$1"
              chmod -- "$4" "$1" ;;
            f) charly_restore "$1" "$3" ;;
            t)
              rm -rf -- "$1.charly-undo"
              cp -a -- "$3" "$1.charly-undo"
              rm -rf -- "$1"
              mv -T -- "$1.charly-undo" "$1" ;;
          esac
        }
        charly_block_back() { # FILE KEPT BEGIN END
          local line bare inside= text= file=$2
          if [[ -L $file ]]; then file+=.target; fi
          if [[ ! -f $file ]]; then charly_block "$1" "$3" "$4" remove; return; fi
          while IFS= read -r line || [[ $line ]]; do
            bare=${line#"${line%%[![:space:]]*}"}
            bare=${bare%"${bare##*[![:space:]]}"}
            if [[ $bare == "$4" ]]; then break; fi
            [[ ! $inside ]] || text+=$line$'\n'
            [[ $bare != "$3" ]] || inside=1
          done <"$file"
          if [[ $inside ]]; then charly_block "$1" "$3" "$4" write "${text%$'\n'}"; else charly_block "$1" "$3" "$4" remove; fi
          charly_settle "$1" "$file"
        }
        charly_reinstall() { # FORMAT AUTOMATIC NAME=VERSION...
          local f=$1 automatic=$2 p
          local -a want=() bare=()
          shift 2
          for p; do bare+=("${p%%=*}"); done
          case $f in
            deb)
              export DEBIAN_FRONTEND=noninteractive
              local -a run=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold)
              dpkg --configure -a
              "${run[@]}" install -- "$@" || "${run[@]}" install -- "${bare[@]}" || { "${run[@]}" update && "${run[@]}" install -- "${bare[@]}"; }
              [[ ! $automatic ]] || apt-mark auto $automatic ;;
            rpm) dnf install -y -- "${@//=/-}" || dnf install -y -- "${bare[@]}" ;;
            pac) pacman -S --noconfirm --needed -- "${bare[@]}" ;;
            *) echo "unknown package format $f" >&2; return 1 ;;
          esac
        }
        charly_enable() {
          if [[ ! -d /run/systemd/system ]]; then charly_s=10; return 0; fi
          charly_name "$1" "$2"
          charly_systemctl "$1" enable "$charly_own_name"
        }
        charly_disable() {
          if [[ ! -d /run/systemd/system ]]; then charly_s=10; return 0; fi
          charly_name "$1" "$2"
          set -- "$1" "$charly_own_name" "${@:3}"
          case $3 in
            enabled|enabled-runtime)
              charly_systemctl "$1" is-enabled --quiet "$2" || charly_systemctl "$1" enable "$2" ;;
            *)
              if ! charly_systemctl "$1" cat -- "$2" >/dev/null 2>&1; then charly_s=10; return 0; fi
              charly_systemctl "$1" disable "$2" ;;
          esac
          case $4 in
            active|reloading|activating) charly_systemctl "$1" restart "$2" ;;
            *)
              charly_systemctl "$1" stop "$2"
              # A unit that failed would be listed as failed even when its file is gone.
              [[ $4 == failed ]] || charly_systemctl "$1" reset-failed "$2" 2>/dev/null || : ;;
          esac
        }
        charly_run_levels() { # UNIT LINK...
          local n=${1%.service} l
          if [[ ! -e /etc/init.d/$n && -d /run/systemd/system ]]; then
            charly_name s "$1"
            n=${charly_own_name%.service}
          fi
          shift
          [[ -e /etc/init.d/$n ]] || return 0
          for l in /etc/rc[0-6S].d/[SK][0-9][0-9]"$n"; do
            [[ ! -L $l || " $* " == *" $l "* ]] || rm -f -- "$l"
          done
          for l; do [[ -L $l ]] || ln -s -- "../init.d/$n" "$l"; done
        }
        charly_linger_again() {
          if [[ -e /var/lib/systemd/linger/$1 ]]; then charly_s=10; return 0; fi
          if [[ -d /run/systemd/system ]]; then loginctl enable-linger "$1"; else : >"/var/lib/systemd/linger/$1"; fi
        }
        charly_unlinger() {
          if [[ ! -e /var/lib/systemd/linger/$1 ]]; then charly_s=10; return 0; fi
          if [[ -d /run/systemd/system ]]; then loginctl disable-linger "$1"; else rm -f -- "/var/lib/systemd/linger/$1"; fi
        }

        """;
}

namespace OpenCharly.Plans;

/// <summary>
/// The bash functions that step scripts call. A script carries the ones that it needs, so each stands alone. They start
/// as few programs as they can: on a slow guest a program costs more than everything else that a step does.
/// </summary>
internal static class BashFunctions
{
    /// <summary><c>charly_folder PATH</c>: makes a folder with its parents, mode 0755, if it is not there.</summary>
    public const string Folder =
        """
        charly_folder() { [[ -d $1/ ]] || install -d -m 0755 -- "$1"; }
        """;

    /// <summary>
    /// <c>charly_new_file FILE UMASK</c> makes FILE.charly-new, empty; <c>charly_place_file FILE OWNER MODE</c> gives it owner and
    /// mode, where the umask could not, and renames it into place; with <c>charly_exec=exec</c> the shell ends with that.
    /// </summary>
    public const string Place =
        """
        charly_new_file() { # FILE UMASK
          charly_folder "${1%/*}"
          [[ ! -e $1.charly-new && ! -L $1.charly-new ]] || rm -rf -- "$1.charly-new"
          umask "$2"
          set -C
          : >"$1.charly-new"
          set +C
          umask 022
        }
        charly_place_file() { # FILE OWNER MODE
          if [[ $2 = 0:0 && -O $1.charly-new && -G $1.charly-new ]]; then :
          elif [[ -n $2 ]]; then chown -- "$2" "$1.charly-new"; fi
          [[ -z $3 ]] || chmod -- "$3" "$1.charly-new"
          ${charly_exec-} mv -fT -- "$1.charly-new" "$1"
        }
        """;

    /// <summary>
    /// <c>charly_built_folder NEW PATH ours|theirs</c> and <c>charly_built_file NEW PATH</c> put what was built elsewhere into
    /// place: a folder of ours is exchanged, files go over what is in a folder that was there before us.
    /// </summary>
    public const string Built =
        """
        charly_built_folder() { # NEW PATH ours|theirs
          charly_folder "${2%/*}"
          if [[ $3 = ours && -d $2 && ! -L $2 ]]; then mv -T -- "$2" "$charly_new/.former"; fi
          if [[ -e $2 || -L $2 ]]; then
            charly_keep_tree "$1" "$2" whole
            tar -c -C "$1" . | tar -x -p -C "$2" --no-overwrite-dir --keep-directory-symlink
          else
            mv -T -- "$1" "$2"
          fi
          rm -rf -- "$charly_new/.former"
        }
        charly_built_file() { # NEW PATH
          charly_folder "${2%/*}"
          mv -fT -- "$1" "$2"
        }
        """;

    /// <summary><c>charly_fetch URL FILE</c>: downloads with whatever the system has for it.</summary>
    public const string Fetch =
        """
        charly_fetch() { # URL FILE
          if command -v curl >/dev/null; then curl -fL --retry 3 -sS -o "$2" -- "$1"
          elif [[ -x /usr/lib/apt/apt-helper ]]; then /usr/lib/apt/apt-helper -q download-file "$1" "$2"
          elif command -v wget >/dev/null; then wget -nv -t 3 -O "$2" -- "$1"
          else echo "charly: curl is missing on this machine; add it to the packages of the candy" >&2; return 127; fi
        }
        """;

    /// <summary><c>charly_as ACCOUNT COMMAND...</c>: runs a command as another account (name or uid[:gid]), in its home.</summary>
    public const string As =
        """
        charly_as() { # ACCOUNT COMMAND...
          local account=$1 entry name= uid= gid= home= groups=--clear-groups
          shift
          if entry=$(getent passwd "${account%%:*}"); then
            IFS=: read -r name _ uid gid _ home _ <<<"$entry"
            [[ $account = *:* ]] || groups=--init-groups
          elif [[ $account = [0-9]* ]]; then
            uid=${account%%:*} gid=$uid
          else
            echo "charly: there is no account $account on this machine" >&2
            return 1
          fi
          [[ $account != *:* ]] || gid=${account#*:}
          setpriv --reuid="$uid" --regid="$gid" "$groups" -- \
            env -u XDG_RUNTIME_DIR HOME="${home:-/}" USER="${name:-$uid}" LOGNAME="${name:-$uid}" "$@"
        }
        """;

    /// <summary><c>charly_dearmor FILE</c>: prints the binary form of the armored keys in a file; needs no gpg.</summary>
    public const string Dearmor =
        """
        charly_dearmor() { # FILE
          local line body= state=outside
          while IFS= read -r line || [[ -n $line ]]; do
            line=${line%$'\r'}
            case $state in
              outside) if [[ $line = '-----BEGIN PGP PUBLIC KEY BLOCK-----' ]]; then state=headers; fi ;;
              headers) if [[ -z ${line//[[:space:]]/} ]]; then state=body body=; fi ;;
              body)
                case $line in
                  =????|-----END*) printf %s "$body" | base64 -d; state=outside ;;
                  *) body+=$line ;;
                esac ;;
            esac
          done <"$1"
        }
        """;

    /// <summary><c>charly_stale</c>: a repository changed, so the next installation asks for the package index again.</summary>
    public const string Stale =
        """
        charly_stale() { [[ ! -e $CHARLY_STAGE/.index-fresh ]] || rm -f -- "$CHARLY_STAGE/.index-fresh"; }
        """;

    /// <summary>
    /// <c>charly_repository FILE TEXT</c>: writes a repository file if it differs; the index is asked for again then.
    /// </summary>
    public const string Repository =
        """
        charly_repository() { # FILE TEXT
          if [[ -f $1 && $(<"$1") = "${2%$'\n'}" ]]; then return 0; fi
          charly_new_file "$1" 0133
          printf %s "$2" >"$1.charly-new"
          charly_place_file "$1" 0:0 ''
          charly_stale
        }
        """;

    /// <summary>
    /// <c>charly_apt_update</c> refreshes the index once a run; <c>charly_apt OPTIONS...</c> runs apt-get so that it waits
    /// for locks, asks nothing, and mends what a cut left half configured.
    /// </summary>
    public const string Apt =
        """
        charly_apt_update() {
          local deadline=$((SECONDS + 300)) said=$CHARLY_STAGE/.apt-update
          [[ ! -e $CHARLY_STAGE/.index-fresh ]] || return 0
          # DPkg::Lock::Timeout does not cover the lock of the package lists.
          until apt-get -q update 2>"$said"; do
            if [[ $(<"$said") != *'Could not get lock'* ]] || ((SECONDS >= deadline)); then printf '%s\n' "$(<"$said")" >&2; return 1; fi
            sleep 1
          done
          : >"$CHARLY_STAGE/.index-fresh"
        }
        charly_apt() { # OPTIONS...
          local -a run=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@")
          export DEBIAN_FRONTEND=noninteractive
          "${run[@]}" || {
            local status=$? left=(/var/lib/dpkg/updates/[0-9]*)
            [[ -e ${left[0]} ]] || return "$status"
            dpkg --configure -a
            "${run[@]}"
          }
        }
        """;

    /// <summary>
    /// <c>charly_dnf_options FILE...</c> collects in <c>charly_options</c> what switches the repositories of these files on,
    /// and asks for a fresh index once a run.
    /// </summary>
    public const string Dnf =
        """
        charly_dnf_options() { # FILE...
          local file line enable=--enablerepo=
          if command -v dnf5 >/dev/null; then enable=--enable-repo=; fi
          charly_options=()
          if [[ ! -e $CHARLY_STAGE/.index-fresh ]]; then charly_options+=(--refresh); fi
          for file; do
            # A file that is not there belongs to a repository whose gate was closed.
            [[ -e $file ]] || continue
            while IFS= read -r line; do
              if [[ $line =~ ^\[([^]]+)\] ]]; then charly_options+=("$enable${BASH_REMATCH[1]}"); fi
            done <"$file"
          done
        }
        """;

    /// <summary><c>charly_repo_file URL FILE</c>: fetches a .repo file and switches all its repositories off.</summary>
    public const string RepoFile =
        """
        charly_repo_file() { # URL FILE
          local line text=
          charly_fetch "$1" "$CHARLY_STAGE/.repo-file"
          while IFS= read -r line || [[ -n $line ]]; do
            if [[ $line =~ ^[[:space:]]*enabled[[:space:]]*= ]]; then continue; fi
            text+=$line$'\n'
            if [[ $line =~ ^\[.*\] ]]; then text+=$'enabled=0\n'; fi
          done <"$CHARLY_STAGE/.repo-file"
          charly_repository "$2" "$text"
        }
        """;

    /// <summary><c>charly_pacman ARGUMENTS...</c>: waits for a running pacman and clears the lock of one that was cut.</summary>
    public const string Pacman =
        """
        charly_pacman() { # ARGUMENTS...
          local deadline=$((SECONDS + 300)) lock=/var/lib/pacman/db.lck
          while [[ -e $lock ]]; do
            if ! pgrep -x pacman >/dev/null; then rm -f -- "$lock"; break; fi
            if ((SECONDS >= deadline)); then echo "charly: another pacman has held $lock for 300 s" >&2; return 1; fi
            sleep 1
          done
          pacman "$@"
        }
        """;

    /// <summary>
    /// <c>charly_unit FILE TEXT OWNER</c>: writes a unit file if it differs. <c>charly_changed</c> is not empty if what runs
    /// may be older than the file: also when an earlier run was cut in this step.
    /// </summary>
    public const string Unit =
        """
        charly_changed=${CHARLY_RESUMED:-}
        charly_unit() { # FILE TEXT OWNER
          if [[ -f $1 && $(<"$1") = "${2%$'\n'}" ]]; then return 0; fi
          charly_changed=1
          charly_new_file "$1" 0133
          printf %s "$2" >"$1.charly-new"
          charly_place_file "$1" "$3" ''
        }
        """;

    /// <summary>
    /// <c>charly_unit_name UNIT</c>: sets <c>charly_name</c> to the unit's own name where UNIT is another name of it, as
    /// <c>sshd.service</c> is on Debian: systemd enables no unit by another name. Starts a program only for links.
    /// </summary>
    public const string UnitName =
        """
        charly_unit_name() { # UNIT
          local f
          charly_name=$1
          for f in /etc/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
            if [[ -L $f/$1 ]]; then
              charly_name=$(systemctl show -P Id -- "$1") && [[ $charly_name ]] || charly_name=$1
              return 0
            fi
          done
        }
        """;

    /// <summary>
    /// <c>charly_user_manager USER linger|session</c>: waits until the user's own service manager can be reached, and has
    /// it outlive the log-in where nobody stays logged in.
    /// </summary>
    public const string UserManager =
        """
        charly_user_manager() { # USER linger|session
          local deadline=$((SECONDS + 60))
          export XDG_RUNTIME_DIR=/run/user/$UID
          if [[ $2 = linger && ! -e /var/lib/systemd/linger/$1 ]]; then
            loginctl enable-linger "$1" 2>/dev/null || sudo -n loginctl enable-linger "$1"
          fi
          until [[ -S $XDG_RUNTIME_DIR/systemd/private ]]; do
            if ((SECONDS >= deadline)); then
              echo "charly: the service manager of $1 did not come up within 60 s: there is no $XDG_RUNTIME_DIR/systemd/private" >&2
              return 1
            fi
            sleep 0.1
          done
        }
        """;
}

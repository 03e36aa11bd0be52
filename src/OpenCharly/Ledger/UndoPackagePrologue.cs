namespace OpenCharly.Ledger;

/// <summary>
/// The bash functions that take packages back: what came is removed unless something else needs it, what was upgraded or
/// removed comes back, and what packages wrote and did not own goes too.
/// </summary>
internal static class UndoPackagePrologue
{
    /// <summary>The functions, with the marks that <see cref="UndoPrologue"/> replaces.</summary>
    public const string Source = """
        charly_tool() {
          if ! type -P "$1" >/dev/null; then charly_s=10; return 0; fi
          "$@"
        }
        charly_stays() { [[ $# -eq 0 ]] || printf '%sQ@T@%s\n' @N@ "$*"; }
        charly_present() {
          case $1 in
            deb) dpkg-query -W -f '${db:Status-Status} ${Package}\n' -- "${@:2}" 2>/dev/null | sed -n '/^not-installed /d; s/^[^ ]* //p' ;;
            rpm) rpm -q --qf '%{NAME}\n' -- "${@:2}" 2>/dev/null | grep -v ' ' ;;
            pac) pacman -Qq -- "${@:2}" 2>/dev/null ;;
          esac || :
        }
        charly_would() {
          local out
          out=$(apt-get -s -o DPkg::Lock::Timeout=300 purge -- "$@") || { printf '%s\n' "$out" >&2; return 1; }
          sed -n 's/^\(Purg\|Remv\) \([^ :]*\).*/\2/p' <<<"$out" | sort -u
        }
        charly_forget_failed() {
          local -a gone=()
          [[ -d /run/systemd/system ]] || return 0
          mapfile -t gone < <(systemctl list-units --all --state=failed --plain --no-legend | awk '$2 == "not-found" { print $1 }')
          ((${#gone[@]} == 0)) || systemctl reset-failed -- "${gone[@]}"
        }
        # Units of packages that are about to go.
        charly_units_of() { # FORMAT NAME...
          case $1 in
            deb) dpkg-query -L -- "${@:2}" ;;
            rpm) rpm -ql -- "${@:2}" ;;
            pac) pacman -Qlq -- "${@:2}" ;;
          esac 2>/dev/null | sed -n 's|^\(/usr\)\{0,1\}/lib/systemd/system/\([^/]*\)\(\.[a-z]*\)$|\2\3|p' | sed -n '/\.\(service\|socket\|path\|timer\)$/{s/@\./@*./;p}' | LC_ALL=C sort -u
        }
        # What somebody's question started still runs when its unit's file has gone: nothing stops it but this.
        charly_stop_orphans() { # UNIT...
          local u
          local -a still=()
          [[ $# -gt 0 && -d /run/systemd/system ]] || return 0
          while read -r u _; do
            [[ -e $(systemctl show -p FragmentPath --value -- "$u") ]] || still+=("$u")
          done < <(systemctl list-units --state=active --plain --no-legend -- "$@" 2>/dev/null)
          ((${#still[@]} == 0)) || systemctl stop -- "${still[@]}"
        }
        charly_version() {
          case $1 in
            deb) dpkg-query -W -f '${Version}' -- "$2" ;;
            rpm) rpm -q --qf '%{VERSION}-%{RELEASE}' -- "$2" ;;
            pac) pacman -Q -- "$2" | sed 's/^[^ ]* //' ;;
          esac 2>/dev/null || :
        }
        charly_downgrade() { # FORMAT NAME=BEFORE=AFTER...
          local f=$1 p n b
          local -a back=()
          shift
          for p; do
            n=${p%%=*} b=${p#*=} b=${b%%=*}
            # Another version by now is somebody else's doing.
            [[ $(charly_version "$f" "$n") == "${p##*=}" ]] || continue
            back+=("$n=$b")
          done
          ((${#back[@]})) || return 0
          case $f in
            deb) DEBIAN_FRONTEND=noninteractive apt-get install -y --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -- "${back[@]}" ;;
            rpm) dnf downgrade -y -- "${back[@]/=/-}" ;;
            pac) false ;;
          esac || charly_remark "the former versions can't be had any more, so newer ones stay: ${back[*]}"
        }
        charly_bring_back() { # FORMAT NAME=VERSION...
          local f=$1 p n v
          local -a lost=() files=()
          shift
          for p; do
            n=${p%%=*} v=${p#*=}
            [[ ! $(charly_present "$f" "$n") || $f == deb && $(dpkg-query -W -f '${db:Status-Status}' -- "$n" 2>/dev/null) != installed ]] || continue
            # What came since and needs the room stays: nothing is removed for it.
            case $f in
              deb) DEBIAN_FRONTEND=noninteractive apt-get install -y --no-remove --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -- "$n=$v" ;;
              rpm) dnf install -y -- "$n-$v" ;;
              pac)
                shopt -s nullglob
                files=(/var/cache/pacman/pkg/"$n-$v"-*.pkg.tar*)
                for p in "${!files[@]}"; do [[ ${files[p]} != *.sig ]] || unset "files[p]"; done
                if ((${#files[@]})); then pacman -U --noconfirm -- "${files[@]:0:1}"; else pacman -S --noconfirm --needed -- "$n"; fi ;;
            esac || lost+=("$n=$v")
          done
          ((${#lost[@]} == 0)) || charly_remark "not there any more, because they can't be had or have no room: ${lost[*]}"
        }
        charly_distrust() {
          local k
          for k; do
            if rpm -q --quiet -- "gpg-pubkey-$k"; then rpm -e -- "gpg-pubkey-$k"; fi
          done
        }
        charly_remark() { printf '%sM@T@%s\n' @N@ "$1"; }
        charly_uninstall() {
          local f=$1 p r out dropped
          local -a want=() stays=() left=() units=()
          local -A ours=()
          ((${#charly_t[@]} + ${#charly_d[@]})) || return 0
          mapfile -t want < <(charly_present "$f" "${charly_t[@]}" "${charly_d[@]}")
          if ((${#want[@]} == 0)); then charly_s=10; return 0; fi
          case $f in
            deb)
              export DEBIAN_FRONTEND=noninteractive
              while ((${#want[@]})); do
                ours=(); for p in "${want[@]}"; do ours[$p]=1; done
                out=$(charly_would "${want[@]}")
                dropped=
                for r in $out; do [[ ${ours[$r]} ]] || dropped=1; done
                [[ $dropped ]] || break
                # Something that is not ours needs some of these: find out which, and let them stay.
                left=() dropped=
                for p in "${want[@]}"; do
                  out=$(charly_would "$p")
                  for r in $out; do
                    if [[ ! ${ours[$r]} ]]; then stays+=("$p"); dropped=1; continue 2; fi
                  done
                  left+=("$p")
                done
                [[ $dropped ]] || { echo 'apt would remove packages that charly did not bring' >&2; return 1; }
                want=("${left[@]}")
              done
              charly_stays "${stays[@]}"
              # A machine that lived without a package that calls itself essential lives without it again; nothing goes but what came.
              if ((${#want[@]})); then
                mapfile -t units < <(charly_units_of deb "${want[@]}")
                if ((${#charly_r[@]})); then
                  # The configuration of some was there before: all are removed, and the others purged then.
                  apt-get remove -y --allow-remove-essential -o DPkg::Lock::Timeout=300 -- "${want[@]}"
                  left=()
                  for p in "${want[@]}"; do [[ " ${charly_r[*]} " == *" $p "* ]] || left+=("$p"); done
                  want=("${left[@]}")
                fi
                ((${#want[@]} == 0)) || apt-get purge -y --allow-remove-essential -o DPkg::Lock::Timeout=300 -- "${want[@]}"
                charly_stop_orphans "${units[@]}"
                charly_forget_failed
              fi ;;
            rpm)
              # What others need stays: one after the other, dependencies first.
              while ((${#want[@]})) && ! out=$(rpm -e --test -- "${want[@]}" 2>&1); do
                dropped= left=()
                for p in "${want[@]}"; do
                  if [[ ! $dropped && $out == *"(installed) $p"* || ! $dropped && $out == *" $p "*' is needed by (installed)'* ]]; then dropped=$p; stays+=("$p"); else left+=("$p"); fi
                done
                if [[ ! $dropped ]]; then stays+=("${want[-1]}"); left=("${want[@]:0:${#want[@]}-1}"); fi
                want=("${left[@]}")
              done
              charly_stays "${stays[@]}"
              if ((${#want[@]})); then
                mapfile -t units < <(charly_units_of rpm "${want[@]}")
                dnf remove -y --noautoremove -- "${want[@]}"
                charly_stop_orphans "${units[@]}"
              fi ;;
            pac)
              mapfile -t units < <(charly_units_of pac "${want[@]}")
              if ! pacman -Rn --noconfirm -- "${want[@]}"; then
                mapfile -t left < <(charly_present pac "${charly_t[@]}")
                pacman -Rsn --noconfirm -- "${left[@]}"
                mapfile -t left < <(charly_present pac "${charly_d[@]}")
                charly_stays "${left[@]}"
              fi
              charly_stop_orphans "${units[@]}" ;;
            *) echo "unknown package format $f" >&2; return 1 ;;
          esac
        }
        charly_written() { # SINCE PATH...
          local p
          local -a there=()
          charly_theirs=()
          [[ $1 ]] || return 0
          for p in "${@:2}"; do [[ ! -e $p && ! -L $p ]] || there+=("$p"); done
          ((${#there[@]})) || return 0
          mapfile -t charly_theirs < <(find "${there[@]}" -maxdepth 0 ! -type d -newermt "@$1" 2>/dev/null)
        }
        charly_strays() { # FORMAT PATH...
          local f=$1 p
          local -a there=()
          local -A skip=()
          shift
          for p; do [[ ! -e $p && ! -L $p ]] || there+=("$p"); done
          ((${#there[@]})) || return 0
          while IFS= read -r p; do skip[$p]=1; done < <(
            case $f in
              deb) dpkg-query -S -- "${there[@]}" 2>/dev/null | sed 's/^[^/]*: //' ;;
              rpm) for p in "${there[@]}"; do rpm -qf -- "$p" >/dev/null 2>&1 && printf '%s\n' "$p"; done ;;
              pac) for p in "${there[@]}"; do pacman -Qqo -- "$p" >/dev/null 2>&1 && printf '%s\n' "$p"; done ;;
            esac)
          for p in "${charly_theirs[@]}"; do skip[$p]=1; done
          for p in "${there[@]}"; do
            if [[ ${skip[$p]} && -d $p && ! -L $p ]]; then :
            elif [[ ${skip[$p]} ]]; then echo "$p stays: it belongs to a package, or was changed since" >&2
            elif [[ -d $p && ! -L $p ]]; then rmdir --ignore-fail-on-non-empty -- "$p"
            else rm -f -- "$p"; fi
          done
        }

        """;
}

namespace OpenCharly.Ledger;

/// <summary>
/// The bash functions that find out what a package step did: the packages that are new, have another version or are gone,
/// the keys that rpm trusts from now on, the accounts that their scripts made, and the paths that appeared and that no
/// package owns. What was there before is flushed to the journal folder before the step begins, so that a cut step can be
/// looked at afterwards.
/// </summary>
internal static class PackagePrologue
{
    /// <summary>
    /// The functions, rendered behind <see cref="JournalPrologue"/>: <c>charly_packages_before FORMAT NAME…</c> and
    /// <c>charly_packages_after FORMAT</c>, both for the step in <c>charly_i</c>. Marks are filled in there.
    /// </summary>
    public const string Source = """
        charly_state() {
          case $1 in
            deb) dpkg-query -W -f '${Package}@T@${db:Status-Status}@T@${Version}\n' | sed '/@T@not-installed@T@/d' ;;
            rpm) rpm -qa --qf '%{NAME}@T@installed@T@%{VERSION}-%{RELEASE}\n' | sed '/^gpg-pubkey@T@/d' ;;
            pac) pacman -Q | sed 's/ /@T@installed@T@/' ;;
          esac 2>/dev/null | awk -F'@T@' -v format="$1" -v out="${2:-/dev/null}" '{ print; if ($2 != "config-files") print format, $1, $3 > out }' | LC_ALL=C sort -u
        }
        # The keys that packages are checked with; to rpm each is a package of the same name.
        charly_keys() { [[ $1 != rpm ]] || rpm -q --qf '%{VERSION}-%{RELEASE}\n' gpg-pubkey 2>/dev/null | sed '/ /d' | LC_ALL=C sort; }
        charly_owned() {
          case $1 in
            deb) cat /var/lib/dpkg/info/*.list ;;
            rpm) rpm -qal ;;
            pac) pacman -Qlq ;;
          esac 2>/dev/null
        }
        # Folders in which somebody else keeps data: what engines for containers and machines store, the state of services that have an
        # account of their own, and what is below /opt and /srv. What appears there meanwhile is theirs, not the package's.
        charly_others() {
          local d
          for d in /var/lib/{containers,containerd,docker,flatpak,incus,kubelet,libvirt/images,lxc,lxcfs,lxd,machines,portables,rancher,snapd} /var/lib/private/* /var/snap /opt/* /srv/*; do
            [[ ! -d $d || -L $d ]] || printf '%s\n' "$d"
          done
          find /var/lib -mindepth 1 -maxdepth 1 -type d ! -uid 0 -print 2>/dev/null
        }
        # Of the step whose files begin with "p", which the caller has.
        charly_tree() {
          local -a roots=() others=()
          local r
          if [[ -f $p.others ]]; then
            while IFS= read -r r; do others+=(-o -path "${r//[\\*?[]/\\&}"); done <"$p.others"
          fi
          for r in /etc /var /usr /opt /srv /boot /lib /lib64 /bin /sbin; do [[ -d $r && ! -L $r ]] && roots+=("$r"); done
          find "${roots[@]}" -xdev \( -path /var/cache -o -path /var/log -o -path /var/tmp -o -path /var/run -o -path /var/lib/dpkg \
            -o -path /var/lib/apt -o -path /var/lib/rpm -o -path /var/lib/dnf -o -path /var/lib/pacman -o -path /usr/lib/sysimage \
            -o -path "$charly_l" "${others[@]}" \) -prune -o "$@" -print 2>/dev/null | LC_ALL=C sort
        }
        charly_packages_before() {
          local f=$1 p=$charly_l/journal/@R@.$charly_i n t need= present=()
          local -A have=()
          shift
          printf '%s\n' "${EPOCHREALTIME/,/.}" >"$p.since"
          charly_state "$f" "$p.versions" >"$p.packages"
          charly_keys "$f" >"$p.keys"
          cut -d: -f1 /etc/passwd | LC_ALL=C sort >"$p.users"
          cut -d: -f1 /etc/group | LC_ALL=C sort >"$p.groups"
          while IFS=$'\t' read -r n t _; do have[$n]=$t; done <"$p.packages"
          for n; do
            n=${n%%[=/:]*}
            if [[ ${have[$n]} && ${have[$n]} != config-files ]]; then present+=("$n"); else need=1; fi
          done
          if [[ $f == deb && ${#present[@]} -gt 0 ]]; then
            n=$(apt-mark showauto "${present[@]}" 2>/dev/null)
            [[ ! $n ]] || charly_note "A@T@$charly_i@T@${n//$'\n'/ }"
          fi
          [[ $f != deb || ! $need || ${have[*]} != *config-files* ]] || charly_keep_conffiles "$@" || return 1
          if [[ $need ]]; then
            charly_others >"$p.others"
            charly_tree >"$p.files"
            charly_accounts_before "$p" || return 1
          fi
          charly_own "$p".*
          sync -- "$p".* "$charly_j"
        }
        # Packages that were removed, but not purged, left their configuration: installing them may write it anew. The
        # caller's table "have" says which; those that are asked for or would come along are looked at.
        charly_keep_conffiles() {
          local n t
          while IFS= read -r n; do
            [[ ${have[$n]} == config-files ]] || continue
            while read -r t _; do
              [[ $t == /* ]] || continue
              if [[ -e $t || -L $t ]]; then charly_hold "$t" || return 1
              else charly_escape "$t"; charly_note "Z@T@$charly_i@T@$charly_v"; fi
            done < <(dpkg-query -W -f '${Conffiles}\n' -- "$n")
          done < <({ printf '%s\n' "${@%%[=/:]*}"; apt-get -s -q install -- "$@" 2>/dev/null | sed -n 's/^Inst \([^ ]*\) .*/\1/p'; } | LC_ALL=C sort -u)
        }
        charly_packages_after() {
          local f=$1 p=$charly_l/journal/@R@.$charly_i n= t since residual= upgraded= gone=
          [[ -f $p.packages && -f $p.since ]] || return 0
          while IFS=' ' read -r t since; do
            case $t in
              new) n+=" $since" ;;
              residual) n+=" $since" residual+=" $since" ;;
              upgraded) upgraded+=" $since" ;;
              gone) gone+=" $since" ;;
            esac
          done < <(charly_state "$f" | LC_ALL=C awk -F'@T@' 'before { if ($1 in state) several[$1]; state[$1] = $2; version[$1] = $3; next }
            { now[$1] = $2; listed = 1 }
            $2 == "config-files" { next }
            !($1 in state) { print "new", $1; next }
            state[$1] == "config-files" { print "residual", $1; next }
            # Of kernels and the like there are several at a time: another one is no newer version of the first.
            version[$1] != $3 && !($1 in several) { print "upgraded", $1 "=" version[$1] "=" $3 }
            END {
              if (listed) for (n in state) if (state[n] != "config-files" && (!(n in now) || now[n] == "config-files")) print "gone", n "=" version[n]
            }' before=1 "$p.packages" before= -)
          charly_note "P@T@$charly_i@T@${n# }"
          [[ ! $residual ]] || charly_note "R@T@$charly_i@T@${residual# }"
          [[ ! $upgraded ]] || charly_note "O@T@$charly_i@T@${upgraded# }"
          [[ ! $gone ]] || charly_note "g@T@$charly_i@T@${gone# }"
          if [[ $f == rpm && -f $p.keys ]]; then
            t=$(charly_keys "$f" | LC_ALL=C comm -13 "$p.keys" -)
            [[ ! $t ]] || charly_note "k@T@$charly_i@T@${t//$'\n'/ }"
          fi
          t=$(cut -d: -f1 /etc/passwd | LC_ALL=C sort | LC_ALL=C comm -13 "$p.users" -)
          [[ ! $t ]] || charly_note "W@T@$charly_i@T@${t//$'\n'/ }"
          t=$(cut -d: -f1 /etc/group | LC_ALL=C sort | LC_ALL=C comm -13 "$p.groups" -)
          [[ ! $t ]] || charly_note "G@T@$charly_i@T@${t//$'\n'/ }"
          charly_accounts_after "$p"
          if [[ $n && -f $p.files ]]; then
            read -r since <"$p.since"
            charly_tree -newerct "@$since" | LC_ALL=C comm -13 "$p.files" - >"$p.fresh"
            if [[ -s $p.fresh ]]; then
              # Where /lib is a link to usr/lib, package lists may still name the link. A folder of a package with something in it
              # that is nobody's outlives the package, so it is listed too.
              while IFS= read -r t; do
                charly_escape "$t"
                charly_note "F@T@$charly_i@T@$charly_v"
              done < <(charly_owned "$f" | awk 'NR == FNR { fresh[$0]; new[$0]; next }
                { sub(/\/$/, ""); delete fresh[$0]; if ($0 ~ /^\/(lib|lib64|bin|sbin)\//) delete fresh["/usr" $0] }
                END { for (path in fresh) { print path; while (sub(/\/[^\/]*$/, "", path) && path != "") if (path in new) print path } }' "$p.fresh" - | LC_ALL=C sort -u)
            fi
          fi
          return 0
        }

        """;
}

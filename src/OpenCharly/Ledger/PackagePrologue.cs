namespace OpenCharly.Ledger;

/// <summary>
/// The bash functions that find out what a package step brought: the packages that are new, the accounts that their
/// scripts made, and the paths that appeared and that no package owns. What was there before is flushed to the journal
/// folder before the step begins, so that a cut step can be looked at afterwards.
/// </summary>
internal static class PackagePrologue
{
    /// <summary>
    /// The functions, rendered behind <see cref="JournalPrologue"/>: <c>charly_packages_before FORMAT NAME…</c> and
    /// <c>charly_packages_after FORMAT</c>, both for the step in <c>charly_i</c>. Marks are filled in there.
    /// </summary>
    public const string Source = """
        charly_installed() {
          case $1 in
            deb) dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' | sed -e '/^not-installed /d' -e '/^config-files /d' -e 's/^[^ ]* //' ;;
            rpm) rpm -qa --qf '%{NAME} %{VERSION}-%{RELEASE}\n' ;;
            pac) pacman -Q ;;
          esac 2>/dev/null | awk -v format="$1" -v out="${2:-/dev/null}" '{ print $1; print format, $1, $2 > out }' | LC_ALL=C sort -u
        }
        charly_owned() {
          case $1 in
            deb) cat /var/lib/dpkg/info/*.list ;;
            rpm) rpm -qal ;;
            pac) pacman -Qlq ;;
          esac 2>/dev/null
        }
        charly_tree() {
          local -a roots=()
          local r
          for r in /etc /var /usr /opt /srv /boot /lib /lib64 /bin /sbin; do [[ -d $r && ! -L $r ]] && roots+=("$r"); done
          find "${roots[@]}" -xdev \( -path /var/cache -o -path /var/log -o -path /var/tmp -o -path /var/run -o -path /var/lib/dpkg \
            -o -path /var/lib/apt -o -path /var/lib/rpm -o -path /var/lib/dnf -o -path /var/lib/pacman -o -path /usr/lib/sysimage \
            -o -path "$charly_l" \) -prune -o "$@" -print 2>/dev/null | LC_ALL=C sort
        }
        charly_packages_before() {
          local f=$1 p=$charly_l/journal/@R@.$charly_i n need= present=()
          local -A have=()
          shift
          printf '%s\n' "${EPOCHREALTIME/,/.}" >"$p.since"
          charly_installed "$f" "$p.versions" >"$p.packages"
          cut -d: -f1 /etc/passwd | LC_ALL=C sort >"$p.users"
          cut -d: -f1 /etc/group | LC_ALL=C sort >"$p.groups"
          while IFS= read -r n; do have[$n]=1; done <"$p.packages"
          for n; do
            n=${n%%[=/:]*}
            if [[ ${have[$n]} ]]; then present+=("$n"); else need=1; fi
          done
          if [[ $f == deb && ${#present[@]} -gt 0 ]]; then
            n=$(apt-mark showauto "${present[@]}" 2>/dev/null)
            [[ ! $n ]] || charly_note "A@T@$charly_i@T@${n//$'\n'/ }"
          fi
          [[ ! $need ]] || charly_tree >"$p.files"
          charly_own "$p".*
          sync -- "$p".* "$charly_j"
        }
        charly_packages_after() {
          local f=$1 p=$charly_l/journal/@R@.$charly_i n t since
          [[ -f $p.packages && -f $p.since ]] || return 0
          n=$(charly_installed "$f" | LC_ALL=C comm -13 "$p.packages" -)
          charly_note "P@T@$charly_i@T@${n//$'\n'/ }"
          t=$(cut -d: -f1 /etc/passwd | LC_ALL=C sort | LC_ALL=C comm -13 "$p.users" -)
          [[ ! $t ]] || charly_note "W@T@$charly_i@T@${t//$'\n'/ }"
          t=$(cut -d: -f1 /etc/group | LC_ALL=C sort | LC_ALL=C comm -13 "$p.groups" -)
          [[ ! $t ]] || charly_note "G@T@$charly_i@T@${t//$'\n'/ }"
          if [[ $n && -f $p.files ]]; then
            read -r since <"$p.since"
            charly_tree -newerct "@$since" | LC_ALL=C comm -13 "$p.files" - >"$p.fresh"
            if [[ -s $p.fresh ]]; then
              # Where /lib is a link to usr/lib, package lists may still name the link.
              while IFS= read -r t; do
                charly_escape "$t"
                charly_note "F@T@$charly_i@T@$charly_v"
              done < <(charly_owned "$f" | awk 'NR == FNR { fresh[$0]; next }
                { sub(/\/$/, ""); delete fresh[$0]; if ($0 ~ /^\/(lib|lib64|bin|sbin)\//) delete fresh["/usr" $0] }
                END { for (path in fresh) print path }' "$p.fresh" - | LC_ALL=C sort)
            fi
          fi
          return 0
        }

        """;
}

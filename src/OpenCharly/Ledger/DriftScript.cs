using OpenCharly.Foundation;

namespace OpenCharly.Ledger;

/// <summary>
/// The look of a probe, and in the same round trip a closer one at everything whose stamp is not the recorded one:
/// content digests, managed blocks, package versions. What only root can see is looked at through <c>sudo -n</c>.
/// </summary>
/// <remarks>On an untouched target it starts one program more than the probe if managed blocks are on record, else none.</remarks>
internal static class DriftScript
{
    /// <summary>Renders the script.</summary>
    /// <param name="nonce">Random word that marks section headers.</param>
    public static string Render(string nonce) => InspectScript.DigestFunction + InspectScript.BlockFunction + Source
        .Replace("@T@", "\t", StringComparison.Ordinal)
        .Replace("@N@", nonce, StringComparison.Ordinal)
        .Replace("@FORMAT@", Shell.Quote(Stamps.Format), StringComparison.Ordinal)
        + ProbeScript.Render(nonce, ProbeLock.None, more: "charly_drift");

    // Called at the end of charly_probe, whose variables it sees: charly_l and charly_b, the stamps on record; stamps, those of
    // them that are of something, and rest, what they are now.
    private const string Source = """
        charly_is_hidden() {
          local folder=${1%/*}
          while [[ $folder && ! -d $folder ]]; do folder=${folder%/*}; done
          [[ $folder && ! -x $folder ]]
        }
        charly_drift() {
          local p line f n v database=
          local -a was=() is=() changed=() hidden=() open=() closed=()
          local -A now=() asked=()
          [[ -f $charly_l/traces/stamps ]] || return 0
          if [[ $rest != "$stamps" ]]; then
            was=("${charly_b[@]}")
            mapfile -t is <<<"$rest"
          fi
          for line in "${is[@]}"; do [[ ! $line ]] || now[${line#* * * * * * }]=$line; done
          for line in "${was[@]}"; do
            p=${line#* * * * * * }
            [[ ${now[$p]-} != "$line" ]] || continue
            case $p in /var/lib/dpkg/status|/var/lib/rpm/rpmdb.sqlite|/var/lib/pacman/local) database=1; continue ;; esac
            if [[ ${now[$p]-} ]]; then
              changed+=("$p")
            elif [[ $line != '- '* && $EUID != 0 ]] && charly_is_hidden "$p"; then
              hidden+=("$p")
            fi
          done
          if ((${#hidden[@]})); then
            if sudo -n true 2>/dev/null; then
              charly_say nowroot
              mapfile -t is < <(sudo -n stat -c @FORMAT@ -- "${hidden[@]}" 2>/dev/null)
              for line in "${is[@]}"; do
                printf '%s\n' "$line"
                changed+=("${line#* * * * * * }")
              done
            else
              charly_say hidden
              printf '%s\n' "${hidden[@]}"
            fi
          fi
          if ((${#changed[@]})); then
            for p in "${changed[@]}"; do
              if [[ -L $p || -r $p ]]; then open+=("$p"); else closed+=("$p"); fi
            done
            charly_say digests
            ((${#open[@]} == 0)) || charly_digest "${open[@]}"
            if ((${#closed[@]})); then
              if [[ $EUID == 0 ]]; then charly_digest "${closed[@]}"
              else sudo -n bash -c "$(declare -f charly_digest); charly_digest \"\$@\"" charly "${closed[@]}" 2>/dev/null
              fi
            fi
            [[ ! -f $charly_l/traces/digests ]] || charly_put recordeddigests "$charly_l/traces/digests"
            charly_put passwd /etc/passwd
            charly_put group /etc/group
          fi
          if [[ -s $charly_l/traces/blocks ]]; then
            mapfile -t is <"$charly_l/traces/blocks"
            charly_say blocksread
            for p in "${is[@]}"; do [[ ! -f $p || ! -r $p ]] || printf '%s\n' "$p"; done
            charly_blocks @N@ "${is[@]}"
          fi
          if [[ -s $charly_l/traces/packages ]]; then
            charly_put packages "$charly_l/traces/packages"
            if [[ $database ]]; then
              while read -r f n v; do asked[$f]+="$n "; done <"$charly_l/traces/packages"
              charly_say packagesnow
              for f in "${!asked[@]}"; do
                case $f in
                  deb) dpkg-query -W -f 'deb ${db:Status-Status} ${Package} ${Version}\n' -- ${asked[$f]} | sed -n 's/^deb installed /deb /p' ;;
                  rpm) rpm -q --qf 'rpm %{NAME} %{VERSION}-%{RELEASE}\n' -- ${asked[$f]} | grep '^rpm ' ;;
                  pac) pacman -Q -- ${asked[$f]} | sed 's/^/pac /' ;;
                esac 2>/dev/null
              done
            fi
          fi
        }

        """;
}

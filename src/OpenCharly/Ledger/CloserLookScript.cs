using OpenCharly.Foundation;

namespace OpenCharly.Ledger;

/// <summary>
/// What follows the probe where a comparison is wanted in the same round trip: the recorded paths that do not look as
/// recorded are looked at at once, and the installed packages are listed if the package database changed. Reads as the
/// log-in user: what only root can read stays open.
/// </summary>
internal static class CloserLookScript
{
    /// <summary>Renders the script; its output is read by <see cref="InspectScript.Parse"/>.</summary>
    /// <param name="nonce">Random word that marks section headers; not that of the probe.</param>
    public static string Render(string nonce) => "\n" + InspectScript.DigestFunction + InspectScript.BlockFunction + Source
        .Replace("@N@", nonce, StringComparison.Ordinal)
        .Replace("@FORMAT@", Shell.Quote(Stamps.Format), StringComparison.Ordinal);

    private const string Source = """
        charly_closer() {
          local line
          local -a was=() look=() open=()
          local -A now=()
          if [[ -f $charly_l/traces/stamps ]]; then
            mapfile -t was <"$charly_l/traces/stamps"
            look=("${was[@]#* * * * * * }")
            if ((${#look[@]})); then
              while IFS= read -r line; do now["${line#* * * * * * }"]=$line; done < <(printf '%s\n' "${look[@]}" | xargs -r -d '\n' stat -c @FORMAT@ -- 2>/dev/null)
            fi
            for line in "${was[@]}"; do
              [[ ${now["${line#* * * * * * }"]-} == "$line" ]] || open+=("${line#* * * * * * }")
            done
          fi
          echo @N@stamps
          for line in "${open[@]}"; do [[ -z ${now["$line"]-} ]] || printf '%s\n' "${now["$line"]}"; done
          echo @N@digests
          charly_digest "${open[@]}"
          echo @N@recorded
          [[ ! -f $charly_l/traces/digests ]] || cat "$charly_l/traces/digests"
          echo @N@packages
          for line in "${open[@]}"; do
            case $line in
              /var/lib/dpkg/status) dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' ;;
              /var/lib/rpm/rpmdb.sqlite) rpm -qa --qf '%{NAME}\n' 2>/dev/null ;;
              /var/lib/pacman/local) pacman -Qq 2>/dev/null ;;
            esac
          done
          charly_blocks @N@ "${open[@]}"
          echo @N@end
        }
        charly_closer
        """;
}

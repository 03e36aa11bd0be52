namespace OpenCharly.Ledger;

/// <summary>
/// The bash functions that keep what the tables of accounts have beside them: <c>/etc/passwd-</c> and the like, the copies that
/// <c>useradd</c>, <c>groupadd</c> and <c>systemd-sysusers</c> make of a table before they change it. Where packages made accounts
/// and undo takes them away, both times these copies change too. They come back if nobody else has changed accounts since.
/// </summary>
/// <remarks>They hold password hashes: the archive that keeps them is root's alone, and only a digest of all is ever told.</remarks>
internal static class AccountCopies
{
    // The names, and a digest of what is there of them.
    private const string Look = """
        charly_account_copies=(passwd- group- shadow- gshadow- subuid- subgid-)
        charly_account_sum() { read -r charly_v _ < <(cd /etc && sha256sum -- "${charly_account_copies[@]}" 2>/dev/null | sha256sum); }

        """;

    /// <summary><c>charly_accounts_before</c> keeps them for the step in <c>charly_i</c>, <c>charly_accounts_after</c> notes it if they changed.</summary>
    public const string Keep = Look + """
        charly_accounts_before() {
          local b=$charly_c/@R@-$charly_i-accounts n
          local -a there=()
          type -P tar >/dev/null || return 0
          for n in "${charly_account_copies[@]}"; do [[ ! -f /etc/$n ]] || there+=("$n"); done
          if [[ ! -d $charly_l/backup/$charly_c ]]; then
            mkdir -p -- "$charly_l/backup/$charly_c" && charly_own "$charly_l/backup/$charly_c" || return 1
          fi
          (umask 077; : >"$charly_l/backup/$b") || return 1
          ((${#there[@]} == 0)) || tar -C /etc -cf "$charly_l/backup/$b" -- "${there[@]}" || return 1
          charly_account_sum
          printf '%s %s\n' "$charly_v" "$b" >"$1.accounts"
          sync -- "$charly_l/backup/$b" "$charly_l/backup/$charly_c"
        }
        charly_accounts_after() {
          local sum b
          [[ -f $1.accounts ]] || return 0
          read -r sum b <"$1.accounts"
          charly_account_sum
          [[ $charly_v == "$sum" ]] || charly_note "c@T@$charly_i@T@$b@T@$charly_v"
        }

        """;

    /// <summary><c>charly_accounts_are SUM</c> says whether they are as a step left them, <c>charly_accounts_back FILE</c> puts back what it kept.</summary>
    public const string PutBack = Look + """
        charly_accounts_are() { charly_account_sum; [[ $charly_v == "$1" ]]; }
        charly_accounts_back() {
          local n
          local -a kept=()
          [[ -f $1 ]] || { echo "the kept copies of the tables of accounts are gone: $1" >&2; return 1; }
          if [[ -s $1 ]]; then
            mapfile -t kept < <(tar -tf "$1")
            tar -C /etc -xpf "$1"
          fi
          for n in "${charly_account_copies[@]}"; do [[ " ${kept[*]} " == *" $n "* ]] || rm -f -- "/etc/$n"; done
        }

        """;
}

namespace OpenCharly.Execution;

/// <summary>
/// The bash side of a session: a loop that reads framed requests from its standard input and evaluates them.
/// </summary>
/// <remarks>
/// <para>A request is a header line and what follows it:</para>
/// <list type="bullet">
/// <item><c>run N</c>: N bytes of script, evaluated in a subshell with empty standard input;</item>
/// <item><c>eval N</c>: the same in the loop's own shell;</item>
/// <item><c>last N</c>: as <c>run</c>, but standard input is the rest of the stream, and the loop ends afterwards;</item>
/// <item><c>root</c>: the text of another loop up to a NUL, started through sudo on the same streams;</item>
/// <item><c>leave</c>: ends that inner loop.</item>
/// </list>
/// <para>The answer ends with the marker <c>RS nonce SP end SP code LF</c> on standard output and on standard error.
/// No request is sent before the answer to the one before it has come, so a program that reads more of its input than
/// it should (sudo that logs its input, head on some systems) can't swallow a request.</para>
/// </remarks>
internal static class ShellLoop
{
    /// <summary>
    /// The constant command for a log-in shell of any kind. A bash evaluates the loop itself, which saves starting
    /// another one: <see cref="Source"/> makes sure first that it is as good as new. Every other shell becomes a bash.
    /// </summary>
    /// <remarks>The <c>eval</c> stands alone: behind <c>&amp;&amp;</c>, <c>set -e</c> in a script would do nothing.</remarks>
    public const string RemoteCommand = "test \"$BASH_VERSION\" || " + PlainCommand + "; eval '" + Bootstrap + "'";

    /// <summary>
    /// The same for shells that can't read <see cref="RemoteCommand"/> (csh knows no unset variables, old fish no
    /// <c>||</c>): they always become a bash.
    /// </summary>
    public const string PlainCommand = "exec bash --norc --noprofile -c '" + Bootstrap + "' bash new";

    /// <summary>
    /// The argument for <c>bash -c</c> in <see cref="PlainCommand"/>: reads the number of bytes, then as many bytes of
    /// loop, and evaluates them. It holds no single quotes and no backslashes, for the sake of odd shells.
    /// </summary>
    public const string Bootstrap = """read -r n; if test $BASH_VERSINFO -gt 3; then IFS= read -r -N $n s; else s=$(head -c $n); fi; eval "$s" """;

    /// <summary>The variable that marks all processes of a session in their environment, so that they can be found.</summary>
    public const string TagVariable = "CHARLY_RUN";

    /// <summary>The byte that starts a marker.</summary>
    public const byte MarkerStart = 0x1e;

    private const string InnerBashExit = "94";

    /// <summary>The loop as <see cref="Bootstrap"/> reads it, for the log-in user's shell or for the root shell inside it.</summary>
    /// <param name="nonce">The session's random word, hexadecimal.</param>
    /// <param name="isRoot">True for the inner loop, which ends at <c>leave</c>.</param>
    public static string Text(string nonce, bool isRoot)
    {
        var text = Loop(nonce, isRoot);
        return $"{text.Length}\n{text}";
    }

    private static string Loop(string nonce, bool isRoot) => Source
        .Replace("@NONCE@", nonce, StringComparison.Ordinal)
        .Replace("@HELLO@", isRoot ? "root" : "hello", StringComparison.Ordinal)
        .Replace("@LEFT@", InnerBashExit, StringComparison.Ordinal)
        .Replace("@BOOTSTRAP@", Bootstrap, StringComparison.Ordinal);

    // Requests come on descriptor 99, so that neither a script's standard input nor the descriptors it opens by number
    // get in the way. A subshell closes all descriptors above 2: what a script leaves running must not hold a lock that
    // the loop's own shell took. A sudo that logs input leaves the stream non-blocking, which opening it anew mends.
    // `eval` stands alone, never in a condition, or `set -e` in a script would do nothing.
    //
    // The first lines are for a log-in bash, whose start-up file may have defined functions, traps and options: such a
    // one is replaced by a new bash after all.
    private const string Source = """
        [ "$1" = new ] ||
          { case $-:$IFS in hBc:$' \t\n') compgen -A function >/dev/null; [ $? = 1 ] ;; *) false ;; esac &&
            case :$BASHOPTS: in *glob:*|*:lastpipe:*|*:expand_aliases:*|*:extdebug:*|*:xpg_echo:*|*:nocasematch:*|*:localvar_*|*:compat*) false ;; esac &&
            trap - DEBUG RETURN ERR HUP INT QUIT PIPE ALRM TERM USR1 USR2 CHLD; } ||
          exec bash --norc --noprofile -c "$s" bash new
        set +o pipefail
        unset CDPATH GLOBIGNORE POSIXLY_CORRECT s n
        exec 99<&0 </dev/null
        __charly_n=@NONCE@
        export CHARLY_RUN=$__charly_n
        __charly_mark() {
          builtin printf '\036%s %s\n' "$__charly_n" "$1"
          builtin printf '\036%s %s\n' "$__charly_n" "$1" >&2
        }
        __charly_take() {
          if ((BASH_VERSINFO[0] > 3 && $1 < 65536)); then
            IFS= LC_ALL=C builtin read -r -N "$1" -u 99 __charly_s
          else
            __charly_s=$(head -c "$1" <&99)
          fi
        }
        __charly_close() {
          local f
          for f in /dev/fd/*; do
            f=${f##*/}
            case $f in 0|1|2|*[!0-9]*) ;; *) builtin eval "exec $f>&-" ;; esac
          done
        }
        __charly_block() {
          local k v
          while read -r k v; do
            if [ "$k" = flags: ] && (($v & 04000)); then exec 99</dev/fd/99; fi
          done </proc/self/fdinfo/99
        } 2>/dev/null
        trap '__charly_mark "end $?"' EXIT
        __charly_mark "@HELLO@ $$ $EUID"
        while IFS=' ' builtin read -r -u 99 __charly_c __charly_l; do
          case $__charly_c in
            run)
              __charly_take "$__charly_l"
              ( __charly_close; builtin eval "$__charly_s" )
              __charly_mark "end $?" ;;
            eval)
              __charly_take "$__charly_l"
              builtin eval "$__charly_s"
              __charly_r=$?
              set +e +u +x +v +f; set +o pipefail; IFS=$' \t\n'
              __charly_mark "end $__charly_r" ;;
            last)
              __charly_take "$__charly_l"
              ( exec <&99; __charly_close; builtin eval "$__charly_s" )
              __charly_mark "end $?"
              break ;;
            root)
              sudo -n -H -- env CHARLY_RUN=@NONCE@ bash --norc --noprofile -c '@BOOTSTRAP@' bash new <&99
              __charly_r=$?
              __charly_block
              if [ "$__charly_r" = @LEFT@ ]; then __charly_mark "end 0"
              else __charly_mark "gone $__charly_r"; break; fi ;;
            leave)
              trap - EXIT
              exit @LEFT@ ;;
          esac
        done
        trap - EXIT
        __charly_mark bye
        exit 0
        """;
}

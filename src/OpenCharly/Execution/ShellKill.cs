using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>The script that ends everything a session started, run in a second session on the same target.</summary>
internal static class ShellKill
{
    /// <summary>Renders the script. It exits 0 once nothing is left, else 1 naming what would not die.</summary>
    /// <param name="shell">Process id of the session's outer shell on the target.</param>
    /// <param name="nonce">The session's word, by which processes are found that left the process tree.</param>
    public static string Script(int shell, string nonce) => Source
        .Replace("@SHELL@", shell.ToString(), StringComparison.Ordinal)
        .Replace("@TAG@", $"{ShellLoop.TagVariable}={Shell.Quote(nonce)}", StringComparison.Ordinal);

    // Members are: the outer shell, processes with the tag in their environment, and whatever descends from a member or
    // is in a session or process group that one led; what was found once stays a member when its parent is gone. First
    // SIGTERM to all but the outer shell, parents first, so that no script goes on to its next command because only its
    // child died; SIGKILL 0.3 s later to what is left. A process that is just being started has no environment for a
    // moment (busy), so nothing counts as gone before two looks in a row found nothing. The outer shell goes last,
    // because the locks of the run are its.
    private const string Source = """
        shell=@SHELL@
        found=([shell]=1)
        scan() {
          local d line p known=-1 count=0
          parent=() group=() leader=() member=() busy=
          if [ -r /proc/self/stat ]; then
            for d in /proc/[0-9]*; do
              line=
              { IFS= read -r -d '' line <"$d/stat"; } 2>/dev/null
              [ -n "$line" ] || continue
              set -- ${line##*) }
              case $1 in Z|X) continue ;; esac
              p=${d##*/}; parent[p]=$2 group[p]=$3 leader[p]=$4
            done
            shell_group=${shell_group:-${group[shell]}}
            for d in $(grep -aslF @TAG@ /proc/[0-9]*/environ 2>/dev/null); do
              p=${d#/proc/}; p=${p%/environ}
              [ -z "${parent[p]}" ] || member[p]=1
            done
            for d in $(grep -sL '' /proc/[0-9]*/environ 2>/dev/null); do
              p=${d#/proc/}; p=${p%/environ}
              if [ -n "${parent[p]}" ] && [ "${group[p]}" = "$shell_group" ]; then busy=1; fi
            done
          else
            while read -r p line; do
              set -- $line
              case $3 in Z*) continue ;; esac
              parent[p]=$1 group[p]=$2 leader[p]=0
            done < <(ps -A -o pid= -o ppid= -o pgid= -o state=)
          fi
          for p in "${!found[@]}"; do [ -z "${parent[p]}" ] || member[p]=1; done
          while [ "$known" != "$count" ]; do
            known=$count
            for p in "${!parent[@]}"; do
              if [ -n "${member[parent[p]]}${found[group[p]]}${found[leader[p]]}" ]; then member[p]=1; fi
            done
            count=${#member[@]}
          done
          unset 'member[0]' 'member[1]' "member[$shell]" "member[$$]"
          for p in "${!member[@]}"; do found[p]=1; done
        }
        terminate() {
          local p left=1
          local -a told=()
          while [ -n "$left" ]; do
            left=
            for p in "${!member[@]}"; do
              [ -z "${told[p]}" ] || continue
              if [ -n "${member[parent[p]]}" ] && [ -z "${told[parent[p]]}" ]; then left=1; continue; fi
              kill -TERM "$p" 2>/dev/null
              told[p]=1
            done
          done
        }
        scan
        terminate
        quiet=0
        for ((try = 1; try <= 60; try++)); do
          scan
          if [ ${#member[@]} -eq 0 ] && { [ -z "$busy" ] || [ $try -gt 12 ]; }; then
            quiet=$((quiet + 1))
            [ $quiet -lt 2 ] || break
          else
            quiet=0
            if [ $try -gt 6 ]; then
              for p in "${!member[@]}"; do kill -KILL "$p" 2>/dev/null; done
            fi
          fi
          sleep 0.04
        done
        kill -KILL "$shell" 2>/dev/null
        [ ${#member[@]} -eq 0 ] || { echo "still running: ${!member[*]}" >&2; exit 1; }
        exit 0
        """;
}

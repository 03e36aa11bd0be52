using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks.Probes;

/// <summary>Ends a command that runs in the background, and all that it started.</summary>
/// <param name="check">The check.</param>
/// <param name="number">Number of the task that started it.</param>
internal sealed class KillProbe(KillCheck check, int number) : Probe
{
    private const string Kill = """
        c_kill() {
          local p i
          p=$(cat "$d/$1.pid" 2>/dev/null)
          [ -n "$p" ] && kill -0 -- "-$p" 2>/dev/null || return 0
          c_value running 1
          kill "-$2" -- "-$p" 2>/dev/null
          for ((i = 0; i < 50; i++)); do kill -0 -- "-$p" 2>/dev/null || break; sleep 0.1; done
          ! kill -KILL -- "-$p" 2>/dev/null || c_value killed 1
          rm -f -- "$d/$1.pid"
        }
        """;

    public override IReadOnlyList<string> Functions => [Kill];

    public override string Script => $"c_kill {number} {Shell.Quote(check.Signal)}";

    public override Verdict Judge(ProbeOutput output) =>
        output["running"] is null ? Verdict.Fail($"{check.Target} to be running", "it has ended") : Verdict.Pass();
}

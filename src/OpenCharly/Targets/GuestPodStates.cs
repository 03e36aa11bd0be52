using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Targets;

/// <summary>A pod to ask about, somewhere else.</summary>
/// <param name="Container">Its container.</param>
/// <param name="Engine">Engine that it runs in.</param>
/// <param name="Outer">Container around it; null if it runs in the machine itself.</param>
internal sealed record AwayPod(string Container, string Engine, string? Outer = null);

/// <summary>What a machine says of a pod in it.</summary>
/// <param name="State">State of its container in the engine's word; null if it has none.</param>
/// <param name="IsConfigured">Whether it has a quadlet.</param>
/// <param name="IsDirect">Whether it runs without the service manager.</param>
/// <param name="HasFailed">Whether its unit failed.</param>
internal sealed record AwayPodState(string? State, bool IsConfigured, bool IsDirect, bool HasFailed);

/// <summary>Asks a machine for the states of the pods in it: one script and one question to its engine, however many pods there are.</summary>
/// <param name="executor">Reaches the machine as the user whose pods they are.</param>
internal sealed class GuestPodStates(IExecutor executor)
{
    private const string Prologue = """
        export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"
        engine() { # where it is not installed it runs nothing
          command -v "$1" >/dev/null || return 0
          "$1" ps --all --filter name=^charly- --format 'container {{.Names}} {{.State}}' </dev/null || exit
        }
        inside() {
          command -v "$1" >/dev/null || return 0
          state=$("$1" exec "$2" "$3" container inspect --format '{{.State.Status}}' "$4" 2>/dev/null </dev/null) && echo "inside $2 $4 $state"
          return 0
        }
        units() {
          if [ -e "$HOME/.config/containers/systemd/$1.container" ]; then
            echo "quadlet $1"
            systemctl --user is-failed "$1.service" "$1-pod.service" 2>/dev/null </dev/null | grep -qx failed && echo "failed $1"
          fi
          [ ! -e "${XDG_CONFIG_HOME:-$HOME/.config}/charly/direct/$1.json" ] || echo "direct $1"
        }

        """;

    /// <summary>Asks.</summary>
    /// <param name="pods">The pods.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A state for each of them, in their order.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.GuestPod"/> if its engine refuses; what reaching the machine can end in.</exception>
    public async Task<IReadOnlyList<AwayPodState>> ReadAsync(IReadOnlyList<AwayPod> pods, CancellationToken cancellationToken)
    {
        var script = new StringBuilder(Prologue);
        foreach (var engine in pods.Where(p => p.Outer is null).Select(p => p.Engine).Distinct(StringComparer.Ordinal)) script.Append($"engine {Shell.Quote(engine)}\n");
        foreach (var pod in pods)
        {
            script.Append(pod.Outer is null ? $"units {Shell.Quote(pod.Container)}\n" : $"inside podman {Shell.Quote(pod.Outer)} {Shell.Quote(pod.Engine)} {Shell.Quote(pod.Container)}\n");
        }

        script.Append("true\n");
        var said = await executor.RunAsync(new ScriptRequest(script.ToString()), cancellationToken).ConfigureAwait(false);
        if (!said.Succeeded) throw new CharlyException(Errors.GuestPod, $"{executor.Venue}: its pods can't be listed (exit code {said.ExitCode}): {said.Tail(1)}", "Look there: podman ps --all", target: executor.Venue);
        var words = said.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).ToArray();
        return [.. pods.Select(p => Of(p, words))];
    }

    private static AwayPodState Of(AwayPod pod, IReadOnlyList<string[]> lines) => new(
        lines.Select(l => (pod.Outer, l) switch
        {
            (null, ["container", var name, var state]) when name == pod.Container => state,
            ({ } outer, ["inside", var around, var name, var state]) when around == outer && name == pod.Container => state,
            _ => null,
        }).FirstOrDefault(s => s is not null),
        Has(lines, "quadlet", pod), Has(lines, "direct", pod), Has(lines, "failed", pod));

    private static bool Has(IReadOnlyList<string[]> lines, string word, AwayPod pod) => pod.Outer is null && lines.Any(l => l is [var first, var name] && first == word && name == pod.Container);
}

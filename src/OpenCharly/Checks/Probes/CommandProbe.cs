using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks.Probes;

/// <summary>Runs a command with the environment that candies gave the user.</summary>
/// <param name="check">The command, and what is expected of it.</param>
/// <param name="exports">Variables of its text that could not be filled in as they are.</param>
internal sealed class CommandProbe(CommandCheck check, IReadOnlyDictionary<string, string> exports) : Probe
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(60);

    // The script is a file, so that neither it nor a value in it shows in the list of processes, and so that a command
    // that reads its standard input finds none instead of the rest of the script.
    private const string Run = """
        c_env() {
          local f
          cd ~ 2>/dev/null
          for f in ~/.config/opencharly/env.d/*.env; do if [ -r "$f" ]; then . "$f"; fi; done
          PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
          eval "$1"
        } 2>/dev/null
        c_command() {
          local r
          builtin printf '%s' "$3" >"$d/$n.sh"
          ( c_env "$2"; c_limit "$1" bash "$d/$n.sh" ) >"$d/$n.out" 2>"$d/$n.err" </dev/null
          r=$?
          c_value code "$r"
          c_text out "$d/$n.out"
          c_text err "$d/$n.err"
        }
        """;

    private const string Start = """
        c_start() {
          builtin printf '%s' "$2" >"$d/$n.sh"
          ( c_env "$1"; exec setsid bash "$d/$n.sh" ) >"$d/$n.out" 2>"$d/$n.err" </dev/null &
          builtin printf '%s' "$!" >"$d/$n.pid"
          c_value code 0
        }
        """;

    private readonly TimeSpan _limit = check.Timeout ?? DefaultLimit;

    public override IReadOnlyList<string> Functions => check.IsBackground ? [Run, Start] : [Run];

    public override string Script => check.IsBackground
        ? $"c_start {Shell.Quote(Exports)} {Shell.Quote(check.Command)}"
        : $"c_command {_limit.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} {Shell.Quote(Exports)} {Shell.Quote(check.Command)}";

    private string Exports => string.Concat(exports.Select(e => $"export {e.Key}={Shell.Quote(e.Value)}\n"));

    public override Verdict Judge(ProbeOutput output)
    {
        if (check.IsBackground) return Verdict.Pass();
        var (code, text, error) = (output.Number("code"), output.Text("out").TrimEnd('\n', '\r'), output.Text("err").TrimEnd('\n', '\r'));
        var tail = error.Length > 0 ? error : text;
        var message = tail.Length == 0 ? null : string.Join('\n', tail.Split('\n').TakeLast(3));
        if (code is 124 or 137 && output.Duration >= _limit) return Verdict.Fail($"an end within {_limit.TotalSeconds:0.###} s", "stopped", message);
        if (!check.ExitStatus.Contains(code)) return Verdict.Fail($"exit status {string.Join(" or ", check.ExitStatus)}", $"exit status {code}", message);
        if (Matching.Mismatch(check.Output, text) is { } wrongOutput) return Verdict.Fail($"standard output {wrongOutput}", Matching.Quote(text), error.Length > 0 ? message : null);
        if (Matching.Mismatch(check.Error, error) is { } wrongError) return Verdict.Fail($"standard error {wrongError}", Matching.Quote(error));
        return Verdict.Pass(text);
    }
}

using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks.Probes;

/// <summary>Looks for a process by the exact name of its program.</summary>
internal sealed class ProcessProbe(ProcessCheck check) : Probe
{
    // The kernel keeps 15 bytes of a name; of a longer one the command line knows the rest.
    private const string Find = """
        c_process() {
          local LC_ALL=C f c a
          for f in /proc/[0-9]*; do
            c=
            IFS= read -r c <"$f/comm" || continue
            [ "$c" = "${1:0:15}" ] || continue
            if [ ${#1} -gt 15 ]; then
              a=
              IFS= read -r -d '' a <"$f/cmdline"
              [ "${a##*/}" = "$1" ] || continue
            fi
            c_value pid "${f#/proc/}"
            return
          done
        } 2>/dev/null
        """;

    public override IReadOnlyList<string> Functions => [Find];

    public override string Script => $"c_process {Shell.Quote(check.Process)}";

    public override Verdict Judge(ProbeOutput output) =>
        Verdict.Unless(check.Running, output["pid"] is not null, "running", "not running") ?? Verdict.Pass(output["pid"]);
}

/// <summary>Looks at a mount point.</summary>
internal sealed class MountProbe(MountCheck check) : Probe
{
    // The last entry of a path is the one that is seen.
    private const string Find = """
        c_mount() {
          local s m t o x=
          while read -r s m t o _; do [ "$m" != "$1" ] || x="$s $t $o"; done </proc/self/mounts
          [ -z "$x" ] || c_value mount "$x"
        }
        """;

    public override IReadOnlyList<string> Functions => [Find];

    public override string Script => $"c_mount {Shell.Quote(Escape(check.MountPoint.Length > 1 ? check.MountPoint.TrimEnd('/') : check.MountPoint))}";

    public override Verdict Judge(ProbeOutput output)
    {
        var words = output["mount"]?.Split(' ');
        if (Verdict.Unless(check.Exists, words is not null, "mounted", "not mounted") is { } wrong) return wrong;
        if (words is not [var source, var type, var options]) return Verdict.Pass();
        return Verdict.UnlessEqual("source", check.MountSource is null ? null : Escape(check.MountSource), source)
            ?? Verdict.UnlessEqual("file system", check.FileSystem, type)
            ?? Verdict.UnlessAmong("option", check.MountOptions, options.Split(','))
            ?? Verdict.Pass(output["mount"]);
    }

    // As the kernel writes what would end a word of its table.
    private static string Escape(string path)
    {
        var text = new StringBuilder(path.Length);
        foreach (var c in path) text.Append(c switch { ' ' => "\\040", '\t' => "\\011", '\n' => "\\012", '\\' => "\\134", _ => c.ToString() });
        return text.ToString();
    }
}

/// <summary>Reads a parameter of the kernel.</summary>
internal sealed class KernelParameterProbe(KernelParameterCheck check) : Probe
{
    private const string Read = """
        c_kernel() {
          local x=
          if [ ! -f "$1" ]; then c_value missing 1; return; fi
          if [ ! -r "$1" ]; then c_value denied 1; return; fi
          IFS= read -r -d '' x <"$1"
          c_value value "$x"
        }
        """;

    public override IReadOnlyList<string> Functions => [Read];

    public override string Script => $"c_kernel {Shell.Quote(Path)}";

    // With dots between the parts, a slash stands for a dot inside of one, as sysctl has it.
    private string Path => "/proc/sys/" + (check.Parameter.IndexOfAny(['.', '/']) is >= 0 and var at && check.Parameter[at] == '.'
        ? string.Concat(check.Parameter.Select(c => c switch { '.' => '/', '/' => '.', _ => c }))
        : check.Parameter);

    public override Verdict Judge(ProbeOutput output)
    {
        if (output.IsDenied) return Verdict.Skip("only root can read it, and sudo is not allowed without a password");
        if (output["missing"] is not null) return Verdict.Fail("a parameter of that name", "none");
        var value = string.Join(' ', output.Text("value").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return Matching.Mismatch(check.Value, value) is { } expected ? Verdict.Fail($"value {expected}", Matching.Quote(value)) : Verdict.Pass(value);
    }
}

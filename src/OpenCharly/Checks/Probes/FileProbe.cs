using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Checks.Probes;

/// <summary>Looks at a file.</summary>
/// <param name="check">What is expected of it.</param>
/// <param name="home">Home folder, for paths that begin with it.</param>
internal sealed class FileProbe(FileCheck check, string home) : Probe
{
    // What can't be seen because a folder above it is closed to the user is not the same as what is not there.
    private const string Look = """
        c_hidden() {
          local p=${1%/*}
          while [ -n "$p" ] && [ ! -d "$p" ]; do p=${p%/*}; done
          [ -d "${p:-/}" ] && [ ! -x "${p:-/}" ]
        }
        c_file() {
          local p=$1 t=other
          if [ ! -e "$p" ] && [ ! -L "$p" ]; then
            if c_hidden "$p"; then c_value denied 1; else c_value missing 1; fi
            return
          fi
          [ ! -L "$p" ] || c_value link 1
          if [ -f "$p" ]; then t=file; elif [ -d "$p" ]; then t=directory; elif [ ! -e "$p" ]; then t=nothing; fi
          c_value type "$t"
          [ -z "$2" ] || c_value stat "$(stat -L -c '%a %U %G' -- "$p" 2>/dev/null)"
          [ -n "$3$4" ] || return 0
          if [ "$t" = file ] && [ ! -r "$p" ]; then c_value denied 1; return; fi
          [ "$t" = file ] || return 0
          [ -z "$3" ] || c_text content "$p"
          [ -z "$4" ] || c_value sha256 "$(sha256sum <"$p" 2>/dev/null)"
        }
        """;

    private readonly string _path = check.Path is "~" or "$HOME" ? home
        : check.Path.StartsWith("~/", StringComparison.Ordinal) ? home.TrimEnd('/') + check.Path[1..]
        : check.Path.StartsWith("$HOME/", StringComparison.Ordinal) ? home.TrimEnd('/') + check.Path[5..]
        : check.Path;

    public override IReadOnlyList<string> Functions => [Look];

    public override string Script =>
        $"c_file {Shell.Quote(_path)} '{Mark(check.Mode ?? check.Owner ?? check.Group)}' '{Mark(check.Contains)}' '{Mark(check.Sha256)}'";

    public override Verdict Judge(ProbeOutput output)
    {
        if (output.IsDenied) return Verdict.Skip("only root can look there, and sudo is not allowed without a password");
        var exists = output["missing"] is null;
        if (Verdict.Unless(check.Exists, exists, "exists", "does not exist") is { } wrong) return wrong;
        if (!exists) return Verdict.Pass();
        var stat = output.Text("stat").Split(' ') is [var mode, var owner, var group] ? (mode, owner, group) : (null, null, null);
        return JudgeType(output)
            ?? (check.Mode is null ? null : Verdict.UnlessEqual("mode", Octal(check.Mode), Octal(stat.mode)))
            ?? Verdict.UnlessEqual("owner", check.Owner, stat.owner)
            ?? Verdict.UnlessEqual("group", check.Group, stat.group)
            ?? JudgeContent(output)
            ?? (check.Sha256 is null ? null : Verdict.UnlessEqual("sha256", check.Sha256.ToLowerInvariant(), output.Text("sha256").Split(' ')[0]))
            ?? Verdict.Pass(output["content"]);
    }

    private static string Mark(object? wanted) => wanted is null ? "" : "y";

    private static string Octal(string? mode) => string.IsNullOrEmpty(mode) ? "unknown" : "0" + mode.TrimStart('0').PadLeft(3, '0');

    private Verdict? JudgeType(ProbeOutput output)
    {
        if (check.FileType is null) return null;
        var type = output.Text("type");
        var isRight = check.FileType == "symlink" ? output["link"] is not null : type == check.FileType;
        return isRight ? null : Verdict.Fail(check.FileType, output["link"] is not null && type == "nothing" ? "symlink to nothing" : type);
    }

    private Verdict? JudgeContent(ProbeOutput output)
    {
        if (check.Contains is null) return null;
        if (output.Text("type") != "file") return Verdict.Fail("a file with content", output.Text("type"));
        var content = output.Text("content");
        return Matching.Mismatch(check.Contains, content) is { } expected ? Verdict.Fail($"content {expected}", Matching.Quote(content)) : null;
    }
}

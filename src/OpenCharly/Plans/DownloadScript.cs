using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>
/// What a download runs on a live target: it fetches and unpacks in a folder of its own, remembers what it is about to
/// overwrite, and only then places anything.
/// </summary>
internal static class DownloadScript
{
    private const string Begin =
        """
        umask 022
        set -o pipefail
        charly_new=$(mktemp -d "$CHARLY_STAGE/download.XXXXXX")
        trap 'rm -rf -- "$charly_new"' EXIT
        """;

    // Drops leading path parts, as tar does: what is not that deep goes.
    internal const string Strip =
        """
        charly_strip() { # FOLDER COUNT
          local -i left=$2
          shopt -s nullglob dotglob
          for (( ; left > 0; left--)); do
            mkdir -- "$1.stripped"
            local inner
            for inner in "$1"/*/*; do mv -- "$inner" "$1.stripped/"; done
            rm -rf -- "$1"
            mv -T -- "$1.stripped" "$1"
          done
          shopt -u nullglob dotglob
        }
        """;

    // Hands over to charly_keep what the new tree will place. Of a very large tree that is only what it replaces; and a
    // folder that is not there yet is undone as a whole, unless the archive brings chosen members only.
    internal const string KeepTree =
        """
        charly_keep_tree() { # FOLDER TO whole|chosen
          local file
          local -a files=() standing=()
          if [[ $3 = whole && ! -d $2/ ]]; then return 0; fi
          while IFS= read -r -d '' file; do
            file=$2/${file#"$1"/}
            files+=("$file")
            if [[ -e $file || -L $file ]]; then standing+=("$file"); fi
          done < <(find "$1" -mindepth 1 ! -type d -print0)
          if [[ ${#files[@]} -gt 500 ]]; then files=("${standing[@]}"); fi
          if [[ ${#files[@]} -gt 0 ]]; then charly_keep "${files[@]}"; fi
        }
        """;

    public static StepScript Render(ScriptText text, StepScript script, OpStep step, InstallPlan plan)
    {
        OpScripts.Export(text, step.Variables);
        if (step.Uninstall.Count > 0) script = OpScripts.Keep(text, script, step.Uninstall);
        text.Use(BashFunctions.Fetch);
        text.Add(Begin);
        text.Add($"charly_fetch {TargetText.Quote(step.Value)} \"$charly_new/file\"");
        return step.Extract switch
        {
            "sh" => Run(text, script, step, plan),
            "none" => Place(text, script, step, plan),
            _ => Unpack(text, script, step, plan),
        };
    }

    /// <summary>The files that a download places out of an archive, as paths on the target. A member that ends with a slash
    /// is a folder, whose files are only known when it is unpacked.</summary>
    public static IReadOnlyList<string> Members(OpStep step) =>
        [.. step.Include.Where(m => !m.EndsWith('/')).Select(m => string.Join('/', m.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").Skip(step.StripComponents)))
            .Where(m => m.Length > 0).Select(m => $"{step.To}/{m}")];

    private static StepScript Run(ScriptText text, StepScript script, OpStep step, InstallPlan plan)
    {
        if (OpScripts.IsOther(step, plan))
        {
            text.Use(BashFunctions.As);
            text.Add($"charly_as {Shell.Quote(step.ResolvedUser)} bash -c 'cd -- \"$HOME\" 2>/dev/null || cd /; eval \"$(cat)\"' <\"$charly_new/file\"");
            return script with { LeavesTraces = false };
        }

        text.Run("cd --", plan.Home).Add("bash \"$charly_new/file\"");
        return script with { LeavesTraces = false };
    }

    private static StepScript Place(ScriptText text, StepScript script, OpStep step, InstallPlan plan)
    {
        script = OpScripts.Keep(text, script, step.To!);
        text.Use(BashFunctions.Folder).Run("charly_folder", PlacePaths.Parent(step.To!));
        var beside = TargetText.Quote(step.To + ".charly-new");
        var mode = step.Mode ?? "0755";
        text.Add($"install -T -m {Shell.Quote(mode)} -- \"$charly_new/file\" {beside}");
        if (OpScripts.IsOther(step, plan)) text.Add($"chown -- {TargetText.Quote(OpScripts.Owner(step, plan))} {beside}\nchmod {Shell.Quote(mode)} {beside}");
        text.Add($"mv -fT -- {beside} {TargetText.Quote(step.To!)}");
        return script;
    }

    private static StepScript Unpack(ScriptText text, StepScript script, OpStep step, InstallPlan plan)
    {
        text.Add("mkdir -- \"$charly_new/tree\"");
        if (step.Extract == "zip") Unzip(text, step);
        else Untar(text, step);
        if (step.Mode is { } mode) text.Add($"find \"$charly_new/tree\" -type f -exec chmod {Shell.Quote(mode)} {{}} +");
        if (OpScripts.IsOther(step, plan)) text.Add($"chown -R -- {TargetText.Quote(OpScripts.Owner(step, plan))} \"$charly_new/tree\"");
        var to = TargetText.Quote(step.To!);
        if (TargetText.IsDynamic(step.To!)) text.Add($"charly_keep {to}");
        text.Use(KeepTree).Add($"charly_keep_tree \"$charly_new/tree\" {to} {(step.Include.Count > 0 ? "chosen" : "whole")}");
        text.Use(BashFunctions.Folder).Run("charly_folder", step.To!);

        // Not cp, which would give folders that are there already the mode of those in the archive.
        text.Add($"tar -c -C \"$charly_new/tree\" . | tar -x -p -C {to} --no-overwrite-dir --keep-directory-symlink");
        return script with
        {
            Folders = TargetText.IsDynamic(step.To!) ? script.Folders : [step.To!],
        };
    }

    private static void Untar(ScriptText text, OpStep step)
    {
        var compression = step.Extract switch
        {
            "tar.gz" => "-z",
            "tar.xz" => "-J",
            _ => "--zstd",
        };
        var members = step.Include.Count == 0 ? "" : " -- " + string.Join(' ', step.Include.Select(TargetText.Quote));
        var strip = step.StripComponents > 0 ? $" --strip-components={step.StripComponents}" : "";

        // Owners and special bits of an archive mean nothing here.
        text.Add($"tar -x {compression} --no-same-owner --no-same-permissions{strip} -f \"$charly_new/file\" -C \"$charly_new/tree\"{members}");
    }

    private static void Unzip(ScriptText text, OpStep step)
    {
        // unzip takes members for patterns.
        var members = step.Include.Select(m => string.Concat(m.Select(c => c == '\\' ? "\\\\" : c is '*' or '?' or '[' or '-' ? $"[{c}]" : $"{c}")));
        text.Add("unzip -q -o \"$charly_new/file\" -d \"$charly_new/tree\" " + string.Join(' ', members.Select(TargetText.Quote)));
        if (step.StripComponents > 0) text.Use(Strip).Add($"charly_strip \"$charly_new/tree\" {step.StripComponents}");
    }
}

using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>What tasks and file steps run on a live target (candy-and-plan.md §6.4).</summary>
internal static class OpScripts
{
    public static StepScript Render(ScriptText text, StepScript script, OpStep step, InstallPlan plan) => step.Verb switch
    {
        "cmd" => Command(text, script, step, plan),
        "mkdir" => Folder(text, script, step, plan),
        "copy" => step.IsFolder ? CopyFolder(text, script, step, plan) : CopyFile(text, script, step, plan),
        "write" => Write(text, script, step, plan),
        "link" => Link(text, script, step, plan),
        "setcap" => SetCapabilities(text, script, step),
        "download" => DownloadScript.Render(text, script, step, plan),
        _ => throw new CharlyException(Errors.PlanSchema, $"there is no task {step.Verb}", "Compile the plan again with this version."),
    };

    public static StepScript Place(ScriptText text, StepScript script, FileStep step)
    {
        var owner = step.Owner ?? (script.AsRoot ? "0:0" : "");
        var name = StagedNames.Content(step);
        PlaceStaged(text, name, step.Destination, step.Mode, owner);
        return script with { Paths = [step.Destination], Staged = [new StagedFile(name, step.Source, step.Sha256)] };
    }

    /// <summary>Owner of what a task places, as chown takes it; empty for the deploy user, who owns what he makes.</summary>
    public static string Owner(OpStep step, InstallPlan plan) =>
        step.ResolvedUser == "root" ? "0:0"
        : step.ResolvedUser == plan.User ? ""

        // With a colon and no group, chown takes the account's own.
        : step.ResolvedUser.Contains(':') || char.IsAsciiDigit(step.ResolvedUser[0]) ? step.ResolvedUser : step.ResolvedUser + ":";

    /// <summary>Sets what a script exports: the architecture, then the task's variables.</summary>
    public static void Export(ScriptText text, IReadOnlyDictionary<string, string> variables)
    {
        text.Add(TargetText.Preamble);
        foreach (var (name, value) in variables.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            if (!Names.IsVariable(name))
            {
                throw new CharlyException(Errors.CandyVariable, $"\"{name}\" can't name a variable", "Use letters, digits and underscores.", target: name);
            }

            text.Add($"export {name}={TargetText.Quote(value)}");
        }
    }

    /// <summary>Whether a task runs as an account that is neither root nor the deploy user.</summary>
    public static bool IsOther(OpStep step, InstallPlan plan) => step.ResolvedUser != "root" && step.ResolvedUser != plan.User;

    /// <summary>The given path as one that must be remembered: now if it is known, else by the script when it runs.</summary>
    public static StepScript Keep(ScriptText text, StepScript script, params IReadOnlyList<string> paths)
    {
        var dynamic = paths.Where(TargetText.IsDynamic).ToList();
        if (dynamic.Count > 0) text.Add($"charly_keep {string.Join(' ', dynamic.Select(TargetText.Quote))}");
        var known = paths.Except(dynamic).ToList();
        return script with { Paths = [.. script.Paths, .. known], LeavesTraces = script.LeavesTraces && known.Count > 0 };
    }

    private static StepScript Command(ScriptText text, StepScript script, OpStep step, InstallPlan plan)
    {
        var usesContext = CommandBody.MentionsContext(step.Value);
        var folder = StagedNames.CandyFile(step.Candy, "").TrimEnd('/');
        var isOther = IsOther(step, plan);
        if (usesContext)
        {
            text.Add($"charly_ctx={StepScripts.Staged(folder)}");

            // The staging folder need not be open to other accounts.
            if (isOther)
            {
                text.Add("charly_copy=$(mktemp -d)\ntrap 'rm -rf -- \"$charly_copy\"' EXIT");
                text.Add("cp -R -- \"$charly_ctx/.\" \"$charly_copy\"\nchmod -R a+rX -- \"$charly_copy\"\ncharly_ctx=$charly_copy");
            }
        }

        Export(text, step.Variables);
        var body = CommandBody.Quote(step.Value, "$charly_ctx");
        if (isOther)
        {
            // The body travels on standard input: an argument list would show it to everyone.
            text.Use(BashFunctions.As);
            text.Add($"printf %s {body} | charly_as {Shell.Quote(step.ResolvedUser)} bash -c 'cd -- \"$HOME\" 2>/dev/null || cd /; set -e; eval \"$(cat)\"'");
        }
        else
        {
            // eval, so that a body with a syntax error, or one that closes what it did not open, fails as a step of its own.
            text.Add($"cd -- {Shell.Quote(plan.Home)}").Add($"eval {body}");
        }

        return script with
        {
            LeavesTraces = false,
            Staged = usesContext ? [.. step.Files.Select(f => Stage(step, f.Path, f))] : [],
        };
    }

    private static StepScript Folder(ScriptText text, StepScript script, OpStep step, InstallPlan plan)
    {
        UseArchitecture(text, step.Value);
        text.Run($"install -d -m {Shell.Quote(step.Mode ?? "0755")} --", step.Value);
        if (IsOther(step, plan)) text.Run("chown --", Owner(step, plan), step.Value);
        if (TargetText.IsDynamic(step.Value)) return script with { LeavesTraces = false };
        return script with { Folders = [step.Value] };
    }

    private static StepScript Write(ScriptText text, StepScript script, OpStep step, InstallPlan plan)
    {
        UseArchitecture(text, step.Value);
        script = Keep(text, script, step.Value);
        text.Write(step.Value, step.Content ?? "", step.Mode ?? "0644", Owner(step, plan));
        return script;
    }

    private static StepScript CopyFile(ScriptText text, StepScript script, OpStep step, InstallPlan plan)
    {
        UseArchitecture(text, step.To!);
        script = Keep(text, script, step.To!);
        var file = step.Files[0];
        PlaceStaged(text, StagedNames.CandyFile(step.Candy, step.Value), step.To!, step.Mode ?? "0644", Owner(step, plan));
        return script with { Staged = [Stage(step, step.Value, file)] };
    }

    // One program a folder and mode, not one or two a file.
    private static StepScript CopyFolder(ScriptText text, StepScript script, OpStep step, InstallPlan plan)
    {
        UseArchitecture(text, step.To!);
        script = Keep(text, script, [.. step.Files.Select(f => $"{step.To}/{f.Path}")]);
        text.Use(BashFunctions.Folder);
        text.Run("charly_folder", step.To!);
        foreach (var group in step.Files.GroupBy(f => (Folder: Path.GetDirectoryName(f.Path) ?? "", Mode: step.Mode ?? f.Mode)))
        {
            var target = group.Key.Folder.Length == 0 ? step.To! : $"{step.To}/{group.Key.Folder}";
            if (group.Key.Folder.Length > 0) text.Run("charly_folder", target);
            var sources = string.Join(' ', group.Select(f => StepScripts.Staged(StagedNames.CandyFile(step.Candy, $"{step.Value}/{f.Path}"))));
            text.Add($"install -m {Shell.Quote(group.Key.Mode)} -t {TargetText.Quote(target)} -- {sources}");
            if (IsOther(step, plan))
            {
                var placed = group.Select(f => TargetText.Quote($"{step.To}/{f.Path}"));
                text.Add($"chown -- {Shell.Quote(Owner(step, plan))} {string.Join(' ', placed)}");
            }
        }

        return script with
        {
            Folders = TargetText.IsDynamic(step.To!) ? script.Folders : [step.To!],
            Staged = [.. step.Files.Select(f => Stage(step, $"{step.Value}/{f.Path}", f))],
        };
    }

    private static StepScript Link(ScriptText text, StepScript script, OpStep step, InstallPlan plan)
    {
        UseArchitecture(text, step.Value, step.To!);
        script = Keep(text, script, step.Value);
        text.Use(BashFunctions.Folder).Run("charly_folder", PlacePaths.Parent(step.Value)).Run("ln -sfT --", step.To!, step.Value);
        if (IsOther(step, plan)) text.Run("chown -h --", Owner(step, plan), step.Value);
        return script;
    }

    private static StepScript SetCapabilities(ScriptText text, StepScript script, OpStep step)
    {
        UseArchitecture(text, step.Value, step.Capabilities ?? "");
        script = Keep(text, script, step.Value);
        if (string.IsNullOrEmpty(step.Capabilities)) text.Add($"setcap -r {TargetText.Quote(step.Value)} 2>/dev/null || :");
        else text.Run("setcap", step.Capabilities, step.Value);

        // A file that is placed anew loses its capabilities without looking any different.
        return script with { LeavesTraces = false };
    }

    private static void PlaceStaged(ScriptText text, string name, string destination, string mode, string owner)
    {
        text.Use(BashFunctions.Folder).Run("charly_folder", PlacePaths.Parent(destination));
        var beside = TargetText.Quote(destination + ".charly-new");
        var isRoot = owner == "0:0";
        text.Add($"install -T -m {Shell.Quote(mode)} {(isRoot ? "-o 0 -g 0 " : "")}-- {StepScripts.Staged(name)} {beside}");
        if (owner.Length > 0 && !isRoot) text.Add($"chown -- {Shell.Quote(owner)} {beside}\nchmod {Shell.Quote(mode)} {beside}");
        text.Add($"mv -fT -- {beside} {TargetText.Quote(destination)}");
    }

    private static void UseArchitecture(ScriptText text, params IReadOnlyList<string> fields)
    {
        if (fields.Any(TargetText.IsDynamic)) text.Add(TargetText.Preamble);
    }

    private static StagedFile Stage(OpStep step, string path, CandyFile file) =>
        new(StagedNames.CandyFile(step.Candy, path), Path.Combine(step.CandyFolder, path), file.Sha256, file.Mode);
}

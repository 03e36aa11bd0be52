using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>
/// Renders steps as bash: the one rendering of what runs on a live target (candy-and-plan.md §6). Every body stands
/// alone, but for what the run provides:
/// <list type="bullet">
/// <item><c>set -e</c>, a subshell per step with empty standard input, <c>umask 022</c>;</item>
/// <item><c>$CHARLY_STAGE</c>: an absolute path without blanks of a folder on a disk (not in memory), readable by the
/// deploy user, that lasts as long as the run, with the files of <see cref="StepScript.Staged"/>; steps leave their own
/// temporary files there;</item>
/// <item><c>charly_keep PATH...</c>: remembers what stands at paths that are only known while a step runs;</item>
/// <item>the values of <see cref="OpStep.Secrets"/> as exported variables, in force before the body;</item>
/// <item>optional <c>CHARLY_MACHINE</c>: the answer of <c>uname -m</c>, so that not every step asks for it;</item>
/// <item>optional <c>CHARLY_RESUMED=1</c>: an earlier run was cut in this step, so a unit that looks right may still run
/// with what stood before.</item>
/// </list>
/// </summary>
public static class StepScripts
{
    /// <summary>Renders a step.</summary>
    /// <param name="step">The step; a skipped one is rendered like any other.</param>
    /// <param name="plan">The plan that it belongs to, for its user, home and target.</param>
    public static StepScript Render(InstallStep step, InstallPlan plan) => RenderParts(step, plan).Script;

    /// <summary>The commands of a step without the functions that they call, for people; empty for a step that will not run.</summary>
    public static IReadOnlyList<string> Commands(InstallStep step, InstallPlan plan) =>
        step.Enabled ? RenderParts(step, plan).Commands : [];

    /// <summary>Whether a step runs as root: those of the system, and tasks of accounts other than the deploy user.</summary>
    /// <param name="step">The step.</param>
    /// <param name="user">The deploy user.</param>
    public static bool RunsAsRoot(InstallStep step, string user) =>
        step.Scope == StepScope.System || (step is OpStep op && op.ResolvedUser != user);

    /// <summary>A shell word for a path below the staging folder.</summary>
    internal static string Staged(string path) => $"\"$CHARLY_STAGE\"/{Shell.Quote(path)}";

    private static (StepScript Script, IReadOnlyList<string> Commands) RenderParts(InstallStep step, InstallPlan plan)
    {
        var text = new ScriptText();
        var isPlain = step is FileStep or ShellHookStep or ShellSnippetStep or OpStep { Verb: "mkdir" or "write" or "copy" or "link" };
        var script = new StepScript { Body = "", AsRoot = RunsAsRoot(step, plan.User), UsesLocale = !isPlain };
        var owner = script.AsRoot ? "0:0" : "";
        script = step switch
        {
            SystemPackagesStep s => Packages(text, script, s),
            RepoChangeStep s => Repository(text, script, s),
            BuilderStep s => BuilderScripts.Deliver(text, script, s, plan.Home),
            OpStep s => OpScripts.Render(text, script, s, plan),
            FileStep s => OpScripts.Place(text, script, s),
            ServiceCustomStep s => ServiceScripts.Render(text, script, s, plan),
            ServicePackagedStep s => ServiceScripts.Render(text, script, s, plan),
            ShellHookStep s => Write(text, script, s.EnvFile, EnvFile.Text(s.Candy, s.Variables, s.PathEntries), owner),
            ShellSnippetStep { UseDropIn: true } s => Write(text, script, s.Destination, s.Snippet.TrimEnd('\n') + "\n", owner),
            ShellSnippetStep s => Block(text, script, s),
            LocalPkgInstallStep s => LocalPackage(text, script, s),
            RebootStep => Reboot(text, script),
            ApkInstallStep => Nothing(text, script),
            _ => throw new CharlyException(Errors.PlanSchema, $"there is no script for a {step.Kind} step", "Compile the plan again with this version."),
        };
        return (
            script with { Body = text.Body, Functions = text.Functions, LastCommand = text.LastCommand, Folders = PlacePaths.Folders(script.Paths.Concat(script.Folders), script.Folders, plan.Home) },
            text.Commands);
    }

    private static StepScript Packages(ScriptText text, StepScript script, SystemPackagesStep step)
    {
        PackageScripts.Render(text, step);
        var isPrepare = step.PackagePhase == StepPhase.Prepare;

        // To rpm a key that it trusts is a package as well.
        var installs = !isPrepare || step.Coprs.Count > 0
            || step.Repositories.Any(r => r.Ppa is not null || r.ReleasePackage is not null || (step.Format == "rpm" && r.Key is not null));
        var rings = isPrepare && step.Format == "deb"
            ? step.Repositories.Where(r => r is { Key: not null, Ppa: null, ReleasePackage: null }).Select(r => PackageCompiler.KeyRing(r)!)
            : [];
        return script with { PackageFormat = installs ? step.Format : null, Paths = [.. rings] };
    }

    private static StepScript Repository(ScriptText text, StepScript script, RepoChangeStep step)
    {
        PackageScripts.Render(text, step);
        return script with { Paths = [step.File] };
    }

    private static StepScript Write(ScriptText text, StepScript script, string path, string content, string owner)
    {
        text.Write(path, content, "0644", owner);
        return script with { Paths = [path] };
    }

    private static StepScript Block(ScriptText text, StepScript script, ShellSnippetStep step)
    {
        text.Use(ManagedBlock.Functions).Add(ManagedBlock.Of(step.Marker).RenderWriteCall(step.Destination, step.Snippet));
        return script with { Paths = [step.Destination] };
    }

    // The packages are built elsewhere; they lie in the staging folder under the candy's name.
    private static StepScript LocalPackage(ScriptText text, StepScript script, LocalPkgInstallStep step)
    {
        PackageScripts.InstallFiles(text, step.Format, StagedNames.LocalPackages(step), step.Source);
        return script with { PackageFormat = step.Format };
    }

    // The script must have ended, and its result be on its way, before the machine goes down.
    private static StepScript Reboot(ScriptText text, StepScript script)
    {
        text.Add("(sleep 1; systemctl reboot) </dev/null >/dev/null 2>&1 &");
        return script with { LeavesTraces = false };
    }

    private static StepScript Nothing(ScriptText text, StepScript script)
    {
        text.Add(":");
        return script with { LeavesTraces = false };
    }
}

using OpenCharly.Foundation;

namespace OpenCharly.Plans;

/// <summary>What service steps run on a live target (candy-and-plan.md §6.5).</summary>
internal static class ServiceScripts
{
    public static StepScript Render(ScriptText text, StepScript script, ServiceCustomStep step, InstallPlan plan)
    {
        var unit = step.Name + ".service";
        var isUser = step.Scope != StepScope.System;
        if (!isUser)
        {
            // A unit of this name that a package brings would be hidden by ours.
            text.Add($"for charly_file in /usr/lib/systemd/system/{Shell.Quote(unit)} /lib/systemd/system/{Shell.Quote(unit)}; do "
                + $"[[ ! -e $charly_file ]] || {{ echo \"charly: $charly_file is there already; use use_packaged for it\" >&2; exit 1; }}; done");
        }

        Reach(text, isUser, plan);
        Place(text, step.UnitPath, step.UnitText, isUser);
        Start(text, unit, Shell.Quote(unit), step.Enable, isUser, plan);
        return Describe(script, [step.UnitPath], unit, isUser, plan);
    }

    public static StepScript Render(ScriptText text, StepScript script, ServicePackagedStep step, InstallPlan plan)
    {
        var isUser = step.Scope != StepScope.System;
        Reach(text, isUser, plan);
        if (step.OverridesPath is { } path) Place(text, path, step.OverridesText ?? "", isUser);
        else text.Use(BashFunctions.Folder, BashFunctions.Place, BashFunctions.Unit);
        var name = Shell.Quote(step.Unit);
        if (step.Enable && !isUser)
        {
            text.Use(BashFunctions.UnitName).Run("charly_unit_name", step.Unit);
            name = "\"$charly_name\"";
        }

        Start(text, step.Unit, name, step.Enable, isUser, plan);
        return Describe(script, step.OverridesPath is null ? [] : [step.OverridesPath], step.Unit, isUser, plan);
    }

    private static StepScript Describe(StepScript script, IReadOnlyList<string> paths, string unit, bool isUser, InstallPlan plan) => script with
    {
        Paths = paths,
        Units = [new UnitReference(unit, isUser)],
        StartIsBestEffort = IsGuest(plan),
        LingerUser = isUser && Lingers(plan) ? plan.User : null,
    };

    // Where nobody stays logged in, the user's own units need a manager that outlives the log-in.
    private static void Reach(ScriptText text, bool isUser, InstallPlan plan)
    {
        if (isUser) text.Use(BashFunctions.UserManager).Run("charly_user_manager", plan.User, Lingers(plan) ? "linger" : "session");
    }

    private static void Place(ScriptText text, string path, string content, bool isUser) =>
        text.Use(BashFunctions.Folder, BashFunctions.Place, BashFunctions.Unit).Run("charly_unit", path, content, isUser ? "" : "0:0");

    private static void Start(ScriptText text, string unit, string name, bool enable, bool isUser, InstallPlan plan)
    {
        var systemctl = isUser ? "systemctl --user" : "systemctl";
        text.Add($"{systemctl} daemon-reload");
        if (!enable)
        {
            text.Add($"if [[ -n $charly_changed ]]; then {systemctl} try-restart {name}; fi");
            return;
        }

        text.Add($"{systemctl} enable {name}");
        var start = $"if [[ -n $charly_changed ]]; then charly_verb=restart; else charly_verb=start; fi\n{systemctl} \"$charly_verb\" {name}";
        text.Add(IsGuest(plan) ? $"{start} || echo {Shell.Quote($"charly: warning: {unit} did not start; it will be tried again on boot")} >&2" : start);
    }

    private static bool Lingers(InstallPlan plan) => plan.Host != "local" || IsGuest(plan);

    private static bool IsGuest(InstallPlan plan) => plan.Target.StartsWith("vm:", StringComparison.Ordinal);
}

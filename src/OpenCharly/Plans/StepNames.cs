namespace OpenCharly.Plans;

/// <summary>The words by which plans, ledgers and tables name the enumerations of a step (candy-and-plan.md §5.2).</summary>
public static class StepNames
{
    /// <summary>Word of a scope: <c>system</c>, <c>user</c>, <c>user-profile</c>.</summary>
    public static string Of(StepScope scope) => scope switch
    {
        StepScope.System => "system",
        StepScope.User => "user",
        _ => "user-profile",
    };

    /// <summary>Word of a venue: <c>host-native</c>, <c>container-builder</c>, <c>skip</c>.</summary>
    public static string Of(StepVenue venue) => venue switch
    {
        StepVenue.HostNative => "host-native",
        StepVenue.ContainerBuilder => "container-builder",
        _ => "skip",
    };

    /// <summary>Word of a phase: <c>prepare</c>, <c>install</c>, <c>cleanup</c>.</summary>
    public static string Of(StepPhase phase) => phase switch
    {
        StepPhase.Prepare => "prepare",
        StepPhase.Install => "install",
        _ => "cleanup",
    };

    /// <summary>Word of a gate, which is also the flag that opens it; empty for none.</summary>
    public static string Of(StepGate gate) => PlanGates.FlagOf(gate);

    /// <summary>Word of a skip reason, such as <c>gate-closed</c>.</summary>
    public static string Of(SkipReason reason) => reason switch
    {
        SkipReason.GateClosed => "gate-closed",
        SkipReason.NotSupportedOnTarget => "not-supported-on-target",
        SkipReason.ShellAbsent => "shell-absent",
        SkipReason.Incompatible => "incompatible",
        SkipReason.NoPackageManager => "no-package-manager",
        SkipReason.NoSource => "no-source",
        _ => "init-system",
    };

    /// <summary>The value of an enumeration that has this word; null if none has.</summary>
    internal static T? Find<T>(string word, Func<T, string> wordOf)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (wordOf(value) == word) return value;
        }

        return null;
    }
}

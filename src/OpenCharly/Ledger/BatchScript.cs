using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>A step that is about to run.</summary>
/// <param name="Intent">What the journal says about it.</param>
/// <param name="Script">The step as bash.</param>
/// <param name="Secrets">Variables exported to it that are in no plan and no journal.</param>
internal sealed record BatchStep(StepIntent Intent, StepScript Script, IReadOnlyDictionary<string, string> Secrets)
{
    /// <summary>Whether an earlier run was cut in this step.</summary>
    public bool IsResumed { get; init; }
}

/// <summary>Renders neighbouring steps of one user as one script: intent, then each step between its journal lines.</summary>
internal static class BatchScript
{
    private static readonly (string Command, string Before)[] LastCommands =
        [("install -d ", "exec "), ("mv -fT ", "exec "), ("ln -sfT ", "exec "), ("charly_place_file ", "charly_exec=exec ")];

    /// <summary>Renders a batch.</summary>
    /// <param name="run">The run; its own line is written by its first batch.</param>
    /// <param name="plan">The plan as <see cref="PackedText"/>, if this is the run's first batch; else null.</param>
    /// <param name="prologue">What <see cref="JournalPrologue"/> rendered.</param>
    /// <param name="steps">The steps.</param>
    /// <param name="stage">The run's staging folder.</param>
    /// <param name="unpack">Commands that fill it, such as <see cref="Unpack"/>; empty if nothing travels.</param>
    /// <param name="machine">Answer of <c>uname -m</c>.</param>
    public static string Render(RunIntent run, string? plan, string prologue, IReadOnlyList<BatchStep> steps, string stage, string unpack, string machine)
    {
        var script = new StringBuilder(prologue);
        script.Append($"CHARLY_MACHINE={Shell.Quote(machine)} CHARLY_STAGE={Shell.Quote(stage)}\n");
        foreach (var step in steps)
        {
            script.Append($"charly_w{step.Intent.Index}=({Shell.Join(step.Intent.Watch.Select(w => w.ToString()))})\n");
        }

        if (unpack.Length > 0 || steps.Any(s => s.Script.Body.Contains("CHARLY_STAGE", StringComparison.Ordinal)))
        {
            // Open to no other account: candies may carry what is nobody else's business.
            script.Append("[[ -d $CHARLY_STAGE ]] || { mkdir -p -m 0700 -- \"$CHARLY_STAGE\" && charly_own \"$CHARLY_STAGE\" || exit 99; }\n");

            // What root unpacks is the deploy user's, whose steps may unpack more of the same candy beside it. It is on
            // the disk before the journal says that the run began: a run that is finished later needs it.
            if (unpack.Length > 0) script.Append(unpack).Append("charly_own \"$CHARLY_STAGE\" || exit 99\nsync -f -- \"$CHARLY_STAGE\"\n");
        }

        var lines = steps.Select(s => "S\t" + s.Intent.ToJson());
        if (plan is not null) lines = lines.Prepend("J\t" + plan).Prepend("I\t" + run.ToJson());
        script.Append("printf '%s\\n'");
        foreach (var line in lines) script.Append(" \\\n  ").Append(Shell.Quote(line));
        script.Append(" >&8\n");
        foreach (var function in steps.SelectMany(s => s.Script.Functions).Distinct(StringComparer.Ordinal)) script.Append(function).Append('\n');
        script.Append($"charly_intend {string.Join(' ', steps.Select(s => s.Intent.Index))}\n");
        foreach (var step in steps) AppendStep(script, step);
        return script.Append("exit 0\n").ToString();
    }

    /// <summary>Unpacks staged files that travel inside the script, dated by the target's own clock.</summary>
    public static string Unpack(ReadOnlySpan<byte> tar) => $"{{ {Shell.Emit(tar)}; }} | tar -x -m --no-same-owner -C \"$CHARLY_STAGE\" || exit 99\n";

    /// <summary>Unpacks staged files that were put onto the target before.</summary>
    public static string UnpackFile(string path) => $"tar -x -m --no-same-owner -C \"$CHARLY_STAGE\" -f {Shell.Quote(path)} || exit 99\n";

    private static void AppendStep(StringBuilder script, BatchStep step)
    {
        var (intent, body, secrets) = (step.Intent, step.Script, step.Secrets);
        script.Append($"charly_begin {intent.Index} {Shell.Quote(intent.Candy)}\n");
        foreach (var manager in body.Units.GroupBy(u => u.IsUser))
        {
            script.Append($"charly_units {(manager.Key ? 'u' : 's')} {Shell.Join(manager.Select(u => u.Name))}\n");
        }

        if (body.LingerUser is { } user) script.Append($"charly_linger {Shell.Quote(user)}\n");
        if (body.PackageFormat is { } format) script.Append($"charly_packages_before {format} {Shell.Join(intent.Packages)} || charly_end 96\n");

        // The body is evaluated from a quoted word, so that a syntax error or an unbalanced quote in a candy's script
        // fails its own step and nothing else. It must not inherit the journal: what it leaves running would hold its lock.
        script.Append("( exec 8>&-; ");
        if (body.UsesLocale) script.Append("charly_locale; ");
        if (step.IsResumed) script.Append("CHARLY_RESUMED=1; ");
        foreach (var (name, value) in secrets.OrderBy(s => s.Key, StringComparer.Ordinal)) script.Append($"export {name}={Shell.Quote(value)}; ");
        script.Append($"set -e; eval {Shell.Quote(EndingInPlace(body))} ) </dev/null\n");
        if (body.PackageFormat is null)
        {
            script.Append("charly_end $?\n");
            return;
        }

        script.Append($"charly_s=$?; charly_packages_after {body.PackageFormat}; charly_end $charly_s\n");
    }

    /// <summary>The body without its functions, which the script holds once, and with its last program in the place of the step's own shell, which saves a fork a step.</summary>
    private static string EndingInPlace(StepScript step)
    {
        var functions = string.Concat(step.Functions.Select(f => f + "\n"));
        var commands = step.Body.StartsWith(functions, StringComparison.Ordinal) ? functions.Length : 0;
        var last = step.Body.AsSpan(step.LastCommand);
        foreach (var (command, before) in LastCommands)
        {
            if (last.StartsWith(command)) return string.Concat(step.Body.AsSpan(commands, step.LastCommand - commands), before, last);
        }

        return step.Body[commands..];
    }
}

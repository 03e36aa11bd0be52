using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>Compiles what a candy wants of the user's shells: environment, PATH, snippets (§3.3, §3.6).</summary>
internal static class ShellCompiler
{
    private static readonly string[] Shells = ["bash", "zsh", "fish", "sh"];

    public static void AddHook(PlanBuilder plan, Candy candy)
    {
        var paths = candy.PathEntries.Concat(candy.Builders.Select(BuilderCompiler.PathOf).OfType<string>()).ToList();
        if (candy.Environment.Count == 0 && paths.Count == 0) return;

        // All env.d files are read in the order of their names, so the deploy entry could not win by coming last.
        var variables = candy.Environment.ToDictionary(v => v.Key, v => plan.Request.Environment.GetValueOrDefault(v.Key, v.Value));
        plan.Add(Hook(plan, candy.Name, variables, paths));
    }

    public static ShellHookStep Hook(PlanBuilder plan, string name, IReadOnlyDictionary<string, string> variables, IReadOnlyList<string> paths)
    {
        var file = EnvFile.PathOf(plan.Facts.Home, name);
        return new ShellHookStep
        {
            Candy = name,
            Scope = StepScope.UserProfile,
            Variables = new SortedDictionary<string, string>(variables.ToDictionary(v => v.Key, v => plan.Expand(v.Value)), StringComparer.Ordinal),
            PathEntries = [.. paths.Select(plan.Expand).Distinct()],
            EnvFile = file,
            Reverse =
            [
                new ReverseOp
                {
                    Kind = ReverseKinds.RemoveEnvFile, Targets = [file], Scope = StepScope.UserProfile,
                    Extra = new Dictionary<string, string> { [ReverseExtra.Layer] = name },
                },
            ],
        };
    }

    public static void AddSnippets(PlanBuilder plan, Candy candy)
    {
        if (candy.Shell is not { } block) return;
        var files = new Dictionary<string, ShellSnippetStep>(StringComparer.Ordinal);
        foreach (var shell in Shells)
        {
            var isOwn = block.Shells.TryGetValue(shell, out var lines);
            lines ??= block.Generic;
            if (lines is null || (lines.Init is null && lines.PathAppend.Count == 0)) continue;
            var init = isOwn ? lines.Init : lines.Init?.Replace("${SHELL_NAME}", shell, StringComparison.Ordinal);
            var step = Snippet(plan, candy, block, shell, lines with { Init = init });
            if (!plan.Facts.Shells.Contains(shell))
            {
                plan.AddSkipped(step, SkipReason.ShellAbsent, $"{shell} is not installed");
            }
            else if (!step.UseDropIn || files.TryAdd(step.Destination, step))
            {
                plan.Add(step);
            }
            else if (files[step.Destination] is { } first && first.Snippet != step.Snippet)
            {
                // One path for all shells is one file, which can't be written in the language of each.
                plan.Warn($"{candy.Name}: {step.Destination} is written for {first.Shell}, and what it would say for {shell} differs: give {shell} a path of its own");
            }
        }
    }

    private static ShellSnippetStep Snippet(PlanBuilder plan, Candy candy, ShellBlock block, string shell, ShellLines lines)
    {
        var paths = lines.PathAppend.Select(plan.Expand).ToList();
        var text = new List<string>();
        if (lines.Init is not null) text.Add(plan.Expand(lines.Init).TrimEnd('\n', '\r'));
        text.AddRange(paths.Select(p => shell == "fish" ? $"fish_add_path -gP {QuoteForFish(p)}" : $"export PATH=\"$PATH:{EnvFile.Escape(p)}\""));
        if (plan.IsBox && lines.Path is null && ImageGuard(shell) is { } guard) text.Insert(0, guard);
        var destination = plan.Expand(lines.Path ?? shell switch
        {
            "fish" when plan.IsBox => $"/etc/fish/conf.d/charly-{candy.Name}.fish",
            _ when plan.IsBox => $"/etc/profile.d/charly-{candy.Name}-{shell}.sh",
            "bash" => "~/.bashrc",
            "zsh" => "~/.zshrc",
            "fish" => $"~/.config/fish/conf.d/charly-{candy.Name}.fish",
            _ => "~/.profile",
        });
        var isDropIn = lines.Path is not null || shell == "fish" || plan.IsBox;
        var isHome = destination.StartsWith(plan.Facts.Home + "/", StringComparison.Ordinal);
        var scope = isHome ? StepScope.UserProfile : PlanBuilder.ScopeOf(destination, StepScope.UserProfile);
        return new ShellSnippetStep
        {
            Candy = candy.Name,
            Scope = scope,
            Shell = shell,
            Snippet = string.Join('\n', text),
            PathAppend = paths,
            Destination = destination,
            Marker = candy.Name,
            UseDropIn = isDropIn,
            Priority = block.Priority,
            Reverse =
            [
                isDropIn
                    ? new ReverseOp
                    {
                        Kind = scope == StepScope.System ? ReverseKinds.RemoveFileSystem : ReverseKinds.RemoveFileUser,
                        Targets = [destination], Scope = scope,
                    }
                    : new ReverseOp
                    {
                        Kind = ReverseKinds.RemoveManagedBlock, Targets = [destination], Scope = scope,
                        Extra = new Dictionary<string, string> { [ReverseExtra.Layer] = candy.Name, [ReverseExtra.Marker] = candy.Name, [ReverseExtra.Shell] = shell },
                    },
            ],
        };
    }

    // In an image the files of all shells lie in one folder, which each of them reads whole.
    private static string? ImageGuard(string shell) => shell switch
    {
        "bash" => "[ -n \"${BASH_VERSION:-}\" ] || return 0",
        "zsh" => "[ -n \"${ZSH_VERSION:-}\" ] || return 0",
        "sh" => "[ -z \"${BASH_VERSION:-}${ZSH_VERSION:-}\" ] || return 0",
        _ => null,
    };

    private static string QuoteForFish(string text) =>
        "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";
}

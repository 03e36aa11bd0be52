using System.CommandLine;
using OpenCharly.Cli.Completion;
using OpenCharly.Foundation;

namespace OpenCharly.Cli.Commands;

/// <summary><c>charly completion bash|zsh|fish|pwsh</c>.</summary>
internal static class CompletionCommand
{
    public static void Fill(CommandGroup group, CommandHost host)
    {
        var shell = new Argument<string>("shell") { Description = "The shell: bash, zsh, fish or pwsh", HelpName = "SHELL" };
        shell.CompletionSources.Add([.. CompletionScripts.Shells]);
        group.Add(shell);
        group.SetAction(host.Action((run, _) =>
        {
            var name = run.Parsed.GetRequiredValue(shell);
            var script = CompletionScripts.Of(name) ?? throw new CharlyException(
                Errors.Usage,
                $"there is no completion for the shell \"{name}\"",
                Nearest.Suggest(name, CompletionScripts.Shells, $"The shells are {string.Join(", ", CompletionScripts.Shells)}."));
            run.Print(script);
            return Task.FromResult(0);
        }));
    }
}

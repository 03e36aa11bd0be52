using OpenCharly.Cli.Completion;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Cli;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("bash", "bash", "-n", "/dev/stdin")]
    [InlineData("zsh", "zsh", "-n", "/dev/stdin")]
    [InlineData("fish", "fish", "-n", "/dev/stdin")]
    [InlineData("pwsh", "pwsh", "-NoProfile", "-NonInteractive", "-Command", "$null = [scriptblock]::Create([Console]::In.ReadToEnd())")]
    public async Task The_script_is_well_formed(string shell, string program, params string[] arguments)
    {
        var processes = new ProcessRunner(CharlyEnvironment.FromProcess());
        if (processes.Find(program) is null)
        {
            Console.WriteLine($"skipped: {program} is not installed");
            return;
        }

        var result = await processes.RunAsync(new ProcessRequest(program, arguments) { Input = CompletionScripts.Of(shell) });
        Assert.True(result.Succeeded, result.StandardError);
    }

    [Fact]
    public async Task Every_shell_has_a_script()
    {
        foreach (var shell in CompletionScripts.Shells)
        {
            using var run = new CommandRun();
            Assert.Equal(0, await run.RunAsync("completion", shell));
            Assert.Contains("[suggest:", run.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("charly vm st", "start,state,status,stop")]
    [InlineData("charly bundle s", "show,status,sync")]
    [InlineData("charly vm wait x --for cl", "cloud-init")]
    [InlineData("charly vm list --format j", "json")]
    [InlineData("charly completion z", "zsh")]
    public async Task Verbs_options_and_words_are_suggested(string line, string wanted)
    {
        using var run = new CommandRun();
        Assert.Equal(0, await run.RunAsync($"[suggest:{line.Length}]", line));
        var word = line[(line.LastIndexOf(' ') + 1)..];
        var found = run.Output.Split('\n').Where(c => c.StartsWith(word, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        Assert.Equal(wanted.Split(','), found);
    }

    [Fact]
    public async Task The_bash_script_completes_a_word_after_a_colon()
    {
        // bash itself breaks words at the colon, so only what follows it may come back.
        var script = CompletionScripts.Of("bash") + """
            charly_fake() { printf 'vm:web\nvm:database\nhost'; }
            COMP_WORDS=(charly_fake bundle add vm : w)
            COMP_LINE='charly bundle add vm:w'
            COMP_POINT=${#COMP_LINE}
            COMP_WORDBREAKS=$' \t\n:='
            _charly_complete
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        var result = await new ProcessRunner(CharlyEnvironment.FromProcess()).RunAsync(new ProcessRequest("bash") { Input = script });
        Assert.Equal("web\n", result.StandardOutput);
    }
}

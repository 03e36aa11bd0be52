using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Targets;

/// <summary>Real shells, started in a throw-away home as people start them, see what a candy put there; afterwards they don't.</summary>
public sealed class ShellStartTests : IDisposable
{
    // Where each shell's own lines go, and how it is started so that it reads them.
    private static readonly Dictionary<string, (string File, string Start)> Interactive = new(StringComparer.Ordinal)
    {
        ["bash"] = (".bashrc", "-ic"),
        ["zsh"] = (".zshrc", "-ic"),
        ["fish"] = (".config/fish/conf.d/charly-shelly.fish", "-ic"),
        ["sh"] = (".profile", "-lc"),
    };

    private readonly string _home = Directory.CreateTempSubdirectory("charly-home-").FullName;
    private readonly CharlyEnvironment _environment;
    private readonly ProcessRunner _programs;

    public ShellStartTests()
    {
        var project = Path.Combine(_home, "project", "candy", "shelly");
        Directory.CreateDirectory(project);

        // fish puts only folders on its path that exist.
        Directory.CreateDirectory(Path.Combine(_home, "lab", "tail"));
        File.WriteAllText(Path.Combine(_home, "project", "charly.yml"), "version: 2026.163.0928\ndiscover:\n  - candy\n");
        File.WriteAllText(Path.Combine(project, "charly.yml"),
            """
            candy:
              name: shelly
              version: 2026.180.1200
              env:
                LAB_GREETING: it's "5 $" and `more`
                LAB_HOME: ~/lab
              path_append: [~/lab/bin]
              shell:
                init: export LAB_SNIPPET=from-${SHELL_NAME}
                path_append: [~/lab/tail]
                fish:
                  init: set -gx LAB_SNIPPET from-fish
                  path_append: [~/lab/tail]
            """);
        var real = CharlyEnvironment.FromProcess();
        var variables = new Dictionary<string, string> { ["HOME"] = _home, ["PATH"] = real.Variables["PATH"], ["TERM"] = "dumb", ["LANG"] = "C.UTF-8" };
        _environment = real with { Home = _home, WorkingDirectory = Path.Combine(_home, "project"), Variables = variables };
        _programs = new ProcessRunner(_environment with { WorkingDirectory = _home });
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [LiveTheory("bash", "zsh", "fish", "sh")]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("sh")]
    public async Task A_shell_that_is_started_runs_the_snippet(string shell)
    {
        await AddAsync();
        var (_, start) = Interactive[shell];
        Assert.Equal($"from-{shell}", await RunAsync(shell, start, "echo $LAB_SNIPPET"));
        Assert.Contains($"{_home}/lab/tail", (await RunAsync(shell, start, "printenv PATH")).Split(':'));
    }

    [LiveTheory("bash", "zsh", "fish", "sh")]
    [InlineData("bash", "-ic")]
    [InlineData("zsh", "-c")]
    [InlineData("zsh", "-lic")]
    [InlineData("fish", "-c")]
    [InlineData("fish", "-lc")]
    [InlineData("sh", "-lc")]
    public async Task The_log_in_shell_has_the_environment_and_the_path(string shell, string start)
    {
        await AddAsync(loginShell: shell);
        Assert.Equal("it's \"5 $\" and `more`", await RunAsync(shell, start, "printenv LAB_GREETING"));
        Assert.Equal($"{_home}/lab", await RunAsync(shell, start, "printenv LAB_HOME"));
        Assert.Contains($"{_home}/lab/bin", (await RunAsync(shell, start, "printenv PATH")).Split(':'));
    }

    [LiveFact("bash")]
    public async Task Undo_takes_the_lines_away_and_leaves_what_the_user_wrote_before_and_after()
    {
        // No line break at the end, and a link: as people's files are.
        Directory.CreateDirectory(Path.Combine(_home, "dotfiles"));
        await File.WriteAllTextAsync(Path.Combine(_home, "dotfiles", "bashrc"), "alias before='echo 1'");
        File.CreateSymbolicLink(Path.Combine(_home, ".bashrc"), "dotfiles/bashrc");
        File.SetUnixFileMode(Path.Combine(_home, "dotfiles", "bashrc"), AtomicFile.Private);
        await File.WriteAllTextAsync(Path.Combine(_home, ".zshrc"), "setopt autocd\n\n\n");
        var untouched = Tree();

        await AddAsync();
        await RemoveAsync();
        Assert.Equal(untouched, Tree());

        await AddAsync();
        await File.AppendAllTextAsync(Path.Combine(_home, ".bashrc"), "alias after='echo 2'\n");
        await RemoveAsync();
        Assert.Equal("alias before='echo 1'\nalias after='echo 2'\n", await File.ReadAllTextAsync(Path.Combine(_home, "dotfiles", "bashrc")));
        Assert.Equal("dotfiles/bashrc", new FileInfo(Path.Combine(_home, ".bashrc")).LinkTarget);
        Assert.Equal("1\n2", await RunAsync("bash", "-ic", "before; after; echo $LAB_SNIPPET$LAB_GREETING"));
    }

    // Everything but the project, and what the engine knows of this host and of its ledger.
    private SortedDictionary<string, string> Tree()
    {
        var tree = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFileSystemEntries(_home, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            var name = Path.GetRelativePath(_home, path);
            if (name.StartsWith("project", StringComparison.Ordinal) || name is ".config" || name.StartsWith(".config/opencharly", StringComparison.Ordinal) || name.StartsWith(".config/charly", StringComparison.Ordinal)) continue;
            var file = new FileInfo(path);
            tree[name] = file.LinkTarget is { } link ? "-> " + link : Directory.Exists(path) ? "folder" : $"{File.GetUnixFileMode(path)} {File.ReadAllText(path)}";
        }

        return tree;
    }

    private async Task AddAsync(string? loginShell = null)
    {
        var context = new CharlyContext(_environment);
        var plan = await new CompilePlan(context).RunAsync(new BundleRequest { Name = "host", Ref = "shelly", Options = new InstallOptions { Yes = true } });
        var result = await new ApplyPlan(context).RunAsync(new ApplyPlanRequest { Plan = loginShell is null ? plan : plan with { LoginShell = loginShell } });
        Assert.Null(result.Failure);
        Assert.DoesNotContain(result.Steps, s => s.Status is StepStatus.Failed or StepStatus.NotRun);
    }

    private async Task RemoveAsync() =>
        Assert.Null((await new RemoveBundle(new CharlyContext(_environment)).RunAsync(new RemoveBundleRequest { Name = "host" })).Failure);

    private async Task<string> RunAsync(string shell, string start, string command)
    {
        var result = await _programs.RunAsync(new ProcessRequest(shell, start, command) { Timeout = TimeSpan.FromSeconds(20) });
        Assert.True(result.Succeeded, $"{shell} {start} {command}: {result.Tail()}");
        return result.StandardOutput.TrimEnd('\n');
    }
}

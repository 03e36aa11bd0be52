using System.CommandLine;
using OpenCharly.Cli;

namespace OpenCharly.Tests.Cli;

public sealed class UsageTests
{
    public static TheoryData<string, string> Verbs => new()
    {
        { "", "vm" }, { "", "bundle, deploy" }, { "", "plan" }, { "", "ledger" }, { "", "version" }, { "", "completion" },
        { "vm", "build" }, { "vm", "create" }, { "vm", "start" }, { "vm", "stop" }, { "vm", "suspend" }, { "vm", "resume" }, { "vm", "restart" }, { "vm", "destroy" },
        { "vm", "list" }, { "vm", "status" }, { "vm", "wait" }, { "vm", "ssh" }, { "vm", "log" }, { "vm", "console" }, { "vm", "up" }, { "vm", "down" }, { "vm", "reload" }, { "vm", "provision" },
        { "", "settings" }, { "settings", "get" }, { "settings", "set" }, { "settings", "list" }, { "settings", "reset" }, { "settings", "path" }, { "settings", "migrate-secrets" },
        { "", "secrets" }, { "secrets", "list" }, { "secrets", "get" }, { "secrets", "set" }, { "secrets", "delete" }, { "secrets", "import" }, { "secrets", "export" },
        { "", "up" }, { "", "down" }, { "", "reload" }, { "", "provision" }, { "", "image" },
        { "image", "pull" }, { "image", "list" }, { "image", "inspect" }, { "image", "convert" }, { "image", "rm" },
        { "bundle", "add" }, { "bundle", "del" }, { "bundle", "show" }, { "bundle", "status" }, { "bundle", "path" },
        { "plan", "apply" }, { "plan", "export" }, { "plan", "show" }, { "ledger", "show" },
        { "", "box" }, { "box", "validate" }, { "box", "list" }, { "box", "new" }, { "", "candy" }, { "box", "set" }, { "box", "add-candy" }, { "box", "rm-candy" }, { "box", "write" }, { "box", "cat" }, { "candy", "set" }, { "candy", "add-deb" }, { "candy", "add-scenario" }, { "candy", "list" }, { "candy", "new" },
    };

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Help_mentions_each_command(string group, string verb)
    {
        using var run = new CommandRun();
        string[] arguments = group.Length > 0 ? [group, "--help"] : ["--help"];
        Assert.Equal(0, await run.RunAsync(arguments));
        Assert.Contains("\n  " + verb + " ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_command_that_changes_something_has_a_dry_run()
    {
        using var run = new CommandRun();
        string[] reads =
        [
            "version", "completion", "schema", "doctor", "status", "logs", "vm list", "vm status", "vm wait", "vm log", "vm snapshot list", "vm gpu status", "vm gpu list",
            "image list", "image inspect", "template list", "template show", "template info", "template verify", "bundle diff", "bundle show", "bundle status", "bundle path", "bundle drift", "bundle verify",
            "plan show", "plan graph", "ledger show", "preempt status", "box validate", "box list", "box inspect", "box cat", "candy list", "config status", "config templates", "alias list",
            "settings get", "settings list", "settings path", "secrets list", "secrets get", "secrets export",
            "secrets gpg get", "secrets gpg list", "secrets gpg env", "secrets gpg show", "secrets gpg recipients", "secrets gpg doctor", "service list", "volume list", "service status",
        ];

        // They hand the terminal over, run what they are told to, or write the one file that they are told to.
        string[] hands = ["vm ssh", "vm console", "shell", "cmd", "bundle check", "eval live", "eval box", "eval run", "eval mcp", "secrets gpg edit", "secrets gpg decrypt", "secrets gpg export-key", "vm state export", "bundle export", "plan export"];
        var without = Leaves(run.Host, []).Where(c => !c.Command.Options.Any(o => o.Name == "--dry-run")).Select(c => c.Path)
            .Where(p => !reads.Concat(hands).Any(r => p == r || p.StartsWith(r + " ", StringComparison.Ordinal))).Order(StringComparer.Ordinal);
        Assert.Equal("", string.Join(", ", without));
    }

    // A group gets its verbs when it is named.
    private static IEnumerable<(string Path, Command Command)> Leaves(CommandHost host, string[] path)
    {
        var command = host.Parse(path).CommandResult.Command;
        return command.Subcommands.Count == 0 ? [(string.Join(' ', path), command)] : command.Subcommands.SelectMany(s => Leaves(host, [.. path, s.Name]));
    }

    [Fact]
    public async Task Without_arguments_the_help_is_printed()
    {
        using var run = new CommandRun();
        Assert.Equal(0, await run.RunAsync());
        Assert.Contains("Usage:", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistyped_verb_exits_2_and_names_the_right_one()
    {
        using var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync("vm", "strat", "web"));
        Assert.Equal("error usage: charly vm has no command \"strat\"\n  help: Did you mean \"start\"?\n", run.Error);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task A_mistyped_option_exits_2_and_names_the_right_one()
    {
        using var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync("vm", "stop", "web", "--forec"));
        Assert.Contains("Did you mean \"--force\"?", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistyped_option_is_never_taken_for_a_name()
    {
        using var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync("bundle", "add", "vm:web", "--dry-rum"));
        Assert.Equal("error usage: charly bundle add has no option \"--dry-rum\"\n  help: Did you mean \"--dry-run\"?\n", run.Error);
    }

    [Theory]
    [InlineData("vm")]
    [InlineData("vm start")]
    [InlineData("vm start web db")]
    [InlineData("vm create web --cpus two")]
    [InlineData("vm stop web --timeout soon")]
    [InlineData("vm wait web --for ever")]
    [InlineData("vm build web --type vmdk")]
    [InlineData("vm list --format xml")]
    [InlineData("completion tcsh")]
    [InlineData("nonsense")]
    public async Task A_wrong_command_line_exits_2_with_code_and_help(string line)
    {
        using var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync(line.Split(' ')));
        Assert.StartsWith("error usage: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("\n  help: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vm list --json --nonsense")]
    [InlineData("vm list --format json --nonsense")]
    public async Task A_usage_error_is_json_where_json_was_asked_for(string line)
    {
        using var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync(line.Split(' ')));
        using var json = System.Text.Json.JsonDocument.Parse(run.Error);
        Assert.Equal("usage", json.RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_project_folder_that_is_not_there_is_not_found()
    {
        using var run = new CommandRun();
        Assert.Equal(3, await run.RunAsync("-C", "nowhere", "bundle", "path"));
        Assert.Contains("nowhere", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_file_that_is_not_there_is_not_found()
    {
        using var run = new CommandRun();
        Assert.Equal(3, await run.RunAsync("plan", "show", "plan.json"));
        Assert.StartsWith("error file.not_found: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("version")]
    public async Task Version_is_one_line(string argument)
    {
        using var run = new CommandRun();
        Assert.Equal(0, await run.RunAsync(argument));
        Assert.Matches(@"^charly \d+\.\d+\.\d+\S*\n$", run.Output);
    }

    [Fact]
    public async Task Version_is_an_object_as_json()
    {
        using var run = new CommandRun();
        Assert.Equal(0, await run.RunAsync("version", "--json"));
        using var json = System.Text.Json.JsonDocument.Parse(run.Output);
        Assert.Equal(["version", "runtime", "platform"], json.RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task An_empty_list_is_an_empty_array_as_json_and_a_hint_for_people()
    {
        using var run = new CommandRun();
        Assert.Equal(0, await run.RunAsync("vm", "list"));
        Assert.Empty(run.Output);
        Assert.Equal("no machine runs; charly vm list --all shows the others\n", run.Error);
        using var json = new CommandRun();
        Assert.Equal(0, await json.RunAsync("vm", "list", "--json"));
        Assert.Equal("[]\n", json.Output);
    }

    [Theory]
    [InlineData("\"x\" is no whole number, which --port takes", "vm", "ssh", "db", "-p", "x")]
    [InlineData("\"1.5\" is no whole number, which --tail takes", "vm", "log", "db", "--tail", "1.5")]
    public async Task A_word_that_is_no_number_is_told_in_words_of_ours(string words, params string[] arguments)
    {
        using var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync(arguments));
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", run.Error, StringComparison.Ordinal);
    }
}

using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Tests.Vms;

namespace OpenCharly.Tests.Cli;

/// <summary>Secrets in a KeePass file, with a <c>keepassxc-cli</c> of bash and files that keeps a record of its arguments.</summary>
public sealed class KdbxCommandTests : IDisposable
{
    private const string Canary = "canary-4e1d243b";
    private const string Password = "open sesame";

    // Speaks as the real one does: the password is the first line of its input, a value the second.
    private const string Tool = """
        #!/bin/bash
        echo "$*" >>"${0%/*}/calls"
        verb=$1; shift
        while [[ $1 == -* ]]; do [[ $1 == -a ]] && shift; shift; done
        database=$1 entry=$2
        IFS= read -r password
        if [[ $password != 'open sesame' ]]; then
          echo 'Error while reading the database: Invalid credentials were provided, please try again.' >&2
          exit 1
        fi
        case $verb in
          show)  [[ -f $database.d/$entry ]] || { echo "Could not find entry with path $entry." >&2; exit 1; }
                 cat "$database.d/$entry"; echo ;;
          ls)    cd "$database.d" && find . -mindepth 1 -type d -printf '%P/\n' -o -type f -printf '%P\n' ;;
          mkdir) mkdir "$database.d/$entry" ;;
          add)   [[ ! -e $database.d/$entry ]] && IFS= read -r value && printf %s "$value" >"$database.d/$entry" ;;
          edit)  [[ -e $database.d/$entry ]] && IFS= read -r value && printf %s "$value" >"$database.d/$entry" ;;
          rm)    rm "$database.d/$entry" ;;
        esac
        """;

    private readonly List<CommandRun> _runs = [];
    private readonly CommandRun _home = new();

    public KdbxCommandTests()
    {
        Directory.CreateDirectory(Bin);
        File.WriteAllText(Path.Combine(Bin, "keepassxc-cli"), Tool);
        File.SetUnixFileMode(Path.Combine(Bin, "keepassxc-cli"), AtomicFile.PrivateFolder);
        File.WriteAllText(Database, "");
        Directory.CreateDirectory(Database + ".d");
        File.WriteAllText(PasswordFile, Password + "\n");
    }

    private string Bin => Path.Combine(_home.Home, "bin");

    private string Database => Path.Combine(_home.Home, "my secrets.kdbx");

    private string PasswordFile => Path.Combine(_home.Home, "password");

    private string SettingsFile => Path.Combine(_home.Home, ".config/charly/config.yml");

    public void Dispose()
    {
        _runs.ForEach(r => r.Dispose());
        _home.Dispose();
    }

    [Fact]
    public async Task A_secret_goes_into_the_file_and_back_and_neither_it_nor_the_password_is_in_an_argument_list_or_another_file()
    {
        Assert.Equal("charly/secret/TOKEN kept in the KeePass file\n", await Ok(Canary + "\n", "set", "charly/secret", "TOKEN"));
        Assert.Equal(Canary, await File.ReadAllTextAsync(Path.Combine(Database + ".d", "charly/secret/TOKEN")));
        Assert.Equal(Canary, await Ok("", "get", "charly/secret", "TOKEN"));
        var calls = await File.ReadAllTextAsync(Path.Combine(Bin, "calls"));
        Assert.DoesNotContain(Canary, calls, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, calls, StringComparison.Ordinal);
        Assert.Equal("kdbx_items:\n  charly/secret:\n    - TOKEN\n", await File.ReadAllTextAsync(SettingsFile));
        Assert.Contains("\"source\": \"kdbx\"", await Ok("", "get", "charly/secret", "TOKEN", "--json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_value_replaces_the_first_and_groups_are_made_once()
    {
        await Ok("one", "set", "charly/secret", "TOKEN");
        await Ok("two", "set", "charly/secret", "TOKEN");
        await Ok("three", "set", "charly/enc", "desk/lab");
        Assert.Equal("two", await Ok("", "get", "charly/secret", "TOKEN"));
        Assert.Equal("three", await Ok("", "get", "charly/enc", "desk/lab"));
        var made = (await File.ReadAllLinesAsync(Path.Combine(Bin, "calls"))).Where(c => c.StartsWith("mkdir", StringComparison.Ordinal)).Select(c => c[(c.IndexOf(".kdbx ", StringComparison.Ordinal) + 6)..]);
        Assert.Equal(["charly", "charly/secret", "charly/enc", "charly/enc/desk"], made);
    }

    [Fact]
    public async Task The_list_opens_nothing()
    {
        await Ok(Canary, "set", "charly/secret", "TOKEN");
        File.Delete(Path.Combine(Bin, "calls"));
        Assert.Equal("SERVICE        ITEM   SOURCE\ncharly/secret  TOKEN  kdbx\n", await Ok("", "list"));
        Assert.False(File.Exists(Path.Combine(Bin, "calls")));
    }

    [Fact]
    public async Task The_password_is_asked_for_once_on_a_terminal_and_never_taken_from_standard_input()
    {
        await Ok(Canary, "set", "charly/secret", "TOKEN");
        await Ok("other", "set", "charly/secret", "OTHER");
        var asked = 0;
        var run = Run("", canAsk: true, () => ++asked == 1 ? Password : "a second question");
        run.Variables.Remove("CHARLY_KDBX_PASSWORD_FILE");
        Assert.Equal(0, await run.RunAsync("secrets", "export"));
        Assert.Contains(Canary, run.Output, StringComparison.Ordinal);
        Assert.Equal(1, asked);
        Assert.Contains($"Password of {Database}: ", run.Error, StringComparison.Ordinal);

        var piped = Run(Password + "\n");
        piped.Variables.Remove("CHARLY_KDBX_PASSWORD_FILE");
        Assert.Equal(1, await piped.RunAsync("secrets", "get", "charly/secret", "TOKEN"));
        Assert.Contains("CHARLY_KDBX_PASSWORD_FILE", piped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_opens_nothing_is_an_error_that_does_not_tell_it()
    {
        await File.WriteAllTextAsync(PasswordFile, "wrong password");
        foreach (var verb in (string[])["get", "set", "delete"])
        {
            var run = Run("new value");
            Assert.Equal(1, await run.RunAsync("secrets", verb, "charly/secret", "TOKEN"));
            Assert.StartsWith($"error secret.store: the password does not open {Database}", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("wrong password", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_the_program_the_error_names_its_package()
    {
        var programs = new PlayedPrograms(_ => new CommandResult("", "", 0, TimeSpan.Zero));
        programs.Missing.Add("keepassxc-cli");
        var run = Run(programs: programs);
        Assert.Equal(1, await run.RunAsync("secrets", "get", "charly/secret", "TOKEN"));
        Assert.StartsWith($"error {Errors.ToolMissing.Id}: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("Install the package keepassxc", run.Error, StringComparison.Ordinal);
        Assert.Empty(programs.Requests);
    }

    [Theory]
    [InlineData(null, "charly settings set secret_kdbx_path")]
    [InlineData("/nonexistent/a.kdbx", "keepassxc-cli db-create -p /nonexistent/a.kdbx")]
    public async Task Without_a_file_the_error_says_how_to_name_or_make_one(string? file, string help)
    {
        var run = Run();
        run.Variables.Remove("CHARLY_SECRET_KDBX_PATH");
        if (file is not null) run.Variables["CHARLY_SECRET_KDBX_PATH"] = file;
        Assert.Equal(1, await run.RunAsync("secrets", "get", "charly/secret", "TOKEN"));
        Assert.Contains(help, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_private_file_keeps_is_not_read_in_its_place_and_moves_into_it()
    {
        var plain = Run(Canary);
        plain.Variables["CHARLY_SECRET_BACKEND"] = "config";
        Assert.Equal(0, await plain.RunAsync("secrets", "set", "charly/secret", "TOKEN"));
        Assert.Equal(3, await Run().RunAsync("secrets", "get", "charly/secret", "TOKEN"));
        Assert.Equal(0, await Run().RunAsync("settings", "migrate-secrets"));
        Assert.DoesNotContain(Canary, await File.ReadAllTextAsync(SettingsFile), StringComparison.Ordinal);
        Assert.Equal(Canary, await Ok("", "get", "charly/secret", "TOKEN"));
    }

    [Fact]
    public async Task What_is_removed_is_gone_and_what_was_removed_by_hand_is_not_found()
    {
        await Ok(Canary, "set", "charly/secret", "TOKEN");
        await Ok("", "delete", "charly/secret", "TOKEN");
        Assert.Equal(3, await Run().RunAsync("secrets", "get", "charly/secret", "TOKEN"));
        Assert.Equal(3, await Run().RunAsync("secrets", "delete", "charly/secret", "TOKEN"));
        await Ok(Canary, "set", "charly/secret", "TOKEN");
        File.Delete(Path.Combine(Database + ".d", "charly/secret/TOKEN"));
        Assert.Equal(3, await Run().RunAsync("secrets", "get", "charly/secret", "TOKEN"));
        await Ok("", "delete", "charly/secret", "TOKEN");
        Assert.DoesNotContain("TOKEN", await File.ReadAllTextAsync(SettingsFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_of_several_lines_is_refused_and_nothing_is_kept()
    {
        var run = Run("one\ntwo");
        Assert.Equal(1, await run.RunAsync("secrets", "set", "charly/secret", "TOKEN"));
        Assert.Contains("takes only one", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(SettingsFile));
    }

    [Fact]
    public async Task The_setting_takes_whole_paths_only()
    {
        Assert.NotEqual(0, await Run().RunAsync("settings", "set", "secret_kdbx_path", "secrets.kdbx"));
        Assert.Equal(0, await Run().RunAsync("settings", "set", "secret_kdbx_path", "~/secrets.kdbx"));
    }

    private async Task<string> Ok(string input, params string[] arguments)
    {
        var run = Run(input);
        var exit = await run.RunAsync(["secrets", .. arguments]);
        Assert.True(exit == 0, run.Error);
        return run.Output;
    }

    private CommandRun Run(string input = "", bool canAsk = false, Func<string>? types = null, IProcessRunner? programs = null)
    {
        var run = new CommandRun { Input = input, CanAsk = canAsk, ReadHidden = types ?? (() => ""), Processes = programs };
        run.Variables["PATH"] = $"{Bin}:{Environment.GetEnvironmentVariable("PATH")}";
        run.Variables["XDG_CONFIG_HOME"] = Path.Combine(_home.Home, ".config");
        run.Variables["CHARLY_SECRET_BACKEND"] = "kdbx";
        run.Variables["CHARLY_SECRET_KDBX_PATH"] = Database;
        run.Variables["CHARLY_KDBX_PASSWORD_FILE"] = PasswordFile;
        _runs.Add(run);
        return run;
    }
}

using OpenCharly.Foundation;

namespace OpenCharly.Tests.Cli;

/// <summary>Secrets, with a <c>secret-tool</c> of bash and files that keeps a record of its arguments.</summary>
public sealed class SecretCommandTests : IDisposable
{
    private const string Canary = "canary-8b1a9953";

    // Speaks as the real one does: a locked item is described without its secret, one that is missing with nothing.
    private const string Tool = """
        #!/bin/bash
        store=${0%/*}/store; mkdir -p "$store"
        printf '%s\n' "$*" >>"${0%/*}/calls"
        [[ -e ${0%/*}/away ]] && { echo 'no such service' >&2; exit 1; }
        [[ -e ${0%/*}/silent ]] && exec sleep 60
        verb=$1; shift
        while [[ $1 == --* ]]; do shift; done
        file=$store/${2//\//%}--$4
        case $verb in
          search) [[ -e $file ]] || exit 0
                  printf '[/1]\nlabel = x\n'
                  [[ -e ${0%/*}/locked ]] || printf 'secret = %s\n' "$(<"$file")"
                  echo 'created = now' ;;
          lookup) [[ -e $file && ! -e ${0%/*}/locked ]] && printf %s "$(<"$file")" ;;
          store)  [[ -e ${0%/*}/locked ]] && { echo 'locked collection' >&2; exit 1; }; cat >"$file" ;;
          clear)  rm "$file" ;;
        esac
        """;

    private readonly List<CommandRun> _runs = [];
    private readonly CommandRun _home = new();

    public SecretCommandTests()
    {
        Directory.CreateDirectory(Bin);
        File.WriteAllText(Path.Combine(Bin, "secret-tool"), Tool);
        File.SetUnixFileMode(Path.Combine(Bin, "secret-tool"), AtomicFile.PrivateFolder);
    }

    private string Bin => Path.Combine(_home.Home, "bin");

    private string SettingsFile => Path.Combine(_home.Home, ".config/charly/config.yml");

    public void Dispose()
    {
        _runs.ForEach(r => r.Dispose());
        _home.Dispose();
    }

    [Fact]
    public async Task A_secret_goes_to_the_keyring_and_back_and_is_in_no_argument_list_and_no_file()
    {
        Assert.Equal("charly/secret/TOKEN kept in the keyring\n", await Ok(Canary + "\n", "set", "charly/secret", "TOKEN"));
        Assert.Equal(Canary, await Ok("", "get", "charly/secret", "TOKEN"));
        Assert.DoesNotContain(Canary, await File.ReadAllTextAsync(Path.Combine(Bin, "calls")), StringComparison.Ordinal);
        Assert.Equal("keyring_items:\n  charly/secret:\n    - TOKEN\n", await File.ReadAllTextAsync(SettingsFile));
        Assert.Contains("\"source\": \"keyring\"", await Ok("", "get", "charly/secret", "TOKEN", "--json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_has_names_only_and_works_while_the_keyring_is_locked()
    {
        await Ok(Canary, "set", "charly/secret", "TOKEN");
        Mark("locked");
        var list = await Ok("", "list");
        Assert.Equal("SERVICE        ITEM   SOURCE\ncharly/secret  TOKEN  keyring\n", list);
    }

    [Theory]
    [InlineData("locked", "the keyring is locked")]
    [InlineData("away", "the keyring does not answer")]
    public async Task A_secret_in_a_keyring_that_does_not_give_it_out_is_an_error_and_neither_missing_nor_replaced(string mark, string message)
    {
        await Ok(Canary, "set", "charly/secret", "TOKEN");
        Mark(mark);
        foreach (var verb in (string[])["get", "set", "delete"])
        {
            var run = Run("new value");
            Assert.Equal(1, await run.RunAsync("secrets", verb, "charly/secret", "TOKEN"));
            Assert.StartsWith("error secret.store: ", run.Error, StringComparison.Ordinal);
            if (verb != "set") Assert.Contains(message, run.Error, StringComparison.Ordinal);
        }

        File.Delete(Path.Combine(Bin, mark));
        Assert.Equal(Canary, await Ok("", "get", "charly/secret", "TOKEN"));
    }

    [Theory]
    [InlineData("away")]
    [InlineData("silent")]
    public async Task Where_no_keyring_answers_the_private_file_keeps_it_with_one_warning(string mark)
    {
        Mark(mark);
        var run = Run(Canary + "\n");
        Assert.Equal(0, await run.RunAsync("secrets", "set", "charly/secret", "TOKEN"));
        Assert.Equal("charly/secret/TOKEN kept in the settings file\n", run.Output);
        Assert.Single(run.Error.Split('\n'), l => l.Contains("no keyring answers", StringComparison.Ordinal));
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(SettingsFile));
        if (mark == "away") Assert.Equal(Canary, await Ok("", "get", "charly/secret", "TOKEN"));
    }

    [Fact]
    public async Task Plain_text_moves_into_the_keyring()
    {
        Mark("away");
        await Ok(Canary, "set", "charly/secret", "TOKEN");
        var refused = Run();
        Assert.Equal(1, await refused.RunAsync("settings", "migrate-secrets"));
        Assert.StartsWith("error secret.store: ", refused.Error, StringComparison.Ordinal);
        File.Delete(Path.Combine(Bin, "away"));
        var dry = Run();
        Assert.Equal(0, await dry.RunAsync("settings", "migrate-secrets", "--dry-run"));
        Assert.Contains(Canary, await File.ReadAllTextAsync(SettingsFile), StringComparison.Ordinal);
        var run = Run();
        Assert.Equal(0, await run.RunAsync("settings", "migrate-secrets"));
        Assert.Equal(dry.Output, run.Output);
        Assert.DoesNotContain(Canary, await File.ReadAllTextAsync(SettingsFile), StringComparison.Ordinal);
        Assert.Equal(Canary, await Ok("", "get", "charly/secret", "TOKEN"));
    }

    [Fact]
    public async Task A_made_up_value_has_16_bytes_and_is_printed_once()
    {
        var made = await Ok("", "set", "charly/secret", "TOKEN", "--generate");
        Assert.Matches("^[0-9a-f]{32}\n$", made);
        Assert.Equal(made.Trim(), await Ok("", "get", "charly/secret", "TOKEN"));
    }

    [Fact]
    public async Task What_is_removed_is_gone_and_what_was_never_there_is_not_found()
    {
        await Ok(Canary, "set", "charly/secret", "TOKEN");
        await Ok("", "delete", "charly/secret", "TOKEN", "--dry-run");
        await Ok("", "delete", "charly/secret", "TOKEN");
        Assert.Empty(Directory.GetFiles(Path.Combine(Bin, "store")));
        foreach (var verb in (string[])["get", "delete"])
        {
            var run = Run();
            Assert.Equal(3, await run.RunAsync("secrets", verb, "charly/secret", "TOKEN"));
            Assert.StartsWith($"error {Errors.SecretMissing.Id}: ", run.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("yaml")]
    [InlineData("json")]
    public async Task What_is_exported_can_be_imported(string format)
    {
        await Ok("a: \"b\"\nc", "set", "charly/secret", "TOKEN");
        await Ok(Canary, "set", "charly/vnc", "desk");
        string[] form = format == "json" ? ["--json"] : [];
        var text = await Ok("", ["export", .. form]);
        await Ok("", "delete", "charly/secret", "TOKEN");
        var dry = await Ok(text, "import", "--dry-run");
        Assert.Contains("default", dry, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, dry, StringComparison.Ordinal);
        await Ok(text, "import");
        Assert.Equal("a: \"b\"\nc", await Ok("", "get", "charly/secret", "TOKEN"));
        await Ok("", "export", "-o", "all.yml");
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(Path.Combine(_runs[^1].Home, "all.yml")));
    }

    [Theory]
    [InlineData("charly/secret", "-x")]
    [InlineData("charly/secret", "")]
    public async Task An_item_that_a_program_would_take_for_an_option_is_refused(string service, string item)
    {
        var run = Run(Canary);
        Assert.NotEqual(0, await run.RunAsync("secrets", "set", "--", service, item));
        Assert.DoesNotContain(Canary, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_value_is_refused()
    {
        Assert.Equal(2, await Run("\n").RunAsync("secrets", "set", "charly/secret", "TOKEN"));
    }

    private async Task<string> Ok(string input, params string[] arguments)
    {
        var run = Run(input);
        var exit = await run.RunAsync(["secrets", .. arguments]);
        Assert.True(exit == 0, run.Error);
        return run.Output;
    }

    private void Mark(string name) => File.WriteAllText(Path.Combine(Bin, name), "");

    private CommandRun Run(string input = "")
    {
        var run = new CommandRun { Input = input };
        run.Variables["PATH"] = $"{Bin}:{Environment.GetEnvironmentVariable("PATH")}";
        run.Variables["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent";
        run.Variables["XDG_CONFIG_HOME"] = Path.Combine(_home.Home, ".config");
        _runs.Add(run);
        return run;
    }
}

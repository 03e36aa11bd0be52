using System.Diagnostics;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Execution;

public sealed class SessionTests : IDisposable
{
    private readonly LocalMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task A_script_gives_its_exit_code_and_both_streams_apart()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var result = await session.RunAsync(new ScriptRequest("echo out; echo err >&2; exit 7"));
        Assert.Equal(("out\n", "err\n", 7), (result.StandardOutput, result.StandardError, result.ExitCode));
    }

    [Fact]
    public async Task Two_hundred_scripts_run_in_one_session()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        for (var i = 0; i < 200; i++)
        {
            var result = await session.RunAsync(new ScriptRequest($"echo {i}; exit {i}"));
            Assert.Equal(($"{i}\n", i), (result.StandardOutput, result.ExitCode));
        }
    }

    [Fact]
    public async Task A_last_line_without_newline_arrives_as_printed()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var lines = new List<OutputLine>();
        var result = await session.RunAsync(new ScriptRequest("printf 'one\\ntwo'; printf 'three' >&2") { Output = lines.Add });
        Assert.Equal("one\ntwo", result.StandardOutput);
        Assert.Equal("three", result.StandardError);
        Assert.Equal(["one", "two"], lines.Where(l => !l.IsError).Select(l => l.Text));
        Assert.Equal(["three"], lines.Where(l => l.IsError).Select(l => l.Text));
    }

    [Fact]
    public async Task Lines_arrive_while_the_script_still_runs()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var go = _machine.At("go");
        var request = new ScriptRequest($"echo ready; until [ -e {go} ] || ((SECONDS > 120)); do sleep 0.01; done; echo done")
        {
            Output = line =>
            {
                if (line.Text == "ready") File.WriteAllText(go, "");
            },
            Timeout = TimeSpan.FromSeconds(20),
        };
        Assert.Equal("ready\ndone\n", (await session.RunAsync(request)).StandardOutput);
    }

    [Fact]
    public async Task A_marker_with_another_nonce_is_output()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var result = await session.RunAsync(new ScriptRequest("printf '\\0360123456789abcdef01234567 end 0\\n'; exit 3"));
        Assert.Equal("\u001e0123456789abcdef01234567 end 0\n", result.StandardOutput);
        Assert.Equal(3, result.ExitCode);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_harm_nothing()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var result = await session.RunAsync(new ScriptRequest("printf '\\377\\376\\000x\\n\\200'"));
        Assert.Equal("\ufffd\ufffd\0x\n\ufffd", result.StandardOutput);
        Assert.Equal("on\n", (await session.RunAsync(new ScriptRequest("echo on"))).StandardOutput);
    }

    [Fact]
    public async Task Very_long_lines_and_much_output_arrive_whole()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var longest = 0;
        var result = await session.RunAsync(new ScriptRequest("head -c 5000000 /dev/zero | tr '\\0' x; echo; yes 0123456789 | head -n 1000000")
        {
            Output = line => longest = Math.Max(longest, line.Text.Length),
        });
        Assert.Equal(5_000_000, longest);
        Assert.Equal(5_000_001 + 11_000_000, result.StandardOutput.Length);
    }

    [Fact]
    public async Task A_large_script_arrives_whole()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var text = new StringBuilder();
        for (var i = 0; i < 20_000; i++) text.Append($"x={i} # größer als ein Puffer\n");
        text.Append("echo $x");
        Assert.Equal("19999\n", (await session.RunAsync(new ScriptRequest(text.ToString()))).StandardOutput);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("\n\n:\n\n")]
    public async Task A_script_that_does_nothing_succeeds(string script)
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var result = await session.RunAsync(new ScriptRequest(script));
        Assert.Equal(("", "", 0), (result.StandardOutput, result.StandardError, result.ExitCode));
    }

    [Fact]
    public async Task Set_e_ends_the_script_at_its_first_failure_and_not_the_session()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var result = await session.RunAsync(new ScriptRequest("set -e\necho one\nfalse\necho two"));
        Assert.Equal(("one\n", 1), (result.StandardOutput, result.ExitCode));
        Assert.Equal("three\n", (await session.RunAsync(new ScriptRequest("false; echo three"))).StandardOutput);
    }

    [Fact]
    public async Task A_syntax_error_is_a_failed_script()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var result = await session.RunAsync(new ScriptRequest("echo begun\nif then"));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("syntax error", result.StandardError);
        Assert.True((await session.RunAsync(new ScriptRequest("true"))).Succeeded);
    }

    [Fact]
    public async Task A_script_killed_by_a_signal_gives_128_and_its_number()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        Assert.Equal(137, (await session.RunAsync(new ScriptRequest("kill -9 $BASHPID"))).ExitCode);
        Assert.Equal("still here\n", (await session.RunAsync(new ScriptRequest("echo still here"))).StandardOutput);
    }

    [Fact]
    public async Task A_script_reads_empty_input_and_not_the_next_request()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        Assert.Equal("0\n", (await session.RunAsync(new ScriptRequest("wc -c"))).StandardOutput.TrimStart());
        Assert.Equal("next\n", (await session.RunAsync(new ScriptRequest("echo next"))).StandardOutput);
    }

    [Fact]
    public async Task What_a_script_sets_is_gone_with_it()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        await session.RunAsync(new ScriptRequest("x=1; cd /; exec 7>/dev/null; exec >/dev/null"));
        Assert.Equal($"{_machine.Home}\n", (await session.RunAsync(new ScriptRequest("echo $x$PWD"))).StandardOutput);
    }

    [Fact]
    public async Task What_a_script_in_the_shell_sets_stays()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        await session.RunInShellAsync(new ScriptRequest("set -eu\nx='a b'; IFS=,"));
        Assert.Equal("a b\n", (await session.RunAsync(new ScriptRequest("false; printf '%s\\n' \"$x$unset\""))).StandardOutput);
    }

    [Fact]
    public async Task Exit_in_the_shell_gives_its_code_and_ends_the_session()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        Assert.Equal(75, (await session.RunInShellAsync(new ScriptRequest("echo busy; exit 75"))).ExitCode);
        var error = await Assert.ThrowsAsync<CharlyException>(() => session.RunAsync(new ScriptRequest("true")));
        Assert.Equal(Errors.RunLost, error.Code);
    }

    [Fact]
    public async Task A_lock_taken_in_the_shell_is_not_held_by_what_a_script_leaves_running()
    {
        var file = _machine.At("lock");
        int leftover;
        await using (var session = await _machine.Executor.OpenSessionAsync())
        {
            Assert.True((await session.RunInShellAsync(new ScriptRequest($"exec 9>{file}; flock -n 9"))).Succeeded);
            Assert.Equal(1, (await _machine.Executor.RunAsync(new ScriptRequest($"flock -n {file} true"))).ExitCode);
            var started = await session.RunAsync(new ScriptRequest("sleep 60 >/dev/null 2>&1 & echo $!"));
            leftover = int.Parse(started.StandardOutput);
        }

        Assert.True((await _machine.Executor.RunAsync(new ScriptRequest($"flock -w 5 {file} true"))).Succeeded);
        Process.GetProcessById(leftover).Kill();
    }

    [Fact]
    public async Task A_process_left_running_does_not_hold_up_its_script()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var result = await session.RunAsync(new ScriptRequest("sleep 60 & echo $!") { Timeout = TimeSpan.FromSeconds(20) });
        Process.GetProcessById(int.Parse(result.StandardOutput)).Kill();
    }

    [Fact]
    public async Task A_nul_character_in_a_script_is_refused()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var error = await Assert.ThrowsAsync<CharlyException>(() => session.RunAsync(new ScriptRequest("echo a\0b")));
        Assert.Equal(Errors.ShellNul, error.Code);
    }

    [Fact]
    public async Task An_error_of_the_output_handler_reaches_the_caller_and_stops_the_script()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var request = new ScriptRequest("echo $BASHPID; sleep 60") { Output = line => throw new FormatException(line.Text) };
        var error = await Assert.ThrowsAsync<FormatException>(() => session.RunAsync(request));
        Assert.False(Directory.Exists($"/proc/{error.Message}"));
    }

    [Fact]
    public async Task A_session_whose_shell_is_killed_is_lost()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        var error = await Assert.ThrowsAsync<CharlyException>(() => session.RunAsync(new ScriptRequest("kill -9 $$; sleep 0.2")));
        Assert.Equal(Errors.RunLost, error.Code);
        Assert.True((await _machine.Executor.RunAsync(new ScriptRequest("true"))).Succeeded);
    }

    [Fact]
    public async Task Ctrl_C_on_the_terminal_is_left_to_the_engine()
    {
        await using var session = await _machine.Executor.OpenSessionAsync();
        Assert.Equal("on\n", (await session.RunAsync(new ScriptRequest("kill -INT $$ $BASHPID; echo on"))).StandardOutput);
    }
}

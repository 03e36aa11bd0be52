using OpenCharly.Checks;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Checks;

/// <summary>How checks run together: round trips, retries, captures, background, scenarios.</summary>
public sealed class RunTests : IDisposable
{
    private readonly CheckLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_hundred_checks_take_one_round_trip()
    {
        var results = await _lab.RunAsync(string.Concat(Enumerable.Range(0, 100).Select(i => $"- {{file: /no/{i}, exists: false}}\n")));
        Assert.Equal(100, results.Count(r => r.Status == CheckStatus.Pass));
        Assert.Equal(1, _lab.RoundTrips);
    }

    [Fact]
    public async Task A_result_says_where_the_check_comes_from_and_what_it_was_about()
    {
        var result = Assert.Single(await _lab.RunAsync("- {id: home, description: there is a home, file: '${HOME}'}"));
        Assert.Equal(("home", "file", _lab.Home, "demo", "candy", "there is a home"), (result.Id, result.Verb, result.Subject, result.Candy, result.Section, result.Description));
        Assert.Equal(1, result.Attempts);
        Assert.Equal("checks.yml", result.Position!.File);
    }

    [Fact]
    public async Task A_check_that_must_come_true_is_tried_again_and_those_after_it_wait()
    {
        File.WriteAllText(Path.Combine(_lab.Home, "count"), "");
        var results = await _lab.RunAsync("""
            - {id: wait, command: 'echo x >>~/count; [ $(wc -l <~/count) -ge 3 ]', eventually: 30s, retry_interval: 10ms}
            - {id: after, command: 'wc -l <~/count', stdout: "3"}
            """);
        Assert.All(results, r => Assert.Equal(CheckStatus.Pass, r.Status));
        Assert.Equal([3, 1], results.Select(r => r.Attempts));
        Assert.Contains(_lab.Events, e => e is WaitEvent { Probe: "wait", LastSeen: "exit status 1" });
    }

    [Fact]
    public async Task A_check_that_never_comes_true_fails_when_its_time_is_over()
    {
        var result = Assert.Single(await _lab.RunAsync("- {command: 'false', eventually: 2s, retry_interval: 20ms}"));
        Assert.Equal(CheckStatus.Fail, result.Status);
        Assert.True(result.Attempts > 1);
    }

    [Fact]
    public async Task What_a_check_captures_is_there_for_later_ones()
    {
        var results = await _lab.RunAsync("""
            - {command: 'echo version 7.42 of it', capture: VERSION, capture_extract: 'version ([0-9.]+)'}
            - {matching: '${VERSION}', contains: {equals: '7.42'}}
            - {command: 'echo got ${VERSION}', stdout: got 7.42}
            - {file: '/tmp/${NEVER}'}
            """);
        Assert.Equal([CheckStatus.Pass, CheckStatus.Pass, CheckStatus.Pass, CheckStatus.Skip], results.Select(r => r.Status));
        Assert.Equal("${NEVER} has no value here", results[3].Message);
    }

    [Fact]
    public async Task An_unresolved_variable_skips_a_check_and_an_unresolved_peer_fails_it()
    {
        var results = await _lab.RunAsync("""
            - {command: 'echo ${CONTAINER_IP}'}
            - {addr: '${PEER_ENDPOINT:db:5432}'}
            - {file: /x, on: db}
            """);
        Assert.Equal([CheckStatus.Skip, CheckStatus.Fail, CheckStatus.Fail], results.Select(r => r.Status));
    }

    [Fact]
    public async Task In_a_command_only_known_variables_are_replaced()
    {
        _lab.Values["ENV_TITLE"] = "it's $HOME; \"quoted\"";
        var results = await _lab.RunAsync("""
            - {command: 'x=1; echo "${x} ${DEPLOY_NAME} ${UNKNOWN:-unset} ${HOST_PORT:80}"', stdout: 1 lab unset 80}
            - {command: 'echo "${ENV_TITLE}"', stdout: "it's $HOME; \"quoted\""}
            - {command: 'echo ''${HOST_PORT:8080}''', stdout: "8080"}
            """);
        Assert.All(results, r => Assert.True(r.Status == CheckStatus.Pass, r.ToString()));
    }

    [Fact]
    public async Task Values_never_become_shell_code()
    {
        _lab.Values["ENV_EVIL"] = "'; touch ~/owned; '";
        await _lab.RunAsync("""
            - {command: "echo '${ENV_EVIL}'"}
            - {file: "/tmp/${ENV_EVIL}"}
            - {process: "${ENV_EVIL}"}
            - {package: "$(touch ~/owned)"}
            - {mount: "/$(touch ~/owned)"}
            - {file: "/`touch ~/owned`"}
            - {interface: "$(touch ~/owned)"}
            """);
        Assert.False(File.Exists(Path.Combine(_lab.Home, "owned")));
    }

    [Fact]
    public async Task Checks_of_other_distributions_are_skipped()
    {
        var results = await _lab.RunAsync("""
            - {file: /nothing, exclude_distro: [debian-12]}
            - {file: /nothing, exclude_distros: [arch, deb]}
            - {file: /nothing, exists: false, exclude_distro: ubuntu}
            """);
        Assert.Equal([CheckStatus.Skip, CheckStatus.Skip, CheckStatus.Pass], results.Select(r => r.Status));
        Assert.Equal("does not apply to debian:12", results[0].Message);
    }

    [Fact]
    public async Task A_background_check_runs_until_it_is_killed_and_nothing_stays_behind()
    {
        var results = await _lab.RunAsync("""
            - {id: server, command: 'echo $$ >~/pid; sleep 300', background: true}
            - {id: runs, command: 'kill -0 $(cat ~/pid)', eventually: 20s, retry_interval: 20ms}
            - {id: stop, kill: server}
            - {id: gone, command: 'kill -0 $(cat ~/pid)', exit_status: 1}
            - {id: again, kill: server}
            - {id: left, command: 'echo $$ >~/pid2; sleep 300', background: true}
            - {id: left-runs, file: ~/pid2, eventually: 20s, retry_interval: 20ms}
            """);
        Assert.Equal(["server", "runs", "stop", "gone", "left", "left-runs"], results.Where(r => r.Status == CheckStatus.Pass).Select(r => r.Id));
        Assert.Equal("it has ended", results.Single(r => r.Id == "again").Actual);
        var pid = File.ReadAllText(Path.Combine(_lab.Home, "pid2")).Trim();
        var gone = await _lab.RunAsync($"- {{command: 'kill -0 {pid}', exit_status: 1, eventually: 20s, retry_interval: 20ms}}");
        Assert.Equal(CheckStatus.Pass, gone[0].Status);
        Assert.NotEmpty(_lab.Folders);
        Assert.All(_lab.Folders, f => Assert.False(Directory.Exists(f), f));
    }

    [Fact]
    public async Task A_check_runs_as_often_as_it_says_and_neighbours_in_parallel()
    {
        // Each waits for the other's file, so one after the other they would both run out of time.
        var results = await _lab.RunAsync("""
            - {id: pair, command: 'touch ~/$$; touch ~/run-${INDEX}; until [ -e ~/run-$((1 - ${INDEX})) ]; do sleep 0.01; done', count: 2, parallel: true, timeout: 30s}
            - {id: named, command: 'echo ${NR}', count: 3, index_var: NR, stdout: {matches: '[0-2]'}}
            - {id: sum, summarize: [pair, named], stdout: {contains: count=5 pass=5 fail=0}}
            """);
        Assert.Equal(["pair[0]", "pair[1]", "named[0]", "named[1]", "named[2]", "sum"], results.Select(r => r.Id));
        Assert.All(results, r => Assert.True(r.Status == CheckStatus.Pass, r.ToString()));
    }

    [Fact]
    public async Task Statistics_fail_with_the_checks_that_they_are_about()
    {
        var results = await _lab.RunAsync("""
            - {id: bad, command: 'false'}
            - {id: sum, summarize: 'b*'}
            - {id: none, summarize: nothing}
            """);
        Assert.Contains("fail=1", results[1].Actual, StringComparison.Ordinal);
        Assert.Equal(CheckStatus.Fail, results[2].Status);
    }

    [Fact]
    public async Task A_check_from_the_host_runs_on_this_machine()
    {
        var results = await _lab.RunAsync("""
            - {command: 'echo there'}
            - {command: 'echo here', from_host: true, stdout: here}
            - {command: 'echo there'}
            """);
        Assert.All(results, r => Assert.Equal(CheckStatus.Pass, r.Status));
        Assert.Equal(2, _lab.RoundTrips);
    }

    [Fact]
    public async Task A_check_that_ends_its_shell_ends_no_other()
    {
        var results = await _lab.RunAsync("- {command: 'kill -9 $$', exit_status: 137}\n- {command: 'exit 5', exit_status: 5}\n- {command: 'set -eu; false', exit_status: 1}\n- {command: 'true'}");
        Assert.All(results, r => Assert.True(r.Status == CheckStatus.Pass, r.ToString()));
    }

    [Fact]
    public async Task A_step_without_a_check_is_pending_and_fails_nothing()
    {
        var results = await _lab.RunScenariosAsync("""
            - name: "It works: today!"
              step:
                - {given: a machine}
                - {then: it has users, file: /etc/passwd}
            """);
        Assert.Equal([CheckStatus.Pending, CheckStatus.Pass], results.Select(r => r.Status));
        Assert.Equal(["it-works-today#1", "it-works-today#2"], results.Select(r => r.Id));
        Assert.Equal("then it has users", results[1].Description);
    }

    [Fact]
    public async Task Setup_comes_first_teardown_last_and_on_fail_only_after_a_failure()
    {
        var results = await _lab.RunScenariosAsync("""
            - name: good
              setup: [touch ~/made]
              step: [{then: it is there, file: ~/made}]
              on_fail: [echo never]
              teardown: [rm ~/made]
            - name: bad
              step: [{then: it is there, file: ~/made}, {and: this is asked too, file: /etc/passwd}]
              on_fail: [{command: 'ls ~'}]
              teardown: ['true']
            """);
        Assert.Equal(
            ["good#setup.1 Pass", "good#1 Pass", "good#teardown.1 Pass", "bad#1 Fail", "bad#2 Pass", "bad#on_fail.1 Pass", "bad#teardown.1 Pass"],
            results.Select(r => $"{r.Id} {r.Status}"));
    }

    [Fact]
    public async Task A_failed_setup_or_given_skips_the_steps_and_still_tears_down()
    {
        var results = await _lab.RunScenariosAsync("""
            - name: setup
              setup: ['false']
              step: [{then: x, file: /etc/passwd}]
              teardown: ['true']
            - name: given
              step: [{given: x, file: /nothing}, {and: y, file: /etc/passwd}, {then: z, file: /etc/passwd}]
            """);
        Assert.Equal(["Fail", "Skip", "Pass", "Fail", "Skip", "Skip"], results.Select(r => r.Status.ToString()));
        Assert.Equal("setup#setup.1 failed", results[1].Message);
    }

    [Fact]
    public async Task A_scenario_waits_for_those_that_it_depends_on_and_is_skipped_with_them()
    {
        var results = await _lab.RunScenariosAsync("""
            - {name: c, depends_on: [b], step: [{then: x, file: /etc/passwd}]}
            - {name: a, step: [{then: x, file: /etc/passwd}]}
            - {name: b, depends_on: [a], step: [{then: x, file: /nothing}]}
            - {name: d, depends_on: [zzz], step: [{then: x, file: /etc/passwd}]}
            - {name: e, pod: web, step: [{then: x, file: /etc/passwd}]}
            """);
        Assert.Equal(["a#1 Pass", "b#1 Fail", "c#1 Skip", "d#1 Skip", "e#1 Skip"], results.Select(r => $"{r.Id} {r.Status}"));
        Assert.Equal(["the scenario \"b\" failed", "there is no scenario \"zzz\"", "the scenario is for the pod web"], results.Skip(2).Select(r => r.Message));
    }

    [Fact]
    public async Task Stopping_ends_a_check_that_runs()
    {
        using var stop = new CancellationTokenSource();
        stop.CancelAfter(TimeSpan.FromMilliseconds(300));
        var runner = new CheckRunner(
            new OpenCharly.Execution.LocalExecutor(_lab.Machine.Environment, _lab.Machine.Processes), new CheckPlace { Facts = _lab.Facts, Host = "local" },
            () => throw new InvalidOperationException(), TimeProvider.System, new Progress<CharlyEvent>());
        var suite = CheckSuite.Merge([new CheckSource("candy", "demo", CheckLab.Parse("- {command: sleep 300, timeout: 10m}"), [])]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.RunAsync(suite, new CheckSelection(), stop.Token));
    }
}

using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.EndToEnd;

/// <summary>The candies' own checks on a real guest.</summary>
[Collection("guest")]
public sealed class CheckTests(GuestFixture guest) : IAsyncLifetime
{
    private const string Name = "vm:" + GuestFixture.Vm;

    private static readonly InstallOptions Verified = new() { WithServices = true, AllowRepoChanges = true, AllowRootTasks = true, Verify = true };

    [GuestFact(NeedsCatalog = true)]
    public async Task The_checks_of_real_candies_pass_after_adding_them()
    {
        var added = await new AddBundle(guest.Context).RunAsync(new BundleRequest { Name = Name, Ref = "ripgrep", AddCandies = ["tmux", "gnupg"], Options = Verified });
        Assert.True(added.Failure is null, Describe(added.Checks));
        var lists = added.Checks.Where(c => c.Scenario is null).ToArray();
        Assert.Contains(lists, c => c is { Candy: "ripgrep", Verb: "command" });
        Assert.Contains(lists, c => c is { Candy: "tmux", Verb: "package" });
        Assert.Contains(lists, c => c is { Candy: "gnupg" });
        Assert.All(added.Checks, c => Assert.True(c.Status is CheckStatus.Pass or CheckStatus.Pending, c.ToString()));

        // One that is broken on purpose: the program is there, and no longer runs.
        await guest.InGuestAsync("sudo chmod 644 /usr/bin/rg");
        var again = await new AddBundle(guest.Context).RunAsync(new BundleRequest { Name = Name, Ref = "ripgrep", AddCandies = ["tmux", "gnupg"], Options = Verified });
        Assert.Equal((Errors.ChecksFailed, 7), (again.Failure?.Code, (int)again.Failure!.Code.Kind));
        Assert.Contains(again.Checks, c => c is { Id: "ripgrep-version", Status: CheckStatus.Fail, Actual: "exit status 126" });
        Assert.Contains(again.Checks, c => c is { Id: "tmux-version", Status: CheckStatus.Pass });
        await guest.InGuestAsync("sudo chmod 755 /usr/bin/rg");
    }

    [GuestFact]
    public async Task Our_own_candies_pass_theirs_and_a_broken_one_fails()
    {
        var added = await new AddBundle(guest.Context).RunAsync(new BundleRequest { Name = Name, Ref = "demo", Options = Verified });
        Assert.True(added.Failure is null, Describe(added.Checks));
        Assert.Contains(added.Checks, c => c is { Verb: "http", Status: CheckStatus.Pass });
        Assert.Contains(added.Checks, c => c is { Verb: "service", Status: CheckStatus.Pass });
        Assert.True((await new VerifyBundle(guest.Context).RunAsync(new CheckRequest { Name = Name })).Passed);

        await guest.InGuestAsync("sudo chmod 700 /usr/local/bin/hello-web-serve; sudo systemctl stop charly-hello-web-server");
        var report = await new CheckBundle(guest.Context).RunAsync(new CheckRequest { Name = Name, Selection = new CheckSelection { Filter = ["server-script", "server"], WithScenarios = false } });
        Assert.Equal(ErrorKind.ChecksFailed, report.Failure!.Code.Kind);
        Assert.Equal(7, (int)report.Failure.Code.Kind);
        Assert.Contains(report.Results, r => r is { Id: "server", Status: CheckStatus.Fail, Expected: "running", Actual: "inactive" });
        Assert.Contains(report.Results, r => r is { Id: "server-script", Status: CheckStatus.Fail, Expected: "mode 0755", Actual: "mode 0700" });

        var verified = await new VerifyBundle(guest.Context).RunAsync(new CheckRequest { Name = Name, Selection = new CheckSelection { Filter = ["server-script"] } });
        Assert.False(verified.Passed);
        Assert.NotEmpty(verified.Drift);
    }

    [GuestFact]
    public async Task What_only_root_can_see_is_seen_and_every_verb_answers_on_a_guest()
    {
        guest.WriteCandy("looker",
            """
              task:
                - write: /root/secret.conf
                  content: hidden
                  mode: "0600"
                  user: root
              eval:
                - {id: hidden, file: /root/secret.conf, mode: "0600", owner: root, contains: hidden}
                - {id: not-there, file: /root/nothing, exists: false}
                - {id: sshd, service: ssh, running: true}
                - {id: port, port: 22, ip: 0.0.0.0}
                - {id: addr, addr: "127.0.0.1:${HOST_PORT:22}", scope: deploy}
                - {id: process, process: systemd}
                - {id: user, user: tester, groups: [tester], shell: /bin/bash}
                - {id: group, group: root, gid: 0}
                - {id: name, dns: localhost}
                - {id: net, interface: lo, addrs: [127.0.0.1]}
                - {id: root-fs, mount: /, filesystem: ext4, opt: [rw]}
                - {id: param, kernel-param: kernel.ostype, value: Linux}
                - {id: whoami, command: whoami, stdout: tester}
                - {id: from-here, command: test -e /proc/self, from_host: true}
                - {id: broken, package: no-such-package}
            """);
        var added = await new AddBundle(guest.Context).RunAsync(new BundleRequest { Name = Name, Ref = "looker", Options = Verified });
        Assert.Equal(Errors.ChecksFailed, added.Failure?.Code);
        Assert.Equal(["broken"], added.Checks.Where(c => c.Status != CheckStatus.Pass).Select(c => c.Id));
    }

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (GuestFixture.Missing() is not null) return;
        Assert.Null((await new RemoveBundle(guest.Context).RunAsync(new RemoveBundleRequest { Name = Name })).Failure);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (GuestFixture.Missing() is not null) return;
        await new RemoveBundle(guest.Context).RunAsync(new RemoveBundleRequest { Name = Name });
        await guest.InGuestAsync("sudo rm -rf /srv/hello");
    }

    private static string Describe(IEnumerable<CheckResult> results) =>
        string.Join('\n', results.Where(r => r.Status == CheckStatus.Fail).Select(r => $"{r.Id}: expected {r.Expected}, found {r.Actual}; {r.Message}"));
}

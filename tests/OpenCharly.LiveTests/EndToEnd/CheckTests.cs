using OpenCharly.Checks;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.EndToEnd;

/// <summary>Checks of every verb on a real guest.</summary>
[Collection("guest")]
public sealed class CheckTests(GuestFixture guest) : IAsyncLifetime
{
    private const string Name = "vm:" + GuestFixture.Vm;

    private static readonly InstallOptions Verified = new() { WithServices = true, AllowRepoChanges = true, AllowRootTasks = true, Verify = true };

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
}

using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.UndoMeasure;

namespace OpenCharly.LiveTests.EndToEnd;

/// <summary>Services on the guest's real service manager: of the system and of the user, custom and packaged, with sockets and timers.</summary>
[Collection("guest")]
public sealed class ServiceTests(GuestFixture guest)
{
    private const string Name = "vm:" + GuestFixture.Vm;

    // What a package would have brought, in states that are not the usual ones: one unit runs and is enabled, one has an
    // init script whose links say that it starts at boot although nobody enabled the unit, two have a second name, one
    // belongs to the user.
    private const string Prepare =
        """
        sudo bash -s <<'X'
        set -e
        cd /usr/lib/systemd/system
        printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' | tee lab-running.service lab-idle.service lab-sysv.service lab-steady.service >/dev/null
        printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\nAlias=lab-nick.service\n' >lab-named.service
        cp lab-idle.service lab-plain.service
        ln -s lab-plain.service lab-also.service
        printf '[Socket]\nListenStream=/run/lab.sock\nAccept=yes\n[Install]\nWantedBy=sockets.target\n' >lab.socket
        printf '[Service]\nExecStart=/bin/cat\nStandardInput=socket\n' >lab@.service
        printf '[Timer]\nOnCalendar=yearly\n[Install]\nWantedBy=timers.target\n' >lab-tick.timer
        printf '[Service]\nType=oneshot\nExecStart=/bin/true\n' >lab-tick.service
        printf '[Service]\nExecStart=/bin/false\n[Install]\nWantedBy=default.target\n' >/usr/lib/systemd/user/lab-mine.service
        printf '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: lab-sysv\n# Required-Start:\n# Required-Stop:\n# Default-Start: 2 3 4 5\n# Default-Stop: 0 1 6\n### END INIT INFO\n' >/etc/init.d/lab-sysv
        chmod 0755 /etc/init.d/lab-sysv
        update-rc.d lab-sysv defaults
        systemctl daemon-reload
        systemctl enable lab-named.service
        systemctl enable --now lab-running.service
        systemctl start lab-steady.service
        X
        """;

    private const string OverridesInForce =
        "for u in lab-running lab-steady; do sudo cat /proc/$(systemctl show -P MainPID $u)/environ | tr '\\0' '\\n' | grep LAB= || :; done";

    private const string Restore =
        """
        sudo bash -c 'systemctl disable --now lab-running.service lab-named.service; systemctl stop lab-steady; rm -f /usr/lib/systemd/system/lab* /usr/lib/systemd/user/lab* /etc/init.d/lab-sysv; update-rc.d lab-sysv remove; rm -f ~tester/lab-sleep; systemctl daemon-reload'
        """;

    [GuestFact]
    public async Task Units_of_all_kinds_run_and_every_prior_state_comes_back()
    {
        guest.WriteCandy("lab-services",
            """
              package: [coreutils]
              service:
                - name: keeper
                  exec: /bin/sh -c 'echo "$GREETING" >/run/lab-greeting; exec sleep infinity'
                  restart: always
                  env: {GREETING: "hello, 100% $5"}
                  enable: true
                  scope: system
                - name: tame
                  exec: "%(ENV_HOME)s/lab-sleep infinity"
                  restart: on-failure
                  user: nobody
                  working_directory: /var/lib
                  after: [multi-user.target, network.target]
                  before: charly-lab-services-breaks.service
                  wanted_by: [graphical.target]
                  stdout: none
                  stop_timeout: 7
                  stop_signal: INT
                  enable: true
                  scope: system
                - name: breaks
                  exec: /bin/false
                  restart: "no"
                  enable: true
                  scope: system
                - name: mine
                  exec: /bin/sh -c 'echo started; exec sleep infinity'
                  stdout: file:~/lab-logs.txt
                  enable: true
                  scope: user
                - name: mine-packaged
                  use_packaged: lab-mine
                  overrides: {after: [dbus.socket], exec: "/bin/sleep infinity", env: {LAB: "of the user"}}
                  enable: true
                  scope: user
                - name: running
                  use_packaged: lab-running.service
                  overrides: {env: {LAB: changed}}
                  enable: true
                  scope: system
                - name: steady
                  use_packaged: lab-steady.service
                  overrides: {env: {LAB: changed}}
                  enable: false
                  scope: system
                - name: idle
                  use_packaged: lab-idle.service
                  enable: true
                  scope: system
                - name: nick
                  use_packaged: lab-nick.service
                  enable: true
                  scope: system
                - name: also
                  use_packaged: lab-also.service
                  enable: true
                  scope: system
                - name: sysv
                  use_packaged: lab-sysv.service
                  enable: true
                  scope: system
                - name: socket
                  use_packaged: lab.socket
                  enable: true
                  scope: system
                - name: tick
                  use_packaged: lab-tick.timer
                  enable: true
                  scope: system
            """);
        await guest.InGuestAsync(Prepare + "\nln -s /bin/sleep ~/lab-sleep; chmod a+x ~");
        var before = await Photograph.TakeAsync(guest.Context, GuestFixture.Vm);
        var added = await new AddBundle(guest.Context).RunAsync(new BundleRequest { Name = Name, Ref = "lab-services", Options = new InstallOptions { Yes = true } });
        Assert.Null(added.Failure);

        const string Keeper = "charly-lab-services-keeper.service";
        await guest.InGuestAsync($"systemctl is-active {Keeper} lab-running lab-idle lab-named lab-plain lab-sysv lab.socket lab-tick.timer && systemctl is-enabled {Keeper} lab-idle lab-named lab-plain lab.socket lab-tick.timer");
        Assert.Equal("hello, 100% $5", (await guest.InGuestAsync("cat /run/lab-greeting")).Trim());
        Assert.Equal("LAB=changed\nLAB=changed\n", await guest.InGuestAsync(OverridesInForce));

        // What the candy says is what systemd understood.
        Assert.Equal(
            "ActiveState=active KillSignal=2 Restart=on-failure StandardOutput=null TimeoutStopUSec=7s Type=simple User=nobody WorkingDirectory=/var/lib",
            (await guest.InGuestAsync(
                "systemctl show -p Type,Restart,TimeoutStopUSec,StandardOutput,WorkingDirectory,User,KillSignal,ActiveState charly-lab-services-tame | LC_ALL=C sort | paste -sd ' '")).Trim());
        await guest.InGuestAsync(
            "u=charly-lab-services-tame.service; [[ $(systemctl show -P After $u) == *network.target* && $(systemctl show -P Before $u) == *charly-lab-services-breaks.service* "
            + "&& $(systemctl show -P WantedBy $u) == graphical.target && $(ps -o user= -p $(systemctl show -P MainPID $u)) == nobody ]]");

        // A socket answers, and what is killed comes back.
        await guest.InGuestAsync("python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect(\"/run/lab.sock\"); s.sendall(b\"ping\"); assert s.recv(4) == b\"ping\"' || sudo python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect(\"/run/lab.sock\"); s.sendall(b\"ping\"); assert s.recv(4) == b\"ping\"'");
        await guest.InGuestAsync($"sudo kill -9 $(systemctl show -P MainPID {Keeper}); for i in $(seq 100); do [ $(systemctl show -P NRestarts {Keeper}) -ge 1 ] && systemctl is-active {Keeper} && exit; sleep 0.1; done; exit 1");

        // The user's own unit outlives the log-in.
        Assert.Equal("started", (await guest.InGuestAsync("XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user is-active charly-lab-services-mine >/dev/null && loginctl show-user tester -P Linger | grep -q yes && cat ~/lab-logs.txt")).Trim());

        await guest.InGuestAsync(
            "export XDG_RUNTIME_DIR=/run/user/$(id -u); systemctl --user is-active lab-mine && systemctl --user is-enabled lab-mine "
            + "&& grep -zq 'LAB=of the user' /proc/$(systemctl --user show -P MainPID lab-mine)/environ && [[ $(systemctl --user show -P After lab-mine) == *dbus.socket* ]]");

        var removed = await new RemoveBundle(guest.Context).RunAsync(new RemoveBundleRequest { Name = Name });
        Assert.Null(removed.Failure);
        var after = await Photograph.TakeAsync(guest.Context, GuestFixture.Vm);
        Assert.Equal([], before.DifferenceTo(after));
        Assert.Equal("no", (await guest.InGuestAsync("loginctl show-user tester -P Linger")).Trim());
        Assert.Equal("", await guest.InGuestAsync(OverridesInForce));
        await guest.InGuestAsync(Restore);
    }

    [GuestFact]
    public async Task The_last_of_two_that_need_a_lingering_user_lets_it_go()
    {
        static string Body(string name) => $"  service:\n    - name: {name}\n      exec: /bin/sleep infinity\n      enable: true\n      scope: user\n";
        guest.WriteCandy("lingers-one", Body("one"));
        guest.WriteCandy("lingers-two", Body("two"));
        var options = new InstallOptions { Yes = true };
        Assert.Null((await new AddBundle(guest.Context).RunAsync(new BundleRequest { Name = Name, Ref = "lingers-one", Options = options })).Failure);
        Assert.Null((await new AddBundle(guest.Context).RunAsync(new BundleRequest { Name = GuestFixture.SecondHolder, Ref = "lingers-two", Options = options })).Failure);
        Assert.Null((await new RemoveBundle(guest.Context).RunAsync(new RemoveBundleRequest { Name = Name })).Failure);
        await guest.InGuestAsync("test -e /var/lib/systemd/linger/tester");
        Assert.Null((await new RemoveBundle(guest.Context).RunAsync(new RemoveBundleRequest { Name = GuestFixture.SecondHolder })).Failure);
        await guest.InGuestAsync("test ! -e /var/lib/systemd/linger/tester");
    }
}

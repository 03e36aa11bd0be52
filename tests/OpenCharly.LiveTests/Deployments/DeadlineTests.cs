using System.Text.Json;
using OpenCharly.LiveTests.Transfer;

namespace OpenCharly.LiveTests.Deployments;

/// <summary>A short-lived deployment of an ordinary user under a real service manager, by the guest's own charly (deploy.md §9).</summary>
[Collection("podman-guest")]
public sealed class DeadlineTests(PodmanGuest guest) : IAsyncLifetime
{
    // A time to live that is long enough for an add in a guest without KVM.
    public async Task InitializeAsync()
    {
        await guest.EnsureCharlyAsync();
        await guest.InGuestAsync(
            """
            set -eu
            sudo loginctl enable-linger "$USER"
            mkdir -p ~/short/candy/hello
            cat >~/short/charly.yml <<'END'
            version: 2026.163.0928
            discover: [candy]
            deploy:
              try: {target: local, add_candy: [hello], ephemeral: {ttl: 25s}}
            END
            cat >~/short/candy/hello/charly.yml <<'END'
            candy:
              name: hello
              version: 2026.180.1200
              env: {HELLO: there}
              task:
                - {write: "${HOME}/hello.txt", content: here, user: "${USER}"}
            END
            """);
    }

    public async Task DisposeAsync() => await guest.InGuestAsync(
        """
        cd ~/short && charly bundle del try --yes >/dev/null 2>&1
        sudo loginctl disable-linger "$USER"
        rm -rf ~/short ~/hello.txt ~/.config/charly ~/.local/share/charly
        """);

    [PodmanGuestFact]
    public async Task The_timer_removes_it_when_its_time_is_over_and_leaves_nothing()
    {
        var before = await guest.InGuestAsync("cat ~/.bashrc ~/.profile 2>/dev/null | sha256sum");
        await guest.InGuestAsync("cd ~/short && charly bundle add try --yes");
        Assert.Equal("here", await guest.InGuestAsync("cat ~/hello.txt"));
        var timer = (await guest.InGuestAsync("systemctl --user list-units --plain --no-legend --type=timer 'charly-deploy-del-*' | cut -d' ' -f1")).Trim();
        Assert.StartsWith("charly-deploy-del-try-", timer, StringComparison.Ordinal);

        // The end that everybody is told is the one on record.
        using var status = JsonDocument.Parse(await guest.InGuestAsync("cd ~/short && charly bundle status try --offline --json"));
        var deadline = status.RootElement[0].GetProperty("ttl_deadline").GetString();
        Assert.Contains($"ttl_deadline: {deadline}", (await guest.InGuestAsync("cat ~/.config/charly/charly.yml")).Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal);

        await guest.InGuestAsync(
            $$"""
            for i in $(seq 240); do
              [ ! -e ~/hello.txt ] && [ ! -e ~/.config/opencharly ] && ! systemctl --user is-active --quiet {{timer}} && ! grep -q ephemeral: ~/.config/charly/charly.yml 2>/dev/null && exit 0
              sleep 0.5
            done
            journalctl --user --no-pager -n 40 >&2; systemctl --user list-units --all 'charly-*' >&2
            exit 1
            """);
        Assert.Equal("", await guest.InGuestAsync(
            """
            ls ~/hello.txt ~/.config/opencharly 2>/dev/null
            systemctl --user list-units --all --plain --no-legend 'charly-deploy-del-*'
            grep -s vm_state ~/.config/charly/charly.yml || true
            """));
        Assert.Equal(before, await guest.InGuestAsync("cat ~/.bashrc ~/.profile 2>/dev/null | sha256sum"));
    }
}

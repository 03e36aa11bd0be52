using OpenCharly.Execution;
using OpenCharly.LiveTests.Transfer;

namespace OpenCharly.LiveTests.Pods;

/// <summary>
/// Pods of an ordinary user under a real service manager, by the guest's own charly and podman 5. Everything is gone afterwards,
/// so that the guest is as the other tests of it expect.
/// </summary>
public abstract class GuestPods(PodmanGuest guest) : IAsyncLifetime
{
    protected const string Canary = "canary-5e1f";

    // Puts a recorder before the programs that charly starts, so that no argument escapes.
    private const string Prepare =
        $$"""
        set -eu
        sudo loginctl enable-linger "$USER"
        sudo sed -i 's/^#user_allow_other/user_allow_other/' /etc/fuse.conf
        mkdir -p ~/record ~/.config/charly
        for program in podman systemctl systemd-run gocryptfs; do
          printf '#!/bin/sh\necho "%s $*" >>"$HOME/record/log"\nexec /usr/bin/%s "$@"\n' "$program" "$program" >~/record/$program
          chmod +x ~/record/$program
        done
        charly settings set secret_backend config
        printf %s {{Canary}} >~/db-password
        """;

    private static string Entries =>
        $$"""
        version: 2026.163.0928
        deploy:
          notes:
            box: notes
            tag: {{PodImages.Old}}
            port: ["18080:8080"]
            volume: [{name: data, type: bind, host: ~/notes}]
            env: ["BANNER=hello {world}", "LEVEL=a \"b\" %c"]
            secret: [{name: db-password, source: "file:~/db-password"}]
            security: {memory_max: 300m}
            sidecar:
              echo: {image: "localhost/echo:1", env: {MODE: loud}, volume: [{name: state, path: /state}]}
          safe:
            box: notes
            tag: {{PodImages.Old}}
            volume: [{name: vault, type: encrypted}]
            secret: [{name: db-password, source: "file:~/db-password"}]

        """;

    public async Task InitializeAsync()
    {
        await guest.OnceAsync(nameof(GuestPods), async () =>
        {
            await guest.EnsureCharlyAsync();
            await guest.InGuestAsync(PodImages.Script);
        });
        await guest.InGuestAsync(Prepare);
        await guest.InGuestAsync($"cat >~/.config/charly/charly.yml <<'END'\n{Entries}END\n");
    }

    public async Task DisposeAsync() => await guest.InGuestAsync(
        """
        charly config unmount safe >/dev/null 2>&1
        charly remove notes --purge --yes >/dev/null 2>&1
        charly remove safe --purge --yes >/dev/null 2>&1
        podman secret rm --all >/dev/null 2>&1
        podman rm --all --force >/dev/null 2>&1
        podman network rm --force charly >/dev/null 2>&1
        podman volume prune --force >/dev/null 2>&1
        sudo loginctl disable-linger "$USER"
        rm -rf ~/record ~/notes ~/db-password ~/.config/charly ~/.local/share/charly
        """);

    /// <summary>Runs the guest's charly, behind the recorder; a failure fails the test.</summary>
    protected async Task<CommandResult> CharlyAsync(string line)
    {
        var result = await guest.TryInGuestAsync($"PATH=$HOME/record:$PATH charly {line}");
        Assert.True(result.Succeeded, $"charly {line}: exit {result.ExitCode}: {result.StandardOutput}{result.Tail(20)}");
        return result;
    }
}

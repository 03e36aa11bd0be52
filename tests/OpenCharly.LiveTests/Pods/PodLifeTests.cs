using System.Text.Json;
using OpenCharly.LiveTests.Transfer;

namespace OpenCharly.LiveTests.Pods;

/// <summary>The life of a pod of two containers under a real service manager, from configuring to removing.</summary>
[Collection("podman-guest")]
public sealed class PodLifeTests(PodmanGuest guest) : GuestPods(guest)
{
    private readonly PodmanGuest _guest = guest;

    [PodmanGuestFact(isLong: true)]
    public async Task A_pod_with_a_sidecar_runs_outlives_a_reboot_is_updated_and_goes_without_a_trace()
    {
        await ConfiguringStartsWhatTheImageWantsStartedAsync();
        await ItIsWhatTheEntrySaysAsync();
        await NobodySeesTheSecretAsync();
        await StoppedAndStartedItIsTheSameAsync();
        await _guest.RebootAsync();
        Assert.Equal("mine\n", await _guest.InGuestAsync(Until("curl -sf http://127.0.0.1:18080/index.html")));
        Assert.Equal("running", await StatusAsync("notes"));
        await AnUpdateBringsWhatIsNewAsync();
        await ItGoesWithoutATraceAsync();
    }

    private async Task ConfiguringStartsWhatTheImageWantsStartedAsync()
    {
        var told = await CharlyAsync("config notes --no-autodetect");
        Assert.Equal($"notes configured: localhost/notes:{PodImages.Old}, quadlet, ports 127.0.0.1:18080:8080\n", told.StandardOutput);
        Assert.DoesNotContain("warning", told.StandardError, StringComparison.Ordinal);

        // The image's files were copied into the folder, which is the user's own, and its hook ran in the container.
        Assert.Equal($"page of {PodImages.Old}\nnew in {PodImages.Old}\nenabled\n", await _guest.InGuestAsync($"cd ~/notes && cat index.html only-{PodImages.Old}.html enabled && test -O index.html && test -O enabled"));
        Assert.Equal($"page of {PodImages.Old}\n", await _guest.InGuestAsync("curl -sf http://127.0.0.1:18080/index.html"));
    }

    private async Task ItIsWhatTheEntrySaysAsync()
    {
        var inside = await CharlyAsync("""cmd notes 'wget -qO- http://localhost:8081/box-version; printf %s "$DB_PASSWORD" | sha256sum | cut -c1-8; echo "$BANNER $LEVEL"; id -u; cat /sys/fs/cgroup/memory.max 2>/dev/null || true'""");
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Canary)))[..8];
        Assert.StartsWith($"1\n{digest}\nhello {{world}} a \"b\" %c\n1000\n", inside.StandardOutput, StringComparison.Ordinal);
        Assert.Equal("314572800\n", await _guest.InGuestAsync("systemctl --user show charly-notes.service --property=MemoryMax --value"));
        Assert.Equal("loud\n", (await CharlyAsync("cmd notes --sidecar echo 'echo $MODE; touch /state/seen'")).StandardOutput);
        Assert.Equal(7, (await _guest.TryInGuestAsync("charly shell notes -c 'exit 7'")).ExitCode);

        using var status = JsonDocument.Parse((await CharlyAsync("status notes --json")).StandardOutput);
        var pod = status.RootElement;
        Assert.Equal(("running", "charly-notes", "charly", "quadlet"), (Text("status"), Text("container"), Text("network"), Text("run_mode")));
        Assert.Equal(18080, pod.GetProperty("ports")[0].GetProperty("host_port").GetInt32());
        var volumes = pod.GetProperty("volumes").EnumerateArray().Select(v => v.GetString()).ToArray();
        Assert.Contains("data: /home/tester/notes -> /data", volumes);
        Assert.Contains("vault: charly-notes-vault -> /vault", volumes);

        Assert.Contains($"notes {PodImages.Old} runs as 1000", (await CharlyAsync("logs notes -n 100")).StandardOutput, StringComparison.Ordinal);
        Assert.Contains("echo 1 runs as 1000", (await CharlyAsync("logs notes --sidecar echo")).StandardOutput, StringComparison.Ordinal);
        string? Text(string name) => pod.GetProperty(name).GetString();
    }

    // The engine's own store and the file that it came from are the only places.
    private async Task NobodySeesTheSecretAsync()
    {
        Assert.Equal("", await _guest.InGuestAsync($"grep -rlF {Canary} ~/.config ~/.local/share/charly ~/.cache ~/record ~/notes /run/user/1000/systemd 2>/dev/null || true"));
        Assert.Equal("", await _guest.InGuestAsync($"journalctl --user --no-pager --output=cat | grep -F {Canary} || true"));

        // A pattern that does not match itself, for it stands on command lines, too.
        Assert.Equal("", await _guest.InGuestAsync($"cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep '[{Canary[0]}]{Canary[1..]}' || true"));
        Assert.Contains("podman secret create charly-notes-db-password -", await _guest.InGuestAsync("cat ~/record/log"), StringComparison.Ordinal);
    }

    private async Task StoppedAndStartedItIsTheSameAsync()
    {
        await _guest.InGuestAsync("echo mine >~/notes/index.html");
        const string container = "podman container inspect --format '{{.Id}}' charly-notes";
        var first = await _guest.InGuestAsync(container);
        await CharlyAsync("restart notes");
        Assert.NotEqual(first, await _guest.InGuestAsync(container));
        Assert.Equal("mine\n", await _guest.InGuestAsync("curl -sf http://127.0.0.1:18080/index.html"));

        Assert.StartsWith("notes enabled", (await CharlyAsync("stop notes")).StandardOutput, StringComparison.Ordinal);
        Assert.NotEqual(0, (await _guest.TryInGuestAsync("curl -sf http://127.0.0.1:18080/index.html")).ExitCode);
        Assert.Equal("", await _guest.InGuestAsync("systemctl --user list-units --failed --plain --no-legend 'charly-*'; podman ps --all --quiet"));
        Assert.StartsWith("notes running", (await CharlyAsync("start notes")).StandardOutput, StringComparison.Ordinal);
        Assert.Equal("mine\n", await _guest.InGuestAsync("curl -sf http://127.0.0.1:18080/index.html"));
    }

    private async Task AnUpdateBringsWhatIsNewAsync()
    {
        await CharlyAsync($"update notes --tag {PodImages.New}");
        Assert.Equal($"mine\nnew in {PodImages.New}\n", await _guest.InGuestAsync($"curl -sf http://127.0.0.1:18080/index.html http://127.0.0.1:18080/only-{PodImages.New}.html"));
        Assert.Equal($"{PodImages.New}\n", (await CharlyAsync("cmd notes 'cat /etc/box-version'")).StandardOutput);
        Assert.Equal("seen\n", (await CharlyAsync("cmd notes --sidecar echo 'ls /state'")).StandardOutput);
    }

    private async Task ItGoesWithoutATraceAsync()
    {
        var removed = (await CharlyAsync("remove notes --purge --yes")).StandardOutput;
        Assert.Contains("removed volume charly-notes-vault", removed, StringComparison.Ordinal);
        Assert.Equal("removed\n", await _guest.InGuestAsync("cat ~/notes/removed"));
        Assert.Equal("", await _guest.InGuestAsync(
            """
            systemctl --user list-units --all --plain --no-legend 'charly-notes*'
            ls ~/.config/containers/systemd
            podman ps --all --quiet
            podman pod ps --quiet
            podman volume ls --quiet
            grep notes: ~/.config/charly/charly.yml || true
            """));

        // What a database was encrypted with outlives it, as its folder does.
        Assert.Equal("charly-notes-db-password\n", await _guest.InGuestAsync("podman secret ls --format '{{.Name}}'"));
        Assert.Equal(3, (await _guest.TryInGuestAsync("charly remove notes --yes")).ExitCode);
    }

    private async Task<string?> StatusAsync(string name)
    {
        using var status = JsonDocument.Parse((await CharlyAsync($"status {name} --json")).StandardOutput);
        return status.RootElement.GetProperty("status").GetString();
    }

    private static string Until(string command) => $"for i in $(seq 600); do {command} && exit 0; sleep 0.5; done; journalctl --user --no-pager -n 30 >&2; exit 1";
}

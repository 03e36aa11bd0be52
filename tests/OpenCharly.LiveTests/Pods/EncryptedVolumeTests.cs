using OpenCharly.LiveTests.Transfer;

namespace OpenCharly.LiveTests.Pods;

/// <summary>Volumes that gocryptfs encrypts, under the service manager of an ordinary user (pod.md §5.3).</summary>
[Collection("podman-guest")]
public sealed class EncryptedVolumeTests(PodmanGuest guest) : GuestPods(guest)
{
    private readonly PodmanGuest _guest = guest;

    [PodmanGuestFact(isLong: true)]
    public async Task An_encrypted_volume_is_unlocked_by_start_and_by_its_own_unit_and_is_plain_nowhere_else()
    {
        await _guest.InGuestAsync($"printf %s {Canary} | charly secrets set charly/enc safe");
        await CharlyAsync("config safe --no-autodetect --no-seed");
        Assert.Equal("yes yes", await VolumeAsync(), ignoreCase: false);
        await CharlyAsync("cmd safe 'echo plainly >/vault/letter'");
        Assert.Equal("active\n", await _guest.InGuestAsync("systemctl --user is-active charly-enc-safe-vault.scope"));
        Assert.Equal("", await _guest.InGuestAsync("cd ~/.local/share/charly/encrypted/charly-safe-vault/cipher && ls | grep letter; grep -rl plainly . || true"));

        await CharlyAsync("stop safe --unmount");
        Assert.Equal("yes no", await VolumeAsync());
        Assert.Equal("", await _guest.InGuestAsync("ls ~/.local/share/charly/encrypted/charly-safe-vault/plain; systemctl --user list-units --plain --no-legend 'charly-enc-*'"));

        // The unit alone mounts it, and so does mount, and nothing is left to do for a second one.
        await _guest.InGuestAsync("systemctl --user start charly-safe.service");
        Assert.Equal("plainly\n", (await CharlyAsync("cmd safe 'cat /vault/letter'")).StandardOutput);
        Assert.Contains("(1/1)", (await CharlyAsync("config mount safe")).StandardError, StringComparison.Ordinal);
        await CharlyAsync("stop safe");
        await CharlyAsync("config unmount safe");
        await CharlyAsync("config mount safe");
        Assert.Equal("plainly\n", await _guest.InGuestAsync("cat ~/.local/share/charly/encrypted/charly-safe-vault/plain/letter"));
        await CharlyAsync("config unmount safe");

        // A wrong passphrase opens nothing, and says so.
        await _guest.InGuestAsync("printf wrong | charly secrets set charly/enc safe");
        var refused = await _guest.TryInGuestAsync("charly config mount safe");
        Assert.Equal(6, refused.ExitCode);
        Assert.Contains("could not mount vault", refused.StandardError, StringComparison.Ordinal);
        Assert.Equal("yes no", await VolumeAsync());
        Assert.Equal("", await _guest.InGuestAsync($"grep -lF {Canary} ~/record/log; journalctl --user --no-pager --output=cat | grep -F {Canary} || true"));
    }

    /// <summary>Initialized and mounted, as <c>config status</c> prints them.</summary>
    private async Task<string> VolumeAsync()
    {
        var line = (await CharlyAsync("config status safe")).StandardOutput.Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("vault", line[0]);
        return $"{line[1]} {line[2]}";
    }
}

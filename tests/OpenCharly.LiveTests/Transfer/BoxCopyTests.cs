using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Transfer;

/// <summary>Images on their way from this machine's podman into a guest's.</summary>
[Collection("podman-guest")]
public sealed class BoxCopyTests(PodmanGuest guest)
{
    private const int Megabyte = 1 << 20;
    private const string Image = "localhost/charly-live-shop";

    [PodmanGuestFact]
    public async Task Only_what_a_guest_lacks_is_sent_what_is_damaged_is_sent_again_and_a_guest_without_forwarding_gets_it_too()
    {
        var from = await guest.MakeBaseAsync("localhost/charly-live-base:1");
        var first = await guest.MakeImageAsync($"{Image}:2026.180.1", from, (1, 24 * Megabyte), (2, Megabyte));
        await LayersAreReusedAsync(first);
        await ANewVersionSendsItsNewLayerAsync(from);
        await TheUserHasAStorageOfTheirOwnAsync();
        await DamageIsFoundAndMendedAsync();
        await ForwardingMayBeForbiddenAsync();
    }

    private async Task LayersAreReusedAsync(string image)
    {
        var request = new CopyBoxToVmRequest { Name = PodmanGuest.Vm, Image = image };
        var preview = await guest.CopyAsync(request with { DryRun = true });
        Assert.Equal((true, 3, 0), (preview.DryRun, preview.LayersSent, preview.LayersPresent));
        Assert.Equal("", await guest.InGuestAsync("sudo podman images --quiet"));
        const string ports = "awk '$4 == \"0A\" {print $2}' /proc/net/tcp /proc/net/tcp6 | sort";
        var open = await guest.InGuestAsync(ports);

        var copied = await guest.CopyAsync(request);
        Assert.Equal((BoxTransferWay.Layers, 3, 0, 1), (copied.Way, copied.LayersSent, copied.LayersPresent, copied.Attempts));
        Assert.InRange(copied.BytesSent, copied.ImageBytes, copied.ImageBytes + 20_000);
        Assert.Equal(preview.BytesSent, copied.ImageBytes);
        Assert.Equal($"{copied.ImageId} [{image}]\n", await guest.InGuestAsync($"sudo podman image inspect --format '{{{{.Id}}}} {{{{.RepoTags}}}}' {image}"));
        var told = guest.Lab.Events.OfType<ProgressEvent>().Where(e => e.Activity.StartsWith($"copying {image}", StringComparison.Ordinal)).ToList();
        Assert.True(told.Count > 5);
        Assert.All(told, e => Assert.Equal("bytes", e.Unit));
        Assert.True(told[^1].IsCompleted);

        var again = await guest.CopyAsync(request);
        Assert.Equal((BoxTransferWay.None, 0, 3, 0L), (again.Way, again.LayersSent, again.LayersPresent, again.BytesSent));

        // No port is left open for others, nor a socket, nor what was written out here.
        Assert.Equal(open, await guest.InGuestAsync(ports));
        Assert.Empty(Directory.GetFiles(guest.Lab.Paths.Runtime));
        Assert.Empty(Directory.GetDirectories(Path.Combine(guest.Lab.Paths.Cache, "box-transfer")));
    }

    private async Task ANewVersionSendsItsNewLayerAsync(string from)
    {
        await guest.MakeImageAsync($"{Image}:2026.180.2", from, (1, 24 * Megabyte), (3, Megabyte));
        var copied = await guest.CopyAsync(new CopyBoxToVmRequest { Name = PodmanGuest.Vm, Image = "charly-live-shop", As = "shop" });
        Assert.Equal(($"{Image}:2026.180.2", "localhost/shop:latest"), (copied.Image, copied.Tag));
        Assert.Equal((BoxTransferWay.Layers, 1, 2), (copied.Way, copied.LayersSent, copied.LayersPresent));
        Assert.InRange(copied.BytesSent, Megabyte, Megabyte + 20_000);
        Assert.Equal($"{copied.ImageId} [localhost/shop:latest]\n", await guest.InGuestAsync("sudo podman image inspect --format '{{.Id}} {{.RepoTags}}' shop"));

        // A name that means another image by now is given to the new one.
        await guest.MakeImageAsync($"{Image}:2026.180.3", from, (1, 24 * Megabyte), (4, Megabyte));
        var third = await guest.CopyAsync(new CopyBoxToVmRequest { Name = PodmanGuest.Vm, Image = "charly-live-shop", As = "shop" });
        Assert.Equal((1, 2), (third.LayersSent, third.LayersPresent));
        Assert.Equal(third.ImageId + "\n", await guest.InGuestAsync("sudo podman image inspect --format '{{.Id}}' shop"));
    }

    private async Task TheUserHasAStorageOfTheirOwnAsync()
    {
        var copied = await guest.CopyAsync(new CopyBoxToVmRequest { Name = PodmanGuest.Vm, Image = "localhost/charly-live-base:1", As = "mine", Rootless = true });
        Assert.Equal((BoxTransferWay.Layers, 1, true), (copied.Way, copied.LayersSent, copied.Rootless));
        Assert.Equal("localhost/mine:latest\n", await guest.InGuestAsync("podman images --format '{{.Repository}}:{{.Tag}}' mine"));
        Assert.DoesNotContain("mine", await guest.InGuestAsync("sudo podman images"), StringComparison.Ordinal);
        Assert.Equal("works\n", await guest.InGuestAsync("podman run --rm --network=none mine sh -c 'echo works'"));
    }

    private async Task DamageIsFoundAndMendedAsync()
    {
        // What a power cut leaves of a layer that was just written: its record, without its files.
        await guest.InGuestAsync("sudo rm -rf \"/var/lib/containers/storage/overlay/$(sudo podman image inspect --format '{{.GraphDriver.Data.UpperDir}}' shop | cut -d/ -f7)\"");
        var mended = await guest.CopyAsync(new CopyBoxToVmRequest { Name = PodmanGuest.Vm, Image = "charly-live-shop", As = "shop" });
        Assert.Equal(BoxTransferWay.Whole, mended.Way);
        Assert.Contains(guest.Lab.Notices, n => n.StartsWith("localhost/shop:latest in boxes is damaged", StringComparison.Ordinal));
        Assert.Equal($"{Megabyte}\n", await guest.InGuestAsync("sudo podman run --rm --network=none shop cat /srv/file-4 | wc -c"));
        Assert.DoesNotContain("charly-live-shop:2026.180.3", await guest.InGuestAsync("sudo podman images --format '{{.Repository}}:{{.Tag}}'"), StringComparison.Ordinal);
    }

    private async Task ForwardingMayBeForbiddenAsync()
    {
        await guest.InGuestAsync("printf 'AllowTcpForwarding no\\n' | sudo tee /etc/ssh/sshd_config.d/00-closed.conf && sudo systemctl reload ssh");
        await AnewAsync();
        var copied = await guest.CopyAsync(new CopyBoxToVmRequest { Name = PodmanGuest.Vm, Image = "localhost/charly-live-base:1", As = "whole:1" });
        Assert.Equal((BoxTransferWay.Whole, 1, 1), (copied.Way, copied.LayersSent, copied.Attempts));
        Assert.Equal("works\n", await guest.InGuestAsync("sudo podman run --rm --network=none whole:1 sh -c 'echo works'"));
        await guest.InGuestAsync("sudo rm /etc/ssh/sshd_config.d/00-closed.conf && sudo systemctl reload ssh");
        await AnewAsync();
    }

    // While sshd reads its configuration it takes nobody in.
    private async Task AnewAsync()
    {
        await guest.Services.SshAccess.CloseAsync(new OpenCharly.Vms.VmName(PodmanGuest.Vm), guest.Lab.Context.Processes);
        await new WaitVm(guest.Services).RunAsync(new WaitVmRequest { Name = PodmanGuest.Vm, For = VmWaitCondition.Ssh, Timeout = TimeSpan.FromMinutes(5) });
    }

    [PodmanGuestFact]
    public async Task What_can_not_be_copied_changes_nothing()
    {
        async Task<CharlyException> ErrorAsync(CopyBoxToVmRequest request) => await Assert.ThrowsAsync<CharlyException>(() => guest.CopyAsync(request));
        var error = await ErrorAsync(new CopyBoxToVmRequest { Name = PodmanGuest.Vm, Image = "localhost/no-such-image:1" });
        Assert.Equal((Errors.ImageNotLocal, "image \"localhost/no-such-image:1\" is not available locally"), (error.Code, error.Message));
        await guest.MakeBaseAsync("localhost/charly-live-base:1");
        Assert.Equal(Errors.BadName, (await ErrorAsync(new CopyBoxToVmRequest { Name = PodmanGuest.Vm, Image = "localhost/charly-live-base:1", As = "Not A Name" })).Code);
        Assert.Equal(Errors.VmNotFound, (await ErrorAsync(new CopyBoxToVmRequest { Name = "nobody", Image = "localhost/charly-live-base:1" })).Code);
    }
}

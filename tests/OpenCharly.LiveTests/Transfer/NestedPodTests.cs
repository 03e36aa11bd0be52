using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Targets;

namespace OpenCharly.LiveTests.Transfer;

/// <summary>A pod below a machine's entry: it lives in the guest, under its user's own service manager, and is driven from here.</summary>
[Collection("podman-guest")]
public sealed class NestedPodTests(PodmanGuest guest) : IAsyncLifetime
{
    private const string Vm = "vm:" + PodmanGuest.Vm;
    private const string Image = "localhost/charly-live-nested";
    private const string Left = "podman ps -aq; podman images -q; podman volume ls -q; ls -A /var/lib/systemd/linger; ls ~/.config/containers ~/.config/charly ~/.config/opencharly /tmp/charly-* 2>/dev/null; true";

    private string _charly = "";
    private string _before = "";

    [PodmanGuestFact(isLong: true)]
    public async Task A_pod_in_a_machine_comes_up_with_it_changes_with_its_image_survives_a_reboot_and_leaves_nothing()
    {
        _charly = await guest.CharlyAsync();
        _before = await guest.InGuestAsync(Left);
        await MakeAsync(1);
        await MakeAsync(2);
        await ItComesUpWithTheMachineAsync();
        await NothingChangesASecondTimeAsync();
        await AnotherImageIsSentAndStartedAsync();
        await ItComesBackAfterARebootAsync();
        await ItLeavesNothingAsync();
    }

    private async Task ItComesUpWithTheMachineAsync()
    {
        GuestProject.Write(guest, "shop.env", "FROM_FILE=yes\n");
        var added = await AddAsync(1, "small");
        Assert.Null(added.Failure);
        Assert.True(added.Changed);
        var pod = Assert.Single(added.Members);
        Assert.Equal((Vm + ".shop", $"pod shop of {Image}:2026.180.1: started"), (pod.Name, Assert.Single(pod.Items)));
        Assert.Equal("hello yes one\n", await guest.InGuestAsync("podman exec charly-shop sh -c 'echo $GREETING $FROM_FILE $(cat /srv/which)'"));
        Assert.Equal("active\n127.0.0.1:18080\ntester\n", await guest.InGuestAsync("export XDG_RUNTIME_DIR=/run/user/$(id -u); systemctl --user is-active charly-shop; podman port charly-shop 8080; ls /var/lib/systemd/linger"));
        Assert.Equal("", await guest.InGuestAsync("sudo podman ps -q"));
        Assert.Contains("SMALL", await guest.InGuestAsync("cat ~/.config/opencharly/env.d/small.env"), StringComparison.Ordinal);
    }

    private async Task NothingChangesASecondTimeAsync()
    {
        var running = await guest.InGuestAsync("podman ps -q --no-trunc --filter name=charly-shop");
        var again = await AddAsync(1, "small");
        Assert.False(again.Changed);
        Assert.EndsWith("runs as before", Assert.Single(Assert.Single(again.Members).Items), StringComparison.Ordinal);
        Assert.Equal(running, await guest.InGuestAsync("podman ps -q --no-trunc --filter name=charly-shop"));
    }

    private async Task AnotherImageIsSentAndStartedAsync()
    {
        var changed = await AddAsync(2, "small");
        Assert.EndsWith("restarted", Assert.Single(Assert.Single(changed.Members).Items), StringComparison.Ordinal);
        Assert.Equal("two\n", await guest.InGuestAsync("podman exec charly-shop cat /srv/which"));
        Assert.DoesNotContain(Image, await guest.InGuestAsync("podman images --format '{{.Repository}}:{{.Tag}}'"), StringComparison.Ordinal);
    }

    private async Task ItComesBackAfterARebootAsync()
    {
        await guest.RebootAsync();
        Assert.Equal("two\n", await guest.InGuestAsync("until podman exec charly-shop cat /srv/which 2>/dev/null; do [ $SECONDS -lt 120 ] || { podman ps -a; exit 1; }; sleep 0.5; done"));
        var again = await AddAsync(2, "small");
        Assert.False(again.Changed);
    }

    private async Task ItLeavesNothingAsync()
    {
        var context = Context(2);
        var preview = await new RemoveBundle(context).RunAsync(new RemoveBundleRequest { Name = Vm + ".shop", DryRun = true });
        Assert.Equal(["pod shop: entry", "pod shop: unit charly-shop.service", "pod shop: container", $"pod shop: image {GuestPod.ImageOf("shop")}"], preview.Items);
        Assert.NotEqual("", await guest.InGuestAsync("podman ps -q --filter name=charly-shop"));
        var removed = await new RemoveBundle(context).RunAsync(new RemoveBundleRequest { Name = Vm });
        Assert.Null(removed.Failure);
        Assert.True(Assert.Single(removed.Members).Changed);
        Assert.Equal(_before, await guest.InGuestAsync(Left));

        // What is gone is not removed again, and no charly is sent for that.
        var again = await new RemoveBundle(context).RunAsync(new RemoveBundleRequest { Name = Vm + ".shop" });
        Assert.False(again.Changed);
        Assert.Equal(_before, await guest.InGuestAsync(Left));
    }

    [PodmanGuestFact(isLong: true)]
    public async Task A_pod_that_can_not_start_is_an_error_that_names_it_and_the_next_add_mends_it()
    {
        _charly = await guest.CharlyAsync();
        _before = await guest.InGuestAsync(Left);
        await MakeAsync(1);
        await guest.InGuestAsync("mkdir -p ~/.config/charly && echo 'deploy: {other: [' >~/.config/charly/charly.yml");
        var failed = await AddAsync(1, null);
        var left = await guest.InGuestAsync("cat ~/.config/charly/charly.yml; rm -r ~/.config/charly");
        var failure = Assert.Single(failed.Members).Failure;
        Assert.StartsWith("not well-formed YAML", failure?.Message, StringComparison.Ordinal);
        Assert.EndsWith("/.config/charly/charly.yml", failure?.Position?.File, StringComparison.Ordinal);
        Assert.Equal("deploy: {other: [\n", left);
        Assert.Null((await AddAsync(1, null)).Failure);
        Assert.Null((await new RemoveBundle(Context(1)).RunAsync(new RemoveBundleRequest { Name = Vm + ".shop" })).Failure);
        Assert.Equal(_before, await guest.InGuestAsync(Left));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_charly.Length > 0) await guest.Lab.Context.Processes.RunAsync(new ProcessRequest("podman", "rmi", "--force", $"{Image}:2026.180.1", $"{Image}:2026.180.2"));
    }

    private CharlyContext Context(int version) => guest.Project(
        _charly, deploy: $"{{nested: {{shop: {{target: pod, box: '{Image}:2026.180.{version}', port: ['18080:8080'], env: {{GREETING: hello}}, env_file: shop.env}}}}}}");

    private Task<DeployResult> AddAsync(int version, string? candy)
    {
        GuestProject.Write(guest, "shop.env", "FROM_FILE=yes\n");
        return new AddBundle(Context(version)).RunAsync(new BundleRequest { Name = Vm, Ref = candy });
    }

    // An image that says what it needs, as a box does.
    private async Task MakeAsync(int version)
    {
        var from = await guest.MakeBaseAsync("localhost/charly-live-base:1");
        var folder = Path.Combine(guest.Lab.Folder, "nested");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "which"), version == 1 ? "one\n" : "two\n");
        await File.WriteAllTextAsync(
            Path.Combine(folder, "Containerfile"),
            $"""
            FROM {from}
            COPY which /srv/
            LABEL ai.opencharly.version=2026.180.{version} ai.opencharly.box=live-nested ai.opencharly.port='["8080"]' ai.opencharly.user=root ai.opencharly.uid=0 ai.opencharly.gid=0 ai.opencharly.home=/tmp
            CMD ["sleep", "infinity"]

            """);
        var built = await guest.Lab.Context.Processes.RunAsync(new ProcessRequest("podman", "build", "--quiet", "--isolation=chroot", "-t", $"{Image}:2026.180.{version}", folder));
        Assert.True(built.Succeeded, built.Tail());
    }
}

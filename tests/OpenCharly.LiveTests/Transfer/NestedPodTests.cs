using OpenCharly.Checks;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Pods;
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

    // Where podman and its runtime keep what their containers are given is left out. The search itself must not find what it looks for.
    private const string Canary = "c4n4ry-nested";
    private const string Search = """
        sudo bash -s <<'END'
        {
          find /home /root /etc /tmp /var/tmp /var/log /var/lib /run /run/user/* /opt -xdev \( -path '*/containers/storage' -o -path '/run/user/*/containers' -o -path '/run/user/*/crun' -o -path /var/lib/dpkg -o -path /var/lib/apt \) -prune -o -type f -size -20M -print0 |
            xargs -0 grep -l 'c4n4[r]y'
          journalctl --no-pager | grep 'c4n4[r]y'
          ps -ef | grep 'c4n4[r]y'
          true
        } 2>/dev/null
        END
        """;

    private readonly List<string> _told = [];
    private string _charly = "";
    private string _before = "";

    [PodmanGuestFact(isLong: true)]
    public async Task A_pod_in_a_machine_comes_up_with_it_changes_with_its_image_survives_a_reboot_and_leaves_nothing()
    {
        _charly = await guest.CharlyAsync();
        _before = await guest.InGuestAsync(Left);
        await MakeAsync(1);
        await MakeAsync(2);
        Assert.Equal("not configured", await StatusAsync());
        await ItComesUpWithTheMachineAsync();
        Assert.Equal("running", await StatusAsync());
        await ItHasTheOperatorsSecretsAndNothingElseHasAsync(1);
        await NothingChangesASecondTimeAsync();
        await ItIsCheckedByTheCharlyOfItsGuestAsync();
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

    // Of podman's own storage, of its runtime's state in memory, and of the file and the variable that the operator has them in, nothing is said.
    private async Task ItHasTheOperatorsSecretsAndNothingElseHasAsync(int version)
    {
        Assert.Equal($"{Canary}-password {Canary}-license-{version}\n", await guest.InGuestAsync("podman exec charly-shop sh -c 'echo $DB_PASSWORD $LICENSE'"));
        Assert.Equal("charly-shop-db-password\ncharly-shop-license\n", await guest.InGuestAsync("podman secret ls --format '{{.Name}}' | sort"));
        var found = await guest.InGuestAsync(Search);
        Assert.True(found.Length == 0, found);
        var files = Directory.EnumerateFiles(guest.Lab.Folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device })
            .Where(f => f != Password && !f.EndsWith(".qcow2", StringComparison.Ordinal) && !f.EndsWith(".sock", StringComparison.Ordinal) && new FileInfo(f).Length is > 0 and < 20_000_000);
        Assert.DoesNotContain(files, f => File.ReadAllText(f).Contains(Canary, StringComparison.Ordinal));
        Assert.DoesNotContain(_told, t => t.Contains(Canary, StringComparison.Ordinal));
        Assert.NotEmpty(_told);
    }

    private async Task NothingChangesASecondTimeAsync()
    {
        var running = await guest.InGuestAsync("podman ps -q --no-trunc --filter name=charly-shop");
        var again = await AddAsync(1, "small");
        Assert.False(again.Changed);
        Assert.EndsWith("runs as before", Assert.Single(Assert.Single(again.Members).Items), StringComparison.Ordinal);
        Assert.Equal(running, await guest.InGuestAsync("podman ps -q --no-trunc --filter name=charly-shop"));
    }

    private async Task ItIsCheckedByTheCharlyOfItsGuestAsync()
    {
        var request = new CheckRequest { Name = Vm + ".shop" };
        var report = await new CheckBundle(Context(1, "[{id: gone, skip: true}, {id: replaced, command: 'echo $GREETING', stdout: hello}, {id: port, command: 'echo ${HOST_PORT:8080} $FROM_FILE', stdout: '18080 yes'}]")).RunAsync(request);
        Assert.Equal(
            ["live candy web Pass", "replaced deploy shop Pass", "image deploy checked Pass", "port deploy shop Pass"], report.Results.Select(r => $"{r.Id} {r.Section} {r.Candy} {r.Status}"));
        Assert.All(report.Results, r => Assert.Equal(Vm + ".shop", r.Target));
        Assert.True(report.Passed);

        // Another expectation, and the pod is not touched for it.
        var running = await guest.InGuestAsync("podman ps -q --no-trunc --filter name=charly-shop");
        report = await new CheckBundle(Context(1, "[{id: gone, skip: true}, {id: replaced, command: 'echo $GREETING', stdout: bye}]")).RunAsync(request with { Selection = new CheckSelection { Filter = ["replaced"] } });
        var failed = Assert.Single(report.Results);
        Assert.Equal((CheckStatus.Fail, "replaced"), (failed.Status, failed.Id));
        Assert.Contains("hello", failed.Actual, StringComparison.Ordinal);
        Assert.Equal(Errors.ChecksFailed, report.Failure?.Code);
        Assert.Equal(running, await guest.InGuestAsync("podman ps -q --no-trunc --filter name=charly-shop"));

        await guest.InGuestAsync("export XDG_RUNTIME_DIR=/run/user/$(id -u); systemctl --user stop charly-shop");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new CheckBundle(Context(1)).RunAsync(request));
        Assert.Equal(Errors.PodNotRunning, error.Code);

        // What does not end by itself is killed, which its unit keeps as a failure until charly stop clears it.
        Assert.Equal("failed", await StatusAsync());
        await guest.InGuestAsync("export XDG_RUNTIME_DIR=/run/user/$(id -u); systemctl --user start charly-shop");
    }

    // The guest itself is asked for it, in one go.
    private async Task<string> StatusAsync()
    {
        var row = Assert.Single(await new GetStatus(Context(1)).RunAsync(new StatusQuery { Names = [Vm], Nested = true }));
        Assert.Equal(("vm", "running"), (row.Kind, row.Status));
        var child = Assert.Single(row.Nested);
        Assert.Equal((Vm + ".shop", "pod", null), (child.Name, child.Kind, child.Note));
        return child.Status;
    }

    private async Task AnotherImageIsSentAndStartedAsync()
    {
        var changed = await AddAsync(2, "small");
        Assert.EndsWith("restarted", Assert.Single(Assert.Single(changed.Members).Items), StringComparison.Ordinal);
        Assert.Equal("two\n", await guest.InGuestAsync("podman exec charly-shop cat /srv/which"));
        Assert.DoesNotContain(Image, await guest.InGuestAsync("podman images --format '{{.Repository}}:{{.Tag}}'"), StringComparison.Ordinal);
        await ItHasTheOperatorsSecretsAndNothingElseHasAsync(2);
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

        // Secrets outlive their pod, as its data does.
        Assert.Equal("charly-shop-db-password\ncharly-shop-license\n", await guest.InGuestAsync("podman secret ls --format '{{.Name}}' | sort; podman secret rm --all >/dev/null"));

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
        Assert.Null((await new RemoveBundle(Context(1)).RunAsync(new RemoveBundleRequest { Name = Vm })).Failure);
        await guest.InGuestAsync("podman secret rm --all");
        Assert.Equal(_before, await guest.InGuestAsync(Left));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_charly.Length > 0) await guest.Lab.Context.Processes.RunAsync(new ProcessRequest("podman", "rmi", "--force", $"{Image}:2026.180.1", $"{Image}:2026.180.2"));
    }

    private string Password => Path.Combine(guest.Lab.Project, "password");

    private CharlyContext Context(int version, string eval = "[]")
    {
        GuestProject.Write(guest, "password", $"{Canary}-password\n");
        var context = guest.Project(
            _charly, deploy: $"{{nested: {{shop: {{target: pod, box: '{Image}:2026.180.{version}', port: ['18080:8080'], env: {{GREETING: hello}}, env_file: shop.env, secret: [{{name: db-password, source: 'file:{Password}'}}], eval: {eval}}}}}}}");
        var variables = new Dictionary<string, string>(context.Environment.Variables) { ["LICENSE"] = $"{Canary}-license-{version}", ["CHARLY_SECRET_BACKEND"] = "config" };
        return new CharlyContext(context.Environment with { Variables = variables }, new Told(_told));
    }

    private Task<DeployResult> AddAsync(int version, string? candy)
    {
        GuestProject.Write(guest, "shop.env", "FROM_FILE=yes\n");
        return new AddBundle(Context(version)).RunAsync(new BundleRequest { Name = Vm, Ref = candy });
    }

    // An image that says what it needs and how to check it, as a box does.
    private Task MakeAsync(int version) => CheckedImage.MakeAsync(guest.Lab.Context.Processes, $"{Image}:2026.180.{version}", $"2026.180.{version}", version == 1 ? "one" : "two",
        """secret=[{"name":"db-password","env":"DB_PASSWORD"}]""", """secret_require=[{"name":"LICENSE","description":"licence"}]""");

    private sealed class Told(List<string> texts) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            lock (texts) texts.Add($"{value}");
        }
    }
}

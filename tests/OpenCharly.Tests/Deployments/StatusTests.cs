using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Kubernetes;
using OpenCharly.Operations;
using OpenCharly.Tests.Cli;
using OpenCharly.Tests.Pods;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Deployments;

/// <summary>Rows of <c>charly status</c> for every target (pod.md §15.4).</summary>
public sealed class StatusTests : IDisposable
{
    private readonly PodLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task There_is_a_row_for_every_target_sorted_by_kind_then_name()
    {
        await SampleAsync();
        var rows = await new GetStatus(_lab.Context).RunAsync(new StatusQuery());
        Assert.Equal(
            ["android phone: not configured", "k8s wiki: not configured", "local laptop: not configured", "pod shop: running", "pod spare: not configured", "vm db: enabled", "vm web: enabled"],
            rows.Where(r => r.Name is not "gone").Select(r => $"{r.Kind} {r.Name}: {r.Status}"));
        Assert.Equal("vm gone: not configured", rows.Single(r => r.Name == "gone") is var gone ? $"{gone.Kind} {gone.Name}: {gone.Status}" : "");
        var web = rows.Single(r => r.Name == "web");
        Assert.Equal(("charly-web", "noop", "127.0.0.1:2299:22"), (web.Container, web.RunMode, $"{web.Ports[0].HostIp}:{web.Ports[0].HostPort}:{web.Ports[0].ContainerPort}"));
        Assert.NotNull(web.Machine);
        Assert.NotNull(rows.Single(r => r.Name == "shop").Pod);
    }

    [Fact]
    public async Task Without_all_only_what_runs()
    {
        await SampleAsync();
        Assert.Equal(["pod shop"], (await new GetStatus(_lab.Context).RunAsync(new StatusQuery { RunningOnly = true })).Select(r => r.ToString()));
    }

    [Theory]
    [InlineData("vm:web", "vm web")]
    [InlineData("web", "vm web")]
    [InlineData("front", "vm web")]
    [InlineData("laptop", "local laptop")]
    [InlineData("shop", "pod shop")]
    [InlineData("wiki", "k8s wiki")]
    [InlineData("w*", "k8s wiki,vm web")]
    public async Task A_name_means_what_it_is_the_key_or_the_machine_of(string name, string expected)
    {
        await SampleAsync();
        Assert.Equal(expected, string.Join(',', (await new GetStatus(_lab.Context).RunAsync(new StatusQuery { Names = [name] })).Select(r => r.ToString())));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("vm:nobody")]
    public async Task A_name_that_is_nowhere_is_an_error(string name)
    {
        await SampleAsync();
        Assert.Equal(Errors.PodNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new GetStatus(_lab.Context).RunAsync(new StatusQuery { Names = [name] }))).Code);
    }

    [Fact]
    public async Task A_substrate_that_fails_is_a_warning_and_hides_nobody_else()
    {
        await SampleAsync();
        File.WriteAllText(_lab.Context.Paths.VmRegistry, "{broken");
        var rows = await new GetStatus(_lab.Context).RunAsync(new StatusQuery());
        Assert.Contains("pod shop", rows.Select(r => r.ToString()));
        Assert.Contains(_lab.Warnings, w => w.StartsWith("machines are not shown", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_device_is_asked_for_only_when_something_was_put_on_it()
    {
        await SampleAsync();
        _lab.Programs.Add("adb");
        Directory.CreateDirectory(_lab.Context.Paths.AndroidRecords);
        new OpenCharly.Android.AndroidRecord { Name = "phone", Device = "pixel", Installed = [new("app", "org.example.app", "00", ["org.example.app"])] }.Write(_lab.Context.Paths);
        _lab.Play = r => r.Program == "adb" ? PodLab.Done("device\n") : null;
        Assert.Equal("running", (await new GetStatus(_lab.Context).RunAsync(new StatusQuery { Names = ["phone"] }))[0].Status);
        _lab.Play = r => r.Program == "adb" ? PodLab.Failed("error: device offline") : null;
        Assert.Equal("stopped", (await new GetStatus(_lab.Context).RunAsync(new StatusQuery { Names = ["phone"] }))[0].Status);
    }

    [Theory]
    [InlineData("""{"items":[{"kind":"Service"},{"kind":"Deployment","spec":{"replicas":2},"status":{"readyReplicas":2}}]}""", "running")]
    [InlineData("""{"items":[{"kind":"Deployment","spec":{"replicas":2},"status":{"readyReplicas":1}}]}""", "stopped")]
    [InlineData("""{"items":[{"kind":"StatefulSet","spec":{"replicas":1},"status":{}}]}""", "stopped")]
    [InlineData("""{"items":[{"kind":"DaemonSet","status":{"desiredNumberScheduled":3,"numberReady":3}}]}""", "running")]
    [InlineData("""{"items":[{"kind":"Job","status":{"failed":1}}]}""", "failed")]
    [InlineData("""{"items":[{"kind":"Job","status":{"succeeded":1}}]}""", "stopped")]
    [InlineData("""{"items":[{"kind":"CronJob"}]}""", "running")]
    [InlineData("""{"kind":"Pod","status":{"phase":"Running"}}""", "running")]
    [InlineData("""{"items":[{"kind":"Service"}]}""", "enabled")]
    public void Workloads_of_a_cluster_make_one_word(string json, string word) => Assert.Equal(word, WorkloadStates.Word(json));

    [Fact]
    public async Task The_command_prints_rows_and_the_details_of_one()
    {
        await SampleAsync();
        using var run = new CommandRun { Processes = _lab };
        Directory.CreateDirectory(Path.GetDirectoryName(run.HostFile)!);
        File.Copy(_lab.HostFile, run.HostFile);
        Assert.Equal(0, await run.RunAsync("status", "--all"));
        Assert.Matches(@"KIND +IMAGE +STATUS +PORTS +TUNNEL +DEVICES +TOOLS\n", run.Output);
        Assert.Matches(@"local +laptop +not configured +- +- +- +-", run.Output);
        Assert.Equal(0, await run.RunAsync("status", "laptop", "--json"));
        Assert.Contains("\"kind\": \"local\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"run_mode\": \"host\"", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VmStatus.Running, "running")]
    [InlineData(VmStatus.Suspended, "paused")]
    [InlineData(VmStatus.Prepared, "enabled")]
    [InlineData(VmStatus.Failed, "failed")]
    [InlineData(VmStatus.Stopped, "stopped")]
    public void What_a_machine_does_is_told_in_the_same_words(VmStatus status, string word)
    {
        var row = GetStatus.Row(new CharlyVm { Name = "web/blue", Id = "charly-web-blue", Backend = "qemu", Status = status, Ssh = new SshEndpoint("charly-web-blue", "127.0.0.1", 2299, "ann") }, new VmHandle { Id = "x", Name = "charly-web-blue", Backend = "qemu", WorkDir = "/w", PortForwards = ["127.0.0.1:8080:80/tcp"] });
        Assert.Equal((word, "blue", "qemu"), (row.Status, row.Instance, row.RunMode));
        Assert.Equal(["2299:22", "8080:80"], row.Ports.Select(p => $"{p.HostPort}:{p.ContainerPort}"));
    }

    [Fact]
    public async Task Pods_in_a_machine_that_does_not_run_are_unreachable_and_the_reason_is_told_without_asking_anybody()
    {
        await SampleAsync();
        _lab.Write("deploy:\n  front: {target: vm, vm: web, nested: {store: {box: shop, nested: {app: {target: android, android: pixel}}}, tool: {box: shop}}}\n  gone: {target: vm, nested: {pod: {box: shop}}}\n");
        const string Off = "the machine web is prepared";
        var row = Assert.Single(await new GetStatus(_lab.Context).RunAsync(new StatusQuery { Names = ["front"], Nested = true }));
        Assert.Equal(
            [new PodChild("front.store", "pod", "unreachable", Off), new PodChild("front.store.app", "android", "unreachable", Off), new PodChild("front.tool", "pod", "unreachable", Off)], row.Nested);
        Assert.Equal($"front.tool (unreachable: {Off})", row.Nested[2].ToString());
        row = Assert.Single(await new GetStatus(_lab.Context).RunAsync(new StatusQuery { Names = ["gone"], Nested = true }));
        Assert.Equal("gone.pod (unreachable: the machine gone has not been created)", Assert.Single(row.Nested).ToString());
        Assert.DoesNotContain(_lab.Commands, c => c.StartsWith("ssh", StringComparison.Ordinal));

        using var run = new CommandRun { Processes = _lab };
        Directory.CreateDirectory(Path.GetDirectoryName(run.HostFile)!);
        File.Copy(_lab.HostFile, run.HostFile);
        Assert.Equal(0, await run.RunAsync("status", "gone", "--nested", "--json"));
        Assert.Contains("\"status\": \"unreachable\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"note\": \"the machine gone has not been created\"", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await run.RunAsync("status", "--all", "--nested"));
        Assert.Matches(@"pod +  └─ pod +unreachable +- +- +- +-", run.Output);
    }

    private async Task SampleAsync()
    {
        _lab.Programs.Add("bash");
        _lab.Write("""
            deploy:
              shop: {box: shop}
              spare: {box: shop}
              laptop: {target: local}
              front: {target: vm, vm: web}
              gone: {target: vm}
              wiki: {target: k8s, k8s: lab, box: wiki}
              phone: {target: android, android: pixel}
            """);
        File.WriteAllText(Path.Combine(_lab.Home, "charly.yml"), "version: 2026.163.0928\nandroid:\n  pixel: {adb: {host: 127.0.0.1}}\nk8s:\n  lab: {kubeconfig_context: lab}\n");
        _lab.Containers = """[{"Names":["charly-shop"],"Image":"shop","State":"running","Status":"Up 2 hours","Ports":[]}]""";
        foreach (var name in (string[])["web", "db"])
        {
            var files = new VmFiles(_lab.Context.Paths, "charly-" + name);
            Directory.CreateDirectory(files.Folder);
            await new VmRegistry(_lab.Context.Paths).PutAsync(new VmHandle { Id = $"noop-{name}", Name = "charly-" + name, Backend = "noop", WorkDir = files.Folder, SshHostPort = name == "web" ? 2299 : 2298 });
        }
    }
}

using OpenCharly.Arbitration;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Model;
using OpenCharly.Tests.Vms;

namespace OpenCharly.Tests.Arbitration;

/// <summary>The verbs of machines take and give back what their entries claim.</summary>
public sealed class VmClaimTests : ProjectFixture
{
    private readonly HashSet<string> _running = ["charly-studio.service"];
    private readonly List<string> _calls = [];
    private readonly PlayedPrograms _programs;

    public VmClaimTests()
    {
        _programs = new PlayedPrograms(request =>
        {
            if (request.Program != "systemctl") return new CommandResult("", "", 0, TimeSpan.Zero);
            var unit = request.Arguments[^1];
            switch (request.Arguments[1])
            {
                case "is-active": return new CommandResult(_running.Contains(unit) ? "active\n" : "inactive\n", "", 0, TimeSpan.Zero);
                case "stop": _running.Remove(unit); break;
                default: _running.Add(unit); break;
            }

            _calls.Add($"{request.Arguments[1]} {unit}");
            return new CommandResult("", "", 0, TimeSpan.Zero);
        });
        Write(Path.Combine(Root, ".config/containers/systemd/charly-studio.container"), "[Container]\n");
        Write("disk.qcow2", "");
        Project("noop");
    }

    private CharlyContext Context => new(Machine, null, _programs);

    [Fact]
    public async Task Create_stops_who_holds_it_and_destroy_starts_him_again()
    {
        await CreateAsync();
        Assert.Equal(["stop charly-studio.service"], _calls);
        Assert.Equal("vm:bench", Assert.Single(await new GetLeases(Context).RunAsync()).Name);
        await new DestroyVm(Context).RunAsync(new DestroyVmRequest { Name = "bench" });
        Assert.Equal(["stop charly-studio.service", "start charly-studio.service"], _calls);
        Assert.Empty(await new GetLeases(Context).RunAsync());
    }

    [Fact]
    public async Task Start_takes_it_and_stop_gives_it_back()
    {
        await CreateAsync();
        await new StartVm(Context).RunAsync("bench");
        Assert.Equal(["stop charly-studio.service"], _calls);
        await new StopVm(Context).RunAsync(new StopVmRequest { Name = "bench" });
        Assert.Contains("charly-studio.service", _running);
        await new StartVm(Context).RunAsync("bench");
        Assert.DoesNotContain("charly-studio.service", _running);
    }

    [Fact]
    public async Task A_create_that_fails_gives_it_back()
    {
        Project("noop", key: "/no/such/key.pub");
        await Assert.ThrowsAnyAsync<CharlyException>(CreateAsync);
        Assert.Contains("charly-studio.service", _running);
        Assert.Empty(await new GetLeases(Context).RunAsync());
    }

    [Fact]
    public async Task Inside_of_a_run_that_has_the_lease_nothing_is_claimed()
    {
        Variables[Arbiter.Variable] = "outer";
        await CreateAsync();
        Assert.Empty(_calls);
    }

    [Theory]
    [InlineData("libvirt", "gpu: {gpu: §{}}")]
    [InlineData("libvirt", "gpu: {gpu: §{vendor: nvidia}}")]
    [InlineData("qemu", "gpu: {gpu: {vendor: \"0x10de\"}}")]
    public async Task A_resource_or_backend_that_can_not_work_is_an_error_of_the_project(string backend, string resource)
    {
        Project(backend, resource: resource.Replace("§", "", StringComparison.Ordinal));
        var error = await Assert.ThrowsAnyAsync<CharlyException>(LoadAsync);
        Assert.Equal((Errors.CfgArbiter, "charly.yml"), (error.Code, error.Position!.File));
    }

    private async Task CreateAsync() => await new CreateVm(Context).RunAsync(new CreateVmRequest { Name = "bench" });

    private void Project(string backend, string more = "", string resource = "tape: {}", string key = "none") => Write("charly.yml", $$"""
        version: 2026.163.0928
        resource:
          {{resource}}
        vm:
          bench: {backend: {{backend}}, source: {kind: imported, libvirt_name: bench, disk_path: {{Folder}}/disk.qcow2, disk_format: qcow2}, ssh: {key_source: {{key}}, port_auto: true}{{more}}}
        deploy:
          vm:bench: {requires_exclusive: [gpu]}
          studio: {box: studio, preemptible: [gpu]}
        """ + "\n");
}

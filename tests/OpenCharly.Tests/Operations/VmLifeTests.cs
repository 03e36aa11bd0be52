using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Tests.Vms;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Operations;

/// <summary>The machine operations around a backend that does nothing.</summary>
public sealed class VmLifeTests : IDisposable
{
    private readonly Host _host = new();

    [Fact]
    public async Task Create_makes_state_stanza_and_record_and_destroy_takes_them_away()
    {
        _host.Declare("web", s => s with { Source = new ImportedSource("dom", _host.At("own.qcow2"), "qcow2") });
        File.WriteAllText(_host.At("own.qcow2"), "mine");
        var state = await CreateAsync("web");
        Assert.Equal(("vm:web", "noop", "charly", "", ""), (state.Key, state.Backend, state.SshUser, state.SeedIso, state.NvramPath));
        Assert.Equal((false, false), (state.KeyInjectionSmbios, state.KeyInjectionCloudInit));
        Assert.Contains($"Host charly-web\n    Hostname 127.0.0.1\n    Port {state.SshPort}\n", File.ReadAllText(_host.Paths.SshConfig), StringComparison.Ordinal);
        var vm = Assert.Single(await ListAsync());
        Assert.Equal(("web", "charly-web", VmStatus.Prepared, new SshEndpoint("charly-web", "127.0.0.1", state.SshPort!.Value, "charly")), (vm.Name, vm.Id, vm.Status, vm.Ssh));
        Assert.Equal(state, vm.State! with { AppliedLayers = state.AppliedLayers });

        await DestroyAsync("web", disk: true);
        Assert.Empty(await ListAsync());
        Assert.False(File.Exists(_host.Paths.SshConfig));
        Assert.False(Directory.Exists(_host.Paths.VmState("charly-web")));
        Assert.Null(_host.Services.States.Read("vm:web"));
        Assert.Equal("mine", File.ReadAllText(_host.At("own.qcow2")));
    }

    [Fact]
    public async Task A_machine_that_exists_is_not_made_again()
    {
        _host.Declare("web", Imported);
        await CreateAsync("web");
        Assert.Equal(Errors.VmNameExists, (await Assert.ThrowsAsync<CharlyException>(() => CreateAsync("web"))).Code);
        Assert.Single(await ListAsync());
    }

    [Fact]
    public async Task Two_names_that_meet_in_one_id_are_told_apart()
    {
        _host.Declare("web", Imported);
        _host.Declare("web-blue", Imported);
        await CreateAsync("web-blue");
        var error = await Assert.ThrowsAsync<CharlyException>(() => CreateAsync("web", "blue"));
        Assert.Equal(Errors.VmNameExists, error.Code);
        Assert.Contains("machine web-blue has the id charly-web-blue already", error.Message, StringComparison.Ordinal);
        Assert.Equal(Errors.VmNotCreated, (await Assert.ThrowsAsync<CharlyException>(() => new StartVm(_host.Services).RunAsync("web/blue"))).Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_create_that_fails_leaves_nothing_wherever_it_fails(int where)
    {
        _host.Declare("web", Imported);
        await CreateAsync("web");
        await DestroyAsync("web");
        var before = Files();
        switch (where)
        {
            case 1: // the key
                _host.Declare("web", s => Imported(s) with { Ssh = new VmSsh { KeySource = "/no/such/key.pub" } });
                break;
            case 2: // the per-host file
                Directory.CreateDirectory(_host.Paths.HostFile + ".d");
                _host.Declare("web", s => Imported(s) with { Ssh = new VmSsh { KeySource = "none", User = "a\u0001\"b" } });
                File.Delete(_host.Paths.HostFile);
                Directory.CreateDirectory(_host.Paths.HostFile);
                break;
            default: // ssh's configuration
                Directory.CreateDirectory(_host.Paths.UserSshConfig);
                break;
        }

        await Assert.ThrowsAnyAsync<Exception>(() => CreateAsync("web"));
        Assert.Empty(_host.Services.Registry.Read());
        Assert.False(Directory.Exists(_host.Paths.VmState("charly-web")));
        if (where == 2) Directory.Delete(_host.Paths.HostFile);
        else Assert.Null(_host.Services.States.Read("vm:web"));
        Assert.Empty(Files().Except(before));
    }

    [Fact]
    public async Task What_was_recorded_before_a_failed_create_is_recorded_after_it()
    {
        _host.Declare("web", s => Imported(s) with { Ssh = new VmSsh { KeySource = "/no/such/key.pub" } });
        var before = await _host.Services.States.UpdateAsync("vm:web", s => s with { InstanceId = "built", BaseImageSha256 = "00" });
        await Assert.ThrowsAsync<CharlyException>(() => CreateAsync("web"));
        var after = _host.Services.States.Read("vm:web")!;
        Assert.Equal(before with { AppliedLayers = after.AppliedLayers }, after);
    }

    [Fact]
    public async Task A_create_that_was_killed_is_cleared_away_by_the_next()
    {
        _host.Declare("web", s => Imported(s) with { Backend = "noop" });
        var files = _host.Services.Files(new VmName("web"));
        Directory.CreateDirectory(files.Folder);
        await _host.Services.Registry.PutAsync(new VmHandle { Id = "qemu-1", Name = "charly-web", Backend = "qemu", WorkDir = files.Folder, SshHostPort = 1 });
        Assert.Equal(VmStatus.Failed, Assert.Single(await ListAsync()).Status);
        await CreateAsync("web");
        Assert.Equal("noop", Assert.Single(await ListAsync()).Backend);
        Assert.Contains(_host.Notices, n => n.Contains("cut off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_machine_gets_a_sample_entry_or_the_next_command()
    {
        var unknown = await Assert.ThrowsAsync<CharlyException>(() => CreateAsync("nope"));
        Assert.Equal(Errors.VmNotFound, unknown.Code);
        Assert.Contains("vm:\n  nope:\n", unknown.Help, StringComparison.Ordinal);

        _host.Declare("web", Imported);
        var declared = await Assert.ThrowsAsync<CharlyException>(() => new StartVm(_host.Services).RunAsync("web"));
        Assert.Equal((Errors.VmNotCreated, "Create it: charly vm create web"), (declared.Code, declared.Help));
        Assert.Equal(Errors.VmNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new StopVm(_host.Services).RunAsync(new StopVmRequest { Name = "nope" }))).Code);
        Assert.Equal(Errors.VmNotFound, (await Assert.ThrowsAsync<CharlyException>(() => ListAsync("web"))).Code);
        Assert.Equal(Errors.VmNotFound, (await Assert.ThrowsAsync<CharlyException>(() => DestroyAsync("nope"))).Code);
        await DestroyAsync("web");
    }

    [Fact]
    public async Task A_machine_without_a_disk_is_not_created()
    {
        var spec = _host.Declare("web");
        File.Delete(VmPlacement.Disk(spec, new VmName("web")));
        var error = await Assert.ThrowsAsync<CharlyException>(() => CreateAsync("web"));
        Assert.Equal((Errors.VmNotBuilt, "Build it: charly vm build web"), (error.Code, error.Help));
    }

    [Fact]
    public async Task Names_select_by_wildcard()
    {
        foreach (var name in (string[])["web", "web2", "db"])
        {
            _host.Declare(name, Imported);
            await CreateAsync(name);
        }

        Assert.Equal(["web", "web2"], (await ListAsync("web*")).Select(v => v.Name));
        Assert.Equal(["db", "web"], (await ListAsync("web", "d?")).Select(v => v.Name));
        Assert.Empty(await ListAsync("x*"));
        Assert.Equal(3, (await ListAsync()).Select(v => v.Ssh!.Port).Distinct().Count());
        Assert.Equal(Errors.BadName, (await Assert.ThrowsAsync<CharlyException>(() => ListAsync("../web"))).Code);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1.5G")]
    [InlineData("lots")]
    public async Task Memory_that_is_no_size_is_an_error_before_anything_is_made(string ram)
    {
        _host.Declare("web", Imported);
        var error = await Assert.ThrowsAsync<CharlyException>(() => new CreateVm(_host.Services).RunAsync(new CreateVmRequest { Name = "web", Ram = ram }));
        Assert.Equal(Errors.VmValidation, error.Code);
        Assert.Empty(_host.Services.Registry.Read());
    }

    [Fact]
    public async Task The_state_stays_when_it_is_to_be_kept()
    {
        _host.Declare("web", Imported);
        var state = await CreateAsync("web");
        await new DestroyVm(_host.Services).RunAsync(new DestroyVmRequest { Name = "web", KeepDeploy = true });
        Assert.Equal(state.InstanceId, _host.Services.States.Read("vm:web")!.InstanceId);
        Assert.Equal((state.InstanceId, state.SshPort), ((await CreateAsync("web")) is var again ? (again.InstanceId, again.SshPort) : default));
    }

    [Fact]
    public async Task A_machine_without_a_network_has_no_stanza_and_no_ssh()
    {
        _host.Declare("web", s => Imported(s) with { Network = new VmNetwork { Mode = "none" } });
        var state = await CreateAsync("web");
        Assert.Null(state.SshPort);
        Assert.False(File.Exists(_host.Paths.SshConfig));
    }

    [Fact]
    public async Task Logs_are_read_from_the_end_and_freed_of_terminal_control()
    {
        _host.Declare("web", Imported);
        await CreateAsync("web");
        var files = _host.Services.Files(new VmName("web"));
        File.WriteAllText(files.ConsoleLog, "one\r\n\u001b[1;32mtwo\u001b[0m\r\nthree \u001b]0;title\u0007é");
        Assert.Equal(
            ["console:two", "console:three é", $"provision:(there is no provision log yet: {files.ProvisionLog})"],
            await LogAsync(new VmLogRequest { Name = "web", Tail = 2 }));
        Assert.Equal(["console:one", "console:two", "console:three é"], await LogAsync(new VmLogRequest { Name = "web", Console = true }));
    }

    [Fact]
    public async Task A_followed_log_gives_whole_lines_as_they_come()
    {
        _host.Declare("web", Imported);
        await CreateAsync("web");
        var files = _host.Services.Files(new VmName("web"));
        File.WriteAllText(files.ConsoleLog, "one\ntw");
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var seen = new List<string>();
        await foreach (var line in new GetVmLog(_host.Services).RunAsync(new VmLogRequest { Name = "web", Console = true, Follow = true }, stop.Token))
        {
            seen.Add(line.Text);
            if (seen.Count == 1) File.AppendAllText(files.ConsoleLog, "o\n");
            if (seen.Count == 2) File.WriteAllText(files.ConsoleLog, "new\n");
            if (seen.Count == 3) break;
        }

        Assert.Equal(["one", "two", "new"], seen);
    }

    [Fact]
    public async Task A_machine_is_declared_by_the_project_s_charly_yml()
    {
        File.WriteAllText(_host.At("own.qcow2"), "mine");
        File.WriteAllText(
            _host.At("charly.yml"),
            $$"""
            version: 2026.163.0928
            vm:
              web:
                source: {kind: imported, libvirt_name: dom, disk_path: {{_host.At("own.qcow2")}}, disk_format: qcow2}
                backend: noop
                ram: 512M
                ssh: {user: ops, port_auto: true, key_source: none}

            """);
        var state = await new CreateVm(_host.Context).RunAsync(new CreateVmRequest { Name = "web" });
        Assert.Equal(("vm:web", "ops"), (state.Key, state.SshUser));
        Assert.Equal(512, Assert.Single(await new GetVms(_host.Context).RunAsync(new VmQuery())).MemoryMb);
        Assert.Equal(["web"], (await new GetVmSpecs(_host.Context).RunAsync()).Select(s => s.Name));
        await new DestroyVm(_host.Context).RunAsync(new DestroyVmRequest { Name = "web" });
        Assert.Equal(Errors.VmNotCreated, (await Assert.ThrowsAsync<CharlyException>(() => new StartVm(_host.Context).RunAsync("web"))).Code);
    }

    [Fact]
    public async Task Entering_is_a_command_line_of_ssh()
    {
        _host.Declare("web", Imported);
        await CreateAsync("web");
        var command = await new EnterVm(_host.Services).RunAsync(new EnterVmRequest { Name = "web", User = "me", Command = "top -d 1" });
        Assert.EndsWith("/ssh", command.Program, StringComparison.Ordinal);
        Assert.Equal(["-t", "--", "me@charly-web", "top -d 1"], command.Arguments.TakeLast(4));
        Assert.Equal(["-F", _host.Paths.SshConfig], command.Arguments.Take(2));
    }

    public void Dispose() => _host.Dispose();

    // An imported disk needs neither seed nor qemu-img.
    private VmSpec Imported(VmSpec spec)
    {
        File.WriteAllText(_host.At("own.qcow2"), "mine");
        return spec with { Source = new ImportedSource("dom", _host.At("own.qcow2"), "qcow2") };
    }

    [Fact]
    public async Task A_machine_whose_files_can_not_be_read_does_not_hide_the_others()
    {
        _host.Declare("web", Imported);
        await CreateAsync("web");
        var files = _host.Services.Files(new VmName("odd"));
        Directory.CreateDirectory(files.PidFile);
        File.WriteAllText(files.ConsoleLog, "");
        await _host.Services.Registry.PutAsync(new VmHandle { Id = "qemu-1", Name = "charly-odd", Backend = "qemu", WorkDir = files.Folder });
        Assert.Equal([("odd", VmStatus.Failed), ("web", VmStatus.Prepared)], (await ListAsync()).Select(v => (v.Name, v.Status)));
        Assert.Contains(_host.Notices, n => n.StartsWith("odd: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fewer_than_no_lines_can_not_be_shown() =>
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => LogAsync(new VmLogRequest { Name = "web", Tail = -1 }))).Code);

    private Task<VmDeployState> CreateAsync(string name, string? instance = null) =>
        new CreateVm(_host.Services).RunAsync(new CreateVmRequest { Name = name, Instance = instance });

    private Task DestroyAsync(string name, bool disk = false) => new DestroyVm(_host.Services).RunAsync(new DestroyVmRequest { Name = name, Disk = disk });

    private Task<IReadOnlyList<CharlyVm>> ListAsync(params string[] names) => new GetVms(_host.Services).RunAsync(new VmQuery { Names = names });

    private async Task<List<string>> LogAsync(VmLogRequest request)
    {
        var lines = new List<string>();
        await foreach (var line in new GetVmLog(_host.Services).RunAsync(request)) lines.Add($"{line.Log}:{line.Text}");
        return lines;
    }

    private string[] Files() =>
        [.. Directory.EnumerateFiles(_host.Folder, "*", SearchOption.AllDirectories).Where(f => !f.Contains(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}

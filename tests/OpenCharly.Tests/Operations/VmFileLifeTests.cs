using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Operations;

/// <summary>Machines of a VMFile around a backend that does nothing.</summary>
public sealed class VmFileLifeTests : IDisposable
{
    private static readonly VmFileRequest Plain = new() { NoProvision = true };

    private readonly VmFileLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Up_makes_each_machine_and_down_with_destroy_leaves_nothing()
    {
        _lab.Write("vm web { image base.qcow2; disk 2; cloud-init { hostname w }; ssh { user ops } }\nvm db { image base.qcow2; network none }");
        var vms = await new StartVmFile(_lab.Context).RunAsync(Plain);
        Assert.Equal(["web", "db"], vms.Select(v => v.Name));
        Assert.Equal(["id_ed25519_generated", "id_ed25519_generated.pub", "known_hosts", "overlay.qcow2", "seed.iso", "ssh_host_ed25519_key", "ssh_host_ed25519_key.pub"], _lab.Files("web").Where(f => !f.EndsWith(".lock", StringComparison.Ordinal) && !f.EndsWith(".owner", StringComparison.Ordinal)));
        Assert.Equal(["overlay.qcow2"], _lab.Files("db"));
        Assert.Equal(("noop", true, 1, 1024, "user", 2), (vms[0].Backend, vms[0].IsVmFile, vms[0].Cpus, vms[0].MemoryMb, vms[0].Network, vms[0].DiskGb));
        Assert.Equal(("vmfile-web", "127.0.0.1", "ops"), (vms[0].Ssh!.Alias, vms[0].Ssh!.Host, vms[0].Ssh!.User));
        Assert.Null(vms[1].Ssh);
        var overlay = File.ReadAllText(Path.Combine(_lab.Vmctl, "vms/web/overlay.qcow2"));
        Assert.Contains($"-F qcow2 -b {_lab.At("base.qcow2")}", overlay, StringComparison.Ordinal);
        Assert.EndsWith(" 2147483648", overlay, StringComparison.Ordinal);
        var config = File.ReadAllText(_lab.Context.Paths.SshConfig);
        Assert.Contains("Host vmfile-web\n", config, StringComparison.Ordinal);
        Assert.Contains($"    User ops\n    IdentityFile {Path.Combine(_lab.Vmctl, "vms/web/id_ed25519_generated")}\n    StrictHostKeyChecking yes\n", config, StringComparison.Ordinal);

        Assert.Empty(await new StopVmFile(_lab.Context).RunAsync(new VmFileRequest { Destroy = true }));
        Assert.Empty(_lab.Services.Registry.Read());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_lab.Vmctl, "vms")));
        Assert.False(File.Exists(_lab.Context.Paths.SshConfig));
        Assert.Equal("image", File.ReadAllText(_lab.At("base.qcow2")));
    }

    [Fact]
    public async Task What_the_verbs_would_do_is_told_and_nothing_is_done()
    {
        _lab.Write("vm web { image base.qcow2; ssh {}; provision shell { inline \"uname -a\" } }\nvm db { image base.qcow2 }");
        var up = await new StartVmFile(_lab.Context).PreviewAsync(new VmFileRequest());
        Assert.Equal([("web", VmVerb.Start, VmStatus.Running), ("db", VmVerb.Start, VmStatus.Running)], up.Select(p => (p.Name, p.Verb, p.To)));
        Assert.Equal(["boot it", "run step 1, command: uname -a"], up[0].Changes.TakeLast(2));
        Assert.Equal("boot it", up[1].Changes[^1]);
        Assert.DoesNotContain((await new StartVmFile(_lab.Context).PreviewAsync(Plain))[0].Changes, c => c.Contains("step", StringComparison.Ordinal));
        Assert.All(await new StopVmFile(_lab.Context).PreviewAsync(new VmFileRequest { Destroy = true }), p => Assert.Empty(p.Changes));
        Assert.Empty(_lab.Services.Registry.Read());
        Assert.False(Directory.Exists(Path.Combine(_lab.Vmctl, "vms")));

        await new StartVmFile(_lab.Context).RunAsync(Plain);
        var files = _lab.Files("web").ToArray();
        var anew = (await new RestartVmFile(_lab.Context).PreviewAsync(Plain))[0];
        Assert.Equal("remove it with all its files", anew.Changes[0]);
        Assert.Contains(anew.Changes, c => c.StartsWith("make its disk", StringComparison.Ordinal));
        Assert.Equal(["remove it with all its files"], (await new StopVmFile(_lab.Context).PreviewAsync(new VmFileRequest { Destroy = true, Names = ["db"] })).Single().Changes);
        Assert.Equal(files, _lab.Files("web"));
        Assert.Equal(2, _lab.Services.Registry.Read().Count);
    }

    [Fact]
    public async Task What_the_verbs_would_refuse_is_refused_when_they_only_tell()
    {
        _lab.Write("vm web { image base.qcow2; ssh {}; provision file { source gone.ini; destination \"/tmp/a\" } }");
        Assert.Equal(Errors.ProvisionFailed, (await Assert.ThrowsAsync<CharlyException>(() => new StartVmFile(_lab.Context).PreviewAsync(new VmFileRequest()))).Code);
        File.WriteAllText(_lab.At("gone.ini"), "");
        Assert.Equal(Errors.VmNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new ProvisionVmFile(_lab.Context).PreviewAsync(new VmFileRequest()))).Code);
        Assert.Equal(Errors.VmNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new StopVmFile(_lab.Context).PreviewAsync(new VmFileRequest { Names = ["dbb"] }))).Code);
    }

    [Fact]
    public async Task The_registry_of_VMFiles_is_a_file_of_its_own()
    {
        _lab.Write("vm web { image base.qcow2 }");
        await new StartVmFile(_lab.Context).RunAsync(Plain);
        Assert.Contains("\"web\"", File.ReadAllText(Path.Combine(_lab.Vmctl, "vms.json")), StringComparison.Ordinal);
        Assert.False(File.Exists(_lab.Context.Paths.VmRegistry));
    }

    [Fact]
    public async Task A_second_up_makes_nothing_anew()
    {
        _lab.Write("vm web { image base.qcow2; cloud-init {} }");
        var first = await new StartVmFile(_lab.Context).RunAsync(Plain);
        var second = await new StartVmFile(_lab.Context).RunAsync(Plain);
        Assert.Equal((first[0].Id, first[0].Mac, first[0].Ssh), (second[0].Id, second[0].Mac, second[0].Ssh));
        Assert.Single(_lab.Programs.Requests, r => r.Program == "qemu-img" && r.Arguments[0] == "create");
    }

    [Fact]
    public async Task Reload_makes_the_machine_as_the_file_says_by_now()
    {
        _lab.Write("vm web { image base.qcow2 }");
        var before = Assert.Single(await new StartVmFile(_lab.Context).RunAsync(Plain));
        _lab.Write("vm web { image base.qcow2; memory 2048 }");
        Assert.Equal(1024, Assert.Single(await new StartVmFile(_lab.Context).RunAsync(Plain)).MemoryMb);
        var after = Assert.Single(await new RestartVmFile(_lab.Context).RunAsync(Plain));
        Assert.Equal(2048, after.MemoryMb);
        Assert.NotEqual(before.Mac, after.Mac);
    }

    [Fact]
    public async Task Only_the_named_machines_are_brought_up()
    {
        _lab.Write("vm web { image base.qcow2 }\nvm db { image base.qcow2 }");
        Assert.Equal(["db"], (await new StartVmFile(_lab.Context).RunAsync(Plain with { Names = ["db"] })).Select(v => v.Name));
        Assert.Equal(Errors.VmNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new StartVmFile(_lab.Context).RunAsync(Plain with { Names = ["dbb"] }))).Code);
    }

    [Fact]
    public async Task The_first_failure_ends_it_and_what_was_made_for_the_failed_machine_is_gone()
    {
        _lab.Write("vm web { image base.qcow2 }\nvm bad { image base.qcow2; cloud-init { ssh-key bad.pub } }\nvm db { image base.qcow2 }");
        File.WriteAllText(_lab.At("bad.pub"), "nokey");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new StartVmFile(_lab.Context).RunAsync(Plain));
        Assert.Equal(Errors.SshNoKey, error.Code);
        Assert.Equal(["web"], _lab.Services.Registry.Read().Keys);
        Assert.False(Directory.Exists(Path.Combine(_lab.Vmctl, "vms/bad")));
    }

    [Fact]
    public async Task Down_passes_over_what_was_never_made()
    {
        _lab.Write("vm web { image base.qcow2 }");
        Assert.Empty(await new StopVmFile(_lab.Context).RunAsync(new VmFileRequest()));
        Assert.Empty(await new StopVmFile(_lab.Context).RunAsync(new VmFileRequest { Destroy = true }));
        Assert.Equal(2, _lab.Notices.Count(n => n.Contains("web has not been created", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Provision_passes_over_a_machine_without_provisioners_and_needs_one_that_is_there()
    {
        _lab.Write("vm web { image base.qcow2 }");
        Assert.Empty(await new ProvisionVmFile(_lab.Context).RunAsync(new VmFileRequest()));
        _lab.Write("vm web { image base.qcow2; ssh {}; provision { inline \"true\" } }");
        Assert.Equal(Errors.VmNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new ProvisionVmFile(_lab.Context).RunAsync(new VmFileRequest()))).Code);
        _lab.Write("vm web { image base.qcow2; network none; ssh {}; provision { inline \"true\" } }");
        await new StartVmFile(_lab.Context).RunAsync(Plain);
        Assert.Equal(Errors.VmState, (await Assert.ThrowsAsync<CharlyException>(() => new ProvisionVmFile(_lab.Context).RunAsync(new VmFileRequest()))).Code);
    }

    [Fact]
    public async Task A_vnic_needs_the_backend_that_has_them()
    {
        _lab.Programs.Missing.Add("zoneadm");
        _lab.Write("vm web { image base.qcow2; network vnic name=vnic0 }");
        Assert.Equal(Errors.BackendMissing, (await Assert.ThrowsAsync<CharlyException>(() => new StartVmFile(_lab.Context).RunAsync(Plain))).Code);
    }

    [Fact]
    public async Task A_port_is_that_of_the_name_unless_another_machine_has_it()
    {
        var preferred = VmFileCreation.PreferredPort("web");
        Assert.InRange(preferred, 10022, 10122);
        await _lab.Services.Registry.PutAsync(new VmHandle { Id = "noop-1", Name = "charly-other", Backend = "noop", WorkDir = "/", SshHostPort = preferred });
        _lab.Write("vm web { image base.qcow2 }");
        Assert.NotEqual(preferred, Assert.Single(await new StartVmFile(_lab.Context).RunAsync(Plain)).Ssh!.Port);
    }

    [Fact]
    public async Task A_name_means_the_project_s_machine_first_and_with_a_prefix_the_VMFile_s()
    {
        _lab.Write("vm web { image base.qcow2 }");
        await new StartVmFile(_lab.Context).RunAsync(Plain);
        var services = _lab.Host.Services;
        Assert.True((await services.ResolveAsync("web", default)).IsVmFile);
        _lab.Host.Declare("web");
        Assert.False((await services.ResolveAsync("web", default)).IsVmFile);
        Assert.True((await services.ResolveAsync("vmfile:web", default)).IsVmFile);
        Assert.True((await services.ResolveAsync("a.b", default)).IsVmFile);
        Assert.False((await services.ResolveAsync("never-made", default)).IsVmFile);
    }

    [Fact]
    public async Task The_verbs_of_machines_take_those_of_a_VMFile()
    {
        _lab.Write("vm web { image base.qcow2 }");
        await new StartVmFile(_lab.Context).RunAsync(Plain);
        await new StartVm(_lab.Context).RunAsync("web");
        Assert.Equal("web", Assert.Single(await new GetVms(_lab.Context).RunAsync(new VmQuery { RunningOnly = true })).Name);
        Assert.Equal("web", (await new StopVm(_lab.Context).RunAsync(new StopVmRequest { Name = "web" })).Name);
        await new DestroyVm(_lab.Context).RunAsync(new DestroyVmRequest { Name = "web" });
        Assert.Equal(Errors.VmNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new StartVm(_lab.Context).RunAsync("vmfile:web"))).Code);
    }

    [Fact]
    public async Task Both_worlds_are_listed_and_a_shared_name_is_told_apart()
    {
        _lab.Write("vm web { image base.qcow2 }");
        await new StartVmFile(_lab.Context).RunAsync(Plain);
        await _lab.Services.Registry.PutAsync(new VmHandle { Id = "noop-1", Name = "charly-web", Backend = "noop", WorkDir = "/" });
        Assert.Equal(["web", "vmfile:web"], (await new GetVms(_lab.Context).RunAsync(new VmQuery())).Select(v => v.Name));
    }

    [Fact]
    public async Task Without_a_name_the_only_machine_of_the_VMFile_is_meant()
    {
        _lab.Write("vm web { image base.qcow2 }");
        Assert.Equal("web", (await _lab.Services.ResolveAsync("", default)).Entity);
        _lab.Write("vm web { image base.qcow2 }\nvm db { image base.qcow2 }");
        var error = await Assert.ThrowsAsync<CharlyException>(() => _lab.Services.ResolveAsync("", default));
        Assert.Equal(Errors.Usage, error.Code);
        Assert.Equal("Say which: --name web or --name db.", error.Help);
        File.Delete(_lab.At("VMFile.kdl"));
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => _lab.Services.ResolveAsync("", default))).Code);
    }

    [Fact]
    public void The_ssh_block_is_read_anew_and_a_broken_file_that_nobody_named_keeps_no_one_out()
    {
        _lab.Write("vm web { image base.qcow2; ssh { user ops } }");
        var ssh = new VmFileSsh(_lab.Services);
        Assert.Equal("ops", ssh.Find(VmName.VmFile("web"), null)!.User);
        Assert.Null(ssh.Find(VmName.VmFile("db"), null));
        Assert.Null(ssh.Find(new VmName("web"), null));
        _lab.Write("vm {");
        Assert.Null(ssh.Find(VmName.VmFile("web"), null));
        Assert.Contains(_lab.Notices, n => n.Contains("not heeded", StringComparison.Ordinal));
        Assert.Equal(Errors.VmFileSyntax, Assert.Throws<CharlyException>(() => ssh.Find(VmName.VmFile("web"), "VMFile.kdl")).Code);
    }

    [Fact]
    public async Task Raw_user_data_is_handed_on_byte_for_byte()
    {
        File.WriteAllText(_lab.At("data.yml"), "#cloud-config\r\nusers: []\n");
        _lab.Write("vm web { image base.qcow2; cloud-init { user-data data.yml } }");
        await new StartVmFile(_lab.Context).RunAsync(Plain);
        var seed = File.ReadAllBytes(Path.Combine(_lab.Vmctl, "vms/web/seed.iso"));
        Assert.True(seed.AsSpan().IndexOf("#cloud-config\r\nusers: []\n"u8) > 0);
        Assert.Equal(["known_hosts", "overlay.qcow2", "seed.iso"], _lab.Files("web"));
        Assert.Contains("StrictHostKeyChecking accept-new", File.ReadAllText(_lab.Context.Paths.SshConfig), StringComparison.Ordinal);
    }
}

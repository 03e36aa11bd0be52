using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Vms;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Operations;

/// <summary>Domains of a libvirt that is played, adopted into a project that is real.</summary>
public sealed class ImportVmTests : IDisposable
{
    private const string Project = "# the shop\nversion: 2026.163.0928\nvm:\n  db: # stays\n    source: {kind: bootstrap, builder: debootstrap, distro: debian}\n    disk_size: 8G\n";

    private const string Drive = "<disk type='file' device='cdrom'><source file='/srv/seed.iso'/></disk>";

    // A remote session is there when virsh answers, so no socket has to exist.
    private readonly Host _host = new(("CHARLY_VM_LIBVIRT_URI", "qemu+ssh://host.example.org/session"));
    private readonly SortedDictionary<string, string> _domains = new(StringComparer.Ordinal);
    private readonly HashSet<string> _running = new(StringComparer.Ordinal);
    private readonly PlayedPrograms _programs;

    public ImportVmTests()
    {
        _programs = new PlayedPrograms(Play);
        File.WriteAllText(File_, Project);
        _domains["charly-old"] = Domain("charly-old", "2097152", 4, "<loader type='pflash' secure='yes'>/x</loader>");
        _domains["plain"] = Domain("plain", "524288", 1, "");
        _domains["diskless"] = "<domain><name>diskless</name><memory>1024</memory><vcpu>1</vcpu><os/><devices/></domain>";
    }

    private string File_ => _host.At("charly.yml");

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_domain_becomes_an_entity_and_everything_else_in_the_file_stays()
    {
        var state = Assert.Single(await Import().RunAsync(new ImportVmRequest { Domain = "charly-old" }));
        Assert.Equal(("vm:old", "/srv/charly-old.qcow2"), (state.Key, state.DiskPath));
        Assert.StartsWith(Project, File.ReadAllText(File_), StringComparison.Ordinal);
        var spec = Assert.Single(await new GetVmSpecs(Context()).RunAsync(), s => s.Name == "old");
        Assert.Equal(("libvirt", "2G", 4, "uefi-secure"), (spec.Backend, spec.Ram.ToString(), spec.Cpus, spec.Firmware));
        Assert.Equal(new OpenCharly.Model.ImportedSource("charly-old", "/srv/charly-old.qcow2", "qcow2"), spec.Source);
        Assert.Equal(("nat", "default", "52:54:00:00:00:01"), (spec.Network.Mode, spec.Network.Bridge, spec.Network.Mac));
        Assert.DoesNotContain(_programs.Requests, r => r.Arguments.Any(a => a is "define" or "undefine" or "destroy" or "start"));
    }

    [Fact]
    public async Task All_takes_what_is_nobody_s_and_has_a_disk_and_a_second_time_nothing()
    {
        Assert.Equal(["vm:old", "vm:plain"], (await Import().RunAsync(new ImportVmRequest { All = true })).Select(s => s.Key));
        var after = File.ReadAllText(File_);
        Assert.Empty(await Import().RunAsync(new ImportVmRequest { All = true }));
        Assert.Equal(after, File.ReadAllText(File_));
        Assert.Equal([("charly-old", "old"), ("diskless", null), ("plain", "plain")], (await Import().ListAsync()).Select(d => (d.Domain, d.Entity)));
    }

    [Fact]
    public async Task An_update_touches_what_came_from_the_domain_and_nothing_that_the_author_wrote()
    {
        await Import().RunAsync(new ImportVmRequest { Domain = "plain", TargetName = "web" });
        File.WriteAllText(File_, File.ReadAllText(File_).Replace("port_auto: true", "port_auto: true\n      user: ada", StringComparison.Ordinal));
        _domains["plain"] = Domain("plain", "1048576", 2, "");
        var listed = Assert.Single(await Import().ListAsync(), d => d.Domain == "plain");
        Assert.Equal(["ram: 512M, now 1G", "cpu: 1, now 2"], listed.Drift);
        var before = File.ReadAllText(File_);
        Assert.Equal(["change ram: 512M, now 1G", "change cpu: 1, now 2"], Assert.Single(await Import().PreviewAsync(new ImportVmRequest { Domain = "plain", Update = true })).Changes);
        Assert.Equal(before, File.ReadAllText(File_));

        await Import().RunAsync(new ImportVmRequest { Domain = "web", Update = true });
        var spec = Assert.Single(await new GetVmSpecs(Context()).RunAsync(), s => s.Name == "web");
        Assert.Equal(("1G", 2, "ada"), (spec.Ram.ToString(), spec.Cpus, spec.Ssh.User));
        Assert.Contains("last_synced_at", File.ReadAllText(File_), StringComparison.Ordinal);
        Assert.Empty(Assert.Single(await Import().ListAsync(), d => d.Domain == "plain").Drift);
    }

    [Fact]
    public async Task The_libvirt_part_is_replaced_only_when_asked_and_the_rest_of_the_file_stays()
    {
        await Import().RunAsync(new ImportVmRequest { Domain = "plain", TargetName = "web" });
        File.AppendAllText(File_, "    libvirt:\n      clock: {offset: localtime}\n      devices:\n        sound: [{model: ich9}]\n");
        _domains["plain"] = Domain("plain", "524288", 1, "").Replace(Drive, "", StringComparison.Ordinal).Replace("</devices>", "<video><model type='virtio'/></video><sound model='ich9'/></devices><features><acpi/><apic/></features>", StringComparison.Ordinal);
        var before = File.ReadAllText(File_);
        Assert.Empty(Assert.Single(await Import().ListAsync(), d => d.Domain == "plain").Drift);
        await Import().RunAsync(new ImportVmRequest { Domain = "web", Update = true });
        Assert.Equal(before, File.ReadAllText(File_));

        var replace = new ImportVmRequest { Domain = "web", Update = true, ReplaceLibvirt = true };
        Assert.Equal(
            ["change libvirt.clock: goes, the domain has none", "change libvirt.devices.video: not there, now as in the domain"],
            Assert.Single(await Import().PreviewAsync(replace)).Changes);
        Assert.Equal(before, File.ReadAllText(File_));
        await Import().RunAsync(replace);
        var part = Assert.Single(await new GetVmSpecs(Context()).RunAsync(), s => s.Name == "web").Libvirt!;
        Assert.Equal(["devices"], part.Entries.Select(e => e.Key.Text));
        Assert.StartsWith(Project, File.ReadAllText(File_), StringComparison.Ordinal);

        var after = File.ReadAllText(File_);
        Assert.Empty(Assert.Single(await Import().PreviewAsync(replace)).Changes);
        await Import().RunAsync(replace);
        Assert.Equal(after, File.ReadAllText(File_));
    }

    [Fact]
    public async Task A_domain_with_nothing_of_its_own_leaves_no_libvirt_part()
    {
        _domains["plain"] = Domain("plain", "524288", 1, "").Replace(Drive, "", StringComparison.Ordinal).Replace("</devices>", "</devices><features><acpi/><apic/></features><on_reboot>destroy</on_reboot>", StringComparison.Ordinal);
        await Import().RunAsync(new ImportVmRequest { Domain = "plain" });
        File.AppendAllText(File_, "    libvirt: {clock: {offset: localtime}}\n");
        await Import().RunAsync(new ImportVmRequest { All = true, Update = true, ReplaceLibvirt = true });
        Assert.Null(Assert.Single(await new GetVmSpecs(Context()).RunAsync(), s => s.Name == "plain").Libvirt);
        Assert.Contains(_host.Notices, n => n.Contains("on_reboot is destroy", StringComparison.Ordinal));
        Assert.Equal(Errors.Usage, await CodeAsync(new ImportVmRequest { Domain = "charly-old", ReplaceLibvirt = true }));
    }

    [Fact]
    public async Task What_can_not_be_adopted_is_refused_and_the_file_stays()
    {
        await new VmRegistry(_host.Paths).PutAsync(new VmHandle { Id = "libvirt-1", Name = "charly-old", Backend = "libvirt", WorkDir = _host.Folder });
        Assert.Equal(Errors.VmNameExists, await CodeAsync(new ImportVmRequest { Domain = "charly-old" }));
        Assert.Equal(Errors.VmNameExists, await CodeAsync(new ImportVmRequest { Domain = "plain", TargetName = "db" }));
        Assert.Equal(Errors.BadName, await CodeAsync(new ImportVmRequest { Domain = "plain", TargetName = "../up" }));
        Assert.Equal(Errors.VmValidation, await CodeAsync(new ImportVmRequest { Domain = "diskless" }));
        Assert.Equal(Errors.VmNotFound, await CodeAsync(new ImportVmRequest { Domain = "nope" }));
        Assert.Equal(Errors.VmNotFound, await CodeAsync(new ImportVmRequest { Domain = "plain", Update = true }));
        Assert.Equal(Errors.Usage, await CodeAsync(new ImportVmRequest()));
        Assert.Equal(Errors.Usage, await CodeAsync(new ImportVmRequest { Domain = "plain", All = true }));
        Assert.Equal(Project, File.ReadAllText(File_));

        File.Delete(File_);
        Assert.Equal(Errors.CfgNoProject, await CodeAsync(new ImportVmRequest { Domain = "plain" }));
    }

    [Fact]
    public async Task Of_domains_that_are_off_only_those_go_whose_machine_is_gone()
    {
        Directory.CreateDirectory(_host.Paths.VmState("charly-kept"));
        await new VmRegistry(_host.Paths).PutAsync(new VmHandle { Id = "libvirt-1", Name = "charly-known", Backend = "libvirt", WorkDir = _host.Folder });
        foreach (var name in (string[])["charly-gone", "charly-kept", "charly-known"]) _domains[name] = Domain(name, "1024", 1, "");
        _running.Add("charly-old");
        var orphans = new CleanVmOrphans(Context());
        Assert.Equal(["charly-gone"], await orphans.FindAsync());
        foreach (var name in (string[])["charly-old", "charly-kept", "charly-known", "plain"])
        {
            Assert.Equal(Errors.VmNotFound, (await Assert.ThrowsAsync<CharlyException>(() => orphans.RunAsync(name))).Code);
        }

        Assert.DoesNotContain(_programs.Requests, r => r.Arguments.Contains("undefine"));
        await orphans.RunAsync("charly-gone");
        Assert.Contains("--nvram", Assert.Single(_programs.Requests, r => r.Arguments.Contains("undefine")).Arguments);
        Assert.Empty(await orphans.FindAsync());
    }

    private async Task<ErrorCode> CodeAsync(ImportVmRequest request) => (await Assert.ThrowsAsync<CharlyException>(() => Import().RunAsync(request))).Code;

    private ImportVm Import() => new(Context());

    private CharlyContext Context() => new(_host.Environment, _host, _programs);

    private static string Domain(string name, string memory, int cpus, string loader) =>
        $"""
        <domain type='kvm'>
          <name>{name}</name><memory unit='KiB'>{memory}</memory><vcpu placement='static'>{cpus}</vcpu>
          <os><type machine='q35'>hvm</type>{loader}</os>
          <devices>
            {Drive}
            <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/srv/{name}.qcow2'/><target dev='vda'/></disk>
            <interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/></interface>
          </devices>
        </domain>
        """;

    private CommandResult Play(ProcessRequest request) => request.Arguments.Skip(3).ToArray() switch
    {
        ["list"] => Done(""),
        ["list", "--all", "--name"] => Done(string.Join('\n', _domains.Keys) + "\n\n"),
        ["list", "--inactive", "--name"] => Done(string.Join('\n', _domains.Keys.Except(_running)) + "\n\n"),
        ["undefine", var name, ..] => Undefine(name),
        ["dumpxml", "--inactive", var name] => Done(_domains[name]),
        _ => new CommandResult("", "not played", 1, TimeSpan.Zero),
    };

    private CommandResult Undefine(string name)
    {
        _domains.Remove(name);
        return Done("");
    }

    private static CommandResult Done(string output) => new(output, "", 0, TimeSpan.Zero);
}

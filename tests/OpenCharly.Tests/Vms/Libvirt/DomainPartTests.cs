using System.Xml.Linq;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms.Libvirt;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Vms.Libvirt;

/// <summary>The way back: what a domain has, as the <c>libvirt:</c> part of an entity.</summary>
public sealed class DomainPartTests
{
    /// <summary>All but the one whose network card is handed to QEMU in arguments: that one is the machine's own.</summary>
    public static TheoryData<string> Names => [.. DomainCases.All.Keys.Where(n => n != "slirp")];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_part_that_is_read_from_a_domain_makes_the_domain_again(string name)
    {
        var input = DomainCases.All[name]();
        input = input with { Preparation = input.Preparation with { Seed = null } };
        var domain = DomainXml.Build(input);
        var (part, lost) = DomainPart.Read(domain, input.Spec, input.Files);
        Assert.Empty(lost);
        var again = DomainXml.Build(With(input, part));
        foreach (var each in new[] { domain, again }) each.Element("devices")!.Elements("emulator").Remove();
        Assert.Equal(Lines(domain), Lines(again));
    }

    [Fact]
    public void What_an_author_would_write_is_written_in_keys()
    {
        var part = Part("""
            <cpu mode='custom' match='exact' check='none'><model fallback='allow'>EPYC</model><feature policy='disable' name='svm'/></cpu>
            <clock offset='localtime'><timer name='hpet' present='no'/></clock>
            """, """
            <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'><listen type='address' address='127.0.0.1'/></graphics>
            <video><model type='qxl' vram='65536' heads='1'/><address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0'/></video>
            <hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source><address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/></hostdev>
            <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
            """);
        Assert.Equal("custom", Value(part, "cpu", "mode"));
        Assert.Equal("EPYC", Value(part, "cpu", "model"));
        Assert.Equal("localtime", Value(part, "clock", "offset"));
        var devices = (YamlMapping)part["devices"]!;
        Assert.Equal(["graphics", "video", "hostdevs", "tpm"], devices.Entries.Select(e => e.Key.Text));
        Assert.Equal("65536", ((YamlScalar)((YamlMapping)((YamlSequence)devices["video"]!).Items[0])["vram"]!).Text);
        Assert.Null(part["snippets"]);
    }

    [Fact]
    public void What_keys_can_not_say_stands_as_it_is()
    {
        var part = Part(
            "<title>Old web</title><blkiotune><weight>800</weight></blkiotune>",
            "<video><model type='qxl' ram='65536' vram='65536' vgamem='16384'/></video><controller type='scsi' index='0' model='virtio-scsi'/>");
        Assert.Contains("<title>Old web</title>", Value(part, "xml_passthrough"), StringComparison.Ordinal);
        Assert.Contains("<weight>800</weight>", Value(part, "xml_passthrough"), StringComparison.Ordinal);
        Assert.Equal(2, ((YamlSequence)part["snippets"]!).Items.Count);
        Assert.Null(part["devices"]);
    }

    [Fact]
    public void What_every_machine_has_and_what_libvirt_allots_is_left_out()
    {
        var part = Part("<metadata/>", """
            <emulator>/usr/bin/qemu-system-x86_64</emulator>
            <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/srv/old.qcow2'/><target dev='vda' bus='virtio'/></disk>
            <controller type='pci' index='0' model='pcie-root'/><controller type='sata' index='0'/>
            <interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/><model type='virtio'/></interface>
            <serial type='pty'><target type='isa-serial' port='0'><model name='isa-serial'/></target></serial>
            <console type='pty'><target type='serial' port='0'/></console>
            <input type='mouse' bus='ps2'/><audio id='1' type='none'/><memballoon model='virtio'><address type='pci' slot='0x05'/></memballoon>
            """);
        Assert.Equal(["features"], part.Entries.Select(e => e.Key.Text));
    }

    [Fact]
    public void A_disk_that_has_the_name_of_the_machines_seed_gets_another()
    {
        var part = Part("", """
            <disk type='file' device='disk'><source file='/srv/old.qcow2'/><target dev='sda' bus='sata'/></disk>
            <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='/srv/tools.iso'/><target dev='sda' bus='sata'/><readonly/></disk>
            <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/srv/data.raw'/><target dev='sdb' bus='sata'/></disk>
            """);
        var disks = ((YamlSequence)((YamlMapping)part["devices"]!)["disks"]!).Items.Cast<YamlMapping>().Select(d => Value(d, "target", "dev"));
        Assert.Equal(["sdc", "sdb"], disks);
    }

    [Fact]
    public void What_no_entity_can_say_is_told()
    {
        var domain = Domain("<on_crash>preserve</on_crash>", "<disk type='file' device='disk'><source file='/srv/old.qcow2'/><target dev='sda' bus='sata'/></disk>");
        var input = DomainCases.Input("");
        Assert.Equal(["on_crash is preserve, a machine's is destroy", "its first disk is on the bus sata, a machine's is on virtio"], DomainPart.Read(domain, input.Spec, input.Files).Lost);
    }

    [Fact]
    public void Keys_that_a_guest_was_given_are_no_part_of_a_domain()
    {
        var part = Part("<sysinfo type='smbios'><oemStrings><entry>io.systemd.credential:a=b</entry></oemStrings></sysinfo>", "");
        Assert.Equal(["features"], part.Entries.Select(e => e.Key.Text));
    }

    private static DomainInput With(DomainInput input, YamlValue part)
    {
        var map = part is YamlMapValue { Entries: { Count: > 0 } entries } ? DomainPart.Mapping(entries) : null;
        var devices = DomainYaml.Map(map, "devices");
        return input with
        {
            Preparation = input.Preparation with { Spec = input.Spec with { Libvirt = map } },
            HostDevices = [.. DomainYaml.Items(devices, "hostdevs")],
            FileSystems = [.. DomainYaml.Items(devices, "filesystems")],
            SubordinateIds = null,
        };
    }

    private static string[] Lines(XElement domain) =>
    [
        .. domain.Elements().Where(e => e.Name != "devices").Concat(domain.Element("devices")!.Elements()).Select(DomainPart.Canonical).Order(StringComparer.Ordinal),
    ];

    private static XElement Domain(string beside, string devices) =>
        XElement.Parse($"<domain type='kvm'><name>old</name><os><type arch='x86_64' machine='q35'>hvm</type></os>{beside}<devices>{devices}</devices></domain>");

    private static YamlMapping Part(string beside, string devices)
    {
        var input = DomainCases.Input("");
        var (part, _) = DomainPart.Read(Domain(beside, devices), input.Spec, input.Files);
        var read = DomainPart.Mapping(((YamlMapValue)part).Entries);
        var problems = new List<Problem>();
        VmLibvirtForm.Check(new YamlBinder(read, "libvirt", problems), isSecureBoot: false);
        Assert.Empty(problems.Select(p => p.Message));
        return read;
    }

    private static string Value(YamlMapping from, params string[] keys) => ((YamlScalar)keys.Aggregate((YamlNode)from, (n, k) => ((YamlMapping)n)[k]!)).Text;
}

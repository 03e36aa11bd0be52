using System.Xml.Linq;
using OpenCharly.Model;
using OpenCharly.Vms.Libvirt;

namespace OpenCharly.Tests.Vms.Libvirt;

public sealed class DomainXmlTests
{
    public static TheoryData<string> Names => [.. DomainCases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_domain_is_as_in_its_golden_file(string name)
    {
        var file = Path.Combine(DomainCases.Folder(), name + ".xml");
        var text = DomainXml.Write(DomainXml.Build(DomainCases.All[name]()));
        if (Environment.GetEnvironmentVariable("CHARLY_UPDATE_GOLDEN") == "1") File.WriteAllText(file, text);
        Assert.Equal(File.ReadAllText(file), text);
    }

    [Fact]
    public void Every_golden_file_belongs_to_a_case() =>
        Assert.Equal(DomainCases.All.Keys.Order(StringComparer.Ordinal), Directory.GetFiles(DomainCases.Folder(), "*.xml").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal));

    [Fact]
    public void A_forward_starts_at_the_host_and_leads_to_the_guest()
    {
        var domain = DomainXml.Build(DomainCases.Input(""));
        var forward = domain.Descendants("portForward").Single();
        Assert.Equal(("tcp", "127.0.0.1"), ((string)forward.Attribute("proto")!, (string)forward.Attribute("address")!));
        Assert.Equal(("2222", "22"), ((string)forward.Element("range")!.Attribute("start")!, (string)forward.Element("range")!.Attribute("to")!));
    }

    [Fact]
    public void Udp_forwards_have_an_element_of_their_own_after_tcp()
    {
        var domain = DomainXml.Build(DomainCases.Input("", new VmNetwork { PortForwards = [new PortForward("127.0.0.1", 53, 53, "udp"), new PortForward("127.0.0.1", 80, 80, "tcp")] }));
        Assert.Equal(["tcp", "udp"], domain.Descendants("portForward").Select(f => (string)f.Attribute("proto")!));
    }

    [Fact]
    public void A_credential_is_seen_by_the_guest_only_with_smbios_switched_to_sysinfo()
    {
        Assert.Null(DomainXml.Build(DomainCases.Input("")).Element("os")!.Element("smbios"));
        var domain = DomainXml.Build(DomainCases.All["credentials"]());
        Assert.Equal("sysinfo", (string?)domain.Element("os")!.Element("smbios")!.Attribute("mode"));
        Assert.Equal(["io.systemd.credential:a=b", "io.systemd.credential.binary:c=ZA==", "hello"], domain.Descendants("oemStrings").Elements("entry").Select(e => e.Value));
    }

    [Fact]
    public void Uefi_with_explicit_paths_has_no_firmware_attribute_and_secure_boot_has_smm()
    {
        var domain = DomainXml.Build(DomainCases.All["uefi-secure"]());
        Assert.Null(domain.Element("os")!.Attribute("firmware"));
        Assert.Equal("yes", (string?)domain.Element("os")!.Element("loader")!.Attribute("secure"));
        Assert.Equal("on", (string?)domain.Element("features")!.Element("smm")!.Attribute("state"));
    }

    [Fact]
    public void The_hosts_own_extension_is_required_unless_it_is_listed()
    {
        string[] Of(string libvirt) => [.. DomainXml.Build(DomainCases.Input(libvirt)).Element("cpu")!.Elements("feature").Select(f => $"{f.Attribute("policy")!.Value} {f.Attribute("name")!.Value}")];
        Assert.Equal(["require vmx"], Of(""));
        Assert.Equal(["disable vmx"], Of("cpu: {features: [{policy: disable, name: vmx}]}"));
        Assert.Empty(Of("cpu: {mode: host-model}"));
    }

    [Fact]
    public void Without_kvm_nothing_is_passed_through()
    {
        var warnings = new List<string>();
        var domain = DomainXml.Build(DomainCases.Input("cpu: {mode: host-passthrough}", isKvm: false) with { Warn = warnings.Add });
        Assert.Equal("qemu", (string?)domain.Attribute("type"));
        Assert.Equal("maximum", (string?)domain.Element("cpu")!.Attribute("mode"));
        Assert.Empty(domain.Element("cpu")!.Elements("feature"));
        Assert.Single(warnings);
        Assert.Equal("qemu64", DomainXml.Build(DomainCases.Input("", isKvm: false)).Element("cpu")!.Element("model")!.Value);
    }

    [Fact]
    public void Virtiofs_brings_the_shared_memory_that_it_needs_and_keeps_what_is_said()
    {
        var filled = DomainXml.Build(DomainCases.All["shared-folders-idmap"]()).Element("memoryBacking")!;
        Assert.Equal(("memfd", "shared"), ((string?)filled.Element("source")!.Attribute("type"), (string?)filled.Element("access")!.Attribute("mode")));
        var input = DomainCases.Input("{memory_backing: {source: file}, devices: {filesystems: [{source: /a, target: b}]}}");
        var said = DomainXml.Build(input with { FileSystems = [.. DomainYaml.Items(input.Devices, "filesystems")] }).Element("memoryBacking")!;
        Assert.Equal("file", (string?)said.Element("source")!.Attribute("type"));
    }

    [Theory]
    [InlineData("ada:165536:65536\n", "ada:165536:65536\n", "0>165536+1000 1000>1001+1 1001>166536+64536")]
    [InlineData("1001:1000000:500\n", "1001:1000000:500\n", "0>1000000+500 1000>1001+1")]
    [InlineData("bob:1:1\n", "ada:1:1\n", null)]
    [InlineData("ada:165536:65536\n", "", null)]
    public void The_guests_user_1000_is_the_user_here_and_all_others_are_subordinate(string subuid, string subgid, string? expected)
    {
        var ids = SubordinateIds.Find("ada", 1001, 1002, subuid, subgid);
        Assert.Equal(expected, ids is null ? null : string.Join(' ', SubordinateIds.Map(ids.Users, ids.User).Select(m => $"{m.Start}>{m.Target}+{m.Count}")));
    }

    [Fact]
    public void A_snippet_goes_to_the_devices_or_the_end_and_comes_once()
    {
        var domain = DomainXml.Build(DomainCases.All["raw"]());
        Assert.Single(domain.Element("devices")!.Elements("rng"));
        Assert.Equal("From a snippet", domain.Element("title")!.Value);
        Assert.Single(domain.Elements(XName.Get("commandline", LibvirtFragment.QemuNamespace)));
        Assert.Single(domain.Elements("memory"));
        Assert.Single(domain.Element("devices")!.Elements("memory"));
    }

    [Fact]
    public void Passed_through_xml_fills_gaps_and_replaces_nothing()
    {
        var domain = DomainXml.Build(DomainCases.All["raw"]());
        Assert.Equal("2", domain.Element("vcpu")!.Value);
        Assert.Equal(("static", "1"), ((string?)domain.Element("vcpu")!.Attribute("placement"), (string?)domain.Element("vcpu")!.Attribute("current")));
        Assert.NotNull(domain.Element("features")!.Element("vmcoreinfo"));
        Assert.NotNull(domain.Element("features")!.Element("acpi"));
        Assert.Single(domain.Element("devices")!.Elements("watchdog"));
    }

    [Theory]
    [InlineData("a & b <c> \"d\"")]
    [InlineData("'; virsh destroy all; '")]
    public void Hostile_values_stay_values(string value)
    {
        var input = DomainCases.Input($"sysinfo: {{oem_strings: ['{value.Replace("'", "''", StringComparison.Ordinal)}']}}");
        var again = XElement.Parse(DomainXml.Write(DomainXml.Build(input)));
        Assert.Equal(value, again.Descendants("oemStrings").Single().Value);
    }

    [Fact]
    public void The_file_remembers_whether_the_port_is_free_and_moves_it_in_either_network()
    {
        foreach (var name in new[] { "user", "slirp" })
        {
            var file = LibvirtDomainFile.Of(DomainXml.Build(DomainCases.All[name]()), isSshPortFree: true, Guid.NewGuid());
            Assert.True(file.IsSshPortFree);
            Assert.Equal("/srv/project/output/qcow2/web/disk.qcow2", file.Disk);
            file.MoveSshPort(2222, 40022);
            Assert.Contains("40022", file.Domain.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("2222", file.Domain.ToString(), StringComparison.Ordinal);
        }
    }
}

using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Model;

public sealed class VmLibvirtKeysTests
{
    [Theory]
    [InlineData("{cpus: {mode: custom}}", "the key \"cpus\" is not known", "Did you mean \"cpu\"?")]
    [InlineData("{devices: {disk: []}}", "the key \"disk\" is not known", "Did you mean \"disks\"?")]
    [InlineData("{devices: {interfaces: [{port_forwards: [{proto: tcp, begin: 1}]}]}}", "\"start\" is missing", "")]
    [InlineData("{devices: {video: [{heads: 1}]}}", "\"model\" is missing", "")]
    [InlineData("{devices: {hostdevs: [{type: pci, source: {domain: \"0\", bus: \"0x1\", slot: \"0x0\", function: \"0x0\"}}]}}", "\"domain\" of a PCI host device is \"0\"", "hex")]
    [InlineData("{devices: {hostdevs: [{type: pci}]}}", "\"domain\" of a PCI host device is missing", "hex")]
    [InlineData("{devices: {filesystems: [{source: /a}]}}", "\"target\" is missing", "")]
    [InlineData("{devices: {filesystems: [{source: a, target: b}]}}", "the source of a shared folder is \"a\"", "absolute")]
    [InlineData("{devices: {filesystems: [{source: /a, target: b, accessmode: mapped}]}}", "virtiofs does not know", "9p")]
    [InlineData("{devices: {graphics: [{type: vnc, listen: {socket: /x}}]}}", "nothing tells what it listens on", "type:")]
    [InlineData("{devices: {graphics: [{type: vnc, listen: {type: port}}]}}", "\"type\" is \"port\"", "address, socket, network")]
    [InlineData("{devices: {channels: [{type: unix, path: /home/ada/x}]}}", "a channel's path is", "VmStateDir")]
    [InlineData("{devices: {channels: [{type: unix, source: {path: relative}}]}}", "a channel's path is", "absolute")]
    [InlineData("{cpu: {mode: fast}}", "\"mode\" is \"fast\"", "host-passthrough")]
    [InlineData("{cpu: {mode: custom}}", "the cpu mode custom needs \"model\"", "model")]
    [InlineData("{cpu: {features: [{policy: allow, name: x}]}}", "\"policy\" is \"allow\"", "force")]
    [InlineData("{clock: {offset: gmt}}", "\"offset\" is \"gmt\"", "utc")]
    [InlineData("{features: {acpi: perhaps}}", "\"acpi\" must be true or false", "")]
    [InlineData("{iothreads: some}", "\"iothreads\" must be a whole number", "")]
    [InlineData("{devices: []}", "\"devices\" must be a mapping", "")]
    [InlineData("{snippets: [\"just text\"]}", "holds no XML element", "")]
    [InlineData("{snippets: [\"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>\"]}", "is not well-formed", "")]
    [InlineData("{xml_passthrough: \"<a>\"}", "is not well-formed", "")]
    public void What_is_wrong_in_a_libvirt_part_is_told_with_its_place(string text, string message, string help)
    {
        var part = (YamlMapping)YamlReader.Read(text, "charly.yml")[0];
        var problems = new List<Problem>();
        VmLibvirtForm.Check(new YamlBinder(part, "vm \"web\": libvirt", problems), isSecureBoot: false);
        var problem = problems[0];
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Contains(help, problem.Help, StringComparison.Ordinal);
        Assert.StartsWith("vm \"web\": libvirt", problem.Message, StringComparison.Ordinal);
        Assert.NotNull(problem.Position);
    }

    [Fact]
    public void Secure_boot_without_smm_is_an_error()
    {
        var part = (YamlMapping)YamlReader.Read("{features: {smm: false}}", "charly.yml")[0];
        var problems = new List<Problem>();
        VmLibvirtForm.Check(new YamlBinder(part, "vm \"web\": libvirt", problems), isSecureBoot: true);
        Assert.Equal(Errors.VmValidation, Assert.Single(problems).Code);
    }
}

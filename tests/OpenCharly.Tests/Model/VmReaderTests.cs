using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Model;

public sealed class VmReaderTests
{
    private const string Source = "source: {kind: cloud_image, url: \"https://images.example.org/debian.qcow2\"}\n";

    private static (VmSpec? Spec, List<Problem> Problems) Read(string body, string name = "web")
    {
        var problems = new List<Problem>();
        return (VmReader.Read((YamlMapping)YamlReader.Read(body, "charly.yml")[0], name, "/project", problems), problems);
    }

    private static VmSpec Good(string body)
    {
        var (spec, problems) = Read(body);
        Assert.Empty(problems);
        return spec!;
    }

    [Fact]
    public void Defaults_are_those_of_the_specification()
    {
        var spec = Good(Source);
        Assert.Equal(new ByteSize(4L << 30), spec.Ram);
        Assert.Equal(2, spec.Cpus);
        Assert.Null(spec.DiskSize);
        Assert.Equal(("auto", "auto", "user", "virtio-net-pci"), (spec.Backend, spec.Accelerator, spec.Network.Mode, spec.Network.Model));
        Assert.Equal(("auto", null, false), (spec.Ssh.KeySource, spec.Ssh.Port, spec.Ssh.PortAuto));
    }

    [Fact]
    public void A_full_entity_keeps_every_field()
    {
        var spec = Good("""
            source: {kind: cloud_image, path: /img/x.qcow2, base_user: debian, checksum: {type: sha256, value: "sha256:ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789"}}
            disk_size: 20 GiB
            ram: 512
            cpus: 4
            machine: i440fx
            network: {mode: nat, mac: "52:54:00:12:34:56", port_forwards: ["8080:80", "0.0.0.0:53:53/udp"]}
            ssh: {user: ada, port_auto: true, key_source: generate, key_injection: {smbios: disabled}}
            cloud_init:
              hostname: web.example.org
              users: [{name: ada, sudo: true, groups: "wheel, sudo", lock_passwd: true}]
              packages: [curl]
              runcmd: [echo hi, [touch, "a b"]]
              write_files: [{path: /etc/x, content: "y", perms: "0600"}]
              mirrors: {apt: "https://mirror.example.org/debian"}
              extra: {ntp: {enabled: true}}
            snapshot: [{name: clean, mode: external}]
            """);
        Assert.Equal("abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789", ((CloudImageSource)spec.Source).Sha256);
        Assert.Equal(new ByteSize(20L << 30), spec.DiskSize);
        Assert.Equal(new ByteSize(512L << 20), spec.Ram);
        Assert.Equal("pc", spec.Machine);
        Assert.Equal([new PortForward("127.0.0.1", 8080, 80, "tcp"), new PortForward("0.0.0.0", 53, 53, "udp")], spec.Network.PortForwards);
        Assert.Equal("default", spec.Network.Bridge);
        Assert.Equal("ALL=(ALL) NOPASSWD:ALL", spec.CloudInit!.Users[0].Sudo);
        Assert.Equal(["wheel", "sudo"], spec.CloudInit.Users[0].Groups);
        Assert.Equal(["echo hi", "touch 'a b'"], spec.CloudInit.RunCommands);
        Assert.Equal("ntp:\n  enabled: true\n", spec.CloudInit.Extra);
        Assert.Equal("clean", spec.Snapshots[0].Name);
    }

    [Fact]
    public void A_bootstrapped_machine_needs_builder_distribution_and_size()
    {
        var spec = Good("source: {kind: bootstrap, builder: debootstrap, distro: debian, suite: trixie, package: [curl], kernel_args: quiet splash}\ndisk_size: 4G\n");
        Assert.Equal(["quiet", "splash"], Assert.IsType<BootstrapSource>(spec.Source).KernelArgs);
        Assert.Equal(3, Read("source: {kind: bootstrap}\n").Problems.Count);
    }

    [Theory]
    [InlineData("cpu: 1\n")]
    [InlineData("source: {kind: cloud_imag, url: \"https://x\"}\n")]
    [InlineData("source: {kind: cloud_image}\n")]
    [InlineData("source: {kind: cloud_image, url: \"https://x\", path: /x}\n")]
    [InlineData("source: {kind: cloud_image, url: \"ssh://x\"}\n")]
    [InlineData("source: {kind: cloud_image, url: \"https://x\", box: y}\n")]
    [InlineData("source: {kind: cloud_image, url: \"https://x\", checksum: {value: \"aa\"}}\n")]
    [InlineData("source: {kind: bootc, box: y}\n")]
    [InlineData("source: {kind: clone, from_vm: a}\n")]
    [InlineData("source: {kind: imported, libvirt_name: a, disk_path: relative, disk_format: qcow2}\n")]
    [InlineData(Source + "ram: 0\n")]
    [InlineData(Source + "ram: 1.5G\n")]
    [InlineData(Source + "disk_size: -1\n")]
    [InlineData(Source + "cpu: 0\n")]
    [InlineData(Source + "firmware: efi\n")]
    [InlineData(Source + "firmware: uefi-secure\nmachine: i440fx\n")]
    [InlineData(Source + "machine: \"q35,accel=tcg\"\n")]
    [InlineData(Source + "backend: xen\n")]
    [InlineData(Source + "backend: qemu\nautostart: true\n")]
    [InlineData(Source + "network: {mode: bridge}\n")]
    [InlineData(Source + "network: {mac: \"53:54:00:12:34:56\"}\n")]
    [InlineData(Source + "network: {model: \"e1000,x=y\"}\n")]
    [InlineData(Source + "network: {port_forwards: [\"80\"]}\n")]
    [InlineData(Source + "network: {port_forwards: [\"8080:80\", \"8080:81\"]}\n")]
    [InlineData(Source + "ssh: {port: 70000}\n")]
    [InlineData(Source + "ssh: {port: 22, port_auto: true}\n")]
    [InlineData(Source + "ssh: {key_source: relative.pub}\n")]
    [InlineData(Source + "ssh: {user: \"-oX\"}\n")]
    [InlineData(Source + "cloud_init: {users: [{sudo: true}]}\n")]
    [InlineData(Source + "cloud_init: {write_files: [{content: x}]}\n")]
    [InlineData(Source + "cloud_init: {write_files: [{path: /x, encoding: rot13}]}\n")]
    [InlineData(Source + "cloud_init: {charly_install: {strategy: url}}\n")]
    [InlineData(Source + "cloud_init: {charly_install: {strategy: url, url: https://files.example.org/charly}}\n")]
    [InlineData(Source + "cloud_init: {charly_install: {strategy: url, url: https://files.example.org/charly, checksum: abc}}\n")]
    [InlineData(Source + "cloud_init: {extra: \"- a\"}\n")]
    [InlineData(Source + "snapshot: [{name: a}, {name: a}]\n")]
    [InlineData(Source + "libvirt: {cpu: {mode: fast}}\n")]
    [InlineData(Source + "libvirt: {cpu: {mode: custom}}\n")]
    [InlineData(Source + "libvirt: {snippets: [\"<a>\"]}\n")]
    public void A_rule_violation_is_a_validation_problem_of_the_entity(string body)
    {
        var problem = Assert.Single(Read(body).Problems);
        Assert.Equal(Errors.VmValidation, problem.Code);
        Assert.StartsWith("vm \"web\":", problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(problem.Help);

        // The line that is wrong, not the one of the source above it.
        var first = body.StartsWith(Source, StringComparison.Ordinal) ? 2 : 1;
        Assert.InRange(problem.Position!.Line, first, body.Count(c => c == '\n'));
    }

    [Theory]
    [InlineData(Source + "memory: 4G\n", "CFG013")]
    [InlineData(Source + "cpu: 2\ncpus: 2\n", "yaml.duplicate_key")]
    [InlineData(Source + "disposable: true\n", "CFG003")]
    [InlineData(Source + "network: {brige: x}\n", "CFG013")]
    public void Unknown_and_misplaced_keys_are_errors(string body, string code)
    {
        var problem = Assert.Single(Read(body).Problems);
        Assert.Equal(code, problem.Code.Id);
        Assert.False(problem.IsWarning);
    }

    [Fact]
    public void All_problems_of_an_entity_come_at_once() =>
        Assert.Equal(4, Read("source: {kind: cloud_image}\nram: x\ncpu: 0\nfirmware: none\n").Problems.Count);

    [Theory]
    [InlineData("a b")]
    [InlineData("-x")]
    [InlineData("a.b")]
    [InlineData("a-eph-b")]
    [InlineData("../x")]
    public void A_bad_name_is_a_problem(string name) =>
        Assert.Contains(Read(Source, name).Problems, p => p.Code == Errors.VmValidation);

    [Theory]
    [InlineData("debian:13", "Write distro: debian, and the release as suite: trixie.")]
    [InlineData("gentoo:1", "Write distro: gentoo, and the release as suite:.")]
    [InlineData("a b", "Use one word of letters, digits, dots, dashes.")]
    public void A_distribution_that_is_no_word_is_one_error_at_its_place(string distro, string help)
    {
        var problem = Assert.Single(Read($"disk_size: 4G\nsource:\n  kind: bootstrap\n  builder: debootstrap\n  distro: {distro}\n").Problems);
        Assert.Equal((5, 11, help), (problem.Position!.Line, problem.Position.Column, problem.Help));
        Assert.Contains($"\"distro\" is \"{distro}\"", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("box: {a: b}")]
    [InlineData("image: [a, b]")]
    [InlineData("box: \"a\\nb\"")]
    public void What_a_bootc_source_can_not_be_made_of_is_one_error(string line) =>
        Assert.Single(Read($"disk_size: 4G\nsource:\n  kind: bootc\n  {line}\n").Problems);
}

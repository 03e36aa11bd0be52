using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.Definitions;

namespace OpenCharly.Tests.Vms.Definitions;

/// <summary>VMFiles: what they may say, what is filled in, and each thing that is refused.</summary>
public sealed class VmFileReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vmfile-").FullName;

    public VmFileReaderTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "home/.ssh"));
        foreach (var file in (string[])["base.qcow2", "key.pub", "user-data.yml", "home/debian.qcow2", "home/.ssh/id_ed25519.pub"]) File.WriteAllText(Path.Combine(_folder, file), "x");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_full_example_of_the_book_is_read_as_it_means()
    {
        var file = Read("""
            // Development VM with all options specified
            vm "full-example" {
                // Image source: URL (auto-cached)
                image-url "https://images.example.org/noble.img"

                vcpus 4
                memory 4096
                disk 40

                network "user"

                cloud-init {
                    hostname "full-example"
                    // ssh-key and user-data are omitted
                }

                ssh {
                    user "ubuntu"
                }

                provision "shell" {
                    inline "sudo apt-get update && sudo apt-get install -y build-essential curl git"
                }

                provision "file" {
                    source "config/bashrc"
                    destination "/home/ubuntu/.bashrc"
                }

                provision "shell" {
                    script "scripts/setup-dev-tools.sh"
                }
            }

            vm "tap-example" {
                image "~/debian.qcow2"

                vcpus 2
                memory 2048

                network "tap" {
                    bridge "br0"
                }

                cloud-init {
                    hostname "tap-vm"
                    ssh-key "~/.ssh/id_ed25519.pub"
                }

                ssh {
                    user "debian"
                    private-key "~/.ssh/id_ed25519"
                }
            }

            // Minimal VM: just an image and defaults
            vm "minimal" {
                image-url "https://images.example.org/noble.img"
            }
            """);
        Assert.Equal(["full-example", "tap-example", "minimal"], file.Machines.Select(m => m.Name));
        Assert.Empty(file.Warnings);
        var full = file.Machines[0];
        Assert.Equal((4, 4096, 40, "User"), (full.Vcpus, full.MemoryMb, full.DiskGb, full.Network.Type));
        Assert.Equal(("https://images.example.org/noble.img", null), (full.ImageUrl, full.Image));
        Assert.Equal(new VmDefinitionCloudInit("full-example"), full.CloudInit);
        Assert.Equal("ubuntu", full.SshUser);
        Assert.Equal(["command", "file-upload", "script"], full.Provisions.Select(p => p.Kind));
        Assert.Equal((At("config/bashrc"), "/home/ubuntu/.bashrc"), (((FileStep)full.Provisions[1]).Source, ((FileStep)full.Provisions[1]).Destination));
        Assert.Equal(At("scripts/setup-dev-tools.sh"), ((ScriptStep)full.Provisions[2]).Path);
        var tap = file.Machines[1];
        Assert.Equal(At("home/debian.qcow2"), tap.Image);
        Assert.Equal(new VmHandleNetwork("Tap", "br0", null), tap.Network);
        Assert.Equal(new VmDefinitionCloudInit("tap-vm", At("home/.ssh/id_ed25519.pub")), tap.CloudInit);
        Assert.Equal(new VmDefinitionSsh("debian", At("home/.ssh/id_ed25519")), tap.Ssh);
        var minimal = file.Machines[2];
        Assert.Equal((1, 1024, null, "User", null, null, "vm"), (minimal.Vcpus, minimal.MemoryMb, minimal.DiskGb, minimal.Network.Type, minimal.CloudInit, minimal.Ssh, minimal.SshUser));
        Assert.Equal(new SourcePosition(At("VMFile.kdl"), 57, 1), minimal.Position);
    }

    [Theory]
    [InlineData("network \"tap\"", "Tap", "br0", null)]
    [InlineData("network \"tap\" { bridge \"br7\" }", "Tap", "br7", null)]
    [InlineData("network \"tap\" bridge=\"br7\"", "Tap", "br7", null)]
    [InlineData("network \"vnic\" { name \"vnic0\" }", "Vnic", null, "vnic0")]
    [InlineData("network \"vnic\" name=\"vnic0\"", "Vnic", null, "vnic0")]
    [InlineData("network \"none\"", "None", null, null)]
    [InlineData("network user", "User", null, null)]
    public void A_network_is_one_of_four_and_takes_nodes_and_properties(string text, string type, string? bridge, string? name) =>
        Assert.Equal(new VmHandleNetwork(type, bridge, name), One(text).Network);

    [Theory]
    [InlineData("uefi", true)]
    [InlineData("uefi #true", true)]
    [InlineData("uefi #false", false)]
    [InlineData("", false)]
    public void Uefi_is_a_switch(string text, bool expected) => Assert.Equal(expected, One(text).Uefi);

    [Fact]
    public void Port_forwards_are_listed_one_a_node() => Assert.Equal(
        [new PortForward("127.0.0.1", 8080, 80, "tcp"), new PortForward("0.0.0.0", 5353, 53, "udp")],
        One("port-forward \"8080:80\"\nport-forward \"0.0.0.0:5353:53/udp\"").PortForwards);

    [Fact]
    public void An_empty_ssh_block_means_the_user_vm() => Assert.Equal(("vm", new VmDefinitionSsh()), (One("ssh {}").SshUser, One("ssh {}").Ssh));

    [Fact]
    public void A_provisioner_without_a_type_is_a_shell() => Assert.Equal("echo hi", ((InlineStep)One("ssh {}\nprovision { inline \"echo hi\" }").Provisions[0]).Command);

    [Fact]
    public void Files_in_both_versions_of_the_language_are_read()
    {
        Assert.True(Read("vm \"a\" {\n image \"base.qcow2\"\n uefi true\n}").Machines[0].Uefi);
        Assert.True(Read("/- kdl-version 2\nvm a {\n image base.qcow2; uefi #true\n}").Machines[0].Uefi);
    }

    [Fact]
    public void User_data_beats_a_key_with_a_warning()
    {
        var file = Read("vm \"a\" {\n image \"base.qcow2\"\n cloud-init { ssh-key \"key.pub\"; user-data \"user-data.yml\" }\n}");
        var warning = Assert.Single(file.Warnings);
        Assert.Contains("the ssh-key is not used", warning.Message, StringComparison.Ordinal);
        Assert.Equal(3, warning.Position!.Line);
    }

    [Theory]
    [InlineData("vm { }", 1, 1, "has no name")]
    [InlineData("vm \"\" { image \"base.qcow2\" }", 1, 4, "name of this vm is empty")]
    [InlineData("vm 5 { image \"base.qcow2\" }", 1, 4, "5 can't name a vm")]
    [InlineData("vm \"a/b\" { image \"base.qcow2\" }", 1, 4, "can't name a vm")]
    [InlineData("vm \"..\" { image \"base.qcow2\" }", 1, 4, "can't name a vm")]
    [InlineData("vm \"charly-a\" { image \"base.qcow2\" }", 1, 4, "can't name a vm")]
    [InlineData("vm \"a\" \"b\" { image \"base.qcow2\" }", 1, 8, "a second")]
    [InlineData("vm \"a\" image=\"base.qcow2\" { image \"base.qcow2\" }", 1, 8, "no property \"image\"")]
    [InlineData("vm \"a\" { image \"base.qcow2\" }\nvm \"a\" { image \"base.qcow2\" }", 2, 1, "defined twice, first in line 1")]
    [InlineData("vm \"a\"", 1, 1, "has no body")]
    [InlineData("vm \"a\" {}", 1, 1, "has no image")]
    [InlineData("vmm \"a\" {}", 1, 1, "unknown node \"vmm\"")]
    public void A_machine_needs_a_name_of_its_own_and_a_body(string text, int line, int column, string part) => Refused(text, line, column, part);

    [Theory]
    [InlineData("image-url \"https://e.org/x\"", "has both image and image-url")]
    [InlineData("vcpus 0", "vcpus is 0")]
    [InlineData("vcpus -1", "vcpus is -1")]
    [InlineData("vcpus 1.5", "vcpus is 1.5")]
    [InlineData("vcpus \"2\"", "vcpus is \"2\"")]
    [InlineData("vcpus 1 2", "has 2 too many")]
    [InlineData("vcpus", "vcpus says nothing")]
    [InlineData("memory 0", "memory is 0")]
    [InlineData("memory 99999999999", "memory is 99999999999")]
    [InlineData("disk 0", "disk is 0")]
    [InlineData("memory 1\n  memory 2", "a second memory")]
    [InlineData("network", "network says nothing")]
    [InlineData("network \"nat\"", "\"nat\" is no network")]
    [InlineData("network \"vnic\"", "has no name")]
    [InlineData("network \"tap\" { brigde \"b\" }", "unknown node \"brigde\" in network")]
    [InlineData("network \"tap\" brigde=\"b\"", "unknown property \"brigde\" in network")]
    [InlineData("network \"tap\" bridge=\"b\" { bridge \"c\" }", "bridge in network is said twice")]
    [InlineData("network \"user\" { bridge \"b\" }", "unknown node \"bridge\" in network")]
    [InlineData("cloud-init \"x\"", "cloud-init has \"x\" too many")]
    [InlineData("cloud-init { ssh-key \"none.pub\" }", "none.pub can't be read: there is no such file")]
    [InlineData("cloud-init { user-data \"none.yml\" }", "none.yml can't be read: there is no such file")]
    [InlineData("cloud-init { host \"x\" }", "unknown node \"host\" in cloud-init")]
    [InlineData("ssh", "ssh has no braces")]
    [InlineData("ssh { user \"a b\" }", "can't be an account")]
    [InlineData("ssh { user 5 }", "which is no text")]
    [InlineData("uefi 1", "uefi is 1")]
    [InlineData("port-forward \"80\"", "is no port forward")]
    [InlineData("port-forward \"0:80\"", "is no port forward")]
    [InlineData("port-forward \"8080:80\"\n  port-forward \"8080:81\"", "forwarded twice")]
    [InlineData("vcpu 2", "unknown node \"vcpu\"")]
    [InlineData("provision \"shell\" { inline \"x\" }", "has provisioners, and no ssh block")]
    [InlineData("ssh {}\n  provision \"shell\"", "has no braces")]
    [InlineData("ssh {}\n  provision \"ansible\" { inline \"x\" }", "no kind of provisioner")]
    [InlineData("ssh {}\n  provision \"shell\" {}", "neither inline nor script")]
    [InlineData("ssh {}\n  provision \"shell\" { inline \"x\"; script \"y\" }", "both inline and script")]
    [InlineData("ssh {}\n  provision \"file\" { source \"x\" }", "has no destination")]
    [InlineData("ssh {}\n  provision \"file\" { destination \"/x\" }", "has no source")]
    [InlineData("ssh {}\n  provision \"file\" { source \"x\"; destination \"x\" }", "is not absolute")]
    [InlineData("ssh {}\n  provision \"file\" { source \"x\"; destination \"~/x\" }", "is not absolute")]
    [InlineData("ssh {}\n  provision \"shell\" { inlin \"x\" }", "unknown node \"inlin\" in provision")]
    public void What_a_machine_can_not_be_is_refused_with_machine_and_place(string text, string part)
    {
        var error = Refused($"vm \"a\" {{\n  image \"base.qcow2\"\n  {text}\n}}", null, null, part);
        Assert.All(error is CharlyValidationException all ? all.Problems.Select(p => p.Message) : [error.Message], m => Assert.StartsWith("vm \"a\":", m, StringComparison.Ordinal));
        Assert.InRange(error.Position!.Line, 3, 4);
    }

    [Theory]
    [InlineData("image \"missing.qcow2\"", "does not exist")]
    [InlineData("image \"home\"", "is a folder")]
    [InlineData("image-url \"ftp://e.org/x\"", "none that images come from")]
    [InlineData("image-url \"x.qcow2\"", "none that images come from")]
    [InlineData("image 5", "which is no text")]
    public void An_image_must_be_one_that_can_be_had(string text, string part) => Refused($"vm \"a\" {{\n  {text}\n}}", 2, null, part);

    [Theory]
    [InlineData("vcpu 2", "Did you mean \"vcpus\"?")]
    [InlineData("provison \"shell\" { inline \"x\" }", "Did you mean \"provision\"?")]
    [InlineData("cloudinit {}", "Did you mean \"cloud-init\"?")]
    [InlineData("imageurl \"x\"", "Did you mean \"image-url\"?")]
    public void The_nearest_known_node_is_named(string text, string help) =>
        Assert.Equal(help, Refused($"vm \"a\" {{\n  image \"base.qcow2\"\n  {text}\n}}", 3, 3, "unknown node").Help);

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var error = Assert.Throws<CharlyValidationException>(() => Read("vm \"a\" {\n  vcpus 0\n  memory 0\n}\nvm \"b\""));
        Assert.Equal(Errors.VmFileValidation, error.Code);
        Assert.Equal(["it has no image", "vcpus is 0", "memory is 0", "this vm"], error.Problems.Select(p => p.Message.Contains("no body", StringComparison.Ordinal) ? "this vm" : p.Message.Split(": ")[^1]));
        Assert.Equal([1, 2, 3, 5], error.Problems.Select(p => p.Position!.Line));
    }

    [Theory]
    [InlineData("vm \"a\" {", 1, 8)]
    [InlineData("vm \"a\n", 1, 4)]
    [InlineData("", 1, 1)]
    [InlineData("// nothing\n", 1, 1)]
    public void What_is_no_KDL_or_defines_nothing_fails_to_parse(string text, int line, int column)
    {
        var error = Assert.Throws<CharlyException>(() => Read(text));
        Assert.Equal(("vmfile.parse_failed", ErrorKind.Usage), (error.Code.Id, error.Code.Kind));
        Assert.Equal((line, column), (error.Position!.Line, error.Position.Column));
    }

    [Fact]
    public void A_file_that_is_not_there_is_told_with_its_path()
    {
        var error = Assert.Throws<CharlyException>(() => VmFileReader.Read(Environment(), "other.kdl"));
        Assert.Equal(("vmfile.not_found", ErrorKind.NotFound), (error.Code.Id, error.Code.Kind));
        Assert.Contains(At("other.kdl"), error.Message, StringComparison.Ordinal);
        Assert.Contains("--file", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void Machines_are_picked_by_name_in_the_order_of_the_file()
    {
        var file = Read("vm a { image \"base.qcow2\" }\nvm b { image \"base.qcow2\" }\nvm c { image \"base.qcow2\" }");
        Assert.Equal(["a", "b", "c"], file.Select([]).Select(m => m.Name));
        Assert.Equal(["a", "c"], file.Select(["c", "a"]).Select(m => m.Name));
        var error = Assert.Throws<CharlyException>(() => file.Select(["d"]));
        Assert.Equal(Errors.VmNotFound, error.Code);
        Assert.Contains("It defines: a, b, c", error.Help, StringComparison.Ordinal);
    }

    private CharlyException Refused(string text, int? line, int? column, string part)
    {
        var error = Assert.ThrowsAny<CharlyException>(() => Read(text));
        Assert.Equal(("vmfile.validation", ErrorKind.Usage), (error.Code.Id, error.Code.Kind));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Help);
        if (line is not null) Assert.Equal(line, error.Position!.Line);
        if (column is not null) Assert.Equal(column, error.Position!.Column);
        return error;
    }

    private VmDefinition One(string text) => Assert.Single(Read($"vm \"a\" {{\n  image \"base.qcow2\"\n  {text}\n}}").Machines);

    private VmFileDocument Read(string text)
    {
        File.WriteAllText(At("VMFile.kdl"), text);
        return VmFileReader.Read(Environment());
    }

    private CharlyEnvironment Environment() => new() { Variables = new Dictionary<string, string>(), Home = At("home"), WorkingDirectory = _folder };

    private string At(string path) => Path.Combine(_folder, path);
}

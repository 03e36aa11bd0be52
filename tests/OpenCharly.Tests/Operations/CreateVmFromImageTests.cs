using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Vms.Definitions;

namespace OpenCharly.Tests.Operations;

/// <summary>Machines that are made of an image by options alone.</summary>
public sealed class CreateVmFromImageTests : IDisposable
{
    private readonly VmFileLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Options_become_the_definition_that_a_VMFile_would_give()
    {
        foreach (var file in (string[])["k", "i", "u.yml"]) File.WriteAllText(_lab.At(file), "x");
        var definition = Define(new CreateVmFromImageRequest
        {
            Name = "lab", Image = "base.qcow2", Cpus = 2, Memory = "2G", DiskGb = 9, CloudInit = "u.yml", Uefi = true,
            PortForwards = ["8080:80"], Kernel = "k", Initrd = "i", Append = "root=/dev/vda",
        });
        Assert.Equal((_lab.At("base.qcow2"), 2, 2048, 9, true), (definition.Image, definition.Vcpus, definition.MemoryMb, definition.DiskGb, definition.Uefi));
        Assert.Equal(new VmDefinitionCloudInit(null, null, _lab.At("u.yml")), definition.CloudInit);
        Assert.Equal([new PortForward("127.0.0.1", 8080, 80, "tcp")], definition.PortForwards);
        Assert.Equal(new VmDirectBoot(_lab.At("k"), _lab.At("i"), "root=/dev/vda"), definition.DirectBoot);
    }

    [Fact]
    public void What_is_not_said_has_the_defaults_of_the_book()
    {
        var definition = Define(new CreateVmFromImageRequest { Name = "lab", ImageUrl = "https://e.org/x.img" });
        Assert.Equal((1, 1024, null, "User", null), (definition.Vcpus, definition.MemoryMb, definition.DiskGb, definition.Network.Type, definition.CloudInit));
        Assert.Equal("br7", Define(new CreateVmFromImageRequest { Name = "lab", Image = "base.qcow2", Bridge = "br7" }).Network.Bridge);
        Assert.Equal(1536, Define(new CreateVmFromImageRequest { Name = "lab", Image = "base.qcow2", Memory = "1536" }).MemoryMb);
    }

    [Fact]
    public async Task A_key_opens_the_account_vm_and_its_private_twin_is_offered()
    {
        File.WriteAllText(_lab.At("own"), "private");
        File.WriteAllText(_lab.At("own.pub"), "ssh-ed25519 BBBB mine");
        var vm = await new CreateVmFromImage(_lab.Context).RunAsync(new CreateVmFromImageRequest { Name = "lab", Image = "base.qcow2", SshKey = "own.pub" });
        Assert.Equal("vm", vm.Ssh!.User);
        var seed = File.ReadAllBytes(vm.Seed!);
        Assert.True(seed.AsSpan().IndexOf("ssh-ed25519 BBBB mine"u8) > 0);
        Assert.Contains($"    IdentityFile {_lab.At("own")}\n", File.ReadAllText(_lab.Context.Paths.SshConfig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kernel_is_on_record()
    {
        File.WriteAllText(_lab.At("k"), "x");
        await new CreateVmFromImage(_lab.Context).RunAsync(new CreateVmFromImageRequest { Name = "lab", Image = "base.qcow2", Kernel = "k", Append = "quiet" });
        Assert.Equal(new VmDirectBoot(_lab.At("k"), null, "quiet"), _lab.Services.Registry.Find("lab")!.DirectBoot);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_and_what_has_it_stays()
    {
        var request = new CreateVmFromImageRequest { Name = "lab", Image = "base.qcow2" };
        await new CreateVmFromImage(_lab.Context).RunAsync(request);
        Assert.Equal("vm.name_exists", (await Assert.ThrowsAsync<CharlyException>(() => new CreateVmFromImage(_lab.Context).RunAsync(request))).Code.Id);
        Assert.Equal(["overlay.qcow2", "known_hosts"], _lab.Files("lab").OrderDescending(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_wrong_option_has_an_error_of_its_own()
    {
        var good = new CreateVmFromImageRequest { Name = "lab", Image = "base.qcow2" };
        Assert.Equal("vm.no_image", Code(good with { Image = null }));
        Assert.Equal("vm.no_image", Code(good with { ImageUrl = "https://e.org/x" }));
        Assert.Equal("vm.image_not_found", Code(good with { Image = "none.qcow2" }));
        Assert.Equal("vm.invalid_vcpus", Code(good with { Cpus = 0 }));
        Assert.Equal("vm.invalid_memory", Code(good with { Memory = "0" }));
        Assert.Equal("vm.invalid_memory", Code(good with { Memory = "much" }));
        Assert.Equal("vm.validation", Code(good with { DiskGb = 0 }));
        Assert.Equal("vm.validation", Code(good with { PortForwards = ["80"] }));
        Assert.Equal("vm.validation", Code(good with { PortForwards = ["1:2", "1:3"] }));
        Assert.Equal("vm.validation", Code(good with { PortForwards = ["1:2"], Bridge = "br0" }));
        Assert.Equal("usage", Code(good with { Append = "quiet" }));
        Assert.Equal("file.not_found", Code(good with { Kernel = "none" }));
        Assert.Equal("file.not_found", Code(good with { SshKey = "none.pub" }));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("")]
    [InlineData("charly-x")]
    [InlineData("a-eph-b")]
    public async Task A_name_that_could_be_no_folder_is_refused(string name) => Assert.Equal(
        "name.invalid",
        (await Assert.ThrowsAsync<CharlyException>(() => new CreateVmFromImage(_lab.Context).RunAsync(new CreateVmFromImageRequest { Name = name, Image = "base.qcow2" }))).Code.Id);

    private string Code(CreateVmFromImageRequest request) => Assert.Throws<CharlyException>(() => Define(request)).Code.Id;

    private VmDefinition Define(CreateVmFromImageRequest request) => new CreateVmFromImage(_lab.Context).Define(request);
}

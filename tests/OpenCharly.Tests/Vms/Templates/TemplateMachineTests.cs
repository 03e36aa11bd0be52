using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Operations;
using OpenCharly.Vms.Definitions;

namespace OpenCharly.Tests.Vms.Templates;

/// <summary>Machines that are made of a template.</summary>
public sealed class TemplateMachineTests : IDisposable
{
    private readonly VmFileLab _lab = new();
    private readonly CharlyContext _templates;

    public TemplateMachineTests() => _templates = new CharlyContext(_lab.Host.Environment, _lab.Host);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_machine_boots_the_kernel_of_the_current_revision_on_its_root_file_system()
    {
        var path = await MakeAsync("printf ram > \"$OUT/initrd\"");
        var definition = Define(new CreateVmFromImageRequest { Name = "lab", Template = "base" });
        Assert.Equal((path + "/rootfs.ext4", 3, 700, 64), (definition.Image, definition.Vcpus, definition.MemoryMb, definition.DataDiskMib));
        Assert.Equal(new VmDirectBoot(path + "/vmlinux", path + "/initrd", "console=ttyS0 reboot=k panic=1 net.ifnames=0 root=/dev/vda rw"), definition.DirectBoot);
        var asked = Define(new CreateVmFromImageRequest { Name = "lab", Template = $"base@{Path.GetFileName(path)}", Cpus = 1, Memory = "2G", DiskGb = 9 });
        Assert.Equal((1, 2048, 9), (asked.Vcpus, asked.MemoryMb, asked.DiskGb));
    }

    [Fact]
    public async Task A_root_device_that_the_builder_names_stays()
    {
        await MakeAsync("""echo '{"boot-source": {"boot_args": "root=/dev/vda1 ro"}}' > "$OUT/fc-base.json" """);
        Assert.Equal("root=/dev/vda1 ro", Define(new CreateVmFromImageRequest { Name = "lab", Template = "base" }).DirectBoot!.CommandLine);
    }

    [Fact]
    public async Task The_machine_stands_on_the_template_which_stays_as_long_as_it_does()
    {
        var path = await MakeAsync();
        var vm = await new CreateVmFromImage(_lab.Context).RunAsync(new CreateVmFromImageRequest { Name = "lab", Template = "base" });
        Assert.Equal((3, 700), (vm.Cpus, vm.MemoryMb));
        Assert.Contains($"-b {path}/rootfs.ext4", File.ReadAllText(vm.Disk!), StringComparison.Ordinal);
        Assert.Equal(["data.qcow2", "known_hosts", "overlay.qcow2"], _lab.Files("lab"));
        var error = await TemplateLab.FailureOf(Errors.TemplateInUse, () => new RemoveTemplate(_lab.Context).RunAsync("base", force: true));
        Assert.Contains("lab", error.Message, StringComparison.Ordinal);
        await new DestroyVm(_lab.Context).RunAsync(new DestroyVmRequest { Name = "lab" });
        await new RemoveTemplate(_lab.Context).RunAsync("base");
        Assert.Empty(new GetTemplates(_lab.Context).Names());
    }

    [Fact]
    public async Task A_revision_that_a_machine_stands_on_is_not_replaced_by_another_content()
    {
        var path = await MakeAsync("echo r1 > \"$OUT/revision\"");
        await new CreateVmFromImage(_lab.Context).RunAsync(new CreateVmFromImageRequest { Name = "lab", Template = "base" });
        await DescribeAsync("echo r1 > \"$OUT/revision\"; printf other > \"$OUT/rootfs.ext4\"");
        await TemplateLab.FailureOf(Errors.TemplateInUse, () => new BuildTemplate(_templates).RunAsync(new BuildTemplateRequest { Name = "base" }));
        Assert.Equal("root", File.ReadAllText(path + "/rootfs.ext4"));
    }

    [Fact]
    public async Task Each_wrong_request_has_an_error_of_its_own()
    {
        var path = await MakeAsync();
        var good = new CreateVmFromImageRequest { Name = "lab", Template = "base" };
        Assert.Equal("vm.no_image", Code(good with { Image = "base.qcow2" }));
        Assert.Equal("vm.no_image", Code(good with { ImageUrl = "https://e.org/x" }));
        Assert.Equal("usage", Code(good with { Uefi = true }));
        Assert.Equal("usage", Code(good with { Append = "quiet" }));
        Assert.Equal("template.not_found", Code(good with { Template = "none" }));
        Assert.Equal("template.not_found", Code(good with { Template = "base@none" }));
        Assert.Equal("name.invalid", Code(good with { Template = "../base" }));
        Assert.Equal("name.invalid", Code(good with { Template = "base@../x" }));
        File.Delete(path + "/vmlinux");
        Assert.Equal("template.corrupt", Code(good));
        File.WriteAllText(path + "/fc-base.json", """{"boot-source": {"kernel_image_path": "../../up"}}""");
        Assert.Equal("template.corrupt", Code(good));
        Directory.Delete(path, recursive: true);
        Assert.Equal("template.no_current", Code(good));
    }

    private async Task<string> MakeAsync(string more = "true")
    {
        await DescribeAsync(more);
        return Assert.Single(await new BuildTemplate(_templates).RunAsync(new BuildTemplateRequest { Name = "base" })).Path;
    }

    private Task DescribeAsync(string more) => new CreateTemplate(_templates).RunAsync(new CreateTemplateRequest
    {
        Name = "base", Vcpus = 3, Memory = "700", DataDisk = "64", Run = ["printf k > \"$OUT/vmlinux\"; printf root > \"$OUT/rootfs.ext4\"", more],
    });

    private VmDefinition Define(CreateVmFromImageRequest request) => new CreateVmFromImage(_lab.Context).Define(request);

    private string Code(CreateVmFromImageRequest request) => Assert.Throws<CharlyException>(() => Define(request)).Code.Id;
}

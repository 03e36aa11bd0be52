using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms.Images;

namespace OpenCharly.Tests.Vms.Images;

public sealed class QemuImgErrorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_qemu_img_its_package_is_named()
    {
        File.WriteAllText(_folder.File("a"), "");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new QemuImg(new Program(null, "")).InfoAsync(_folder.File("a")));
        Assert.Equal(Errors.ToolMissing, error.Code);
        Assert.Contains("qemu-utils", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_image_and_a_folder_are_not_found()
    {
        var qemu = new QemuImg(new Program(0, "{}"));
        Assert.Equal(Errors.ImageNotFound, (await Assert.ThrowsAsync<CharlyException>(() => qemu.InfoAsync(_folder.File("none")))).Code);
        Assert.Equal(Errors.ImageNotFound, (await Assert.ThrowsAsync<CharlyException>(() => qemu.InfoAsync(_folder.Path))).Code);
        Assert.Equal(Errors.ImageNotFound, (await Assert.ThrowsAsync<CharlyException>(() => qemu.CreateOverlayAsync(_folder.File("o"), _folder.File("none"), "raw", null))).Code);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"format": 1}""")]
    public async Task An_answer_that_is_not_understood_is_a_format_error(string answer)
    {
        File.WriteAllText(_folder.File("a"), "");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new QemuImg(new Program(0, answer)).InfoAsync(_folder.File("a")));
        Assert.Equal(Errors.ImageFormat, error.Code);
    }

    [Fact]
    public async Task A_failing_program_gives_the_code_of_what_was_tried()
    {
        File.WriteAllText(_folder.File("a"), "");
        var qemu = new QemuImg(new Program(1, ""));
        Assert.Equal(Errors.ImageFormat, (await Assert.ThrowsAsync<CharlyException>(() => qemu.InfoAsync(_folder.File("a")))).Code);
        Assert.Equal(Errors.ImageOverlay, (await Assert.ThrowsAsync<CharlyException>(() => qemu.CreateOverlayAsync(_folder.File("o"), _folder.File("a"), "raw", null))).Code);
        Assert.Equal(Errors.ImageConversion, (await Assert.ThrowsAsync<CharlyException>(() => qemu.ConvertAsync(_folder.File("a"), _folder.File("o"), "raw", sourceFormat: "qcow2"))).Code);
        Assert.Equal([_folder.File("a")], Directory.GetFiles(_folder.Path));
    }

    private sealed class Program(int? exitCode, string output) : IProcessRunner
    {
        public string? Find(string program) => exitCode is null ? null : "/usr/bin/" + program;

        public Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default) =>
            Task.FromResult(new CommandResult(output, "it failed", exitCode!.Value, TimeSpan.Zero));
    }
}

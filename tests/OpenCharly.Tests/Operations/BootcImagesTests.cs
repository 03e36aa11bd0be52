using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Tests.Vms;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Operations;

/// <summary>Disks of boxes that install themselves; podman and qemu-img are played, the script that the container gets is read by bash.</summary>
public sealed class BootcImagesTests : IDisposable
{
    private static readonly BootcSource Source = new() { Box = "os", RootFs = "xfs", RootSize = new ByteSize(8L << 30), KernelArgs = ["quiet splash", "panic=1"], Transport = "registry" };

    private readonly Host _host = new();
    private readonly PlayedPrograms _programs;
    private bool _fails;

    public BootcImagesTests() => _programs = new PlayedPrograms(Play);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_box_is_installed_by_its_own_installer_on_a_loop_device_that_goes_in_any_case()
    {
        Assert.Equal(
            """
            set -euo pipefail
            truncate -s 10737418240 /out/disk.raw
            loop=$(losetup --find --show --partscan /out/disk.raw)
            trap 'losetup --detach "$loop"' EXIT
            bootc install to-disk --filesystem xfs --root-size 8192M --karg quiet --karg splash --karg panic=1 --target-transport registry --target-no-signature-verification "$loop"
            sync

            """,
            BootcImages.Script(Source, new ByteSize(10L << 30)));
    }

    [Fact]
    public async Task The_image_is_made_once_for_a_box_and_a_way_of_installing_it()
    {
        var first = await EnsureAsync(Source);
        Assert.Equal("installed", File.ReadAllText(first.Path));
        Assert.Equal(first, await EnsureAsync(Source));
        var run = Assert.Single(Runs());
        Assert.Equal("podman", run.Program);
        Assert.Equal(["run", "--privileged", "--rm", "-i", "--user", "0", "--net", "host", "-v", "/dev:/dev", "-v"], run.Arguments.Take(11));
        Assert.Equal(["localhost/os:2026.2.1", "bash", "-s"], run.Arguments.TakeLast(3));
        Assert.NotEqual(first.Path, (await EnsureAsync(Source with { RootFs = "ext4" })).Path);
        Assert.Empty(Directory.GetDirectories(_host.Paths.VmImages));
    }

    [Fact]
    public async Task For_another_user_than_root_the_box_goes_to_root_s_storage_first()
    {
        await EnsureAsync(Source, isRoot: false);
        Assert.Contains(_programs.Requests, r => r.Program == "bash" && r.Arguments[^1] == "podman save localhost/os:2026.2.1 | sudo -n podman load");
        Assert.Equal("sudo", Assert.Single(Runs()).Program);
    }

    [Theory]
    [InlineData("auto", null, "sudo")]
    [InlineData("sudo", null, "sudo")]
    [InlineData("true", null, "sudo")]
    [InlineData("false", null, "podman")]
    [InlineData("false", "sudo", "sudo")]
    [InlineData("sudo", "false", "podman")]
    public async Task Whether_it_is_root_s_engine_is_a_setting_and_a_variable_comes_before_the_file(string setting, string? variable, string program)
    {
        await new Settings(_host.Environment, _host.Paths).SetAsync("engine.rootful", setting);
        var environment = variable is null ? _host.Environment : _host.Environment with { Variables = new Dictionary<string, string>(_host.Environment.Variables) { ["CHARLY_ENGINE_ROOTFUL"] = variable } };
        await EnsureAsync(Source, isRoot: false, environment);
        Assert.Equal(program, Assert.Single(Runs()).Program);
    }

    [Fact]
    public async Task A_box_that_does_not_install_itself_is_told_in_its_words_and_leaves_nothing()
    {
        _fails = true;
        var error = await Assert.ThrowsAsync<CharlyException>(() => EnsureAsync(Source));
        Assert.Equal((Errors.BootstrapFailed, "localhost/os:2026.2.1"), (error.Code, error.Target));
        Assert.Contains("bootc: command not found", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(_host.Paths.VmImages));
    }

    [Fact]
    public async Task What_only_such_machines_take_is_refused_for_others()
    {
        _host.Declare("web", s => s with { Source = new CloudImageSource { Path = _host.At("base.qcow2") } });
        foreach (var request in (BuildVmRequest[])[
            new() { Name = "web", RootSize = "8G" }, new() { Name = "web", Tag = "1" }, new() { Name = "web", Transport = "oci" }, new() { Name = "web", Console = true }])
        {
            Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => new BuildVm(_host.Services).PreviewAsync(request))).Code);
        }

        _host.Declare("os", s => s with { Source = Source });
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => new BuildVm(_host.Services).PreviewAsync(new BuildVmRequest { Name = "os", Transport = "pigeon" }))).Code);
        Assert.Contains((await new BuildVm(_host.Services).PreviewAsync(new BuildVmRequest { Name = "os", Console = true, Tag = "1" })).Changes, c => c.StartsWith("install the box os on a disk", StringComparison.Ordinal));
    }

    private Task<OpenCharly.Vms.Images.BaseImage> EnsureAsync(BootcSource source, bool isRoot = true, CharlyEnvironment? environment = null) =>
        new BootcImages(new CharlyContext(environment ?? _host.Environment, _host, _programs)) { IsRoot = isRoot }.EnsureAsync(source, null, null, refresh: false, CancellationToken.None);

    private IEnumerable<ProcessRequest> Runs() => _programs.Requests.Where(r => r.Arguments.Contains("--privileged"));

    private CommandResult Play(ProcessRequest request)
    {
        switch (request.Arguments)
        {
            case ["images", ..]:
                return Done("""
                    [{"Id":"01","Names":["localhost/os:2026.1.1"],"Labels":{"ai.opencharly.version":"2026.1.1","ai.opencharly.box":"os"}},
                     {"Id":"02","Names":["localhost/os:2026.2.1"],"Labels":{"ai.opencharly.version":"2026.2.1","ai.opencharly.box":"os"}}]
                    """);
            case var run when run.Contains("--privileged"):
                if (_fails) return new CommandResult("", "bash: line 5: bootc: command not found", 127, TimeSpan.Zero);
                File.WriteAllText(run.First(a => a.EndsWith(":/out", StringComparison.Ordinal))[..^5] + "/disk.raw", "installed");
                return Done("");
            case ["convert", ..] convert:
                File.Copy(convert[^2], convert[^1]);
                return Done("");
            default:
                return Done("");
        }
    }

    private static CommandResult Done(string output) => new(output, "", 0, TimeSpan.Zero);
}

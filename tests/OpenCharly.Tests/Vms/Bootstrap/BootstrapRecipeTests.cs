using System.Buffers.Binary;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Tests.Vms.Images;
using OpenCharly.Vms.Bootstrap;

namespace OpenCharly.Tests.Vms.Bootstrap;

public sealed class BootstrapRecipeTests
{
    private static readonly BootstrapSource Source = new() { Builder = "debootstrap", Distro = "debian" };

    [Fact]
    public void Trixie_is_the_default_suite() => Assert.Equal("trixie", BootstrapRecipe.From(Source).Suite);

    [Fact]
    public void The_order_of_packages_and_repeating_one_make_no_other_image() =>
        Assert.Equal(
            BootstrapRecipe.From(Source with { Packages = ["jq", "nginx"] }).Key,
            BootstrapRecipe.From(Source with { Packages = ["nginx", "jq", "curl", "jq"] }).Key);

    [Fact]
    public void Whatever_changes_the_image_changes_its_key()
    {
        var keys = new[]
        {
            Source,
            Source with { Suite = "bookworm" },
            Source with { Packages = ["jq"] },
            Source with { KernelArgs = ["debug"] },
            Source with { Mirror = "http://mirror.example.org/debian" },
            Source with { Variant = "apt" },
        }.Select(s => BootstrapRecipe.From(s).Key);
        Assert.Distinct(keys);
    }

    [Fact]
    public void A_mirror_serves_the_suite_and_its_updates()
    {
        Assert.Empty(BootstrapRecipe.From(Source).Sources);
        Assert.Equal(
            ["deb http://mirror.example.org/debian trixie main", "deb http://mirror.example.org/debian trixie-updates main"],
            BootstrapRecipe.From(Source with { Mirror = "http://mirror.example.org/debian" }).Sources);
        Assert.Equal(["deb http://mirror.example.org/debian sid main"], BootstrapRecipe.From(Source with { Suite = "sid", Mirror = "http://mirror.example.org/debian" }).Sources);
    }

    [Fact]
    public void Kernel_arguments_come_after_our_own_so_that_they_win()
    {
        var line = BootstrapRecipe.From(Source with { KernelArgs = ["console=ttyS1", "debug"] }).KernelArguments;
        Assert.StartsWith("ro quiet oops=panic panic=10 console=tty0 console=ttyS0,115200n8", line, StringComparison.Ordinal);
        Assert.EndsWith(" console=ttyS1 debug", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_for_uefi_gets_an_image_of_its_own_whatever_it_thinks_of_secure_boot()
    {
        var bios = BootstrapRecipe.From(Source);
        Assert.Equal(bios.Key, BootstrapRecipe.From(Source, "bios").Key);
        Assert.NotEqual(bios.Key, BootstrapRecipe.From(Source, "uefi-insecure").Key);
        Assert.Equal(BootstrapRecipe.From(Source, "uefi-insecure").Key, BootstrapRecipe.From(Source, "uefi-secure").Key);
        Assert.Equal(bios.Packages, BootstrapRecipe.From(Source, "uefi-secure").Packages);
    }

    [Fact]
    public async Task An_image_for_uefi_needs_other_programs_and_no_boot_loader_of_this_machine()
    {
        using var folder = new TemporaryFolder();
        var environment = TemporaryFolder.Environment(folder.Path);
        var builder = new BootstrapBuilder(environment, new HostPaths(environment), new NoPrograms(), new Recorder()) { IsRoot = true };
        var error = await Assert.ThrowsAsync<CharlyException>(() => builder.EnsureAsync(Source, refresh: false, "uefi-secure"));
        Assert.Contains("mmdebstrap, mke2fs, qemu-img, mkfs.fat, mcopy, sfdisk, dpkg-deb", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("grub", error.Message, StringComparison.Ordinal);
        Assert.Equal(Errors.ToolMissing, Assert.Throws<CharlyException>(() => builder.Find(Source, null)).Code);
    }

    public static TheoryData<string, BootstrapSource> Refused => new()
    {
        { "pacstrap", Source with { Builder = "pacstrap" } },
        { "fedora", Source with { Distro = "fedora" } },
        { "builder", Source with { BuilderImage = "quay.example.org/x" } },
        { "xfs", Source with { RootFs = "xfs" } },
        { "sparc", Source with { Architecture = "sparc" } },
        { "a b", Source with { Suite = "a b" } },
        { "-o", Source with { Packages = ["-o"] } },
        { "a;b", Source with { Packages = ["a;b"] } },
        { "x y", Source with { KernelArgs = ["x y"] } },
        { "x'y", Source with { KernelArgs = ["x'y"] } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_can_not_be_built_here_is_named(string word, BootstrapSource source)
    {
        var error = Assert.Throws<CharlyException>(() => BootstrapRecipe.From(source));
        Assert.Equal(Errors.VmValidation, error.Code);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_missing_programs_are_named_at_once_with_their_packages()
    {
        using var folder = new TemporaryFolder();
        var environment = TemporaryFolder.Environment(folder.Path);
        var builder = new BootstrapBuilder(environment, new HostPaths(environment), new NoPrograms(), new Recorder()) { IsRoot = false };
        var error = await Assert.ThrowsAsync<CharlyException>(() => builder.EnsureAsync(Source, refresh: false));
        Assert.Equal(Errors.ToolMissing, error.Code);
        Assert.Contains("mmdebstrap, mke2fs, grub-mkimage, qemu-img, newuidmap", error.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install mmdebstrap e2fsprogs grub-common qemu-utils uidmap", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_sector_holds_boot_code_and_one_bootable_partition()
    {
        var boot = new byte[512];
        boot.AsSpan().Fill(0xeb);
        var sector = BootSectors.FirstSectorOf(boot, 123_456);
        Assert.All(sector[..440], b => Assert.Equal(0xeb, b));
        Assert.Equal(0x80, sector[446]);
        Assert.Equal(0x83, sector[450]);
        Assert.Equal(2048u, BinaryPrimitives.ReadUInt32LittleEndian(sector.AsSpan(454)));
        Assert.Equal(123_456u, BinaryPrimitives.ReadUInt32LittleEndian(sector.AsSpan(458)));
        Assert.All(sector[462..510], b => Assert.Equal(0, b));
        Assert.Equal([0x55, 0xaa], sector[510..]);
    }

    [Fact]
    public void Progress_only_goes_forward_and_the_last_lines_are_kept()
    {
        var recorder = new Recorder();
        var progress = new BootstrapProgress("building", recorder);
        foreach (var line in new[] { "I: running apt-get update...", "I: extracting archives...", "I: downloading packages with apt...", "I: cleaning package lists and apt cache..." })
        {
            progress.Line(new OutputLine(true, line));
        }

        progress.MakingFileSystem();
        progress.Compressing();
        progress.Completed();
        var told = recorder.Events.OfType<ProgressEvent>().ToArray();
        Assert.Equal(told.Select(e => e.Done).Order(), told.Select(e => e.Done));
        Assert.True(told[^1].IsCompleted && told[^1].Done == told[^1].Total);
        Assert.EndsWith("cleaning package lists and apt cache...", progress.Tail, StringComparison.Ordinal);
    }

    private sealed class NoPrograms : IProcessRunner
    {
        public string? Find(string program) => null;

        public Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException(request.Program);
    }
}

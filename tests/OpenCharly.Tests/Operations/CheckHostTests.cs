using System.Text.Json;
using OpenCharly.Execution;
using OpenCharly.Operations;
using OpenCharly.Tests.Cli;
using OpenCharly.Tests.Vms;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Tests.Operations;

/// <summary><c>charly doctor</c> on hosts that are described (deploy.md §14).</summary>
public sealed class CheckHostTests : IDisposable
{
    private readonly Host _host = new(("CHARLY_VM_ACCEL", "tcg"));
    private readonly PlayedPrograms _programs;
    private int _kvmExitCode = KvmEnd;
    private string _release = "ID=debian\nVERSION_ID=\"13\"\n";

    public CheckHostTests() => _programs = new PlayedPrograms(request =>
        request.Arguments.Contains("pc,accel=kvm") ? new CommandResult("", "", _kvmExitCode, TimeSpan.Zero)
        : request.Program.EndsWith("/podman", StringComparison.Ordinal) ? new CommandResult("", "cannot open the store\n", 125, TimeSpan.Zero)
        : new CommandResult($"\n{Path.GetFileName(request.Program)} 1.2.3\nmore\n", "", 0, TimeSpan.Zero));

    private static int KvmEnd => 33;

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task What_is_there_says_its_version_and_needs_no_hint()
    {
        var item = await ItemAsync("git");
        Assert.Equal((HostItemStatus.Ok, "git 1.2.3", null), (item.Status, item.Detail, item.Hint));
    }

    [Fact]
    public async Task What_is_there_but_does_not_run_is_a_warning()
    {
        var item = await ItemAsync("podman");
        Assert.Equal(HostItemStatus.Warning, item.Status);
        Assert.Equal("/usr/bin/podman --version ended with 125: cannot open the store", item.Detail);
    }

    [Theory]
    [InlineData("ID=debian\n", "sudo apt-get install qemu-utils")]
    [InlineData("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "sudo apt-get install qemu-utils")]
    [InlineData("ID=rocky\nID_LIKE=\"rhel centos fedora\"\n", "sudo dnf install qemu-img")]
    [InlineData("ID=arch\n", "sudo pacman -S qemu-img")]
    [InlineData("ID=other\n", "Install the package that holds qemu-img, or put it on PATH.")]
    [InlineData("", "Install the package that holds qemu-img, or put it on PATH.")]
    public async Task The_hint_is_the_command_of_the_distribution(string release, string hint)
    {
        _release = release;
        _programs.Missing.Add("qemu-img");
        Assert.Equal(hint, (await ItemAsync("qemu-img")).Hint);
    }

    [Theory]
    [InlineData("ssh", false)]
    [InlineData("qemu-img", false)]
    [InlineData("gocryptfs", true)]
    [InlineData("podman", true)]
    public async Task Only_what_is_required_keeps_the_host_from_being_ready(string program, bool isReady)
    {
        _programs.Missing.Add(program);
        var report = await ReportAsync();
        Assert.Equal(HostItemStatus.Missing, report.Items.Single(i => i.Name == program).Status);
        Assert.Equal(isReady, report.IsReady);
    }

    [Fact]
    public async Task Kvm_is_told_by_trying_whatever_the_environment_wishes()
    {
        _kvmExitCode = 1;
        var failed = await ReportAsync();
        Assert.Equal("tcg", failed.Hardware.Accelerator);
        Assert.Contains("KVM is there but runs no guest: QEMU ended with 1", failed.Items.Single(i => i.Name == "kvm").Detail, StringComparison.Ordinal);
        Assert.Equal(HostItemStatus.Warning, failed.Items.Single(i => i.Name == "kvm").Status);
        Assert.Contains(_programs.Requests, r => r.Arguments.Contains("pc,accel=kvm"));
    }

    [Fact]
    public async Task Without_qemu_nothing_is_tried()
    {
        _programs.Missing.UnionWith(["qemu-system-x86_64", "/usr/libexec/qemu-kvm"]);
        var report = await ReportAsync();
        Assert.Null(report.Hardware.Accelerator);
        Assert.Equal("Install QEMU first.", report.Items.Single(i => i.Name == "kvm").Hint);
        Assert.DoesNotContain(_programs.Requests, r => r.Arguments.Contains("pc,accel=kvm"));
    }

    [Fact]
    public async Task Little_memory_is_a_warning()
    {
        var item = await ItemAsync("memory");
        Assert.Equal((HostItemStatus.Warning, "1 GB"), (item.Status, item.Detail.Replace(".0", "", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_command_prints_groups_and_a_summary_and_exits_with_1_only_for_what_is_required()
    {
        using var run = new CommandRun { Processes = _programs };
        _programs.Missing.Add("gocryptfs");
        Assert.Equal(0, await run.RunAsync("doctor"));
        Assert.Contains("\ncontainer engines\n  warning  podman", run.Output, StringComparison.Ordinal);
        Assert.Contains("  missing  gocryptfs", run.Output, StringComparison.Ordinal);
        _programs.Missing.Add("ssh");
        using var other = new CommandRun { Processes = _programs };
        Assert.Equal(1, await other.RunAsync("doctor", "--json"));
        using var json = JsonDocument.Parse(other.Output);
        Assert.Equal(["system", "groups", "hardware", "summary"], json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ["system", "container engines", "virtualisation", "encryption", "tunnels", "hardware"],
            json.RootElement.GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("name").GetString()));
        Assert.False(json.RootElement.GetProperty("summary").GetProperty("ready").GetBoolean());
    }

    private async Task<HostItem> ItemAsync(string name) => (await ReportAsync()).Items.Single(i => i.Name == name);

    private Task<HostReport> ReportAsync()
    {
        foreach (var (file, text) in (IEnumerable<(string, string)>)[("os-release", _release), ("meminfo", "MemTotal:        1048576 kB\n"), ("cpuinfo", "flags : fpu svm\n"), ("kvm", ""), ("boot_id", "one\n")])
        {
            File.WriteAllText(_host.At(file), text);
        }

        var kvm = new AcceleratorProbe.HostFiles
        {
            CpuInfo = _host.At("cpuinfo"), Device = _host.At("kvm"), BootIdFile = _host.At("boot_id"), Architecture = "x86_64", IsMac = false,
        };
        var files = new CheckHost.Files { OsRelease = _host.At("os-release"), MemoryInfo = _host.At("meminfo"), IsMac = false, Kvm = kvm };
        return new CheckHost(new CharlyContext(_host.Environment, _host, _programs), files).RunAsync();
    }
}

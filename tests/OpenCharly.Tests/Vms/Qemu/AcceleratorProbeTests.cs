using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Tests.Vms;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Tests.Vms.Qemu;

public sealed class AcceleratorProbeTests : IDisposable
{
    private readonly Host _host = new();
    private int _exitCode = 33;
    private PlayedPrograms? _programs;

    [Fact]
    public async Task A_processor_without_the_extension_runs_nothing_whatever_the_device_says()
    {
        var answer = await ChooseAsync(flags: "fpu sse2");
        Assert.Equal(AcceleratorKind.Tcg, answer.Kind);
        Assert.Contains("neither svm nor vmx", answer.Reason, StringComparison.Ordinal);
        Assert.Empty(_programs!.Requests);
    }

    [Fact]
    public async Task A_missing_device_is_said()
    {
        var answer = await ChooseAsync(device: "missing");
        Assert.Equal((AcceleratorKind.Tcg, $"there is no {_host.At("missing")}"), (answer.Kind, answer.Reason));
    }

    [Fact]
    public async Task A_guest_that_reaches_its_end_proves_it() => Assert.Equal(AcceleratorKind.Kvm, (await ChooseAsync()).Kind);

    [Fact]
    public async Task A_guest_that_does_not_disproves_it()
    {
        _exitCode = 134;
        var answer = await ChooseAsync();
        Assert.Equal(AcceleratorKind.Tcg, answer.Kind);
        Assert.Contains("runs no guest: QEMU ended with 134", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_verdict_holds_until_the_next_boot()
    {
        await ChooseAsync();
        await ChooseAsync();
        Assert.Empty(_programs!.Requests);
        _exitCode = 1;
        Assert.Equal(AcceleratorKind.Kvm, (await ChooseAsync()).Kind);
        Assert.Equal(AcceleratorKind.Tcg, (await ChooseAsync(boot: "another")).Kind);
        Assert.Equal(AcceleratorKind.Tcg, (await ChooseAsync(boot: "another")).Kind);
        Assert.Empty(_programs.Requests);
    }

    [Theory]
    [InlineData("kvm", null, AcceleratorKind.Kvm)]
    [InlineData("tcg", null, AcceleratorKind.Tcg)]
    [InlineData("auto", "tcg", AcceleratorKind.Tcg)]
    [InlineData("auto", "kvm", AcceleratorKind.Kvm)]
    [InlineData("kvm", "tcg", AcceleratorKind.Kvm)]
    public async Task A_wish_is_not_questioned(string wish, string? variable, AcceleratorKind expected)
    {
        using var host = variable is null ? new Host() : new Host(("CHARLY_VM_ACCEL", variable));
        var answer = await Probe(host, new AcceleratorProbe.HostFiles { CpuInfo = "/nonexistent", Architecture = "x86_64" }).ChooseAsync(wish, "x86_64", "/usr/bin/q");
        Assert.Equal(expected, answer.Kind);
        Assert.Empty(_programs!.Requests);
    }

    [Fact]
    public async Task An_unknown_wish_is_an_error()
    {
        using var host = new Host(("CHARLY_VM_ACCEL", "fast"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => Probe(host, new AcceleratorProbe.HostFiles()).ChooseAsync("auto", "x86_64", "/usr/bin/q"));
        Assert.Equal(Errors.Usage, error.Code);
        Assert.Contains("CHARLY_VM_ACCEL is \"fast\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_foreign_guest_is_translated()
    {
        var answer = await Probe(_host, new AcceleratorProbe.HostFiles { Architecture = "x86_64" }).ChooseAsync("auto", "aarch64", "/usr/bin/q");
        Assert.Equal("the guest is aarch64 and this machine x86_64", answer.Reason);
        Assert.Equal(3, answer.Patience);
    }

    public void Dispose() => _host.Dispose();

    private Task<Accelerator> ChooseAsync(string flags = "fpu svm", string device = "kvm", string boot = "one")
    {
        File.WriteAllText(_host.At("cpuinfo"), $"processor : 0\nflags : {flags}\n");
        File.WriteAllText(_host.At("kvm"), "");
        File.WriteAllText(_host.At("boot_id"), boot + "\n");
        var files = new AcceleratorProbe.HostFiles
        {
            CpuInfo = _host.At("cpuinfo"), Device = _host.At(device), BootIdFile = _host.At("boot_id"), Architecture = "x86_64", IsMac = false,
        };
        return Probe(_host, files).ChooseAsync("auto", "x86_64", "/usr/bin/q");
    }

    private AcceleratorProbe Probe(Host host, AcceleratorProbe.HostFiles files)
    {
        _programs = new PlayedPrograms(_ => new CommandResult("", "", _exitCode, TimeSpan.Zero));
        return new AcceleratorProbe(host.Environment, host.Paths, _programs, files);
    }
}

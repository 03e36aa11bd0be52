using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Vms;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.LiveTests.Vms;

/// <summary>A machine on a real bridge of this host, by a real tap device; nothing boots in it.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "xunit calls DisposeAsync")]
public sealed class BridgeTests : IAsyncLifetime
{
    private readonly string _bridge = "chb" + Leftovers.NewSuffix()[^6..].Replace("-", "x", StringComparison.Ordinal);

    private readonly VmLab _lab = new();
    private readonly ProcessRunner _host = new(CharlyEnvironment.FromProcess());

    private bool _isMade;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _lab.DisposeAsync();
        if (_isMade) await IpAsync("link", "delete", _bridge);
    }

    [BridgeFact("root", "ip", "qemu-system-x86_64", "qemu-img", "ssh-keygen")]
    public async Task A_machine_joins_the_bridge_while_it_runs_and_leaves_no_device_however_it_ends()
    {
        var made = await IpAsync("link", "add", _bridge, "type", "bridge");
        Assert.True(_isMade = made.Succeeded, made.Tail());
        Assert.True((await IpAsync("link", "set", _bridge, "up")).Succeeded);
        var spec = await _lab.DeclareEmptyAsync("web");
        _lab.Declare(spec with { Network = new VmNetwork { Mode = "bridge", Bridge = _bridge } });
        await _lab.CreateAsync("web");
        var tap = QemuMachineFile.Read(_lab.Services.Files(new VmName("web")).Command)!.Machine.Network!.Tap!;
        Assert.Null(tap.Helper);
        Assert.False(Directory.Exists("/sys/class/net/" + tap.Device));

        var pid = (await _lab.StartAsync("web")).Pid!.Value;
        Assert.EndsWith("/" + _bridge, new DirectoryInfo($"/sys/class/net/{tap.Device}/master").LinkTarget, StringComparison.Ordinal);
        Assert.Contains($"ifname={tap.Device},script=no,downscript=no", await File.ReadAllTextAsync($"/proc/{pid}/cmdline"), StringComparison.Ordinal);
        var vm = await _lab.ShowAsync("web");
        Assert.Equal(("bridge", null), (vm.Network, vm.Ssh));
        await _lab.StopAsync("web");
        Assert.False(Directory.Exists("/sys/class/net/" + tap.Device));

        pid = (await _lab.StartAsync("web")).Pid!.Value;
        using (var process = Process.GetProcessById(pid)) process.Kill();
        for (var deadline = DateTime.UtcNow.AddSeconds(10); Need.IsAlive(pid) && DateTime.UtcNow < deadline;) await Task.Delay(20);
        await _lab.DestroyAsync("web", disk: true);
        Assert.False(Directory.Exists("/sys/class/net/" + tap.Device));
    }

    [BridgeFact("root", "ip", "qemu-system-x86_64", "qemu-img", "ssh-keygen")]
    public async Task A_bridge_that_is_not_there_is_an_error_and_the_machine_can_be_removed()
    {
        var spec = await _lab.DeclareEmptyAsync("web");
        _lab.Declare(spec with { Network = new VmNetwork { Mode = "bridge", Bridge = _bridge } });
        await _lab.CreateAsync("web");
        Assert.Equal(Errors.TapFailed, (await Assert.ThrowsAsync<CharlyException>(() => _lab.StartAsync("web"))).Code);
        Assert.Equal(VmStatus.Failed, await _lab.StatusAsync("web"));
        await _lab.DestroyAsync("web", disk: true);
        Assert.Empty(_lab.Services.Registry.Read());
    }

    private Task<CommandResult> IpAsync(params string[] arguments) => _host.RunAsync(new ProcessRequest("ip", arguments));

    /// <summary>A test that needs tap devices too, which containers often have none of.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class BridgeFactAttribute : FactAttribute
    {
        public BridgeFactAttribute(params string[] needs) => Skip = Need.Missing(needs) ?? (File.Exists("/dev/net/tun") ? null : "needs /dev/net/tun");
    }
}

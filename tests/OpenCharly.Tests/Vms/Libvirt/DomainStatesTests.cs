using OpenCharly.Execution;
using OpenCharly.Operations;
using OpenCharly.Vms;
using OpenCharly.Vms.Libvirt;

namespace OpenCharly.Tests.Vms.Libvirt;

/// <summary>The states of all domains from one start of virsh, which is played.</summary>
public sealed class DomainStatesTests : IDisposable
{
    private const string Table =
        """
        Domain: 'charly-db'
          state.state=5
          state.reason=3

        Domain: 'charly-web'
          state.state=3
          state.reason=1

        Domain: 'charly-on'
          state.state=1
          state.reason=1
        Domain: 'charly-off'
          state.state=5
          state.reason=1

        """;

    private readonly Host _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Numbers_of_libvirt_are_states_of_ours() => Assert.Equal(
        [("charly-db", VmStatus.Failed), ("charly-off", VmStatus.Stopped), ("charly-on", VmStatus.Running), ("charly-web", VmStatus.Suspended)],
        DomainStates.Parse(Table).OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => (s.Key, s.Value)));

    [Fact]
    public async Task A_list_of_many_machines_starts_virsh_once()
    {
        foreach (var name in (string[])["web", "db", "on", "off", "gone"]) await PutAsync(name, isWhole: true);
        await PutAsync("half", isWhole: false);
        var programs = new PlayedPrograms(_ => new CommandResult(Table, "", 0, TimeSpan.Zero));
        var vms = await new GetVms(Services(programs)).RunAsync(new VmQuery());
        Assert.Equal(["-q", "-c", "qemu:///session", "domstats", "--state"], Assert.Single(programs.Requests).Arguments);
        Assert.Equal(
            [("db", VmStatus.Failed), ("gone", VmStatus.Destroyed), ("half", VmStatus.Failed), ("off", VmStatus.Prepared), ("on", VmStatus.Running), ("web", VmStatus.Suspended)],
            vms.Select(v => (v.Name, v.Status)));
    }

    [Fact]
    public async Task A_libvirt_that_does_not_answer_hides_no_machine_of_another_backend()
    {
        foreach (var name in (string[])["web", "db"]) await PutAsync(name, isWhole: true);
        await _host.Services.Registry.PutAsync(new VmHandle { Id = "noop-1", Name = "charly-other", Backend = "noop", WorkDir = _host.Folder });
        var programs = new PlayedPrograms(_ => new CommandResult("", "error: failed to connect to the hypervisor\nerror: Connection refused", 1, TimeSpan.Zero));
        var vms = await new GetVms(Services(programs)).RunAsync(new VmQuery());
        Assert.Single(programs.Requests);
        Assert.Equal([("db", VmStatus.Failed), ("other", VmStatus.Prepared), ("web", VmStatus.Failed)], vms.Select(v => (v.Name, v.Status)));
        Assert.Contains("Connection refused", vms[0].Failure, StringComparison.Ordinal);
        Assert.Single(_host.Notices, n => n.Contains("Connection refused", StringComparison.Ordinal));
    }

    private VmServices Services(PlayedPrograms programs) => new(new CharlyContext(_host.Environment, _host, programs));

    private async Task PutAsync(string name, bool isWhole)
    {
        var files = new VmFiles(_host.Paths, "charly-" + name);
        Directory.CreateDirectory(files.Folder);
        if (isWhole) File.WriteAllText(files.Domain, "<domain/>");
        await _host.Services.Registry.PutAsync(new VmHandle { Id = "libvirt-" + name, Name = "charly-" + name, Backend = "libvirt", WorkDir = files.Folder, SshHostPort = 1 });
    }
}

using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Targets;
using OpenCharly.Tests.Operations;
using OpenCharly.Vms;

namespace OpenCharly.Tests.Deployments;

/// <summary>A home whose service manager is played: programs that write down how they were called, and a clock that can be moved.</summary>
internal sealed class EphemeralLab : IDisposable
{
    private readonly BundleLab _lab = new();
    private readonly MovedClock _clock = new();

    public EphemeralLab()
    {
        Directory.CreateDirectory(_lab.At("bin"));
        _lab.Set("PATH", _lab.At("bin") + ":" + Environment.GetEnvironmentVariable("PATH"));
        Program("systemd-run", "exit 0");
        Program("systemctl", "exit 0");
        Program("charly", "exit 0");
        Program("ssh", "exit 255");

        // It makes the file that is its last argument but for what it stands on.
        Program("qemu-img", "for a; do case $a in *disk.qcow2*) last=$a;; esac; done; mkdir -p \"$(dirname \"$last\")\"; : > \"$last\"");
    }

    public CharlyContext Context => new(_lab.Context.Environment with { Clock = _clock }, _lab.Context.Progress, null, _lab.At("project"));

    public string Calls => File.Exists(_lab.At("calls")) ? File.ReadAllText(_lab.At("calls")) : "";

    public string HostFile => File.ReadAllText(Context.Paths.HostFile);

    public IEnumerable<string> Warnings => _lab.Events.OfType<NoticeEvent>().Where(n => n.Level == NoticeLevel.Warning).Select(n => n.Text);

    public IReadOnlyDictionary<string, EphemeralRuntime> Records => new EphemeralRecords(Context.Paths).ReadAll();

    public DateTimeOffset Now => _clock.GetUtcNow();

    public string At(string name) => _lab.At(name);

    public void Set(string variable, string value) => _lab.Set(variable, value);

    public void Move(TimeSpan by) => _clock.Offset += by;

    public void Program(string name, string body)
    {
        File.WriteAllText(At($"bin/{name}"), $"#!/bin/sh\necho \"{name} $*\" >> '{At("calls")}'\n{body}\n");
        File.SetUnixFileMode(At($"bin/{name}"), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
    }

    public void Project(string text) => _lab.Write("charly.yml", "version: 2026.163.0928\n" + text);

    /// <summary>A candy that writes one file, and runs a command.</summary>
    public void Candy(string name, string command = "true") =>
        _lab.WriteCandy(name, $"  task:\n    - write: {At("home")}/{name}.txt\n      content: here\n    - cmd: {command}\n      user: ${{USER}}\n");

    public Task<DeployResult> AddAsync(string name) => new AddBundle(Context).RunAsync(new BundleRequest { Name = name, Options = new InstallOptions { Yes = true }, SshTimeout = TimeSpan.FromSeconds(1) });

    public Task<DeployResult> RemoveAsync(string name, bool dryRun = false) => new RemoveBundle(Context).RunAsync(new RemoveBundleRequest { Name = name, DryRun = dryRun });

    /// <summary>A machine of the backend that does nothing, with one snapshot; its disk is a file of the user's own.</summary>
    public string Machine(string name = "web")
    {
        var disk = At("own.qcow2");
        File.WriteAllText(disk, "mine");
        var folder = new VmFiles(Context.Paths, "charly-" + name).Snapshots;
        Directory.CreateDirectory(Path.Combine(folder, "clean"));
        File.WriteAllText(Path.Combine(folder, "clean/disk.qcow2"), "frozen");
        new SnapshotRegistry(new VmFiles(Context.Paths, "charly-" + name), name).Put(new VmSnapshot { Vm = name, Name = "clean", Mode = VmSnapshotMode.External, DiskPath = Path.Combine(folder, "clean/disk.qcow2"), Created = DateTimeOffset.UnixEpoch });
        return $"vm:\n  {name}: {{source: {{kind: imported, libvirt_name: dom, disk_path: {disk}, disk_format: qcow2}}, backend: noop, ssh: {{port_auto: true, key_source: none}}}}\n";
    }

    public IReadOnlyCollection<string> SnapshotUsers(string name = "web") => new SnapshotRegistry(new VmFiles(Context.Paths, "charly-" + name), name).Users("clean");

    public IEnumerable<string> Machines => new VmRegistry(Context.Paths).Read().Keys;

    public void Dispose() => _lab.Dispose();

    private sealed class MovedClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}

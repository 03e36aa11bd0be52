using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Cli.Output;

/// <summary>Machines for people.</summary>
internal static class VmText
{
    private const string Unknown = "-";

    public static IReadOnlyList<TableColumnSpec> ListColumns { get; } =
    [
        new("NAME"), new("BACKEND"), new("STATE"), new("VCPUS", IsNumber: true), new("MEM", IsNumber: true),
        new("NETWORK"), new("PID", IsNumber: true), new("SSH"),
    ];

    public static IReadOnlyList<string> ListRow(CharlyVm vm) =>
    [
        vm.Name, vm.Backend, vm.Status.ToKebab(), Number(vm.Cpus), Number(vm.MemoryMb), vm.Network,
        vm.Pid?.ToString() ?? Unknown, vm.Ssh is { } ssh ? $"{ssh.User}@{ssh.Host}:{ssh.Port}" : Unknown,
    ];

    public static string Details(CharlyVm vm) => TextTable.Pairs(
    [
        ("Name", vm.Name),
        ("ID", vm.Id),
        ("Backend", vm.Backend),
        ("State", vm.Status.ToKebab()),
        ("Failure", vm.Failure),
        ("vCPUs", Number(vm.Cpus)),
        ("Memory", vm.MemoryMb > 0 ? $"{vm.MemoryMb} MB" : Unknown),
        ("Disk", vm.Disk),
        ("Seed", vm.Seed),
        ("Network", vm.Network),
        ("MAC", vm.Mac),
        ("SSH", vm.Ssh is { } ssh ? $"ssh {ssh.Alias}  ({ssh.User}@{ssh.Host}:{ssh.Port})" : null),
        ("Host", vm.HostAddress),
        ("VNC", vm.Vnc),
        ("PID", vm.Pid?.ToString()),
        ("WorkDir", vm.WorkDir),
        ("Candies", vm.State is { } state ? string.Join(' ', state.AppliedLayers) : null),
        ("Built", vm.State?.LastBuild is { } built ? Times.Short(built) : null),
        ("Deployed", vm.State?.LastDeploy is { } deployed ? Times.Short(deployed) : null),
        ("Ends", vm.Deadline is { } deadline ? Times.Short(deadline) : null),
    ]);

    public static string OneLine(CharlyVm vm) =>
        vm.Ssh is { } ssh && vm.Status == VmStatus.Running
            ? $"{vm.Name} {vm.Status.ToKebab()}, ssh {ssh.Alias}\n"
            : $"{vm.Name} {vm.Status.ToKebab()}\n";

    public static string Created(VmDeployState state) =>
        state.SshPort is { } port ? $"{state.Key} created, ssh on port {port} as {state.SshUser}\n" : $"{state.Key} created\n";

    public static string Disk(VmDisk disk) =>
        $"{disk.Path}  {disk.Format}, {new ByteSize(disk.VirtualSize).ToHuman()} ({new ByteSize(disk.ActualSize).ToHuman()} on disk)\n";

    private static string Number(int value) => value > 0 ? value.ToString() : Unknown;
}

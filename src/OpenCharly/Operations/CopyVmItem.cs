using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Copies files into or out of a virtual machine.</summary>
public sealed class CopyVmItem
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public CopyVmItem(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal CopyVmItem(VmServices services) => _services = services;

    /// <summary>Copies with scp over the shared connection; modes and times are kept.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> unless exactly one side is in a machine; <see cref="Errors.FileMissing"/>,
    /// <see cref="Errors.VmNotRunning"/>, <see cref="Errors.VmState"/>, <see cref="Errors.TransferFailed"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<TransferResult> RunAsync(CopyVmItemRequest request, CancellationToken cancellationToken = default)
    {
        var (vm, services, local, remote, isUpload) = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
        var line = new SshCommandLine(services.SshAccess.DestinationFor(vm), services.Context.Paths);
        var guest = $"{line.Destination.Address}:{remote}";
        string[] words = [.. line.Options.Where(o => o != "-T"), "-p", .. request.Recurse ? (string[])["-r"] : [], "--", .. isUpload ? (string[])[local, guest] : [guest, local]];
        var result = await services.Context.Processes.RunAsync(new ProcessRequest("scp", words), cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw new CharlyException(
                Errors.TransferFailed,
                $"{request.Source} could not be copied to {request.Destination}: {result.Tail(2)}",
                $"Check the path and who may read or write it in the guest (charly vm ssh {vm} -- ls -la). Folders need -r.",
                target: vm.ToString());
        }

        var (files, bytes) = Measure(isUpload ? local : Landed(local, remote));
        return new TransferResult(vm.ToString(), request.Source, request.Destination, files, bytes, result.Duration, []);
    }

    /// <summary>Tells what <see cref="RunAsync"/> would copy, and refuses what it would refuse; copies nothing and does not ask the guest.</summary>
    /// <exception cref="CharlyException">What <see cref="RunAsync"/> throws before it copies anything.</exception>
    public async Task<VmPreview> PreviewAsync(CopyVmItemRequest request, CancellationToken cancellationToken = default)
    {
        var (vm, services, local, remote, isUpload) = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
        var handle = await services.RequireHandleAsync(vm, cancellationToken).ConfigureAwait(false);
        var now = (await services.Router.For(handle).StateAsync(handle, cancellationToken).ConfigureAwait(false)).Status;
        var change = $"copy {remote} of the guest to {local}";
        if (isUpload)
        {
            var (files, bytes) = Measure(local);
            change = $"copy {local} ({files} {(files == 1 ? "file" : "files")}, {new ByteSize(bytes).ToHuman()}) to {remote} in the guest";
        }

        return new VmPreview(vm.ToString(), VmVerb.Copy, now, now, [change]);
    }

    private async Task<(VmName Vm, VmServices Services, string Local, string Remote, bool IsUpload)> ReadAsync(CopyVmItemRequest request, CancellationToken cancellationToken)
    {
        var (machine, isUpload) = Guest(request);
        var local = _services.Context.Environment.Resolve(isUpload ? request.Source : request.Destination);
        var remote = Remote(isUpload ? request.Destination : request.Source);
        if (isUpload) CheckLocal(local, request.Recurse);
        var vm = await _services.ResolveAsync(machine, cancellationToken).ConfigureAwait(false);
        var services = _services.For(vm);
        await services.RequireReachableAsync(vm, cancellationToken).ConfigureAwait(false);
        return (vm, services, local, remote, isUpload);
    }

    /// <summary>The machine, and whether files go into it.</summary>
    internal static (string Machine, bool IsUpload) Guest(CopyVmItemRequest request)
    {
        var (from, to) = (MachineOf(request.Source), MachineOf(request.Destination));
        if (from is null == to is null)
        {
            throw new CharlyException(
                Errors.Usage,
                from is null ? "neither side is in a machine" : "both sides are in machines",
                "Write one side as NAME:PATH; a local path that has a colon as ./PATH. Between machines, copy by way of this one.");
        }

        return (from ?? to!, to is not null);
    }

    /// <summary>Whether a path is one in a machine.</summary>
    public static bool IsInMachine(string side) => MachineOf(side) is not null;

    /// <summary>The machine that a side names; null for a path of this machine.</summary>
    private static string? MachineOf(string side)
    {
        var colon = side.IndexOf(':', StringComparison.Ordinal);
        if (side.StartsWith("vmfile:", StringComparison.Ordinal) || side.StartsWith("vm:", StringComparison.Ordinal))
        {
            var next = side.IndexOf(':', colon + 1);
            if (next > 0) colon = next;
        }

        return colon <= 0 || side.StartsWith('/') || side.StartsWith('.') ? null : side[..colon];
    }

    private static string Remote(string side)
    {
        var path = side[(MachineOf(side)!.Length + 1)..];
        return path.Length == 0 ? "." : path;
    }

    private static void CheckLocal(string path, bool recurse)
    {
        if (!File.Exists(path) && !Directory.Exists(path)) throw new CharlyException(Errors.FileMissing, $"there is no {path}", "Check the path.", target: path);
        if (Directory.Exists(path) && !recurse) throw new CharlyException(Errors.Usage, $"{path} is a folder", "Add -r to copy it with all that it holds.", target: path);
    }

    private static string Landed(string local, string remote) =>
        Directory.Exists(local) && Path.Combine(local, Path.GetFileName(remote.TrimEnd('/'))) is var inside && (File.Exists(inside) || Directory.Exists(inside)) ? inside : local;

    private static (long Files, long Bytes) Measure(string path) => Directory.Exists(path)
        ? new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Aggregate((0L, 0L), (sum, f) => (sum.Item1 + 1, sum.Item2 + f.Length))
        : (1, new FileInfo(path).Length);
}

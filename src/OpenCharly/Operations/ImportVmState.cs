using System.Text.Json;
using System.Text.Json.Nodes;
using OpenCharly.Foundation;
using OpenCharly.Vms;
using OpenCharly.Vms.Ssh;

namespace OpenCharly.Operations;

/// <summary>What <c>ImportVmState</c> works from.</summary>
/// <param name="File">File that <c>ExportVmState</c> wrote.</param>
/// <param name="Replace">Replace records of machines that are known here and off.</param>
/// <param name="DryRun">Only check.</param>
public sealed record ImportVmStateRequest(string File, bool Replace = false, bool DryRun = false);

/// <summary>Takes over records of machines from a file, all of them or none; their disks must be brought separately (vm.md §2.2).</summary>
public sealed class ImportVmState
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public ImportVmState(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal ImportVmState(VmServices services) => _services = services;

    /// <summary>
    /// Takes them over. A machine's own folder is always the one that it has on this machine, whatever the file says, so that no file
    /// can make a later <c>destroy</c> delete anything else.
    /// </summary>
    /// <returns>What is known of each machine, in the order of the file.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.FileMissing"/>; <see cref="Errors.RegistryCorrupt"/> for a file that is none;
    /// <see cref="Errors.VmNameExists"/>; <see cref="Errors.VmState"/> for one to be replaced that runs. Nothing is changed then.</exception>
    public async Task<IReadOnlyList<VmDeployState>> RunAsync(ImportVmStateRequest request, CancellationToken cancellationToken = default)
    {
        var file = _services.Context.Environment.Resolve(request.File);
        VmHandle[] handles = [.. Read(file).Select(Here)];
        var backends = _services.Router.Backends.Select(b => b.Backend).ToArray();
        foreach (var handle in handles)
        {
            if (VmHandleCheck.Fault(handle, backends) is { } fault) throw Unreadable(file, $"record \"{handle.Name}\": {fault}");
        }

        if (handles.GroupBy(h => h.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice) throw Unreadable(file, $"it holds {twice.Key} twice");
        var known = _services.Registry.Read();
        foreach (var handle in handles.Where(h => known.ContainsKey(h.Name))) await RequireFreeAsync(known[handle.Name], request.Replace, cancellationToken).ConfigureAwait(false);
        if (request.DryRun) return [.. handles.Select(h => ExportVmState.StateOf(_services, h))];
        await _services.Registry.UpdateAsync(
            all =>
            {
                foreach (var handle in handles)
                {
                    // Another process may have made it since.
                    if (all.ContainsKey(handle.Name) && !known.ContainsKey(handle.Name)) throw Exists(handle);
                    all[handle.Name] = handle;
                }

                return handles.Length;
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var handle in handles) await PublishAsync(handle, cancellationToken).ConfigureAwait(false);
        return [.. handles.Select(h => ExportVmState.StateOf(_services, h))];
    }

    private static IEnumerable<VmHandle> Read(string file)
    {
        if (!File.Exists(file)) throw new CharlyException(Errors.FileMissing, $"there is no {file}", "Name a file that charly vm state export wrote.", target: file);
        try
        {
            if (JsonNode.Parse(File.ReadAllBytes(file)) is not JsonArray records) throw new FormatException("it does not hold a JSON array");
            return [.. records.Select(r => VmHandleJson.Read(r as JsonObject ?? throw new FormatException("it holds something that is no object")))];
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            throw Unreadable(file, e.Message, e);
        }
    }

    // What lay in the machine's own folder lies in its folder here.
    private VmHandle Here(VmHandle handle)
    {
        var name = VmName.Parse(VmName.Of(handle).Key);
        if (name.Id != handle.Name) throw new CharlyException(Errors.BadName, $"\"{handle.Name}\" can't name a machine", "Correct the file.", target: handle.Name);
        var files = _services.Files(name);
        var old = handle.WorkDir.TrimEnd('/') + "/";
        string? Moved(string? path) => path is not null && path.StartsWith(old, StringComparison.Ordinal) && Path.GetFullPath(path) == path ? Path.Combine(files.Folder, path[old.Length..]) : path;
        return handle with
        {
            WorkDir = files.Folder, Pid = null, VncAddr = null, QmpSocket = handle.QmpSocket is null ? null : files.QmpSocket, ConsoleSocket = handle.ConsoleSocket is null ? null : files.ConsoleSocket,
            OverlayPath = Moved(handle.OverlayPath), SeedIsoPath = Moved(handle.SeedIsoPath),
        };
    }

    private async Task RequireFreeAsync(VmHandle old, bool replace, CancellationToken cancellationToken)
    {
        if (!replace) throw Exists(old);
        var live = await _services.Router.For(old).StateAsync(old, cancellationToken).ConfigureAwait(false);
        if (live.IsOn) throw new CharlyException(Errors.VmState, $"machine {VmName.Of(old)} runs, so its record can't be replaced", $"Stop it: charly vm stop {VmName.Of(old)}", target: VmName.Of(old).ToString());
    }

    private async Task PublishAsync(VmHandle handle, CancellationToken cancellationToken)
    {
        var name = VmName.Of(handle);
        var files = _services.Files(name);
        if (!Directory.Exists(files.Folder)) _services.Notice(NoticeLevel.Warning, $"{name}: its folder {files.Folder} is not here yet; bring it before you start the machine");
        if (handle.OverlayPath is { } disk && !File.Exists(disk)) _services.Notice(NoticeLevel.Warning, $"{name}: its disk {disk} is not here yet");
        if (!name.IsVmFile)
        {
            await _services.States.UpdateAsync(
                name.Key,
                s => s with
                {
                    Backend = s.Backend ?? handle.Backend, SshPort = s.SshPort ?? handle.SshHostPort, SshUser = s.SshUser ?? handle.SshUser, DiskPath = s.DiskPath ?? handle.OverlayPath, SeedIso = s.SeedIso ?? handle.SeedIsoPath,
                },
                cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        if (handle.Network.Type == "None" || handle.SshHostPort is not { } port) return;
        await _services.SshConfig.SetAsync(
            new SshStanza(name.Alias, "127.0.0.1", port, handle.SshUser ?? (name.IsVmFile ? "vm" : "charly"), File.Exists(files.Key) ? files.Key : null, files.KnownHosts, File.Exists(files.KnownHosts)), cancellationToken).ConfigureAwait(false);
    }

    private static CharlyException Exists(VmHandle handle) => new(
        Errors.VmNameExists, $"there is a machine {VmName.Of(handle)} already", $"Destroy it (charly vm destroy {VmName.Of(handle)}), or write --force to replace its record.", target: VmName.Of(handle).ToString());

    private static CharlyException Unreadable(string file, string why, Exception? inner = null) => new(
        Errors.RegistryCorrupt, $"the machines in {file} can't be read: {why}", "Name a file that charly vm state export wrote.", target: file, inner: inner);
}

using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Removes a virtual machine.</summary>
public sealed class DestroyVm
{
    private readonly VmServices _services;

    /// <summary>Makes the operation.</summary>
    /// <param name="context">What it works with.</param>
    public DestroyVm(CharlyContext context)
        : this(new VmServices(context))
    {
    }

    internal DestroyVm(VmServices services) => _services = services;

    /// <summary>
    /// Stops it and removes what was made for it; the disk only if asked. A machine that is only declared leaves nothing to
    /// stop, and whatever is still about is removed all the same, so a cut destroy is finished by the next.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>, <see cref="Errors.VmStop"/>; <see cref="Errors.VmState"/> if the disk
    /// is to go and others stand on it.</exception>
    public async Task RunAsync(DestroyVmRequest request, CancellationToken cancellationToken = default)
    {
        var name = await _services.ResolveAsync(request.Name, cancellationToken).ConfigureAwait(false);
        var services = _services.For(name);
        await RunAsync(services, name, request, cancellationToken).ConfigureAwait(false);
        await new ExclusiveClaims(services.Context).ReleaseAsync(name, cancellationToken).ConfigureAwait(false);
    }

    private static async Task RunAsync(VmServices services, VmName name, DestroyVmRequest request, CancellationToken cancellationToken)
    {
        if (name.IsVmFile)
        {
            await new VmFileRemoval(services, name).RunAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        using var held = await services.LockAsync(name, cancellationToken).ConfigureAwait(false);
        var found = services.Registry.Find(name.Id);
        var recorded = found is not null && VmName.Of(found) == name ? found : null;
        var handle = found is null ? LostMachine.Find(services, name) : recorded;
        var spec = recorded is null ? await RequireDeclaredAsync(services, name, cancellationToken).ConfigureAwait(false) : null;
        var files = services.Files(name);
        var disk = handle?.OverlayPath ?? (spec is not null ? VmPlacement.Disk(spec, name) : services.States.Read(name.Key)?.DiskPath);
        if (request.Disk && disk is not null) RefuseWhileUsed(name, files, disk);

        if (handle is not null) await services.Router.For(handle).DestroyAsync(handle, cancellationToken).ConfigureAwait(false);
        else services.Notice(NoticeLevel.Info, $"machine {name} has not been created; what is left of it is removed");

        // From here on nothing is in the way any more, so it is carried to its end even if the user loses patience.
        await services.SshAccess.CloseAsync(name, services.Context.Processes, CancellationToken.None).ConfigureAwait(false);
        await services.SshConfig.RemoveAsync(name.Id, CancellationToken.None).ConfigureAwait(false);

        // It holds the guest's private host key; the next create writes another.
        if (handle?.SeedIsoPath is { Length: > 0 } seed && File.Exists(seed)) File.Delete(seed);
        if (request.Disk && disk is not null)
        {
            // Snapshots without the disk that stands on them are nothing.
            DeleteDisk(name, disk);
            SnapshotRegistry.Release(services.Context.Paths, name.Id);
            if (VmPlacement.IsOurs(disk, name) && Directory.Exists(files.Snapshots)) Directory.Delete(files.Snapshots, recursive: true);
        }

        files.Remove(keepHostKey: request.KeepDeploy && !request.Disk);
        if (!request.KeepDeploy) await services.States.RemoveAsync(name.Key, CancellationToken.None).ConfigureAwait(false);
        await services.Registry.RemoveAsync(name.Id, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Refuses a machine that is neither declared nor has left anything.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/>.</exception>
    internal static async Task RequireKnownAsync(VmServices services, VmName name, CancellationToken cancellationToken)
    {
        if (!name.IsVmFile) await RequireDeclaredAsync(services, name, cancellationToken).ConfigureAwait(false);
        else if (!Directory.Exists(services.Files(name).Folder)) throw await services.AbsentAsync(name, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<VmSpec?> RequireDeclaredAsync(VmServices services, VmName name, CancellationToken cancellationToken)
    {
        var isTraced = services.States.Read(name.Key) is not null || Directory.Exists(services.Files(name).Folder);
        try
        {
            if (await services.FindSpecAsync(name.Entity, cancellationToken).ConfigureAwait(false) is { } spec) return spec;
        }
        catch (CharlyException e) when (isTraced)
        {
            // What was made is removed by its traces; the project is only asked where the disk would be.
            services.Notice(NoticeLevel.Warning, e.Message);
        }

        return isTraced ? null : throw await services.AbsentAsync(name, cancellationToken).ConfigureAwait(false);
    }

    private static void RefuseWhileUsed(VmName name, VmFiles files, string disk)
    {
        if (name.Instance is null && VmPlacement.Instances(Path.GetDirectoryName(disk)!) is { Count: > 0 } instances)
        {
            throw new CharlyException(
                Errors.VmState,
                $"the disks of {string.Join(", ", instances.Select(i => name with { Instance = i }))} stand on the disk of {name}",
                $"Destroy them first: charly vm destroy {name with { Instance = instances[0] }} --disk. Nothing was changed.",
                target: name.ToString());
        }

        var used = new SnapshotRegistry(files, name.ToString()).Read().Where(s => s.Refcount > 0).Select(s => s.Name).ToArray();
        if (used.Length == 0) return;
        throw new CharlyException(
            Errors.SnapshotInUse,
            $"clones stand on the snapshots {string.Join(", ", used)} of machine {name}",
            "Destroy the clones first. Nothing was changed.",
            target: name.ToString());
    }

    /// <summary>Deletes a disk that we made, and its folder if nothing else is in it; never a file of the user's own.</summary>
    private static void DeleteDisk(VmName name, string disk)
    {
        var folder = Path.GetDirectoryName(disk)!;
        if (!VmPlacement.IsOurs(disk, name) || !Directory.Exists(folder)) return;
        foreach (var file in Directory.EnumerateFiles(folder, VmPlacement.DiskName + "*")) File.Delete(file);
        File.Delete(Path.Combine(folder, VmPlacement.SeedName));
        var snapshots = Path.Combine(folder, ".snapshots");
        if (Directory.Exists(snapshots)) Directory.Delete(snapshots, recursive: true);
        if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }
}

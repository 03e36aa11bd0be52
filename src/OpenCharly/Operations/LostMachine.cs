using OpenCharly.Foundation;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>A machine of which there is no record, though its files are there: somebody lost the registry, or moved a broken one away.</summary>
internal static class LostMachine
{
    /// <summary>As much of its handle as it takes to end and remove it; null if there is no such machine.</summary>
    public static VmHandle? Find(VmServices services, VmName name)
    {
        var files = services.Files(name);
        var backend = File.Exists(files.Domain) ? "libvirt" : File.Exists(files.Command) || File.Exists(files.PidFile) ? "qemu" : null;
        return backend is null ? null : new VmHandle
        {
            Id = $"{backend}-{Guid.Empty}", Name = name.Id, Backend = backend, WorkDir = files.Folder, Instance = name.Instance, QmpSocket = files.QmpSocket, ConsoleSocket = files.ConsoleSocket,
            OverlayPath = name.IsVmFile ? files.Overlay : services.States.Read(name.Key)?.DiskPath, SeedIsoPath = name.IsVmFile ? files.Seed : services.States.Read(name.Key)?.SeedIso,
        };
    }

    /// <summary>Keeps a new machine from being made over the files of such a one.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmNameExists"/>.</exception>
    public static void ThrowIfThere(VmServices services, VmName name)
    {
        if (Find(services, name) is not { } lost) return;
        throw new CharlyException(
            Errors.VmNameExists,
            $"no record of machine {name} is in the registry, but its files are in {lost.WorkDir}, and it may be running",
            $"Remove it: charly vm destroy {(name.IsVmFile ? "vmfile:" : "")}{name}. Or put its record back, from a copy of vms.json or with charly vm state import. Nothing was changed.",
            target: name.ToString());
    }
}

using System.Security.Cryptography;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Vms.Keys;

namespace OpenCharly.Vms;

/// <summary>Every file that OpenCharly makes for one machine, charly's or a VMFile's: the on-disk contract of vm.md §2.4, in one place.</summary>
public sealed class VmFiles
{
    /// <summary>A socket's path may have this many bytes; the kernel's field has 108 with the final NUL.</summary>
    private const int MaxSocketBytes = 107;

    private const string LongestSocket = "monitor.sock";

    private readonly string _sockets;

    /// <summary>Names the files of one machine; nothing is created.</summary>
    /// <param name="paths">The operator's folders.</param>
    /// <param name="id">Machine id, such as <c>charly-web</c>; one without <c>charly-</c> is a VMFile machine's.</param>
    /// <exception cref="CharlyException"><see cref="Errors.Io"/> if no folder gives a socket path that is short enough.</exception>
    public VmFiles(HostPaths paths, string id)
    {
        IsVmFile = VmName.IsVmFileId(id);
        Folder = IsVmFile ? Path.Combine(paths.VmFileData, "vms", id) : paths.VmState(id);
        Lock = Path.Combine(IsVmFile ? paths.VmFileData : paths.Vms, "locks", id + ".lock");
        _sockets = Fits(Folder) ? Folder : Path.Combine(paths.Runtime, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..12]);
        if (!Fits(_sockets))
        {
            throw new CharlyException(
                Errors.Io,
                $"the socket path {Path.Combine(_sockets, LongestSocket)} is longer than {MaxSocketBytes} bytes",
                "Set XDG_RUNTIME_DIR to a folder with a shorter path.",
                target: id);
        }
    }

    /// <summary>Whether the machine is a VMFile's: some of its files have the names that such machines always had.</summary>
    public bool IsVmFile { get; }

    /// <summary>State folder, mode 0700.</summary>
    public string Folder { get; }

    /// <summary>Folder of the sockets: the state folder, or one in the runtime folder where its path is too long.</summary>
    public string SocketFolder => _sockets;

    /// <summary>Whether the sockets have a folder of their own, to be deleted with the machine.</summary>
    public bool HasOwnSocketFolder => _sockets != Folder;

    /// <summary>Held while a verb changes the machine. Beside the state folder, so that it outlives a destroy.</summary>
    public string Lock { get; }

    /// <summary>Private key that we made to reach the guest.</summary>
    public string Key => Path.Combine(Folder, IsVmFile ? "id_ed25519_generated" : SshKeys.MachineKeyName);

    /// <summary>Private host key that we made for the guest.</summary>
    public string HostKey => Path.Combine(Folder, SshKeys.HostKeyName);

    /// <summary>The guest's host key, as ssh reads it.</summary>
    public string KnownHosts => Path.Combine(Folder, "known_hosts");

    /// <summary>UEFI variables.</summary>
    public string Nvram => Path.Combine(Folder, IsVmFile ? "efivars.fd" : "nvram.fd");

    /// <summary>Process id of QEMU. Of a VMFile machine that an older program started it may be in <c>qemu.pid</c>.</summary>
    public string PidFile
    {
        get
        {
            var usual = Path.Combine(Folder, "qemu.pid");
            if (!IsVmFile) return usual;
            var own = Path.Combine(Folder, "pidfile");
            return !File.Exists(own) && File.Exists(usual) ? usual : own;
        }
    }

    /// <summary>Disk of a VMFile machine, an overlay on its image.</summary>
    public string Overlay => Path.Combine(Folder, "overlay.qcow2");

    /// <summary>Blank second disk of a machine of a template that asks for one.</summary>
    public string DataDisk => Path.Combine(Folder, "data.qcow2");

    /// <summary>Seed of a VMFile machine.</summary>
    public string Seed => Path.Combine(Folder, "seed.iso");

    /// <summary>What QEMU is started with.</summary>
    public string Command => Path.Combine(Folder, "command.json");

    /// <summary>The domain that libvirt was given.</summary>
    public string Domain => Path.Combine(Folder, "domain.xml");

    /// <summary>Everything that the guest's serial port said since its last start.</summary>
    public string ConsoleLog => Path.Combine(Folder, "console.log");

    /// <summary>What provisioning printed.</summary>
    public string ProvisionLog => Path.Combine(Folder, "provision.log");

    /// <summary>Devices of this machine alone.</summary>
    public string InstanceFile => Path.Combine(Folder, "instance.yml");

    /// <summary>Snapshots.</summary>
    public string Snapshots => Path.Combine(Folder, "snapshots");

    /// <summary>Control socket.</summary>
    public string QmpSocket => Path.Combine(_sockets, "qmp.sock");

    /// <summary>Human monitor socket.</summary>
    public string MonitorSocket => Path.Combine(_sockets, "monitor.sock");

    /// <summary>Serial console socket.</summary>
    public string ConsoleSocket => Path.Combine(_sockets, "console.sock");

    /// <summary>Guest agent socket.</summary>
    public string AgentSocket => Path.Combine(_sockets, "qga.sock");

    /// <summary>Deletes what sockets are left of an earlier run.</summary>
    public void RemoveSockets()
    {
        if (!Directory.Exists(_sockets)) return;
        foreach (var socket in new[] { QmpSocket, MonitorSocket, ConsoleSocket, AgentSocket }) File.Delete(socket);
    }

    /// <summary>
    /// Deletes what <c>destroy</c> deletes. The author's and the user's own things stay: the key pair,
    /// <c>instance.yml</c>, snapshots, and the guest's host key if its disk still knows it. Of a VMFile machine nothing stays.
    /// </summary>
    /// <param name="keepHostKey">Whether the disk will meet this instance id, and so this host key, again.</param>
    public void Remove(bool keepHostKey)
    {
        var kept = IsVmFile ? new HashSet<string>(StringComparer.Ordinal) : new HashSet<string>(StringComparer.Ordinal) { Key, Key + ".pub", InstanceFile, Snapshots };
        if (keepHostKey) kept.UnionWith([HostKey, HostKey + ".pub"]);
        if (HasOwnSocketFolder && Directory.Exists(_sockets)) Directory.Delete(_sockets, recursive: true);
        if (!Directory.Exists(Folder)) return;
        foreach (var entry in new DirectoryInfo(Folder).EnumerateFileSystemInfos().Where(e => !kept.Contains(e.FullName)))
        {
            if (entry is DirectoryInfo { LinkTarget: null } folder) folder.Delete(recursive: true);
            else entry.Delete();
        }

        if (!Directory.EnumerateFileSystemEntries(Folder).Any()) Directory.Delete(Folder);
    }

    private static bool Fits(string folder) => Encoding.UTF8.GetByteCount(Path.Combine(folder, LongestSocket)) <= MaxSocketBytes;
}

using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Vms;

namespace OpenCharly.Operations;

/// <summary>Where a machine's disk and seed are, below the project's <c>output</c> folder (vm.md §1.1).</summary>
internal static class VmPlacement
{
    public const string DiskName = "disk.qcow2";

    public const string SeedName = "seed.iso";

    /// <summary>The folder of one machine's disk and seed.</summary>
    public static string Folder(VmSpec spec, VmName name) =>
        Path.Combine([spec.OutputFolder ?? spec.ProjectFolder, "output", "qcow2", name.Entity, .. name.Instance is { } instance ? (string[])[instance] : []]);

    /// <summary>The disk; of an imported machine the user's own file, which only it uses and no instance.</summary>
    public static string Disk(VmSpec spec, VmName name) =>
        spec.Source is ImportedSource imported && name.Instance is null ? imported.DiskPath : Path.Combine(Folder(spec, name), DiskName);

    /// <summary>The raw disk that <c>vm build --type raw</c> makes.</summary>
    public static string RawDisk(VmSpec spec) => Path.Combine(spec.OutputFolder ?? spec.ProjectFolder, "output", "raw", spec.Name, "disk.raw");

    /// <summary>Instances whose disks are overlays on the disk in a folder.</summary>
    public static IReadOnlyList<string> Instances(string folder) => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateDirectories(folder).Where(d => File.Exists(Path.Combine(d, DiskName))).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    /// <summary>Whether a disk is one that we made for a machine, below an output folder; else it is a file of the user's own.</summary>
    public static bool IsOurs(string disk, VmName name)
    {
        var ours = Path.Combine(["output", "qcow2", name.Entity, .. name.Instance is { } instance ? (string[])[instance] : [], DiskName]);
        return disk.EndsWith('/' + ours, StringComparison.Ordinal);
    }

    /// <summary>Whether a machine boots with a cloud-init seed.</summary>
    public static bool HasSeed(VmSpec spec) => spec.Source switch
    {
        ImportedSource => spec.CloudInit is not null,
        BootcSource => spec.CloudInit is not null || spec.Ssh.InjectCloudInit == "enabled",
        _ => true,
    };

    /// <summary>Account that ssh logs in to (vm.md §5.5).</summary>
    public static string SshUser(VmSpec spec) => spec.Ssh.User ?? spec.Source switch
    {
        CloudImageSource { BaseUser: { } user } => user,
        BootcSource => "root",
        _ => "charly",
    };

    /// <summary>Which ways the key goes into the guest (vm.md §5.4).</summary>
    public static (bool Smbios, bool CloudInit) KeyChannels(VmSpec spec, bool hasKey) => (
        hasKey && spec.Ssh.InjectSmbios != "disabled",
        hasKey && HasSeed(spec) && (spec.Ssh.InjectCloudInit == "enabled" || (spec.Ssh.InjectCloudInit != "disabled" && spec.Source is not BootcSource)));

    /// <summary>A size from the command line.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.VmValidation"/>.</exception>
    public static ByteSize Size(string text, char unit, string what, VmName name) => ByteSize.TryParse(text, unit, out var size) ? size : throw new CharlyException(
        Errors.VmValidation, $"\"{text}\" is no {what} for machine {name}", "Write a whole number above zero with K, M, G or T, such as 2G.", target: name.ToString());
}

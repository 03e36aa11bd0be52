using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Bootstrap;

/// <summary>The programs and files that a build on this machine needs, and the packages that hold them.</summary>
internal static class BootstrapTools
{
    /// <summary>GRUB's first sector.</summary>
    public const string GrubBootImage = "/usr/lib/grub/i386-pc/boot.img";

    private const string BiosLoader = "grub-mkimage";

    private static readonly (string Program, string Package)[] Programs =
    [
        ("mmdebstrap", "mmdebstrap"),
        ("mke2fs", "e2fsprogs"),
        (BiosLoader, "grub-common"),
        ("qemu-img", "qemu-utils"),
    ];

    private static readonly (string Program, string Package)[] UefiPrograms =
    [
        ("mkfs.fat", "dosfstools"),
        ("mcopy", "mtools"),
        ("sfdisk", "fdisk"),
        ("dpkg-deb", "dpkg"),
    ];

    private static readonly (string File, string Package)[] Files =
    [
        (GrubBootImage, "grub-pc-bin"),
        ("/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"),
    ];

    /// <summary>Throws one error that names everything that is missing.</summary>
    /// <param name="processes">Finds programs.</param>
    /// <param name="isRoot">Whether the build runs as root; otherwise user namespaces need a program more.</param>
    /// <param name="isUefi">Whether the image is for UEFI, whose boot partition takes programs of its own instead of a BIOS's GRUB.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/>.</exception>
    public static void ThrowIfMissing(IProcessRunner processes, bool isRoot, bool isUefi)
    {
        var programs = Programs.Where(p => !isUefi || p.Program != BiosLoader).Concat(isUefi ? UefiPrograms : []).Concat(isRoot ? [] : [("newuidmap", "uidmap")]);
        var missing = programs.Where(p => processes.Find(p.Program) is null)
            .Concat(Files.Where(f => !File.Exists(f.File) && !(isUefi && f.File == GrubBootImage)))
            .ToArray();
        if (missing.Length == 0) return;
        throw new CharlyException(
            Errors.ToolMissing,
            $"building an image needs {string.Join(", ", missing.Select(m => m.Item1))}, which this machine lacks",
            $"Install what is missing: apt-get install {string.Join(' ', missing.Select(m => m.Item2).Distinct())}",
            target: missing[0].Item1);
    }
}

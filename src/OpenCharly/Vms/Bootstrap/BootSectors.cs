using System.Buffers.Binary;
using System.Security.Cryptography;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Bootstrap;

/// <summary>
/// Makes a raw disk bootable by a BIOS: GRUB's boot code with a partition table in sector 0, GRUB's core in the gap
/// before the only partition. The root partition is the last one, so that it can grow with the disk.
/// </summary>
internal static class BootSectors
{
    /// <summary>First sector of the root partition: 1 MiB, aligned for every kind of disk.</summary>
    public const int FirstSector = 2048;

    private const int SectorSize = 512;
    private const int BootCodeSize = 440;
    private const int PartitionTable = 446;

    /// <summary>Writes both.</summary>
    /// <param name="disk">Path of the raw disk, whose root file system begins at <see cref="FirstSector"/>.</param>
    /// <param name="bootImage">GRUB's <c>boot.img</c>.</param>
    /// <param name="core">GRUB's core image for <c>i386-pc</c>.</param>
    /// <exception cref="CharlyException"><see cref="Errors.BootstrapFailed"/> if the core does not fit into the gap.</exception>
    public static void Write(string disk, ReadOnlySpan<byte> bootImage, ReadOnlySpan<byte> core)
    {
        if (bootImage.Length != SectorSize || core.Length > (FirstSector - 1) * SectorSize || core.Length <= SectorSize)
        {
            throw new CharlyException(
                Errors.BootstrapFailed,
                $"GRUB's boot images have unexpected sizes: {bootImage.Length} and {core.Length} bytes",
                "Reinstall the package grub-pc-bin.");
        }

        using var stream = new FileStream(disk, FileMode.Open, FileAccess.ReadWrite);
        var sectors = (stream.Length / SectorSize) - FirstSector;
        stream.Write(FirstSectorOf(bootImage, sectors));
        stream.Write(core);
    }

    /// <summary>Sector 0: boot code, a random disk signature, and one bootable Linux partition to the end of the disk.</summary>
    internal static byte[] FirstSectorOf(ReadOnlySpan<byte> bootImage, long partitionSectors)
    {
        var sector = new byte[SectorSize];
        bootImage[..BootCodeSize].CopyTo(sector);
        RandomNumberGenerator.Fill(sector.AsSpan(BootCodeSize, 4));
        var entry = sector.AsSpan(PartitionTable, 16);
        entry[0] = 0x80;
        entry[1..4].Fill(0xff); // cylinder addresses are beyond use: the linear ones below count
        entry[4] = 0x83;
        entry[5..8].Fill(0xff);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], FirstSector);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], checked((uint)partitionSectors));
        sector[510] = 0x55;
        sector[511] = 0xaa;
        return sector;
    }
}

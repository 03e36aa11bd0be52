using System.Buffers.Binary;
using System.Text;

namespace OpenCharly.Vms.CloudInit;

/// <summary>
/// An ISO 9660 image with a flat root folder, with Joliet and Rock Ridge names (vm.md §5.3). All timestamps are fixed,
/// so equal content gives equal bytes.
/// </summary>
internal sealed class IsoImage
{
    private const int Sector = 2048;
    private const int PrimaryTables = 19;
    private const int JolietTables = 21;
    private const int PrimaryRoot = 23;
    private const int JolietRoot = 24;
    private const int Continuation = 25;
    private const int FirstData = 26;
    private const int PathTableSize = 10;

    private readonly string _volume;
    private readonly List<Entry> _files = [];

    private IsoImage(string volume, IReadOnlyList<(string Name, byte[] Content)> files)
    {
        _volume = volume;
        var next = FirstData;
        foreach (var (name, content) in files.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            _files.Add(new Entry(name, IsoName(name), content, next));
            next += (content.Length + Sector - 1) / Sector;
        }

        Sectors = next;
    }

    private int Sectors { get; }

    /// <summary>Makes the image.</summary>
    /// <param name="volume">Volume id, at most 16 characters.</param>
    /// <param name="files">Files of the root folder; as many as fit into one sector, about ten.</param>
    public static byte[] Create(string volume, IReadOnlyList<(string Name, byte[] Content)> files) => new IsoImage(volume, files).Write();

    private byte[] Write()
    {
        var image = new byte[Sectors * Sector];
        Span<byte> At(int sector) => image.AsSpan(sector * Sector, Sector);
        WriteDescriptor(At(16), isJoliet: false);
        WriteDescriptor(At(17), isJoliet: true);
        At(18)[0] = 255;
        WriteIdentifier(At(18));
        WritePathTable(At(PrimaryTables), PrimaryRoot, bigEndian: false);
        WritePathTable(At(PrimaryTables + 1), PrimaryRoot, bigEndian: true);
        WritePathTable(At(JolietTables), JolietRoot, bigEndian: false);
        WritePathTable(At(JolietTables + 1), JolietRoot, bigEndian: true);
        WriteRoot(At(PrimaryRoot), isJoliet: false);
        WriteRoot(At(JolietRoot), isJoliet: true);
        RockRidge.Extension().CopyTo(At(Continuation));
        foreach (var file in _files) file.Content.CopyTo(image.AsSpan(file.Extent * Sector));
        return image;
    }

    private void WriteDescriptor(Span<byte> sector, bool isJoliet)
    {
        sector[0] = (byte)(isJoliet ? 2 : 1);
        WriteIdentifier(sector);
        FillText(sector[8..40], "", isJoliet);
        FillText(sector[40..72], _volume, isJoliet);
        Both32(sector[80..], Sectors);
        if (isJoliet) "%/E"u8.CopyTo(sector[88..]); // UCS-2 level 3
        Both16(sector[120..], 1);
        Both16(sector[124..], 1);
        Both16(sector[128..], Sector);
        Both32(sector[132..], PathTableSize);
        var tables = isJoliet ? JolietTables : PrimaryTables;
        BinaryPrimitives.WriteInt32LittleEndian(sector[140..], tables);
        BinaryPrimitives.WriteInt32BigEndian(sector[148..], tables + 1);
        Record([0], isJoliet ? JolietRoot : PrimaryRoot, Sector, isFolder: true, []).CopyTo(sector[156..]);
        FillText(sector[190..813], "", isJoliet); // volume set, publisher, preparer, application and three file names
        WriteLongDate(sector[813..]);
        WriteLongDate(sector[830..]);
        sector[847..881].Fill((byte)'0');
        sector[863] = 0;
        sector[880] = 0;
        sector[881] = 1;
    }

    private void WriteRoot(Span<byte> sector, bool isJoliet)
    {
        var own = isJoliet ? JolietRoot : PrimaryRoot;
        var position = 0;
        void Add(Span<byte> target, byte[] record)
        {
            record.CopyTo(target[position..]);
            position += record.Length;
        }

        Add(sector, Record([0], own, Sector, isFolder: true, isJoliet ? [] : RockRidge.OfRoot(Continuation)));
        Add(sector, Record([1], own, Sector, isFolder: true, isJoliet ? [] : RockRidge.OfFolder()));
        foreach (var file in _files)
        {
            var name = isJoliet ? Encoding.BigEndianUnicode.GetBytes(file.Name) : Encoding.ASCII.GetBytes(file.IsoName);
            Add(sector, Record(name, file.Extent, file.Content.Length, isFolder: false, isJoliet ? [] : RockRidge.OfFile(file.Name)));
        }
    }

    private static byte[] Record(byte[] name, int extent, int size, bool isFolder, byte[] systemUse)
    {
        var start = 33 + name.Length + ((name.Length & 1) == 0 ? 1 : 0);
        var record = new byte[(start + systemUse.Length + 1) & ~1];
        record[0] = checked((byte)record.Length);
        Both32(record.AsSpan(2), extent);
        Both32(record.AsSpan(10), size);
        record[18] = 100; // years since 1900
        record[19] = 1;
        record[20] = 1;
        record[25] = (byte)(isFolder ? 2 : 0);
        Both16(record.AsSpan(28), 1);
        record[32] = (byte)name.Length;
        name.CopyTo(record, 33);
        systemUse.CopyTo(record, start);
        return record;
    }

    private static void WritePathTable(Span<byte> sector, int root, bool bigEndian)
    {
        sector[0] = 1;
        if (bigEndian)
        {
            BinaryPrimitives.WriteInt32BigEndian(sector[2..], root);
            BinaryPrimitives.WriteInt16BigEndian(sector[6..], 1);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(sector[2..], root);
            BinaryPrimitives.WriteInt16LittleEndian(sector[6..], 1);
        }
    }

    private static void WriteIdentifier(Span<byte> sector)
    {
        "CD001"u8.CopyTo(sector[1..]);
        sector[6] = 1;
    }

    private static void WriteLongDate(Span<byte> field) => "2000010100000000"u8.CopyTo(field);

    private static void FillText(Span<byte> field, string text, bool isJoliet)
    {
        if (!isJoliet)
        {
            field.Fill((byte)' ');
            Encoding.ASCII.GetBytes(text, field);
            return;
        }

        for (var i = 0; i + 1 < field.Length; i += 2) field[i + 1] = (byte)' ';
        Encoding.BigEndianUnicode.GetBytes(text, field);
    }

    internal static void Both32(Span<byte> field, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(field, value);
        BinaryPrimitives.WriteInt32BigEndian(field[4..], value);
    }

    private static void Both16(Span<byte> field, short value)
    {
        BinaryPrimitives.WriteInt16LittleEndian(field, value);
        BinaryPrimitives.WriteInt16BigEndian(field[2..], value);
    }

    // Readers without Joliet and Rock Ridge see this name: eight and three of A-Z, 0-9 and _.
    private static string IsoName(string name)
    {
        string Part(string text, int length) =>
            string.Concat(text.Take(length).Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
        return $"{Part(Path.GetFileNameWithoutExtension(name), 8)}.{Part(Path.GetExtension(name).TrimStart('.'), 3)};1";
    }

    private sealed record Entry(string Name, string IsoName, byte[] Content, int Extent);
}

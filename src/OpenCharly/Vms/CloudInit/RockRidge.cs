using System.Text;

namespace OpenCharly.Vms.CloudInit;

/// <summary>The Rock Ridge fields of an ISO image's folder entries: POSIX modes and real names.</summary>
internal static class RockRidge
{
    private const int FolderMode = 0x4000 | 0b101_101_101; // drwx without write: r-xr-xr-x
    private const int FileMode = 0x8000 | 0b100_000_000; // r--------: the seed may hold a private key

    /// <summary>Fields of the root's own entry, which also says that Rock Ridge is used at all.</summary>
    /// <param name="continuation">Sector that holds <see cref="Extension"/>.</param>
    public static byte[] OfRoot(int continuation)
    {
        var pointer = new byte[28];
        "CE"u8.CopyTo(pointer);
        pointer[2] = (byte)pointer.Length;
        pointer[3] = 1;
        IsoImage.Both32(pointer.AsSpan(4), continuation);
        IsoImage.Both32(pointer.AsSpan(20), Extension().Length);
        return [.. "SP"u8, 7, 1, 0xbe, 0xef, 0, .. OfFolder(), .. pointer];
    }

    /// <summary>Fields of a folder.</summary>
    public static byte[] OfFolder() => Posix(FolderMode, links: 2);

    /// <summary>Fields of a file.</summary>
    public static byte[] OfFile(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return [.. Posix(FileMode, links: 1), .. "NM"u8, checked((byte)(5 + bytes.Length)), 1, 0, .. bytes];
    }

    /// <summary>The field that names the extension, in the form that the standard prescribes.</summary>
    public static byte[] Extension()
    {
        var id = "RRIP_1991A"u8;
        var description = "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS"u8;
        var source = "PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER IDENTIFIER IN PRIMARY VOLUME DESCRIPTOR FOR CONTACT INFORMATION."u8;
        return [.. "ER"u8, (byte)(8 + id.Length + description.Length + source.Length), 1, (byte)id.Length, (byte)description.Length, (byte)source.Length, 1, .. id, .. description, .. source];
    }

    private static byte[] Posix(int mode, int links)
    {
        var field = new byte[36];
        "PX"u8.CopyTo(field);
        field[2] = (byte)field.Length;
        field[3] = 1;
        IsoImage.Both32(field.AsSpan(4), mode);
        IsoImage.Both32(field.AsSpan(12), links);
        return field; // user and group 0
    }
}

using System.Globalization;
using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>
/// One member of a layer's tar archive, with the bytes that make it up. They are copied, never rewritten: attributes hold
/// bytes that are no text.
/// </summary>
internal sealed record LayerEntry
{
    private const int Block = 512;
    private const int MaxExtension = 4 << 20;

    /// <summary>Path without leading <c>./</c> or slash, and without a slash at the end.</summary>
    public required string Path { get; init; }

    /// <summary>Type of the header: <c>0</c> a file, <c>1</c> a hard link, <c>5</c> a folder.</summary>
    public required char Type { get; init; }

    /// <summary>What a hard link is a further name of, in the form of <see cref="Path"/>.</summary>
    public string Link { get; init; } = "";

    /// <summary>Where its first header begins.</summary>
    public required long Offset { get; init; }

    /// <summary>Where the header that is its own begins, behind those that only extend it.</summary>
    public required long HeaderOffset { get; init; }

    /// <summary>Where it ends, with what fills the last block.</summary>
    public required long End { get; init; }

    /// <summary>Extended attributes that the archive gives it, as they stand there.</summary>
    public IReadOnlyList<(string Key, byte[] Value)> Extended { get; init; } = [];

    /// <summary>Whether it is a folder.</summary>
    public bool IsFolder => Type == '5';

    /// <summary>Whether it is a further name of a file.</summary>
    public bool IsLink => Type == '1';

    /// <summary>Reads the members of an archive in order.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageEngine"/> for what is no archive.</exception>
    public static IEnumerable<LayerEntry> Read(Stream archive)
    {
        var header = new byte[Block];
        var begin = 0L;
        List<(string Key, byte[] Value)> extended = [];
        (string? Name, string? Link) gnu = default;
        for (var at = 0L; ; )
        {
            archive.Position = at;
            var count = archive.ReadAtLeast(header, Block, throwOnEndOfStream: false);
            if (count == 0 || (count == Block && !header.AsSpan().ContainsAnyExcept((byte)0)))
            {
                if (begin != at) throw Broken();
                yield break;
            }

            if (count < Block) throw Broken();
            var type = (char)header[156];
            var size = Size(extended.LastOrDefault(e => e.Key == "size").Value is { } written ? Encoding.ASCII.GetString(written) : null, header);
            var end = at + Block + ((size + Block - 1) / Block * Block);
            if (size < 0 || end < at || at + Block + size > archive.Length) throw Broken();
            switch (type)
            {
                case 'x':
                    extended = [.. Records(Content(archive, size))];
                    break;
                case 'L':
                    gnu.Name = Text(Content(archive, size));
                    break;
                case 'K':
                    gnu.Link = Text(Content(archive, size));
                    break;
                default:
                    yield return new LayerEntry
                    {
                        Path = Normal(Value("path") ?? gnu.Name ?? Named(header)),
                        Type = type == '\0' ? '0' : type,
                        Link = Normal(Value("linkpath") ?? gnu.Link ?? Text(header.AsSpan(157, 100))),
                        Offset = begin,
                        HeaderOffset = at,
                        End = end,
                        Extended = extended,
                    };
                    (begin, extended, gnu) = (end, [], default);
                    break;
            }

            at = end;
        }

        string? Value(string key) => extended.LastOrDefault(e => e.Key == key).Value is { } value ? Encoding.UTF8.GetString(value) : null;
    }

    /// <summary>Copies it as it is.</summary>
    public void Copy(Stream archive, Stream target) => Copy(archive, Offset, End, target);

    /// <summary>Copies it under another name, or as a further name of something else.</summary>
    /// <param name="archive">Where it is from.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="key"><c>path</c> or <c>linkpath</c>.</param>
    /// <param name="value">Its new value.</param>
    public void CopyWith(Stream archive, Stream target, string key, string value)
    {
        var records = new MemoryStream();
        var path = key == "path" ? value : Path;
        var link = key == "linkpath" ? value : Link;
        foreach (var (name, content) in Extended.Where(e => e.Key is not ("path" or "linkpath"))) Record(records, name, content);
        Record(records, "path", Encoding.UTF8.GetBytes(path));
        if (IsLink) Record(records, "linkpath", Encoding.UTF8.GetBytes(link));
        var header = new byte[Block];
        "pax"u8.CopyTo(header);
        "0000644\0"u8.CopyTo(header.AsSpan(100));
        "0000000\0"u8.CopyTo(header.AsSpan(108));
        "0000000\0"u8.CopyTo(header.AsSpan(116));
        Encoding.ASCII.GetBytes(Convert.ToString(records.Length, 8).PadLeft(11, '0') + "\0").CopyTo(header.AsSpan(124));
        "00000000000\0"u8.CopyTo(header.AsSpan(136));
        header[156] = (byte)'x';
        "ustar\0"u8.CopyTo(header.AsSpan(257));
        "00"u8.CopyTo(header.AsSpan(263));
        Sum(header);
        target.Write(header);
        records.SetLength((records.Length + Block - 1) / Block * Block);
        records.WriteTo(target);
        Copy(archive, HeaderOffset, End, target);
    }

    /// <summary>A member without content: what layers use to say that something is gone.</summary>
    public static void WriteMark(Stream target, string path)
    {
        var header = new byte[Block];
        "0000644\0"u8.CopyTo(header.AsSpan(100));
        "0000000\0"u8.CopyTo(header.AsSpan(108));
        "0000000\0"u8.CopyTo(header.AsSpan(116));
        "00000000000\0"u8.CopyTo(header.AsSpan(124));
        "00000000000\0"u8.CopyTo(header.AsSpan(136));
        header[156] = (byte)'0';
        "ustar\0"u8.CopyTo(header.AsSpan(257));
        "00"u8.CopyTo(header.AsSpan(263));
        Sum(header);
        var mark = new LayerEntry { Path = path, Type = '0', Offset = 0, HeaderOffset = 0, End = Block };
        using var content = new MemoryStream(header);
        mark.CopyWith(content, target, "path", path);
    }

    private static void Copy(Stream archive, long begin, long end, Stream target)
    {
        archive.Position = begin;
        var buffer = new byte[64 * 1024];
        for (var left = end - begin; left > 0;)
        {
            var count = archive.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (count == 0)
            {
                // Writers may leave out what fills the last block of all.
                target.Write(new byte[left]);
                return;
            }

            target.Write(buffer, 0, count);
            left -= count;
        }
    }

    private static void Sum(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = header.Sum(b => b);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header.AsSpan(148));
    }

    private static void Record(MemoryStream records, string key, byte[] value)
    {
        // The length counts its own digits.
        var rest = Encoding.UTF8.GetByteCount(key) + value.Length + 3;
        var length = rest + rest.ToString(CultureInfo.InvariantCulture).Length;
        if (length.ToString(CultureInfo.InvariantCulture).Length > rest.ToString(CultureInfo.InvariantCulture).Length) length++;
        records.Write(Encoding.UTF8.GetBytes($"{length} {key}="));
        records.Write(value);
        records.WriteByte((byte)'\n');
    }

    private static IEnumerable<(string Key, byte[] Value)> Records(byte[] content)
    {
        for (var at = 0; at < content.Length;)
        {
            var space = Array.IndexOf(content, (byte)' ', at);
            if (space < 0 || !int.TryParse(Encoding.ASCII.GetString(content, at, space - at), NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length < space - at + 3 || length > content.Length - at) throw Broken();
            var equals = Array.IndexOf(content, (byte)'=', space, at + length - space);
            if (equals < 0) throw Broken();
            yield return (Encoding.UTF8.GetString(content, space + 1, equals - space - 1), content[(equals + 1)..(at + length - 1)]);
            at += length;
        }
    }

    private static byte[] Content(Stream archive, long size)
    {
        if (size > MaxExtension) throw Broken();
        var content = new byte[size];
        archive.ReadExactly(content);
        return content;
    }

    // Octal, or from the second bit on a number of its own for what octal can't hold.
    private static long Size(string? written, byte[] header)
    {
        if (written is not null) return long.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? said : -1;
        var field = header.AsSpan(124, 12);
        var size = 0L;
        if ((field[0] & 0x80) != 0)
        {
            foreach (var part in field[4..]) size = (size << 8) | part;
            return size;
        }

        foreach (var digit in field)
        {
            if (digit is 0 or (byte)' ') continue;
            if (digit is < (byte)'0' or > (byte)'7') return -1;
            size = (size << 3) | (long)(digit - '0');
        }

        return size;
    }

    private static string Named(byte[] header)
    {
        var name = Text(header.AsSpan(0, 100));
        var prefix = header.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? Text(header.AsSpan(345, 155)) : "";
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes.IndexOf((byte)0) is >= 0 and var end ? bytes[..end] : bytes);

    private static string Normal(string path)
    {
        while (path.StartsWith("./", StringComparison.Ordinal)) path = path[2..];
        return path.Trim('/') is var trimmed && trimmed == "." ? "" : trimmed;
    }

    private static CharlyException Broken() => new(Errors.ImageEngine, "a layer is no tar archive", "Look at the image: podman image inspect. Build it again if it is broken.");
}

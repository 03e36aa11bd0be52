using System.Buffers.Binary;
using System.Collections;
using System.Text;
using Microsoft.Win32.SafeHandles;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Qemu;

/// <summary>
/// Takes the main memory out of a state that QEMU wrote, page by page into a sparse file, so that machines map it instead of
/// reading it: they wake at once, hold only what they change, and share the rest. What is left of the state, which QEMU reads as any
/// other, names the memory and brings none of its pages.
/// </summary>
/// <remarks>
/// The format is that of QEMU's migration, unchanged for many versions: sections of the memory first, then those of devices, which
/// are copied as they are. Anything that is not understood ends the attempt, and the state stays as QEMU wrote it.
/// </remarks>
internal sealed class MemoryImage : IDisposable
{
    /// <summary>QEMU's name of a PC's main memory, in the state and on its command line.</summary>
    public const string Block = "pc.ram";

    private const int PageSize = 4096;
    private const int Batch = 256 * PageSize;
    private const ulong Magic = 0x5145564d_00000003;
    private const int SectionStart = 1, SectionPart = 2, SectionEnd = 3, Configuration = 7, Footer = 0x7e;
    private const ulong Zero = 0x02, Sizes = 0x04, Page = 0x08, EndOfSection = 0x10, SameBlock = 0x20;

    private readonly FileStream _state;
    private readonly FileStream _rest;
    private readonly SafeFileHandle _image;
    private readonly long _bytes;
    private readonly BitArray _written;
    private readonly byte[] _batch = new byte[Batch];
    private long _batchStart;
    private int _batchLength;
    private bool _isFound;

    // "The same block" also goes on from one section to the next.
    private string _current = "";

    private MemoryImage(string state, string image, string rest, long bytes)
    {
        _bytes = bytes;
        _written = new BitArray(checked((int)(bytes / PageSize)));
        _state = new FileStream(state, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        _rest = new FileStream(rest, Fresh(1 << 16));
        _image = File.OpenHandle(image, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        File.SetUnixFileMode(_image, AtomicFile.Private);
        RandomAccess.SetLength(_image, bytes);
    }

    /// <summary>Whether a machine's memory can be taken out: a balloon would give its pages back to the file, which is not its own.</summary>
    public static bool Fits(QemuMachine machine) => OperatingSystem.IsLinux() && machine is { Architecture: "x86_64", Balloon: false };

    /// <summary>Splits a state.</summary>
    /// <param name="state">The state as QEMU wrote it, uncompressed. It stays.</param>
    /// <param name="image">Where the memory goes; a file that is there is replaced, and whoever maps it keeps it.</param>
    /// <param name="rest">Where all the rest goes.</param>
    /// <param name="bytes">Size of the machine's main memory.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False if the state is not understood; neither file is there then.</returns>
    /// <exception cref="IOException">A file can't be read or written; neither of the two is there then.</exception>
    public static bool TrySplit(string state, string image, string rest, long bytes, CancellationToken cancellationToken)
    {
        var isDone = false;
        File.Delete(image);
        try
        {
            using var split = new MemoryImage(state, image, rest, bytes);
            return isDone = split.Run(cancellationToken);
        }
        catch (EndOfStreamException)
        {
            return false;
        }
        finally
        {
            if (!isDone)
            {
                File.Delete(image);
                File.Delete(rest);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _state.Dispose();
        _rest.Dispose();
        _image.Dispose();
    }

    private static FileStreamOptions Fresh(int buffer) => new()
    {
        Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = buffer, UnixCreateMode = AtomicFile.Private,
    };

    private bool Run(CancellationToken cancellationToken)
    {
        if (CopyNumber() != Magic) return false;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var kind = _state.ReadByte();
            if (kind < 0) return false;
            if (kind is not (SectionStart or SectionPart or SectionEnd or Configuration or Footer) && !_isFound) return false;
            _rest.WriteByte((byte)kind);
            switch (kind)
            {
                case Configuration:
                    Copy(checked((int)CopyShort()));
                    break;
                case Footer:
                    CopyShort();
                    break;
                case SectionStart or SectionPart or SectionEnd:
                    CopyShort();
                    if (kind == SectionStart && (CopyText() != "ram" || Copy(8).Length == 0)) return false;
                    if (!Pages()) return false;
                    break;
                default:
                    // The first of the devices: everything from here on stays as it is.
                    _state.CopyTo(_rest);
                    Flush();
                    return true;
            }
        }
    }

    /// <summary>The records of one section of the memory.</summary>
    private bool Pages()
    {
        var page = new byte[PageSize];
        while (true)
        {
            var record = Number(Read(page.AsSpan(0, 8)));
            var (offset, flags) = ((long)(record & ~(ulong)(PageSize - 1)), record & (PageSize - 1));
            if (flags == EndOfSection)
            {
                Write(record);
                return true;
            }

            if (flags == Sizes)
            {
                Write(record);
                if (!Blocks(offset)) return false;
                continue;
            }

            if ((flags & SameBlock) == 0) _current = Text();
            var isZero = (flags & ~SameBlock) == Zero;
            if (!isZero && (flags & ~SameBlock) != Page) return false;
            var content = Read(page.AsSpan(0, isZero ? 1 : PageSize));
            if (_current != Block)
            {
                // Named each time, since what came before it may be left out.
                Write((ulong)offset | (isZero ? Zero : Page));
                WriteText(_current);
                _rest.Write(content);
                continue;
            }

            if (offset < 0 || offset > _bytes - PageSize || (isZero && content[0] != 0)) return false;
            if (!isZero) Put(offset, content);
            else if (_written[(int)(offset / PageSize)]) Put(offset, new byte[PageSize]);
        }
    }

    /// <summary>The table of all blocks of memory with their sizes, which add up to what was announced.</summary>
    private bool Blocks(long total)
    {
        while (total > 0)
        {
            var name = CopyText();
            var size = checked((long)CopyNumber());
            if (name == Block && size != _bytes) return false;
            _isFound |= name == Block;
            total -= size;
        }

        return total == 0 && _isFound;
    }

    private void Put(long offset, ReadOnlySpan<byte> page)
    {
        if (_batchLength == Batch || offset != _batchStart + _batchLength) Flush();
        if (_batchLength == 0) _batchStart = offset;
        page.CopyTo(_batch.AsSpan(_batchLength));
        _batchLength += PageSize;
        _written[(int)(offset / PageSize)] = true;
    }

    private void Flush()
    {
        if (_batchLength > 0) RandomAccess.Write(_image, _batch.AsSpan(0, _batchLength), _batchStart);
        _batchLength = 0;
    }

    private ReadOnlySpan<byte> Read(Span<byte> into)
    {
        _state.ReadExactly(into);
        return into;
    }

    private byte[] Copy(int count)
    {
        var bytes = new byte[count];
        _state.ReadExactly(bytes);
        _rest.Write(bytes);
        return bytes;
    }

    private string Text()
    {
        Span<byte> text = stackalloc byte[byte.MaxValue];
        var length = _state.ReadByte();
        return length < 0 ? throw new EndOfStreamException() : Encoding.ASCII.GetString(Read(text[..length]));
    }

    private string CopyText()
    {
        var text = Text();
        WriteText(text);
        return text;
    }

    private void WriteText(string text)
    {
        _rest.WriteByte((byte)text.Length);
        _rest.Write(Encoding.ASCII.GetBytes(text));
    }

    private void Write(ulong number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        _rest.Write(bytes);
    }

    private ulong CopyNumber() => Number(Copy(8));

    private uint CopyShort() => BinaryPrimitives.ReadUInt32BigEndian(Copy(4));

    private static ulong Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64BigEndian(bytes);
}

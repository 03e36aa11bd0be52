using System.Buffers.Binary;
using System.Text;
using OpenCharly.Vms.Qemu;

namespace OpenCharly.Tests.Vms.Qemu;

/// <summary>States made here, byte by byte, as QEMU writes them.</summary>
public sealed class MemoryImageTests : IDisposable
{
    private const ulong Magic = 0x5145564d_00000003;
    private const int PageSize = 4096;
    private const long Memory = 16 * PageSize;

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-ram-").FullName;
    private readonly MemoryStream _state = new();

    private string State => Path.Combine(_folder, "memory");

    private string Image => Path.Combine(_folder, "memory.ram");

    private string Rest => Path.Combine(_folder, "memory.devices");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_memory_is_taken_out_and_all_the_rest_stays()
    {
        Begin();
        Section(2);
        Page(0, 8, "pc.ram", 'a');
        Page(1, 8 | 0x20, null, 'b');
        Zero(2, 2 | 0x20, null);
        Page(0, 8, "pc.bios", 'x');
        Page(5, 8, "pc.ram", 'c');
        Zero(1, 2, "pc.bios");
        Page(7, 8, "pc.ram", 'd');
        EndSection();

        // The next section goes on with the same block, and a page comes again.
        Section(3);
        Page(8, 8 | 0x20, null, 'e');
        Page(5, 8 | 0x20, null, 'f');
        Zero(0, 2 | 0x20, null);
        EndSection();
        Add(4, "devices, whatever they are: \u0010\u0000 pc.ram"u8);
        Assert.True(Split());

        var image = File.ReadAllBytes(Image);
        Assert.Equal(Memory, image.Length);
        Assert.Equal("-b---f-de-------", string.Concat(image.Chunk(PageSize).Select(p => Assert.Single(p.Distinct()) is 0 ? '-' : (char)p[0])));
        var taken = _state.ToArray();
        _state.SetLength(0);
        Begin();
        Section(2);
        Page(0, 8, "pc.bios", 'x');
        Zero(1, 2, "pc.bios");
        EndSection();
        Section(3);
        EndSection();
        Add(4, "devices, whatever they are: \u0010\u0000 pc.ram"u8);
        Assert.Equal(_state.ToArray(), File.ReadAllBytes(Rest));
        Assert.Equal(taken, File.ReadAllBytes(State));
        foreach (var path in (string[])[Image, Rest]) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Whoever_maps_an_old_image_keeps_it()
    {
        File.WriteAllText(Image, "old");
        using var mapped = File.OpenRead(Image);
        Begin();
        Add(4, "x"u8);
        Assert.True(Split());
        Assert.Equal(3, mapped.Length);
        Assert.Equal(Memory, new FileInfo(Image).Length);
    }

    [Theory]
    [InlineData("another magic")]
    [InlineData("a flag that nobody knows")]
    [InlineData("a page beyond the end")]
    [InlineData("another size of the memory")]
    [InlineData("another section first")]
    [InlineData("settings before the memory")]
    [InlineData("cut in a page")]
    [InlineData("cut before the devices")]
    public void What_is_not_understood_stays_as_it_is(string what)
    {
        Begin(
            magic: what == "another magic" ? 0x5145564d_00000002UL : Magic,
            size: what == "another size of the memory" ? Memory * 2 : Memory,
            section: what == "another section first" ? "block" : "ram",
            hasSettings: what == "settings before the memory");
        Section(2);
        Page(what == "a page beyond the end" ? 16 : 1, what == "a flag that nobody knows" ? 0x100 : 8, "pc.ram", 'a');
        if (what == "cut in a page") _state.SetLength(_state.Length - 1);
        else EndSection();
        if (!what.StartsWith("cut", StringComparison.Ordinal)) Add(4, "devices"u8);
        Assert.False(Split());
        Assert.Equal([State], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Nothing_half_done_stays_when_it_is_stopped()
    {
        Begin();
        Add(4, "devices"u8);
        Assert.ThrowsAny<OperationCanceledException>(() => Split(new CancellationToken(canceled: true)));
        Assert.Equal([State], Directory.GetFiles(_folder));
    }

    private bool Split(CancellationToken cancellationToken = default)
    {
        File.WriteAllBytes(State, _state.ToArray());
        return MemoryImage.TrySplit(State, Image, Rest, Memory, cancellationToken);
    }

    private void Begin(ulong magic = Magic, long size = Memory, string section = "ram", bool hasSettings = false)
    {
        Number(magic);
        Add(7, [0, 0, 0, 3, .. "q35"u8]);
        if (hasSettings) Add(5, "configuration/capabilities"u8);
        Add(1, [0, 0, 0, 2]);
        Name(section);
        Number(4);
        Number((ulong)(size + PageSize) | 4);
        Name("pc.ram");
        Number((ulong)size);
        Name("pc.bios");
        Number(PageSize);
        EndSection();
    }

    private void Section(byte kind) => Add(kind, [0, 0, 0, 2]);

    private void EndSection()
    {
        Number(0x10);
        Add(0x7e, [0, 0, 0, 2]);
    }

    private void Page(int index, int flags, string? block, char content)
    {
        Head(index, flags, block);
        _state.Write(Enumerable.Repeat((byte)content, PageSize).ToArray());
    }

    private void Zero(int index, int flags, string? block)
    {
        Head(index, flags, block);
        _state.WriteByte(0);
    }

    private void Head(int index, int flags, string? block)
    {
        Number(((ulong)index * PageSize) | (uint)flags);
        if (block is not null) Name(block);
    }

    private void Name(string text) => Add((byte)text.Length, Encoding.ASCII.GetBytes(text));

    private void Number(ulong number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        _state.Write(bytes);
    }

    private void Add(byte kind, ReadOnlySpan<byte> content)
    {
        _state.WriteByte(kind);
        _state.Write(content);
    }
}

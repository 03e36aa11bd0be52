using System.Buffers.Binary;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Tests.Vms.Images;
using OpenCharly.Vms.CloudInit;

namespace OpenCharly.Tests.Vms.CloudInit;

public sealed class IsoImageTests
{
    private static readonly byte[] Image = IsoImage.Create("cidata", [("user-data", "#cloud-config\n"u8.ToArray()), ("meta-data", new byte[3000])]);

    [Fact]
    public void Equal_content_gives_equal_bytes() =>
        Assert.Equal(Image, IsoImage.Create("cidata", [("meta-data", new byte[3000]), ("user-data", "#cloud-config\n"u8.ToArray())]));

    [Fact]
    public void Descriptors_stand_at_sectors_16_to_18()
    {
        Assert.Equal([1, .. "CD001"u8, 1], Image[0x8000..0x8007]);
        Assert.Equal([2, .. "CD001"u8, 1], Image[0x8800..0x8807]);
        Assert.Equal([255, .. "CD001"u8, 1], Image[0x9000..0x9007]);
        Assert.Equal("%/E", Encoding.ASCII.GetString(Image, 0x8800 + 88, 3));
    }

    [Fact]
    public void The_volume_is_called_cidata_in_both_descriptors()
    {
        Assert.Equal("cidata", Encoding.ASCII.GetString(Image, 0x8000 + 40, 32).TrimEnd());
        Assert.Equal("cidata", Encoding.BigEndianUnicode.GetString(Image, 0x8800 + 40, 32).TrimEnd());
    }

    [Fact]
    public void The_volume_size_is_the_images_own_in_both_byte_orders()
    {
        Assert.Equal(Image.Length / 2048, BinaryPrimitives.ReadInt32LittleEndian(Image.AsSpan(0x8000 + 80)));
        Assert.Equal(Image.Length / 2048, BinaryPrimitives.ReadInt32BigEndian(Image.AsSpan(0x8000 + 84)));
    }

    [Fact]
    public void Path_tables_point_at_the_root_in_both_byte_orders()
    {
        Assert.Equal(23, BinaryPrimitives.ReadInt32LittleEndian(Image.AsSpan((19 * 2048) + 2)));
        Assert.Equal(23, BinaryPrimitives.ReadInt32BigEndian(Image.AsSpan((20 * 2048) + 2)));
        Assert.Equal(24, BinaryPrimitives.ReadInt32LittleEndian(Image.AsSpan((21 * 2048) + 2)));
        Assert.Equal(24, BinaryPrimitives.ReadInt32BigEndian(Image.AsSpan((22 * 2048) + 2)));
    }

    [Fact]
    public void Rock_ridge_and_joliet_know_the_real_names()
    {
        Assert.True(Image.AsSpan(23 * 2048, 2048).IndexOf("NM\u000e\u0001\0user-data"u8) > 0);
        Assert.True(Image.AsSpan(24 * 2048, 2048).IndexOf(Encoding.BigEndianUnicode.GetBytes("user-data")) > 0);
    }

    [Fact]
    public void File_content_begins_at_its_extent()
    {
        var root = Image.AsSpan(23 * 2048, 2048);
        var record = root[(root.IndexOf("USER_DAT.;1"u8) - 33)..];
        var extent = BinaryPrimitives.ReadInt32LittleEndian(record[2..]);
        Assert.Equal("#cloud-config\n", Encoding.ASCII.GetString(Image, extent * 2048, BinaryPrimitives.ReadInt32LittleEndian(record[10..])));
    }

    [Fact]
    public async Task The_built_in_writer_makes_a_private_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("seed.iso");
        await Seed("builtin").WriteAsync(path, CloudInitRenderer.Render(GoldenCases.Everything));
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Empty_user_data_is_refused()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => Seed("builtin").WriteAsync("/nowhere/seed.iso", new CloudInitDocuments("", "", null, "")));
        Assert.Equal(Errors.VmValidation, error.Code);
    }

    [Fact]
    public async Task A_folder_that_can_not_be_made_is_told()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("file");
        File.WriteAllText(file, "");
        var error = await Assert.ThrowsAsync<CharlyException>(() => Seed("builtin").WriteAsync(Path.Combine(file, "seed.iso"), CloudInitRenderer.Render(GoldenCases.CloudImage)));
        Assert.Equal(Errors.IsoFailed, error.Code);
        Assert.Contains(Path.Combine(file, "seed.iso"), error.Message, StringComparison.Ordinal);
        Assert.Equal([file], Directory.GetFileSystemEntries(Path.GetDirectoryName(file)!));
    }

    private static SeedIso Seed(string writer)
    {
        var environment = TemporaryFolder.Environment("/tmp", ("CHARLY_ISO", writer));
        return new SeedIso(environment, new ProcessRunner(environment), new Recorder());
    }
}

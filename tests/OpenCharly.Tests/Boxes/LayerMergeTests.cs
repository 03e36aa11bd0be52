using System.Formats.Tar;
using System.Text;
using OpenCharly.Boxes;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Boxes;

/// <summary>A merged layer on an image gives the same files as the layers one after the other.</summary>
public sealed class LayerMergeTests
{
    private const long Mega = 1024 * 1024;

    [Theory]
    [InlineData("5 5 5", 0, 10, null, "0..3")]
    [InlineData("5 5 5", 1, 10, null, "1..3")]
    [InlineData("5 5 5", 2, 10, null, "")]
    [InlineData("5 50 5 5", 0, 10, null, "2..4")]
    [InlineData("5 5 50 5 5 5", 0, 10, null, "0..2 3..6")]
    [InlineData("5 5 5 5", 0, 10, 10, "0..2 2..4")]
    [InlineData("5 9 9 5 5", 0, 10, 10, "3..5")]
    [InlineData("", 0, 10, null, "")]
    public void Neighbours_that_are_small_are_merged_as_far_as_the_limits_go(string sizes, int first, int most, int? total, string groups)
    {
        long[] bytes = [.. sizes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => long.Parse(s, System.Globalization.CultureInfo.InvariantCulture) * Mega)];
        Assert.Equal(groups, string.Join(' ', MergeLimits.OfMegabytes(most, total).Groups(bytes, first)));
    }

    [Fact]
    public void Whatever_layers_do_their_merged_layer_does_the_same()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var image = new LayerModel();
            var layers = Enumerable.Range(0, 3 + random.Next(3)).Select(_ => image.Change(random)).ToList();
            var first = random.Next(2);
            var merged = Merge([.. layers.Skip(first)]);
            var expected = LayerModel.Apply(layers);
            Assert.Equal(image.Files, expected);
            Assert.True(expected.SequenceEqual(LayerModel.Apply([.. layers.Take(first), merged])), $"seed {seed}: {Names(merged)}");
        }
    }

    [Fact]
    public void A_file_that_goes_lives_on_under_its_other_names()
    {
        var below = Layer(Folder("d"), File("d/x", "kept"), Link("d/y", "d/x"), Link("d/z", "d/x"));
        var above = Layer(Folder("d"), File("d/.wh.x", ""));
        var merged = Merge(below, above);
        Assert.Equal("d 5, d/.wh.x 0, d/y 0, d/z 1 > d/y", Names(merged));
        Assert.Equal(["d", "d/y=kept", "d/z=kept"], LayerModel.Apply([merged]));
    }

    [Fact]
    public void What_comes_back_as_a_folder_hides_what_was_there_before()
    {
        var image = Layer(Folder("d"), File("d/old", "1"));
        var merged = Merge(Layer(File(".wh.d", "")), Layer(Folder("d"), File("d/new", "2")));
        Assert.Equal("d 5, d/.wh..wh..opq 0, d/new 0", Names(merged));
        Assert.Equal(["d", "d/new=2"], LayerModel.Apply([image, merged]));
    }

    [Fact]
    public void Attributes_that_are_no_text_and_long_names_stay_as_they_are()
    {
        var name = string.Join('/', Enumerable.Repeat(new string('n', 60), 4));
        var entry = new PaxTarEntry(TarEntryType.RegularFile, name, [KeyValuePair.Create("SCHILY.xattr.security.capability", "QQQQQQQQ")]) { DataStream = new MemoryStream("x"u8.ToArray()) };
        var layer = Layer(entry, Link("other", name));
        byte[] capability = [1, 0, 0, 2, 0xff, 0x80, 0, 0xfe];
        capability.CopyTo(layer.AsSpan(layer.AsSpan().IndexOf("QQQQQQQQ"u8)));
        var kept = Merge(layer, Layer(File("a", "")));
        Assert.True(kept.AsSpan().IndexOf(capability) > 0);
        Assert.Contains(name + " 0", Names(kept), StringComparison.Ordinal);

        // The same under the name that is left of it.
        var moved = Merge(layer, Layer(File($"{name[..name.LastIndexOf('/')]}/.wh.{name[(name.LastIndexOf('/') + 1)..]}", "")));
        Assert.True(moved.AsSpan().IndexOf(capability) > 0);
        Assert.EndsWith("other 0", Names(moved), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(124)]
    public void What_is_no_archive_is_refused(int at)
    {
        var layer = Layer(File("a", "content"));
        if (at == 0) layer = layer[..700];
        else "7777777777"u8.CopyTo(layer.AsSpan(at));
        Assert.Equal(Errors.ImageEngine, Assert.Throws<CharlyException>(() => Merge(layer, layer)).Code);
    }

    private static PaxTarEntry Folder(string path) => new(TarEntryType.Directory, path);

    private static PaxTarEntry File(string path, string content) => new(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };

    private static PaxTarEntry Link(string path, string target) => new(TarEntryType.HardLink, path) { LinkName = target };

    private static byte[] Layer(params TarEntry[] entries)
    {
        var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            foreach (var entry in entries) tar.WriteEntry(entry);
        }

        return stream.ToArray();
    }

    private static byte[] Merge(params byte[][] layers)
    {
        var target = new MemoryStream();
        LayerMerge.Write([.. layers.Select(l => (Stream)new MemoryStream(l))], target);
        return target.ToArray();
    }

    private static string Names(byte[] layer)
    {
        using var stream = new MemoryStream(layer);
        return string.Join(", ", LayerEntry.Read(stream).Select(e => $"{e.Path} {e.Type}{(e.IsLink ? " > " + e.Link : "")}"));
    }
}

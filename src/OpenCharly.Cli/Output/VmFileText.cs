using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Output;

/// <summary>Images for people.</summary>
internal static class VmFileText
{
    private const double Gigabyte = 1L << 30;

    public static IReadOnlyList<TableColumnSpec> ImageColumns { get; } = [new("NAME"), new("SIZE", IsNumber: true), new("PATH")];

    public static IReadOnlyList<string> ImageRow(VmImage image) =>
        [image.Name, $"{(image.Size / Gigabyte).ToString("0.00", CultureInfo.InvariantCulture)} GB", image.Path];

    public static string Image(VmImage image) => TextTable.Pairs(
    [
        ("Name", image.Name),
        ("Path", image.Path),
        ("Format", image.Format),
        ("Size", new ByteSize(image.Size).ToHuman()),
        ("Virtual", image.VirtualSize is { } size ? new ByteSize(size).ToHuman() : null),
        ("Backing", image.BackingFile),
        ("URL", image.Url),
    ]);
}

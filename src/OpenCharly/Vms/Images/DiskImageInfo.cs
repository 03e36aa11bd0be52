namespace OpenCharly.Vms.Images;

/// <summary>What <c>qemu-img info</c> says of an image.</summary>
/// <param name="Path">Path that was asked for.</param>
/// <param name="Format">Format, such as <c>qcow2</c>.</param>
/// <param name="VirtualSize">Size that a guest sees, in bytes.</param>
/// <param name="ActualSize">Space taken on disk, in bytes.</param>
/// <param name="BackingFile">Absolute path of the image that it is an overlay of; null if it stands alone.</param>
/// <param name="BackingFormat">Format of that image, if recorded.</param>
/// <param name="Snapshots">Names of the snapshots inside the image.</param>
public sealed record DiskImageInfo(
    string Path,
    string Format,
    long VirtualSize,
    long ActualSize,
    string? BackingFile,
    string? BackingFormat,
    IReadOnlyList<string> Snapshots);

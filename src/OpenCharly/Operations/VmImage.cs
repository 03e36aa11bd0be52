namespace OpenCharly.Operations;

/// <summary>An image in the cache of VMFile machines.</summary>
/// <param name="Name">File name.</param>
/// <param name="Path">Absolute path.</param>
/// <param name="Size">Bytes on disk.</param>
/// <param name="Url">Where it came from; null if that is not on record.</param>
public sealed record VmImage(string Name, string Path, long Size, string? Url)
{
    /// <summary>Format, such as <c>qcow2</c>; null unless it was looked at.</summary>
    public string? Format { get; init; }

    /// <summary>Size that a guest sees, in bytes; null unless it was looked at.</summary>
    public long? VirtualSize { get; init; }

    /// <summary>Image that it is an overlay of; null if it stands alone or was not looked at.</summary>
    public string? BackingFile { get; init; }
}

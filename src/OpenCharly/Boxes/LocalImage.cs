namespace OpenCharly.Boxes;

/// <summary>An image in the engine's storage.</summary>
/// <param name="Id">Its id, hexadecimal without <c>sha256:</c>.</param>
/// <param name="References">Names that it goes by, each with its tag; empty for one that lost its name.</param>
/// <param name="Labels">All its labels.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Size">Size in bytes.</param>
public sealed record LocalImage(string Id, IReadOnlyList<string> References, IReadOnlyDictionary<string, string> Labels, DateTimeOffset Created, long Size)
{
    /// <summary>User that its containers run as; empty if it does not say, or was only listed.</summary>
    public string User { get; init; } = "";

    /// <summary>Whether it is a box.</summary>
    public bool IsBox => BoxLabelReader.IsBox(Labels);
}

/// <summary>An image of a box in local storage: the reference to use, and what the image says of itself.</summary>
/// <param name="Reference">Full reference with its tag or digest.</param>
/// <param name="Id">Its id, hexadecimal without <c>sha256:</c>.</param>
/// <param name="Labels">What it says of itself.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Size">Size in bytes.</param>
public sealed record BoxImage(string Reference, string Id, BoxLabels Labels, DateTimeOffset Created, long Size);

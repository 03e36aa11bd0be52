namespace OpenCharly.Foundation;

/// <content>References to candies and boxes (candy-and-plan.md §2).</content>
public static partial class Errors
{
    /// <summary>An empty reference.</summary>
    public static readonly ErrorCode RefEmpty = new("REF001", ErrorKind.Usage);

    /// <summary>No candy or box of that name.</summary>
    public static readonly ErrorCode RefNotFound = new("REF002", ErrorKind.NotFound);

    /// <summary>A malformed remote reference.</summary>
    public static readonly ErrorCode RefMalformed = new("REF003", ErrorKind.Usage);

    /// <summary>A remote repository could not be fetched.</summary>
    public static readonly ErrorCode RefFetch = new("REF004", ErrorKind.Unreachable);

    /// <summary>The repository has no such candy or box.</summary>
    public static readonly ErrorCode RefSubPath = new("REF005", ErrorKind.NotFound);

    /// <summary>A box where a candy is needed, or the other way round.</summary>
    public static readonly ErrorCode RefKind = new("REF006", ErrorKind.Usage);

    /// <summary>The path is missing or holds neither candy nor box.</summary>
    public static readonly ErrorCode RefPath = new("REF007", ErrorKind.NotFound);

    /// <summary>An unknown namespace.</summary>
    public static readonly ErrorCode RefNamespace = new("REF008", ErrorKind.NotFound);
}

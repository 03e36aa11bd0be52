namespace OpenCharly.Foundation;

/// <content>Scripts that run a command of a box.</content>
public static partial class Errors
{
    /// <summary>A file stands where an alias would, and <c>charly alias</c> did not write it.</summary>
    public static readonly ErrorCode AliasForeign = new("alias.foreign", ErrorKind.Refused);
}

namespace OpenCharly.Foundation;

/// <summary>What an error means to its caller; the numeric value is the exit code of the <c>charly</c> command.</summary>
public enum ErrorKind
{
    /// <summary>The operation was tried and failed.</summary>
    Failed = 1,

    /// <summary>The request itself is wrong: a bad argument, file or value. Nothing was changed.</summary>
    Usage = 2,

    /// <summary>Something that was named does not exist.</summary>
    NotFound = 3,

    /// <summary>The thing exists, but not in the state that the request needs.</summary>
    WrongState = 4,

    /// <summary>The target machine, host or registry does not answer.</summary>
    Unreachable = 5,

    /// <summary>A safety rule, a lease or the user said no.</summary>
    Refused = 6,

    /// <summary>Checks failed or drift was found; the work itself went through.</summary>
    ChecksFailed = 7,

    /// <summary>The user interrupted the operation.</summary>
    Interrupted = 130,
}

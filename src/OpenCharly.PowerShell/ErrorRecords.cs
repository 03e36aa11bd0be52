using System.Management.Automation;
using OpenCharly.Foundation;

namespace OpenCharly.PowerShell;

/// <summary>Engine errors as PowerShell shows and filters them: the code is the error id, the help line the recommendation.</summary>
internal static class ErrorRecords
{
    /// <summary>The record of an error.</summary>
    /// <param name="error">The error.</param>
    /// <param name="target">The item that was worked on; the error's own target comes first.</param>
    public static ErrorRecord From(Exception error, object? target) => error switch
    {
        CharlyException charly => FromCharly(charly, target),
        OperationCanceledException => FromCharly(
            new CharlyException(Errors.Interrupted, "the operation was interrupted", "Run it again: what is done stays done.", inner: error), target),
        IOException or UnauthorizedAccessException => FromCharly(
            new CharlyException(Errors.Io, error.Message, "Check that the path exists and that you may use it.", inner: error), target),
        _ => new ErrorRecord(error, Errors.Internal.Id, ErrorCategory.NotSpecified, target)
        {
            ErrorDetails = new ErrorDetails($"internal error: {error.GetType().Name}: {error.Message}")
            {
                RecommendedAction = "This is a defect of OpenCharly. Report it with the output of: $Error[0] | Format-List * -Force",
            },
        },
    };

    /// <summary>The category of an error code: by its kind, unless PowerShell has a closer word.</summary>
    public static ErrorCategory CategoryOf(ErrorCode code)
    {
        if (code == Errors.ToolMissing || code == Errors.BackendMissing || code == Errors.FirmwareMissing) return ErrorCategory.NotInstalled;
        if (code == Errors.VmNameExists || code == Errors.FileExists) return ErrorCategory.ResourceExists;
        if (code == Errors.PortInUse || code == Errors.PodPortTaken) return ErrorCategory.ResourceBusy;
        if (code == Errors.VmWait || code == Errors.VmReboot || code == Errors.IpTimeout) return ErrorCategory.OperationTimeout;
        return CategoryOf(code.Kind);
    }

    /// <summary>The category of an error kind.</summary>
    public static ErrorCategory CategoryOf(ErrorKind kind) => kind switch
    {
        ErrorKind.Failed => ErrorCategory.OperationStopped,
        ErrorKind.Usage => ErrorCategory.InvalidArgument,
        ErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        ErrorKind.WrongState => ErrorCategory.InvalidOperation,
        ErrorKind.Unreachable => ErrorCategory.ConnectionError,
        ErrorKind.Refused => ErrorCategory.PermissionDenied,
        ErrorKind.ChecksFailed => ErrorCategory.InvalidResult,
        ErrorKind.Interrupted => ErrorCategory.OperationStopped,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "an error kind without a category"),
    };

    private static ErrorRecord FromCharly(CharlyException error, object? target) =>
        new(error, error.Code.Id, CategoryOf(error.Code), error.Target ?? target)
        {
            ErrorDetails = new ErrorDetails(Message(error)) { RecommendedAction = error.Help },
        };

    // Several problems already carry their positions, one a line.
    private static string Message(CharlyException error) =>
        error.Position is null || error is CharlyValidationException { Problems.Count: > 1 }
            ? error.Message
            : $"{error.Position}: {error.Message}";
}

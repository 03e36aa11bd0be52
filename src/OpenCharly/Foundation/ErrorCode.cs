namespace OpenCharly.Foundation;

/// <summary>A stable identifier of one error, with the kind that decides exit code and error category.</summary>
/// <param name="Id">The identifier that users and tests rely on, such as <c>vm.not_found</c> or <c>CFG001</c>.</param>
/// <param name="Kind">What the error means to the caller.</param>
public sealed record ErrorCode(string Id, ErrorKind Kind)
{
    /// <inheritdoc/>
    public override string ToString() => Id;
}

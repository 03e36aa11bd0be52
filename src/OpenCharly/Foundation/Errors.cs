namespace OpenCharly.Foundation;

/// <summary>The catalogue of error codes: users, scripts and tests rely on these identifiers, so they never change.</summary>
public static partial class Errors;

namespace OpenCharly.Cli;

/// <summary>How results are printed.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>For programs: JSON on standard output, JSON lines on standard error.</summary>
    Json,
}

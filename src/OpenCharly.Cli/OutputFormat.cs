namespace OpenCharly.Cli;

/// <summary>How results are printed.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>For programs: JSON on standard output, JSON lines on standard error.</summary>
    Json,

    /// <summary>A line a result, without a table; only where a command offers it.</summary>
    Text,

    /// <summary>The Test Anything Protocol; only where a command offers it.</summary>
    Tap,
}

/// <summary>A command that prints in more formats than table and JSON.</summary>
internal interface IOffersFormats
{
    /// <summary>The further formats.</summary>
    IReadOnlyList<OutputFormat> Formats { get; }
}

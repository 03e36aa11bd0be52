using OpenCharly.Foundation;

namespace OpenCharly.Cli;

/// <summary>How much is told on standard error.</summary>
internal enum LogLevel
{
    /// <summary>Only the error that ends the command.</summary>
    Error,

    /// <summary>Warnings as well.</summary>
    Warn,

    /// <summary>What is going on: the default.</summary>
    Info,

    /// <summary>What helps to find out why.</summary>
    Debug,

    /// <summary>Every line that a step prints.</summary>
    Trace,
}

/// <summary>
/// The levels from <c>CHARLY_LOG</c>, else <c>RUST_LOG</c>: one level, or a list such as <c>warn,step=trace</c>. Areas
/// are <c>notice</c>, <c>step</c>, <c>wait</c> and <c>progress</c>; others, meant for other programs, are ignored.
/// </summary>
internal sealed class LogLevels
{
    public const string Notice = "notice";
    public const string Step = "step";
    public const string Wait = "wait";
    public const string Progress = "progress";

    private readonly Dictionary<string, LogLevel> _areas = new(StringComparer.Ordinal);
    private LogLevel _default = LogLevel.Info;

    /// <summary>Parts of <c>CHARLY_LOG</c> that could not be read.</summary>
    public IReadOnlyList<string> Unreadable { get; private init; } = [];

    /// <summary>Whether something of that area and level is told.</summary>
    public bool Tells(string area, LogLevel level) => level <= _areas.GetValueOrDefault(area, _default);

    public static LogLevels Read(CharlyEnvironment environment, bool verbose)
    {
        if (verbose) return new LogLevels { _default = LogLevel.Trace };
        // Whoever writes RUST_LOG may mean another program, so only CHARLY_LOG is held to be right.
        return environment.Variable("CHARLY_LOG") is { } own
            ? Parse(own, strict: true)
            : Parse(environment.Variable("RUST_LOG") ?? "", strict: false);
    }

    private static LogLevels Parse(string text, bool strict)
    {
        var unreadable = new List<string>();
        var levels = new LogLevels { Unreadable = unreadable };
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (!TryLevel(part[(equals + 1)..], out var level))
            {
                if (strict) unreadable.Add(part);
            }
            else if (equals < 0)
            {
                levels._default = level;
            }
            else
            {
                levels._areas[part[..equals]] = level;
            }
        }

        return levels;
    }

    private static bool TryLevel(string text, out LogLevel level)
    {
        LogLevel? found = text.ToUpperInvariant() switch
        {
            "OFF" or "ERROR" => LogLevel.Error,
            "WARN" or "WARNING" => LogLevel.Warn,
            "INFO" => LogLevel.Info,
            "DEBUG" => LogLevel.Debug,
            "TRACE" => LogLevel.Trace,
            _ => null,
        };
        level = found ?? LogLevel.Info;
        return found is not null;
    }
}

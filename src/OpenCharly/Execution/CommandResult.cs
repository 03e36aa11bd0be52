namespace OpenCharly.Execution;

/// <summary>What a finished command left behind.</summary>
/// <param name="StandardOutput">All of standard output.</param>
/// <param name="StandardError">All of standard error.</param>
/// <param name="ExitCode">Exit code; 128 plus the signal number if a signal ended it.</param>
/// <param name="Duration">Wall clock time.</param>
public sealed record CommandResult(string StandardOutput, string StandardError, int ExitCode, TimeSpan Duration)
{
    /// <summary>Whether the exit code is zero.</summary>
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last non-blank lines of standard error, else of standard output: what an error message should show.</summary>
    public string Tail(int lines = 5)
    {
        var text = string.IsNullOrWhiteSpace(StandardError) ? StandardOutput : StandardError;
        var all = text.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0).ToArray();
        return string.Join('\n', all[Math.Max(0, all.Length - lines)..]);
    }
}

/// <summary>One line that a running command printed.</summary>
/// <param name="IsError">True for standard error.</param>
/// <param name="Text">The line without its newline.</param>
public readonly record struct OutputLine(bool IsError, string Text);

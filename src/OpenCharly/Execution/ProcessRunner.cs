using System.Diagnostics;
using System.Text;
using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>A program to run on this machine.</summary>
/// <param name="Program">Name, looked up on PATH, or path.</param>
/// <param name="Arguments">Its arguments, passed one by one without a shell; never a secret.</param>
public sealed record ProcessRequest(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>Text for standard input; closed at once if null.</summary>
    public string? Input { get; init; }

    /// <summary>Working folder; the process's own if null.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Variables added to the environment; a null value removes one.</summary>
    public IReadOnlyDictionary<string, string?>? Variables { get; init; }

    /// <summary>Called for each line as it arrives; calls never overlap.</summary>
    public Action<OutputLine>? Output { get; init; }

    /// <summary>How long it may take; no limit if null.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>Runs programs on this machine. Tests replace it at the program boundary.</summary>
public interface IProcessRunner
{
    /// <summary>Runs a program to its end; it and its children are killed on cancellation or timeout.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/> if there is no such program,
    /// <see cref="Errors.Io"/> if it outlives its timeout.</exception>
    Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default);

    /// <summary>The full path of a program on PATH (or in the sbin folders), or null.</summary>
    string? Find(string program);
}

/// <summary>The real thing.</summary>
/// <param name="environment">Where PATH comes from.</param>
public sealed class ProcessRunner(CharlyEnvironment environment) : IProcessRunner
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);
    private static readonly string[] SystemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

    /// <inheritdoc/>
    public string? Find(string program)
    {
        if (program.Contains('/')) return File.Exists(program) ? program : null;
        var folders = (environment.Variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(SystemFolders);
        return folders.Select(f => Path.Combine(f, program)).FirstOrDefault(IsExecutable);
    }

    /// <inheritdoc/>
    public async Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default)
    {
        var start = Stopwatch.GetTimestamp();
        using var process = new Process { StartInfo = Describe(request) };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        process.Start();
        if (request.Timeout is { } timeout) limit.CancelAfter(timeout);
        var gate = new Lock();
        var output = new ProcessOutput(process.StandardOutput, isError: false, request.Output, gate);
        var error = new ProcessOutput(process.StandardError, isError: true, request.Output, gate);
        try
        {
            await FeedAsync(process, request.Input, limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new CharlyException(
                Errors.Io,
                $"{request.Program} did not end within {request.Timeout!.Value.TotalSeconds:0} s",
                "Look at its output above, or allow more time.");
        }

        // A service that the program left behind may keep the streams open for ever.
        await Task.WhenAny(Task.WhenAll(output.Ended, error.Ended), Task.Delay(DrainLimit, cancellationToken)).ConfigureAwait(false);
        return new CommandResult(output.Text, error.Text, process.ExitCode, Stopwatch.GetElapsedTime(start));
    }

    private ProcessStartInfo Describe(ProcessRequest request)
    {
        var path = Find(request.Program) ?? throw new CharlyException(
            Errors.ToolMissing,
            $"the program {request.Program} is not installed",
            $"Install the package that holds {Path.GetFileName(request.Program)}, or put it on PATH.",
            target: request.Program);
        var info = new ProcessStartInfo(path)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
            StandardErrorEncoding = new UTF8Encoding(false),
            StandardInputEncoding = new UTF8Encoding(false),
            UseShellExecute = false,
            WorkingDirectory = request.WorkingDirectory ?? environment.WorkingDirectory,
        };
        foreach (var argument in request.Arguments) info.ArgumentList.Add(argument);
        info.Environment.Clear();
        foreach (var (name, value) in environment.Variables) info.Environment[name] = value;
        foreach (var (name, value) in request.Variables ?? new Dictionary<string, string?>())
        {
            if (value is null) info.Environment.Remove(name);
            else info.Environment[name] = value;
        }

        return info;
    }

    private static async Task FeedAsync(Process process, string? input, CancellationToken cancellationToken)
    {
        try
        {
            if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended, or closed its input, before it read everything: its exit code tells the story.
        }
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}

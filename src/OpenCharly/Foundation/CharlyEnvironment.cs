namespace OpenCharly.Foundation;

/// <summary>
/// Everything the engine takes from the process around it: variables, folders, clock. Tests make their own, so no
/// engine class reads global state.
/// </summary>
public sealed record CharlyEnvironment
{
    /// <summary>Environment variables.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>The user's home folder.</summary>
    public required string Home { get; init; }

    /// <summary>The folder that relative paths are relative to.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The folder that the running program lies in; null if it is not known.</summary>
    public string? Installation { get; init; }

    /// <summary>Whether this is root.</summary>
    public bool IsRoot { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The environment of this process.</summary>
    /// <param name="workingDirectory">Folder for relative paths; the process's own if null.</param>
    public static CharlyEnvironment FromProcess(string? workingDirectory = null)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            variables[(string)entry.Key] = (string?)entry.Value ?? "";
        }

        return new CharlyEnvironment
        {
            Variables = variables,
            Home = variables.GetValueOrDefault("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            WorkingDirectory = workingDirectory ?? Environment.CurrentDirectory,
            Installation = Path.GetDirectoryName(Environment.ProcessPath),
            IsRoot = Environment.IsPrivilegedProcess,
        };
    }

    /// <summary>The value of a variable, or null if it is unset or empty.</summary>
    public string? Variable(string name) => Variables.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    /// <summary>An absolute path: <c>~</c> is the home folder, relative paths join the working directory.</summary>
    public string Resolve(string path) =>
        path == "~" ? Home
        : path.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(Home, path[2..])
        : Path.GetFullPath(path, WorkingDirectory);
}

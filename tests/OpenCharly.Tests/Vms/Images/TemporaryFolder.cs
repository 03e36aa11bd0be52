using OpenCharly.Foundation;

namespace OpenCharly.Tests.Vms.Images;

/// <summary>A folder of a test's own, removed with everything in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("charly-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>This process's PATH, a home of its own and the given variables.</summary>
    public static CharlyEnvironment Environment(string home, params (string Name, string Value)[] variables) => new()
    {
        Variables = variables.Append(("PATH", System.Environment.GetEnvironmentVariable("PATH") ?? "")).ToDictionary(v => v.Item1, v => v.Item2),
        Home = home,
        WorkingDirectory = home,
    };

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Keeps every event, in order.</summary>
internal sealed class Recorder : IProgress<CharlyEvent>
{
    private readonly List<CharlyEvent> _events = [];

    public IReadOnlyList<CharlyEvent> Events
    {
        get
        {
            lock (_events) return [.. _events];
        }
    }

    public void Report(CharlyEvent value)
    {
        lock (_events) _events.Add(value);
    }
}

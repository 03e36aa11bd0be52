using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Boxes;

namespace OpenCharly.Tests.Boxes;

/// <summary>A project with boxes in a home of its own, and an engine that only records what it is asked.</summary>
public abstract class BoxLab : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("charly-boxes-").FullName;

    protected BoxLab() => Directory.CreateDirectory(Project);

    protected string Project => Path.Combine(_root, "project");

    protected List<CharlyEvent> Events { get; } = [];

    internal EngineStub Engine { get; set; } = new();

    protected CharlyContext Context => ContextWith(Engine);

    protected CharlyContext ContextWith(IProcessRunner? processes, params (string Name, string Value)[] further)
    {
        var variables = new Dictionary<string, string> { ["HOME"] = _root, ["PATH"] = "/usr/bin:/bin", ["XDG_CONFIG_HOME"] = Path.Combine(_root, "config"), ["XDG_CACHE_HOME"] = Path.Combine(_root, "cache") };
        foreach (var (name, value) in further) variables[name] = value;
        return new CharlyContext(new CharlyEnvironment { Variables = variables, Home = _root, WorkingDirectory = Project, Clock = new FixedClock() }, new Collector(Events), processes);
    }

    /// <summary>Writes files: each begins with a line <c>== PATH</c>.</summary>
    protected void Write(string files)
    {
        foreach (var part in files.Split("== ", StringSplitOptions.RemoveEmptyEntries))
        {
            var (path, text) = (part[..part.IndexOf('\n', StringComparison.Ordinal)].Trim(), part[(part.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
            var file = Path.Combine(Project, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
    }

    protected void WriteHost(string text)
    {
        var file = Context.Paths.HostFile;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    protected Task<IReadOnlyList<GeneratedBox>> GenerateAsync(params string[] names) =>
        new GenerateBoxes(Context).RunAsync(new GenerateBoxesRequest { Names = names, Tag = "2026.200.0915", DryRun = true });

    /// <summary>Every file of the project with its content.</summary>
    protected IReadOnlyList<string> Photograph() =>
        [.. Directory.EnumerateFiles(Project, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => $"{f}: {File.ReadAllText(f)}")];

    public void Dispose()
    {
        Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 7, 19, 9, 15, 0, TimeSpan.Zero);
    }

    private sealed class Collector(List<CharlyEvent> events) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            lock (events) events.Add(value);
        }
    }
}

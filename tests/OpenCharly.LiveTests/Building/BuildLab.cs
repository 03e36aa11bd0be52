using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Building;

/// <summary>A project and a home folder of their own on this machine, which is the target.</summary>
internal sealed class BuildLab : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-build-").FullName;

    public BuildLab(CharlyEnvironment environment)
    {
        Directory.CreateDirectory(Home);
        Directory.CreateDirectory(Project);
        File.WriteAllText(Path.Combine(Project, "charly.yml"), "version: 2026.163.0928\n");
        var variables = new Dictionary<string, string>(environment.Variables)
        {
            ["HOME"] = Home, ["XDG_CONFIG_HOME"] = At("config"), ["XDG_CACHE_HOME"] = At("cache"), ["XDG_DATA_HOME"] = At("data"), ["XDG_RUNTIME_DIR"] = At("run"),
        };
        Context = new CharlyContext(environment with { Variables = variables, Home = Home, WorkingDirectory = Project }, new Collector(Events));
    }

    public CharlyContext Context { get; }

    public List<CharlyEvent> Events { get; } = [];

    public string Home => At("home");

    public string Project => At("project");

    public string At(string name) => Path.Combine(_folder, name);

    public void Write(string path, string text)
    {
        var file = Path.Combine(Project, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        if (text.StartsWith("#!", StringComparison.Ordinal)) File.SetUnixFileMode(file, AtomicFile.Shared | (UnixFileMode)0b001_001_001);
    }

    public static BundleRequest Request(string candy, string? image = null) => new()
    {
        Name = "host", Ref = candy, Options = new InstallOptions { Yes = true, BuilderImage = image },
    };

    /// <summary>Everything in the home folder but the ledger's own folders, with content.</summary>
    public IReadOnlyList<string> Photograph() =>
    [
        .. Directory.EnumerateFileSystemEntries(Home, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(p => !(p + "/").StartsWith(Path.Combine(Home, ".config/opencharly/"), StringComparison.Ordinal) && p != Path.Combine(Home, ".config"))
            .Order(StringComparer.Ordinal)
            .Select(p => $"{p} {new FileInfo(p).LinkTarget} {(File.Exists(p) ? File.ReadAllText(p) : "")} {(File.Exists(p) || Directory.Exists(p) ? File.GetUnixFileMode(p) : 0)}"),
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class Collector(List<CharlyEvent> events) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            lock (events) events.Add(value);
        }
    }
}

using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Operations;

/// <summary>A project and a home folder of their own; the target is this machine, real bash, real files.</summary>
internal sealed class BundleLab : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-bundle-").FullName;
    private readonly Dictionary<string, string> _variables;

    public BundleLab()
    {
        Directory.CreateDirectory(Home);
        var real = CharlyEnvironment.FromProcess();
        _variables = new Dictionary<string, string>(real.Variables)
        {
            ["HOME"] = Home, ["XDG_CONFIG_HOME"] = At("config"), ["XDG_CACHE_HOME"] = At("cache"), ["XDG_DATA_HOME"] = At("data"), ["XDG_RUNTIME_DIR"] = At("run"),
        };
        _variables.Remove("DBUS_SESSION_BUS_ADDRESS");
        Write("charly.yml", "version: 2026.163.0928\n");
    }

    public string Home => At("home");

    public List<CharlyEvent> Events { get; } = [];

    public CharlyContext Context => new(
        CharlyEnvironment.FromProcess() with { Home = Home, WorkingDirectory = At("project"), Variables = new Dictionary<string, string>(_variables) }, new Collector(Events));

    public string At(string name) => Path.Combine(_folder, name);

    public void Set(string variable, string value) => _variables[variable] = value;

    public void Write(string path, string text)
    {
        var file = Path.Combine(At("project"), path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    public void WriteCandy(string name, string body) => Write($"candy/{name}/charly.yml", $"candy:\n  name: {name}\n  version: 2026.180.1200\n{body}");

    public static BundleRequest Request(string candy, bool force = false) => new() { Name = "host", Ref = candy, Force = force, Options = new InstallOptions { Yes = true } };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class Collector(List<CharlyEvent> events) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            lock (events) events.Add(value);
        }
    }
}

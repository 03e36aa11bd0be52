using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Vms;

/// <summary>Folders of their own, gone after the test, and a project that is a dictionary.</summary>
public sealed class Host : IDisposable, IProgress<CharlyEvent>
{
    private readonly Dictionary<string, VmSpec> _specs = new(StringComparer.Ordinal);
    private readonly List<CharlyEvent> _events = [];

    public Host(params (string Name, string Value)[] variables)
    {
        Folder = Directory.CreateTempSubdirectory("charly-vms-").FullName;
        var real = CharlyEnvironment.FromProcess();
        var all = new Dictionary<string, string>
        {
            ["PATH"] = real.Variable("PATH") ?? "",
            ["HOME"] = Folder,
            ["XDG_RUNTIME_DIR"] = Path.Combine(Folder, "run"),
        };
        foreach (var (name, value) in variables) all[name] = value;
        Environment = new CharlyEnvironment { Home = Folder, WorkingDirectory = Folder, Variables = all };
        Context = new CharlyContext(Environment, this);
        Services = new VmServices(Context, (name, _) => Task.FromResult(_specs.GetValueOrDefault(name)));
    }

    public string Folder { get; }

    public CharlyEnvironment Environment { get; }

    public CharlyContext Context { get; }

    public HostPaths Paths => Context.Paths;

    internal VmServices Services { get; }

    public IEnumerable<string> Notices
    {
        get
        {
            lock (_events) return [.. _events.OfType<NoticeEvent>().Select(n => n.Text)];
        }
    }

    public static VmSpec Spec(string name) => new()
    {
        Name = name,
        Position = new SourcePosition("charly.yml", 3, 1),
        ProjectFolder = "/srv/project",
        Source = new BootstrapSource { Builder = "debootstrap", Distro = "debian", Suite = "trixie" },
    };

    /// <summary>Declares a machine of the backend that does nothing, with a disk that is an empty file.</summary>
    public VmSpec Declare(string name, Func<VmSpec, VmSpec>? change = null)
    {
        var spec = Spec(name) with { ProjectFolder = Folder, Backend = "noop", Ssh = new VmSsh { KeySource = "none", PortAuto = true } };
        spec = change?.Invoke(spec) ?? spec;
        _specs[name] = spec;
        var disk = VmPlacement.Disk(spec, new OpenCharly.Vms.VmName(name));
        Directory.CreateDirectory(Path.GetDirectoryName(disk)!);
        File.WriteAllText(disk, "");
        return spec;
    }

    public string At(params string[] parts) => Path.Combine([Folder, .. parts]);

    public void Report(CharlyEvent value)
    {
        lock (_events) _events.Add(value);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>Programs that are played, at the program boundary.</summary>
internal sealed class PlayedPrograms(Func<ProcessRequest, CommandResult> play) : IProcessRunner
{
    private readonly List<ProcessRequest> _requests = [];

    public IReadOnlyList<ProcessRequest> Requests => _requests;

    public Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default)
    {
        _requests.Add(request);
        return Task.FromResult(play(request));
    }

    /// <summary>Programs that are not there.</summary>
    public HashSet<string> Missing { get; } = [];

    public string? Find(string program) => Missing.Contains(program) ? null : "/usr/bin/" + program;
}

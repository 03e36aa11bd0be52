using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.LiveTests.Vms;

/// <summary>
/// Folders of their own for machines: home, configuration, state and project are temporary, only the cache of base images
/// is the user's. Whatever still runs at the end is destroyed.
/// </summary>
public sealed class VmLab : IAsyncDisposable
{
    private readonly Dictionary<string, VmSpec> _specs = new(StringComparer.Ordinal);
    private readonly List<CharlyEvent> _events = [];

    /// <summary>Makes the folders.</summary>
    /// <param name="backend">Backend of machines whose entity names none.</param>
    /// <param name="programs">Runs programs, in the lab's environment; the real ones if null.</param>
    /// <param name="ownPodman">Whether podman keeps images of the lab's own, which nobody else changes meanwhile.</param>
    public VmLab(string backend = "qemu", Func<VmLab, IProcessRunner>? programs = null, bool ownPodman = false)
    {
        // Short, because sockets lie below it.
        Folder = Directory.CreateTempSubdirectory("cv-").FullName;
        var real = CharlyEnvironment.FromProcess();
        var variables = new Dictionary<string, string>(real.Variables)
        {
            ["HOME"] = Path.Combine(Folder, "home"),
            ["XDG_CONFIG_HOME"] = Path.Combine(Folder, "config"),
            ["XDG_DATA_HOME"] = Path.Combine(Folder, "data"),
            ["XDG_RUNTIME_DIR"] = Path.Combine(Folder, "run"),
            ["XDG_CACHE_HOME"] = real.Variable("XDG_CACHE_HOME") ?? Path.Combine(real.Home, ".cache"),
        };
        foreach (var name in (string[])["CHARLY_VM_ACCEL", "CHARLY_VM_USER_NETWORK", "SSH_AUTH_SOCK"]) variables.Remove(name);
        variables["CHARLY_VM_BACKEND"] = backend;
        if (ownPodman)
        {
            variables["CONTAINERS_STORAGE_CONF"] = Path.Combine(Folder, "storage.conf");
            File.WriteAllText(variables["CONTAINERS_STORAGE_CONF"], $"[storage]\ndriver = \"overlay\"\ngraphroot = \"{Folder}/images\"\nrunroot = \"{Folder}/images-run\"\n");
        }

        Project = Path.Combine(Folder, "project");
        foreach (var folder in (string[])[Path.Combine(Folder, "home"), Path.Combine(Folder, "run"), Project]) Directory.CreateDirectory(folder);
        Environment = real with { Home = Path.Combine(Folder, "home"), Variables = variables, WorkingDirectory = Project };
        Context = new CharlyContext(Environment, new Collector(this), programs?.Invoke(this));
        Services = new VmServices(Context, (name, _) => Task.FromResult(_specs.GetValueOrDefault(name)));
    }

    public string Folder { get; }

    public string Project { get; }

    public CharlyEnvironment Environment { get; }

    public CharlyContext Context { get; }

    public HostPaths Paths => Context.Paths;

    internal VmServices Services { get; }

    /// <summary>Everything that was told so far.</summary>
    public IReadOnlyList<CharlyEvent> Events
    {
        get
        {
            lock (_events) return [.. _events];
        }
    }

    public IEnumerable<string> Notices => Events.OfType<NoticeEvent>().Select(n => n.Text);

    /// <summary>Declares a machine whose disk comes from packages.</summary>
    /// <remarks>It has one processor: where QEMU emulates several, the kernel of a guest may lose a race with itself.</remarks>
    public VmSpec Declare(string name, VmSource? source = null)
    {
        var spec = new VmSpec
        {
            Name = name,
            Position = new SourcePosition("charly.yml", 1, 1),
            ProjectFolder = Project,
            Source = source ?? new BootstrapSource { Builder = "debootstrap", Distro = "debian", Suite = "trixie" },
            DiskSize = new ByteSize(4L << 30),
            Ram = new ByteSize(1L << 30),
            Cpus = 1,
            Ssh = new VmSsh { User = "tester", PortAuto = true, KeySource = "generate" },
        };
        return Declare(spec);
    }

    /// <summary>Declares or changes a machine.</summary>
    public VmSpec Declare(VmSpec spec) => _specs[spec.Name] = spec;

    /// <summary>Declares a machine with an empty disk: QEMU runs it, but nothing ever boots.</summary>
    public async Task<VmSpec> DeclareEmptyAsync(string name)
    {
        var spec = Declare(name) with { Ram = new ByteSize(64 << 20), Cpus = 1 };
        var disk = VmPlacement.Disk(spec, new VmName(name));
        Directory.CreateDirectory(Path.GetDirectoryName(disk)!);
        var made = await Context.Processes.RunAsync(new ProcessRequest("qemu-img", "create", "-q", "-f", "qcow2", disk, "16M"));
        Assert.True(made.Succeeded, made.Tail());
        return Declare(spec);
    }

    public Task<VmDeployState> CreateAsync(string name, string? instance = null, bool start = false) =>
        new CreateVm(Services).RunAsync(new CreateVmRequest { Name = name, Instance = instance, Start = start });

    public Task<CharlyVm> StartAsync(string name) => new StartVm(Services).RunAsync(name);

    public Task<CharlyVm> StopAsync(string name, bool force = true, int seconds = 30) =>
        new StopVm(Services).RunAsync(new StopVmRequest { Name = name, Force = force, Timeout = TimeSpan.FromSeconds(seconds) });

    public Task DestroyAsync(string name, bool disk = false, bool keep = false) =>
        new DestroyVm(Services).RunAsync(new DestroyVmRequest { Name = name, Disk = disk, KeepDeploy = keep });

    public async Task<CharlyVm> ShowAsync(string name) => Assert.Single(await new GetVms(Services).RunAsync(new VmQuery { Names = [name] }));

    public async Task<VmStatus> StatusAsync(string name) => (await ShowAsync(name)).Status;

    /// <summary>All files below configuration, data and project but locks, relative to the lab's folder.</summary>
    public IReadOnlyList<string> Files() =>
        [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Folder, f))
            .Where(f => !f.EndsWith(".lock", StringComparison.Ordinal) && !f.EndsWith(".lock.owner", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        foreach (var handle in Services.Registry.Read().Values)
        {
            await new DestroyVm(Services).RunAsync(new DestroyVmRequest { Name = VmName.Of(handle).Key });
        }

        // Where podman keeps layers is a mount of its own.
        if (Directory.Exists(Path.Combine(Folder, "images", "overlay"))) await Context.Processes.RunAsync(new ProcessRequest("umount", "--lazy", Path.Combine(Folder, "images", "overlay")));
        Directory.Delete(Folder, recursive: true);
    }

    private sealed class Collector(VmLab lab) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            lock (lab._events) lab._events.Add(value);
        }
    }
}

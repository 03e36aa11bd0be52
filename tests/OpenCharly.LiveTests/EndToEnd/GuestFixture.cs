using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Vms;

namespace OpenCharly.LiveTests.EndToEnd;

/// <summary>
/// One real machine for all end-to-end tests: built from Debian packages (the base image is kept in the user's cache
/// from run to run), booted once, destroyed at the end. Home, configuration and state live in a folder of their own, so
/// that the user's <c>~/.ssh/config</c> is neither read nor changed.
/// </summary>
public sealed class GuestFixture : IAsyncLifetime
{
    /// <summary>Name of the machine.</summary>
    public const string Vm = "live";

    /// <summary>A deployment of target <c>local</c> that reaches the same machine as a plain host behind ssh.</summary>
    public const string SecondHolder = "second-holder";

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-live-").FullName;
    private readonly List<string> _notices = [];

    /// <summary>Folder of the project that declares the machine.</summary>
    public string Project => Path.Combine(_folder, "project");

    /// <summary>The per-host file.</summary>
    public string HostFile => new HostPaths(Environment).HostFile;

    /// <summary>What the engine said while it worked.</summary>
    public IReadOnlyList<string> Notices
    {
        get
        {
            lock (_notices) return [.. _notices];
        }
    }

    /// <summary>Where the engine finds folders and variables.</summary>
    public CharlyEnvironment Environment { get; private set; } = null!;

    /// <summary>A context on the project.</summary>
    public CharlyContext Context { get; private set; } = null!;

    /// <summary>State of the machine as created.</summary>
    public VmDeployState State { get; private set; } = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Missing() is not null) return;
        var process = CharlyEnvironment.FromProcess();
        var home = Path.Combine(_folder, "home");
        var variables = new Dictionary<string, string>(process.Variables)
        {
            ["HOME"] = home,
            ["XDG_CACHE_HOME"] = process.Variable("XDG_CACHE_HOME") ?? Path.Combine(process.Home, ".cache"),
            ["XDG_CONFIG_HOME"] = Path.Combine(_folder, "config"),
            ["XDG_DATA_HOME"] = Path.Combine(_folder, "data"),
            ["XDG_RUNTIME_DIR"] = Path.Combine(_folder, "run"),
            ["CHARLY_VM_BACKEND"] = "qemu",
        };
        Directory.CreateDirectory(home);
        Directory.CreateDirectory(variables["XDG_RUNTIME_DIR"]);
        Directory.CreateDirectory(Project);
        Environment = process with { Home = home, Variables = variables, WorkingDirectory = Project };
        WriteProject();
        Context = new CharlyContext(Environment, new Collector(this));
        await new BuildVm(Context).RunAsync(new BuildVmRequest { Name = Vm });
        State = await new CreateVm(Context).RunAsync(new CreateVmRequest { Name = Vm, Start = true });
        await new WaitVm(Context).RunAsync(new WaitVmRequest { Name = Vm, For = VmWaitCondition.CloudInit, Timeout = TimeSpan.FromMinutes(10) });
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (Context is not null)
        {
            await new DestroyVm(Context).RunAsync(new DestroyVmRequest { Name = Vm, Disk = true });
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Writes or replaces a candy of the project.</summary>
    public void WriteCandy(string name, string body)
    {
        var folder = Path.Combine(Project, "candy", name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "charly.yml"), $"candy:\n  name: {name}\n  version: 2026.180.1200\n{body}");
    }

    /// <summary>Runs a command in the guest and returns its standard output; a failure fails the test.</summary>
    public async Task<string> InGuestAsync(string command)
    {
        var result = await new RunInVm(Context).RunAsync(new RunInVmRequest { Name = Vm, Command = command, Timeout = TimeSpan.FromMinutes(3) });
        Assert.True(result.Succeeded, $"{command}: exit {result.ExitCode}: {result.Tail()}");
        return result.StandardOutput;
    }

    internal static string? Missing(bool needsCatalog = false)
    {
        if (needsCatalog && !Directory.Exists(Catalog)) return NoCatalog;
        var processes = new ProcessRunner(CharlyEnvironment.FromProcess());
        string[] programs = ["ssh", "ssh-keygen", "qemu-system-x86_64", "qemu-img", "mmdebstrap", "mke2fs", "grub-mkimage"];
        return programs.FirstOrDefault(p => processes.Find(p) is null) is { } missing ? $"{missing} is not installed" : null;
    }

    internal const string NoCatalog = "there is no catalog of real candies in ../shared/catalog";

    internal static string Catalog => Path.GetFullPath(Path.Combine(RepositoryRoot(), "..", "shared", "catalog", "candy"));

    internal static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Charly.sln"))) folder = folder.Parent;
        return folder.FullName;
    }

    private void WriteProject()
    {
        File.WriteAllText(Path.Combine(Project, "charly.yml"),
            $"""
            version: 2026.163.0928
            discover:
              - candy
              - {Path.Combine(RepositoryRoot(), "catalog", "candy")}
              - {Catalog}
            vm:
              {Vm}:
                source: {"{kind: bootstrap, builder: debootstrap, distro: debian, suite: trixie}"}
                disk_size: 4G
                ram: 1G
                cpu: 1
                ssh: {"{user: tester, port_auto: true, key_source: generate}"}
            deploy:
              {SecondHolder}:
                target: local
                host: charly-{Vm}
                ssh_arg: [-F, {new HostPaths(Environment).SshConfig}]
            """);
    }

    private sealed class Collector(GuestFixture fixture) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            if (value is not NoticeEvent notice) return;
            lock (fixture._notices) fixture._notices.Add(notice.Text);
        }
    }
}

/// <summary>All tests that share the machine; they run one after the other.</summary>
[CollectionDefinition("guest")]
#pragma warning disable CA1711 // xunit calls it a collection
public sealed class GuestCollection : ICollectionFixture<GuestFixture>;
#pragma warning restore CA1711

/// <summary>A test that needs the machine.</summary>
public sealed class GuestFactAttribute : FactAttribute
{
    private string? _skip;

    /// <summary>Whether it also needs the catalog of real candies beside the repository.</summary>
    public bool NeedsCatalog { get; init; }

    /// <summary>Why it is skipped where the machine or the catalog can't be had.</summary>
    public override string? Skip
    {
        get => _skip ?? GuestFixture.Missing(NeedsCatalog);
        set => _skip = value;
    }
}

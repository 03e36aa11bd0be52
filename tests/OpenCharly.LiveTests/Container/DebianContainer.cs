using System.Diagnostics;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.EndToEnd;
using OpenCharly.LiveTests.Support;
using OpenCharly.Operations;
using OpenCharly.UndoMeasure;

namespace OpenCharly.LiveTests.Container;

/// <summary>
/// A Debian with a systemd of its own, in namespaces of this machine and reached by ssh, for whatever needs a service manager and
/// no kernel of its own: it does in seconds what takes a machine minutes that is emulated. Home, configuration and state live in a
/// folder of their own.
/// </summary>
public sealed class DebianContainer : IAsyncLifetime
{
    /// <summary>The deployment of it.</summary>
    public const string Name = "web";

    /// <summary>Another deployment of the same host.</summary>
    public const string SecondHolder = "second-holder";

    private const string Host = "container";

    /// <summary>What is needed here.</summary>
    internal static readonly string[] Needs = ["root", "mmdebstrap", "unshare", "nsenter", "slirp4netns", "socat", "ssh", "ssh-keygen"];

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-container-").FullName;
    private Process? _container;
    private string _configuration = "";

    /// <summary>A context on the project.</summary>
    public CharlyContext Context { get; private set; } = null!;

    private string Project => Path.Combine(_folder, "project");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (Need.Missing(Needs) is not null) return;
        // It lives as long as its standard input is open, so that nothing of it outlives this process.
        var start = new ProcessStartInfo(Path.Combine(GuestFixture.RepositoryRoot(), "tools", "container")) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var word in (string[])["bash", "-c", "echo \"$CONTAINER_SSH\"; exec cat"]) start.ArgumentList.Add(word);
        _container = Process.Start(start)!;
        _configuration = await _container.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("tools/container made no container; what it printed tells why");

        var process = CharlyEnvironment.FromProcess();
        var home = Path.Combine(_folder, "home");
        var variables = new Dictionary<string, string>(process.Variables)
        {
            ["HOME"] = home,
            ["XDG_CACHE_HOME"] = Path.Combine(_folder, "cache"),
            ["XDG_CONFIG_HOME"] = Path.Combine(_folder, "config"),
            ["XDG_DATA_HOME"] = Path.Combine(_folder, "data"),
            ["XDG_RUNTIME_DIR"] = Path.Combine(_folder, "run"),
        };
        foreach (var folder in (string[])[home, variables["XDG_RUNTIME_DIR"], Path.Combine(Project, "candy")]) Directory.CreateDirectory(folder);
        var lines = new List<string> { "version: 2026.163.0928", "discover:", "  - candy", $"  - {Path.Combine(GuestFixture.RepositoryRoot(), "catalog", "candy")}" };
        if (Directory.Exists(GuestFixture.Catalog)) lines.Add($"  - {GuestFixture.Catalog}");
        lines.Add("deploy:");
        foreach (var name in (string[])[Name, SecondHolder]) lines.AddRange([$"  {name}:", "    target: local", $"    host: {Host}", $"    ssh_arg: [-F, {_configuration}]"]);
        await File.WriteAllLinesAsync(Path.Combine(Project, "charly.yml"), lines);
        Context = new CharlyContext(process with { Home = home, Variables = variables, WorkingDirectory = Project });

        // What was fetched when its tree was made may be days old.
        await RunAsync("sudo apt-get -q update");
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_container is not null)
        {
            _container.StandardInput.Close();
            await _container.WaitForExitAsync();
            _container.Dispose();
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

    /// <summary>Runs a command in it, as an account that becomes root without a password, and returns its standard output; a failure fails the test.</summary>
    public async Task<string> RunAsync(string command)
    {
        var result = await TryAsync(command, CancellationToken.None);
        Assert.True(result.Succeeded, $"{command}: exit {result.ExitCode}: {result.Tail()}");
        return result.StandardOutput;
    }

    /// <summary>Its file system as it is now.</summary>
    internal Task<Photograph> PhotographAsync() => Photograph.TakeAsync(TryAsync);

    // By a program of its own, so that no connection of the engine's is what answers.
    private Task<CommandResult> TryAsync(string command, CancellationToken cancellationToken) => new ProcessRunner(CharlyEnvironment.FromProcess()).RunAsync(
        new ProcessRequest("ssh", "-F", _configuration, "-o", "BatchMode=yes", Host, command) { Timeout = TimeSpan.FromMinutes(3) }, cancellationToken);
}

/// <summary>All tests that share the container; they run one after the other.</summary>
[CollectionDefinition("container")]
#pragma warning disable CA1711 // xunit calls it a collection
public sealed class DebianContainerCollection : ICollectionFixture<DebianContainer>;
#pragma warning restore CA1711

/// <summary>A test that needs the container.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ContainerFactAttribute : FactAttribute
{
    /// <param name="needsCatalog">Whether it also needs the catalog of real candies beside the repository.</param>
    public ContainerFactAttribute(bool needsCatalog = false) => Skip = Need.Missing(DebianContainer.Needs)
        ?? (needsCatalog && !Directory.Exists(GuestFixture.Catalog) ? GuestFixture.NoCatalog : null);
}

using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Pods;

/// <summary>The quadlet generator of podman 5, taken once from Debian 13's package and kept in the cache.</summary>
public sealed class QuadletGenerator : IAsyncLifetime
{
    private const string Packed = "usr/libexec/podman/quadlet";
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-quadlet-").FullName;
    private readonly ProcessRunner _programs = new(CharlyEnvironment.FromProcess());
    private string _program = "";

    /// <summary>Why it can't be had here; null if it can.</summary>
    public string? Reason { get; private set; }

    public async Task InitializeAsync()
    {
        _program = Path.Combine(new HostPaths(CharlyEnvironment.FromProcess()).Cache, "live", "quadlet-trixie-1");
        if (File.Exists(_program)) return;
        if ((Reason = Need.Missing("root", "mmdebstrap")) is not null) return;
        var tree = Path.Combine(_folder, "tree");
        var made = await _programs.RunAsync(new ProcessRequest("mmdebstrap", "--mode=root", "--variant=extract", "--include=podman", "trixie", tree));
        if (!made.Succeeded)
        {
            Reason = "the generator can't be had: " + made.Tail(2);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(_program)!);
        File.Copy(Path.Combine(tree, Packed), _program + ".new", overwrite: true);
        File.SetUnixFileMode(_program + ".new", AtomicFile.Shared | (UnixFileMode)0b001_001_001);
        File.Move(_program + ".new", _program, overwrite: true);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Makes units of a folder of quadlets.</summary>
    /// <returns>What the generator said, and the folder of the units.</returns>
    public async Task<(CommandResult Result, string Units)> RunAsync(string quadlets)
    {
        var units = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(units);
        var request = new ProcessRequest(_program, "-user", "-no-kmsg-log", units) { Variables = new Dictionary<string, string?> { ["QUADLET_UNIT_DIRS"] = quadlets } };
        return (await _programs.RunAsync(request), units);
    }
}

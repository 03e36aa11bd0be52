using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.LiveTests.Foreign;

/// <summary>
/// A root file system that says it is Fedora or Arch and has the real dnf, rpm and pacman, made from the Debian packages
/// that bring them. Scripts for "this machine" run inside of it: the sessions of <c>bash</c> on PATH lead there. The tree is made once and
/// kept in the cache as an archive; each fixture unpacks its own copy.
/// </summary>
public sealed class ForeignRoot : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-foreign-").FullName;
    private readonly ProcessRunner _programs = new(CharlyEnvironment.FromProcess());

    /// <summary>Why it can't be used here; null if it can.</summary>
    public string? Reason { get; private set; }

    /// <summary>Runs operations on it.</summary>
    public CharlyContext Context { get; private set; } = null!;

    private string Root => Path.Combine(_folder, "root");

    public async Task InitializeAsync()
    {
        if ((Reason = Need.Missing("root", "mmdebstrap", "unshare", "tar")) is not null) return;
        var archive = Path.Combine(new HostPaths(CharlyEnvironment.FromProcess()).Cache, "live", "foreign-root-1.tar");
        if (!File.Exists(archive) && !await MakeAsync(archive)) return;
        Directory.CreateDirectory(Root);
        await MustAsync("tar", "-xf", archive, "-C", Root);
        Directory.CreateDirectory(Path.Combine(Root, "repo"));
        Directory.CreateDirectory(Path.Combine(Root, "etc/yum.repos.d"));

        // As on the systems themselves: Debian keeps the database of rpm in the user's home, and has no mtab in a fresh tree.
        Directory.CreateDirectory(Path.Combine(Root, "etc/rpm"));
        await File.WriteAllTextAsync(Path.Combine(Root, "etc/rpm/macros.dbpath"), "%_dbpath /var/lib/rpm\n");
        if (!Path.Exists(Path.Combine(Root, "etc/mtab"))) File.CreateSymbolicLink(Path.Combine(Root, "etc/mtab"), "/proc/self/mounts");
        await File.WriteAllTextAsync(Path.Combine(_folder, "bash"), $"""
            #!/bin/bash
            [[ $1 = --norc ]] || exec /bin/bash "$@"   # a build on this machine, not a session of the target
            exec unshare -m --propagation private /bin/bash -c '
              root=$1; shift
              mount --bind "$root" "$root"; cd "$root"
              mount -t proc proc proc; mount --rbind /dev dev; mount -t tmpfs none run
              exec chroot . /bin/bash "$@"' - {Root} "$@"
            """);
        File.SetUnixFileMode(Path.Combine(_folder, "bash"), AtomicFile.Shared | (UnixFileMode)0b001_001_001);
        Become("fedora", "43");
        Context = NewContext();
        Reason = (await InsideAsync("true")).Succeeded ? null : "a root file system of its own can't be entered here";
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Says another system's name from now on.</summary>
    public void Become(string id, string? version)
    {
        File.Delete(Path.Combine(Root, "etc/os-release"));
        File.WriteAllText(Path.Combine(Root, "etc/os-release"), $"ID={id}\n{(version is null ? "" : $"VERSION_ID={version}\n")}");
    }

    /// <summary>Puts a file into its repository.</summary>
    public void Offer(string file) => File.Copy(file, Path.Combine(Root, "repo", Path.GetFileName(file)), overwrite: true);

    /// <summary>The folder of its repository, as this machine sees it.</summary>
    public string Repository => Path.Combine(Root, "repo");

    /// <summary>Writes a candy of the project that is applied to it.</summary>
    public void WriteCandy(string name, string body, params (string Path, string Text)[] files)
    {
        var folder = Path.Combine(_folder, "project/candy", name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(_folder, "project/charly.yml"), "version: 2026.163.0928\n");
        File.WriteAllText(Path.Combine(folder, "charly.yml"), $"candy:\n  name: {name}\n  version: 2026.180.1200\n{body}");
        foreach (var (path, text) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
            File.WriteAllText(Path.Combine(folder, path), text);
        }
    }

    /// <summary>Runs a command in it.</summary>
    public Task<CommandResult> InsideAsync(string command) => _programs.RunAsync(new ProcessRequest(Path.Combine(_folder, "bash"), "--norc", "-c", command));

    /// <summary>Runs a program on this machine, in a temporary folder.</summary>
    public async Task<string> MustAsync(string program, params string[] arguments)
    {
        var result = await _programs.RunAsync(new ProcessRequest(program, arguments) { WorkingDirectory = _folder });
        Assert.True(result.Succeeded, $"{program}: {result.Tail()}");
        return result.StandardOutput;
    }

    /// <summary>Builds a package on this machine with a script for bash, and offers what it leaves in <c>$out</c>.</summary>
    public async Task BuildAsync(string script)
    {
        var work = Directory.CreateTempSubdirectory("charly-foreign-build-").FullName;
        try
        {
            var request = new ProcessRequest("/bin/bash", "-s") { Input = $"set -eu\nmkdir out\nout=$PWD/out\n{script}", WorkingDirectory = work };
            var built = await _programs.RunAsync(request);
            Assert.True(built.Succeeded, built.Tail(20));
            foreach (var file in Directory.GetFiles(Path.Combine(work, "out"))) Offer(file);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>What stands in it, apart from what changes by itself: the ledger's own empty folders, databases, caches, logs.</summary>
    public async Task<IReadOnlyList<string>> PhotographAsync()
    {
        var found = await InsideAsync(
            "find / -xdev \\( -path /proc -o -path /dev -o -path /run -o -path /tmp -o -path /repo -o -path /root/.config -o -path /var/cache -o -path /var/log -o -path /var/tmp "
            + "-o -path /var/lib/dnf -o -path /var/lib/rpm -o -path /var/lib/pacman \\) -prune -o -printf '%y %m %U:%G %s %l %p\\n' | sed 's/^d \\(.*\\) [0-9]* \\( \\)/d \\1 \\2/' | LC_ALL=C sort");
        return found.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Applies a candy with all gates open.</summary>
    public static BundleRequest Request(string candy) => new() { Name = "host", Ref = candy, Options = new InstallOptions { Yes = true } };

    private CharlyContext NewContext()
    {
        var process = CharlyEnvironment.FromProcess();
        var variables = new Dictionary<string, string>(process.Variables)
        {
            ["PATH"] = $"{_folder}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin", ["HOME"] = "/root",
            ["XDG_CONFIG_HOME"] = Path.Combine(_folder, "config"), ["XDG_CACHE_HOME"] = Path.Combine(_folder, "cache"),
            ["XDG_DATA_HOME"] = Path.Combine(_folder, "data"), ["XDG_RUNTIME_DIR"] = Path.Combine(_folder, "run"),
        };
        Directory.CreateDirectory(Path.Combine(_folder, "project"));
        return new CharlyContext(process with { Variables = variables, Home = "/root", WorkingDirectory = Path.Combine(_folder, "project") });
    }

    private async Task<bool> MakeAsync(string archive)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(archive)!);
        var made = await _programs.RunAsync(new ProcessRequest(
            "mmdebstrap", "--mode=root", "--variant=minbase", "--include=rpm,dnf,pacman-package-manager,curl,util-linux,procps", "bookworm", archive + ".new.tar"));
        if (made.Succeeded) File.Move(archive + ".new.tar", archive, overwrite: true);
        else Reason = "the root file system can't be made: " + made.Tail(2);
        return made.Succeeded;
    }
}

using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;
using OpenCharly.LiveTests.Vms;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Targets;
using OpenCharly.Vms;
using OpenCharly.Vms.Ssh;

namespace OpenCharly.LiveTests.Transfer;

/// <summary>
/// A guest of Debian 13 with podman, from Debian packages, booted once for all tests of boxes in guests; and small images in this
/// machine's podman to bring there. Everything is gone afterwards.
/// </summary>
#pragma warning disable CA1001 // xunit disposes of it by IAsyncLifetime
public sealed class PodmanGuest : IAsyncLifetime
#pragma warning restore CA1001
{
    /// <summary>Name of the machine.</summary>
    public const string Vm = "boxes";

    /// <summary>What is needed here.</summary>
    public static readonly string[] Needs = ["root", "podman", "qemu-system-x86_64", "qemu-img", "ssh", "ssh-keygen", "mmdebstrap", "mke2fs", "sfdisk", "grub-mkimage"];

    private readonly Dictionary<string, Task> _prepared = [];
    private VmLab? _lab;
    private bool _hasImages;

    public VmLab Lab => _lab!;

    internal VmServices Services => Lab.Services;

    public async Task InitializeAsync()
    {
        if (Need.Missing(Needs) is not null) return;
        _lab = new VmLab(ownPodman: true);
        var spec = Lab.Declare(Vm, new BootstrapSource
        {
            Builder = "debootstrap", Distro = "debian", Suite = "trixie", Packages =
            [
                "podman", "crun", "netavark", "aardvark-dns", "nftables", "passt", "uidmap", "dbus-user-session", "catatonit", "gocryptfs", "fuse3", "curl", "busybox-static",
            ],
        });
        await new BuildVm(Services).RunAsync(new BuildVmRequest { Name = spec.Name });
        await Lab.CreateAsync(Vm, start: true);
        await new WaitVm(Services).RunAsync(new WaitVmRequest { Name = Vm, For = VmWaitCondition.CloudInit, Timeout = TimeSpan.FromMinutes(10) });
    }

    public async Task DisposeAsync()
    {
        if (_lab is null) return;
        if (_hasImages) await MustAsync("podman", "rmi", "--all", "--force");
        await Lab.DisposeAsync();
    }

    /// <summary>Makes an image of a few of this machine's programs, with what they load: <c>true</c>, <c>sh</c>, <c>sleep</c>.</summary>
    public async Task<string> MakeBaseAsync(string name)
    {
        var tree = Path.Combine(Lab.Folder, "base");
        if (!Directory.Exists(tree))
        {
            string[] programs = ["/usr/bin/true", "/usr/bin/sh", "/usr/bin/sleep", "/usr/bin/cat"];
            foreach (var program in programs)
            {
                var loaded = await MustAsync("ldd", program);
                var files = loaded.Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(w => w.StartsWith('/')).Append(program);
                foreach (var file in files)
                {
                    var copy = Path.Combine(tree, file[1..]);
                    Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                    if (!File.Exists(copy)) File.Copy(new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file, copy);
                }
            }

            Directory.CreateDirectory(Path.Combine(tree, "tmp"));
        }

        var archive = Path.Combine(Lab.Folder, "base.tar");
        await MustAsync("tar", "-C", tree, "--mtime=@0", "--sort=name", "-cf", archive, ".");
        await MustAsync("podman", "import", "--quiet", archive, name);
        _hasImages = true;
        return name;
    }

    /// <summary>Builds an image on another: each file, of random content of that size, is a layer of its own.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="from">The other.</param>
    /// <param name="files">Sizes in bytes; the same seed gives the same content.</param>
    public async Task<string> MakeImageAsync(string name, string from, params (int Seed, int Size)[] files)
    {
        var folder = Path.Combine(Lab.Folder, "build");
        Directory.CreateDirectory(folder);
        var lines = new List<string> { $"FROM {from}" };
        foreach (var (seed, size) in files)
        {
            var bytes = new byte[size];
            new Random(seed).NextBytes(bytes);
            await File.WriteAllBytesAsync(Path.Combine(folder, $"file-{seed}"), bytes);
            File.SetLastWriteTimeUtc(Path.Combine(folder, $"file-{seed}"), DateTime.UnixEpoch);
            lines.Add($"COPY file-{seed} /srv/");
        }

        await File.WriteAllLinesAsync(Path.Combine(folder, "Containerfile"), lines);
        await MustAsync("podman", "build", "--quiet", "--layers", "--isolation=chroot", "-f", Path.Combine(folder, "Containerfile"), "-t", name, folder);
        _hasImages = true;
        return name;
    }

    public Task<BoxTransfer> CopyAsync(CopyBoxToVmRequest request) => new CopyBoxToVm(Services).RunAsync(request);

    /// <summary>Runs a command in the guest and returns its standard output; a failure fails the test.</summary>
    public async Task<string> InGuestAsync(string command)
    {
        var result = await TryInGuestAsync(command);
        Assert.True(result.Succeeded, $"{command}: exit {result.ExitCode}: {result.StandardOutput}{result.Tail(20)}");
        return result.StandardOutput;
    }

    /// <summary>Runs a command in the guest, which may fail.</summary>
    public Task<CommandResult> TryInGuestAsync(string command) =>
        new RunInVm(Services).RunAsync(new RunInVmRequest { Name = Vm, Command = command, Timeout = TimeSpan.FromMinutes(5) });

    /// <summary>Does what all tests of a kind need, before the first of them.</summary>
    public Task OnceAsync(string what, Func<Task> prepare)
    {
        if (!_prepared.TryGetValue(what, out var done)) _prepared[what] = done = prepare();
        return done;
    }

    /// <summary>Sees to it that the guest has a charly of its own: the one that the launcher of this project builds.</summary>
    public async Task EnsureCharlyAsync()
    {
        var root = EndToEnd.GuestFixture.RepositoryRoot();
        await MustAsync(Path.Combine(root, "charly"), "--version");
        var environment = Lab.Environment with { Variables = new Dictionary<string, string>(Lab.Environment.Variables) { ["CHARLY_GUEST_BINARY"] = Path.Combine(root, "out", "charly", "charly") } };
        await using var executor = new ExecutorFactory(Lab.Environment, Lab.Context.Processes).Ssh(new VmSshAccess(Lab.Environment, Lab.Paths).DestinationFor(new VmName(Vm)));
        await new GuestCharly(executor, new GuestPayload(environment), Vm, new Progress<CharlyEvent>()).EnsureAsync(new GuestCharlyRule("scp"), isNeeded: true, CancellationToken.None);
    }

    /// <summary>Shuts the guest down and starts it again.</summary>
    public async Task RebootAsync()
    {
        await new RestartVm(Services).RunAsync(new StopVmRequest { Name = Vm, Timeout = TimeSpan.FromMinutes(3) });
        await new WaitVm(Services).RunAsync(new WaitVmRequest { Name = Vm, For = VmWaitCondition.Ssh, Timeout = TimeSpan.FromMinutes(5) });
    }

    private async Task<string> MustAsync(string program, params string[] arguments)
    {
        var result = await Lab.Context.Processes.RunAsync(new ProcessRequest(program, arguments));
        Assert.True(result.Succeeded, $"{program} {string.Join(' ', arguments)}: {result.Tail()}");
        return result.StandardOutput;
    }
}

/// <summary>All tests that share the guest; they run one after the other.</summary>
[CollectionDefinition("podman-guest")]
#pragma warning disable CA1711 // xunit calls it a collection
public sealed class PodmanGuestCollection : ICollectionFixture<PodmanGuest>;
#pragma warning restore CA1711

/// <summary>A test that needs the guest.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PodmanGuestFactAttribute : FactAttribute
{
    /// <param name="isLong">Whether it takes minutes more, and is asked for by <c>CHARLY_TEST_BOOT=1</c>.</param>
    public PodmanGuestFactAttribute(bool isLong = false) => Skip = Need.Missing(PodmanGuest.Needs)
        ?? (isLong && Environment.GetEnvironmentVariable("CHARLY_TEST_BOOT") != "1" ? "takes minutes in a guest; set CHARLY_TEST_BOOT=1" : null);
}

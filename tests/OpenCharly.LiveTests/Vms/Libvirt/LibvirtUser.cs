using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Vms.Libvirt;

/// <summary>
/// An ordinary user with a libvirt session of its own, as root has none: who runs the tests, or, if that is root, a throw-away
/// account that every program is run as.
/// </summary>
public sealed class LibvirtUser : IAsyncDisposable
{
    private const string Prefix = "ch-libvirt-";

    private static readonly ProcessRunner Host = new(CharlyEnvironment.FromProcess());

    private readonly string? _account;
    private VmLab? _lab;

    private LibvirtUser(string? account) => _account = account;

    /// <summary>What a session needs.</summary>
    public static readonly string[] Needs = ["virsh", "libvirtd", "qemu-system-x86_64", "qemu-img", "ssh", "ssh-keygen", "setpriv", "useradd", "userdel"];

    /// <summary>Makes the account if there has to be one, after those of killed runs are removed.</summary>
    public static async Task<LibvirtUser> CreateAsync()
    {
        if (!Environment.IsPrivilegedProcess) return new LibvirtUser(null);
        foreach (var left in File.ReadLines("/etc/passwd").Select(l => l.Split(':')[0]).Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).ToArray())
        {
            var isOrphan = !Directory.Exists("/proc/" + left[Prefix.Length..].Split('-')[0]);
            if (isOrphan) await Host.RunAsync(new ProcessRequest("userdel", "--force", left));
        }

        var name = Prefix + Leftovers.NewSuffix();
        var made = await Host.RunAsync(new ProcessRequest("useradd", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/sh", name));
        Assert.True(made.Succeeded, made.Tail());
        return new LibvirtUser(name);
    }

    /// <summary>Programs of a lab, run as the user; what the lab made until then is the user's.</summary>
    public IProcessRunner Programs(VmLab lab)
    {
        _lab = lab;
        var real = new ProcessRunner(lab.Environment);
        return _account is null ? real : new AsUser(real, _account, lab.Folder);
    }

    /// <summary>Ends the daemons that the session woke, and removes the account.</summary>
    public async ValueTask DisposeAsync()
    {
        var run = _lab is null ? null : Path.Combine(_lab.Environment.Variables["XDG_RUNTIME_DIR"], "libvirt");
        foreach (var daemon in new[] { "libvirtd", "virtqemud", "virtlogd" })
        {
            var file = run is null ? "" : Path.Combine(run, daemon + ".pid");
            if (!File.Exists(file) || !int.TryParse((await File.ReadAllTextAsync(file)).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            await Host.RunAsync(new ProcessRequest("kill", pid.ToString(CultureInfo.InvariantCulture)));
            for (var deadline = DateTime.UtcNow.AddSeconds(10); Need.IsAlive(pid) && DateTime.UtcNow < deadline;) await Task.Delay(50);
        }

        if (_account is not null) await Host.RunAsync(new ProcessRequest("userdel", "--force", _account));
    }

    private sealed class AsUser(ProcessRunner real, string account, string folder) : IProcessRunner
    {
        public string? Find(string program) => real.Find(program);

        public async Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default)
        {
            // What the engine itself wrote since, it wrote as root.
            await Host.RunAsync(new ProcessRequest("chown", "-R", account + ":", folder), cancellationToken);
            var program = Find(request.Program) ?? request.Program;
            var variables = new Dictionary<string, string?>(request.Variables ?? new Dictionary<string, string?>()) { ["XDG_CACHE_HOME"] = Path.Combine(folder, "home", ".cache"), ["USER"] = account, ["LOGNAME"] = account };
            return await real.RunAsync(request with { Variables = variables, Program = "setpriv", Arguments = ["--reuid", account, "--regid", account, "--clear-groups", program, .. request.Arguments] }, cancellationToken);
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Repair;

/// <summary>
/// A host behind a loopback sshd whose root file system is this machine's, seen through layers: whatever is done there,
/// as root too, is in a layer of its own in memory, and this machine stays as it is. Its package database is its own,
/// and empty; a state of it can be kept, and gone back to in a moment.
/// </summary>
/// <remarks>Its mounts are in a mount namespace of their own, which ends with the fixture's last process.</remarks>
public sealed class LayeredHost : LoopbackSshd
{
    private Process? _holder;

    /// <summary>Programs that it needs.</summary>
    public static string[] Needs => ["root", "sshd", "ssh", "ssh-keygen", "unshare", "nsenter", "chroot", "mount", "tar", "curl", "apt-get", "dpkg-deb", "setcap", "getcap"];

    /// <summary>The host's root folder, as this process reaches it.</summary>
    public string Root => $"/proc/{_holder!.Id}/root{Layers}/m";

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Launcher => [.. Enter, "chroot", $"{Layers}/m"];

    private string Layers => At("layers");

    private string[] Enter => ["nsenter", $"--mount=/proc/{_holder!.Id}/ns/mnt"];

    /// <inheritdoc/>
    public override async Task InitializeAsync()
    {
        if (Need.Missing(Needs) is not null) return;
        Directory.CreateDirectory(Layers);

        // It says when all is mounted, and then waits for the end of its input: it goes with this process.
        var info = new ProcessStartInfo("unshare", ["-m", "bash", "-c", Mounts, "layers", Layers]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        _holder = Process.Start(info)!;
        var said = await _holder.StandardOutput.ReadLineAsync();
        if (said != "mounted") throw new InvalidOperationException($"the layers can't be mounted here: {said}");
        await base.InitializeAsync();
    }

    /// <summary>Everything that runs there is gone at once, as after a power cut; the files stay.</summary>
    /// <param name="order">If given, one process goes after the other in this order, as where memory runs out: who is left sees the end of the others, and goes on alone for a moment.</param>
    public async Task CutPowerAsync(Random? order = null)
    {
        await StopAsync();
        var own = Namespace(_holder!.Id);
        while (Guests().ToList() is { Count: > 0 } left)
        {
            if (order is null) await KillAsync(left);
            else
            {
                foreach (var process in left.OrderBy(_ => order.Next()).ToList()) await KillAsync([process]);
            }

            await Task.Delay(2);
        }

        Task KillAsync(IEnumerable<int> processes) => QuietAsync("kill", ["-KILL", .. processes.Select(process => process.ToString(CultureInfo.InvariantCulture))]);

        IEnumerable<int> Guests() => Directory.GetDirectories("/proc").Select(d => int.TryParse(Path.GetFileName(d), out var id) ? id : 0)
            .Where(id => id > 0 && id != _holder.Id && Namespace(id) == own && Need.IsAlive(id));
    }

    /// <summary>Goes back to a state that was kept, or to the first one; the host is off and on again.</summary>
    public async Task GoToAsync(string? state)
    {
        await CutPowerAsync();
        await MustAsync(
            """
            cd "$1" && unmount_layers && rm -rf u w && { if [[ $2 ]]; then cp -a "states/$2" u; else mkdir u; fi; } && mkdir w && mount_layers
            """,
            state ?? "");
        await StartAsync();
    }

    /// <summary>Keeps the present state; the host is off and on again.</summary>
    public async Task KeepAsync(string state)
    {
        await CutPowerAsync();
        await MustAsync("""cd "$1" && mkdir -p states && rm -rf "states/$2" && cp -a u "states/$2" """, state);
        await StartAsync();
    }

    /// <summary>
    /// Everything that is not as it was on the first state, and what else is asked for: type, mode, owner, capabilities,
    /// content or link target, by path.
    /// </summary>
    /// <param name="also">Paths to tell as well.</param>
    public async Task<IReadOnlyDictionary<string, string>> PhotographAsync(IEnumerable<string>? also = null)
    {
        // The upper layer holds every path that was ever touched.
        var touched = await MustAsync("""cd "$1/u" && find . -mindepth 1 -printf '/%P\n'""");
        var paths = touched.Split('\n', StringSplitOptions.RemoveEmptyEntries).Concat(also ?? []).Where(p => !IsExcluded(p)).ToHashSet(StringComparer.Ordinal);
        return await DescribeAsync($"{Layers}/m", paths);
    }

    /// <summary>The same of paths as they are below the host's own layers.</summary>
    public Task<IReadOnlyDictionary<string, string>> DescribeBelowAsync(IReadOnlyCollection<string> paths) => DescribeAsync("/.", paths);

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        if (_holder is null) return;
        await CutPowerAsync();
        await MustAsync("""cd / && umount -R "$1/m" """);
        _holder.StandardInput.Close();
        await _holder.WaitForExitAsync();
        _holder.Dispose();
        await base.DisposeAsync();
    }

    private async Task<IReadOnlyDictionary<string, string>> DescribeAsync(string root, IReadOnlyCollection<string> paths)
    {
        var result = paths.ToDictionary(p => p, _ => "absent", StringComparer.Ordinal);
        if (paths.Count == 0) return result;
        var list = At("paths");
        await File.WriteAllLinesAsync(list, paths);
        var seen = await MustAsync(
            """
            cd "$3" && mapfile -t p <"$2"
            stat -c '%n	%F %a %u:%g' -- "${p[@]/#/.}" 2>/dev/null
            f=()
            for t in "${p[@]/#/.}"; do [[ ! -f $t || -L $t ]] || f+=("$t"); done
            ((${#f[@]} == 0)) || c=$(getcap -- "${f[@]}") || exit
            [[ ! ${c-} ]] || sed 's/ /	/' <<<"$c"
            """,
            list,
            root);
        foreach (var line in seen.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (path, what) = (line[1..line.IndexOf('\t')], line[(line.IndexOf('\t') + 1)..]);
            result[path] = result[path] == "absent" ? what + Content($"/proc/{_holder!.Id}/root{root}{path}") : $"{result[path]} {what}";
        }

        return result;
    }

    private static string Content(string path)
    {
        var info = new FileInfo(path);
        if (info.LinkTarget is { } link) return " -> " + link;
        return Directory.Exists(path) ? "" : " " + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
    }

    // The ledger itself, and what package managers keep for themselves: caches, locks, states, logs. What they hold as
    // installed shows in their lists of files.
    private bool IsExcluded(string path) =>
        (path + "/").StartsWith($"{LoginHome}/.config/", StringComparison.Ordinal) || path.StartsWith($"{LoginHome}/.cache", StringComparison.Ordinal)
        || path.StartsWith("/var/cache/", StringComparison.Ordinal) || path.StartsWith("/var/log/", StringComparison.Ordinal) || path.StartsWith("/var/lib/apt/", StringComparison.Ordinal)
        || path.StartsWith("/run", StringComparison.Ordinal)
        || (path.StartsWith("/var/lib/dpkg/", StringComparison.Ordinal) && (!path.StartsWith("/var/lib/dpkg/info/", StringComparison.Ordinal) || path == "/var/lib/dpkg/info/format"))
        || path is "/tmp" or "/var" or "/var/lib" or "/var/lib/dpkg";

    private static string? Namespace(int process)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{process}/ns/mnt", returnFinalTarget: false)?.Name;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task<string> MustAsync(string script, params string[] words)
    {
        var result = await new ProcessRunner(Environment).RunAsync(new ProcessRequest(Enter[0], [Enter[1], "bash", "-c", MountLayers + script, "layers", Layers, .. words]));
        return result.Succeeded ? result.StandardOutput : throw new InvalidOperationException($"{script}: {result.Tail()}");
    }

    private async Task QuietAsync(string program, params string[] words) => await new ProcessRunner(Environment).RunAsync(new ProcessRequest(program, words));

    private const string MountLayers = """
        mount_layers() {
          mount -t overlay overlay -o "lowerdir=$PWD/add:$PWD/hide:/,upperdir=$PWD/u,workdir=$PWD/w" m && mount --rbind /proc m/proc && mount --rbind /dev m/dev
        }
        unmount_layers() { # what was killed holds its terminal until it is gone
          local try said
          for ((try = 0; try < 600; try++)); do
            said=$(umount -R m 2>&1) && return
            mountpoint -q m || return 0
            sleep 0.05
          done
          printf '%s\n' "$said" >&2
          return 1
        }

        """;

    // What is hidden need not be searched for what a package's scripts leave behind; the package database begins empty.
    private const string Mounts = MountLayers + """
        exec 2>&1
        mount -t tmpfs layers "$1" && cd "$1" && mkdir -p u w m add hide/{usr/{share,lib},var/lib} || exit
        hide=(/opt /srv /usr/{include,src,local,games})
        for f in /usr/share/* /var/lib/*; do [[ $f == /usr/share/dpkg ]] || hide+=("$f"); done
        for f in /usr/lib/*/; do
          case $f in
            /usr/lib/*-linux-gnu*|/usr/lib/apt/|/usr/lib/dpkg/|/usr/lib/openssh/|/usr/lib/locale/) ;;
            *) hide+=("${f%/}") ;;
          esac
        done
        for f in "${hide[@]}"; do [[ ! -e $f ]] || mknod "hide$f" c 0 0 || exit; done
        mkdir -p add/{opt,srv,usr/{share,local/bin},etc/apt/{sources.list.d,apt.conf.d},run/sshd} add/var/lib/{dpkg/{info,updates,triggers},apt/lists/partial} add/var/cache/apt/archives/partial
        : >add/var/lib/dpkg/status
        : >add/var/lib/dpkg/available
        echo amd64 >add/var/lib/dpkg/arch-native
        mkdir -p hide/etc/apt && for f in sources.list sources.list.d apt.conf.d; do [[ ! -e /etc/apt/$f ]] || mknod "hide/etc/apt/$f" c 0 0; done
        printf '%s\n' 'Acquire::AllowInsecureRepositories "true";' 'APT::Get::AllowUnauthenticated "true";' 'APT::Sandbox::User "root";' >add/etc/apt/apt.conf
        mount_layers || exit
        echo mounted
        read -r _
        """;
}

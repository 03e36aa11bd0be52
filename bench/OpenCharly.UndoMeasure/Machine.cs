using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Plans;

namespace OpenCharly.UndoMeasure;

/// <summary>One machine, made for the measurement and destroyed at its end; nothing of the user's is touched.</summary>
internal sealed class Machine : IAsyncDisposable
{
    private const string Vm = "undo";

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-undo-").FullName;

    private Machine(string catalog)
    {
        var process = CharlyEnvironment.FromProcess();
        var home = Path.Combine(_folder, "home");
        var variables = new Dictionary<string, string>(process.Variables)
        {
            // A home of its own, so that the user's ~/.ssh/config never includes a file that goes away.
            ["HOME"] = home,
            ["XDG_CACHE_HOME"] = process.Variable("XDG_CACHE_HOME") ?? Path.Combine(process.Home, ".cache"),
            ["XDG_CONFIG_HOME"] = Path.Combine(_folder, "config"),
            ["XDG_DATA_HOME"] = Path.Combine(_folder, "data"),
            ["XDG_RUNTIME_DIR"] = Path.Combine(_folder, "run"),

            // Some candies of a catalog insist on variables; any value will do.
            ["K3S_SERVER_URL"] = "https://cluster.example:6443",
            ["K3S_TOKEN"] = "none",
        };
        var project = Path.Combine(_folder, "project");
        Directory.CreateDirectory(home);
        Directory.CreateDirectory(variables["XDG_RUNTIME_DIR"]);
        Directory.CreateDirectory(Path.Combine(project, "candy", "warm-up"));
        File.WriteAllText(Path.Combine(project, "candy", "warm-up", "charly.yml"), "candy:\n  name: warm-up\n  version: 2026.180.1200\n  task:\n    - write: ~/warm-up\n      content: x\n      user: ${USER}\n");
        File.WriteAllText(Path.Combine(project, "charly.yml"),
            $$"""
            version: 2026.163.0928
            discover:
              - candy
              - {{catalog}}
            vm:
              {{Vm}}:
                source: {kind: bootstrap, builder: debootstrap, distro: debian, suite: trixie}
                disk_size: 10G
                ram: 1536M
                cpu: 2
                ssh: {user: tester, port_auto: true, key_source: generate}
            """);
        Context = new CharlyContext(process with { Home = home, Variables = variables, WorkingDirectory = project });
    }

    public CharlyContext Context { get; }

    /// <summary>Builds (or takes from the cache), boots, waits; then adds and removes a bundle of one file, so that what the very first add makes is there.</summary>
    public static async Task<Machine> StartAsync(string catalog, CancellationToken cancellationToken)
    {
        var machine = new Machine(catalog);
        try
        {
            await new BuildVm(machine.Context).RunAsync(new BuildVmRequest { Name = Vm }, cancellationToken).ConfigureAwait(false);
            await new CreateVm(machine.Context).RunAsync(new CreateVmRequest { Name = Vm, Start = true }, cancellationToken).ConfigureAwait(false);
            await new WaitVm(machine.Context).RunAsync(
                new WaitVmRequest { Name = Vm, For = VmWaitCondition.CloudInit, Timeout = TimeSpan.FromMinutes(10) }, cancellationToken).ConfigureAwait(false);

            // Timers that fetch and upgrade packages on their own would be a difference of their own.
            // The initrd was made where the image was, so it is made here first: packages have it made anew when they come and go.
            await machine.RunAsync("sudo systemctl stop apt-daily.timer apt-daily-upgrade.timer; sudo apt-get -q update; sudo update-initramfs -u", cancellationToken).ConfigureAwait(false);
            await machine.ApplyAsync(await machine.PlanAsync("warm-up", cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            await machine.RemoveAsync(cancellationToken).ConfigureAwait(false);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Task<InstallPlan> PlanAsync(string candy, CancellationToken cancellationToken) => new CompilePlan(Context).RunAsync(Request(candy), cancellationToken);

    public Task<Targets.DeployResult> ApplyAsync(InstallPlan plan, CancellationToken cancellationToken) =>
        new ApplyPlan(Context).RunAsync(new ApplyPlanRequest { Plan = plan, Options = new InstallOptions { Yes = true } }, cancellationToken);

    /// <summary>
    /// Deletes the bundle. Where an add lost its connection, what it began in the guest still holds the lock, and ends first;
    /// on a busy machine a guest may not answer for a while.
    /// </summary>
    public async Task<Targets.DeployResult> RemoveAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await new RemoveBundle(Context).RunAsync(new RemoveBundleRequest { Name = "vm:" + Vm }, cancellationToken).ConfigureAwait(false);
            }
            catch (CharlyException e) when ((e.Code == Errors.LedgerLocked || e.Code == Errors.RunTarget) && attempt < 6)
            {
                // The wait for the lock or for the guest is part of the attempt.
            }
        }
    }

    public Task<Photograph> PhotographAsync(CancellationToken cancellationToken) => Photograph.TakeAsync(Context, Vm, cancellationToken);

    public Task<(int New, int Changed)> CountAsync(CancellationToken cancellationToken) => Photograph.CountAsync(Context, Vm, cancellationToken);

    public async Task<int> CountPackagesAsync(CancellationToken cancellationToken) =>
        int.Parse(await RunAsync("dpkg-query -W | wc -l", cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);

    /// <summary>Bytes that apt would fetch for packages; a reason if it can't.</summary>
    public async Task<(long Bytes, string? Reason)> WeighAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        if (packages.Count == 0) return (0, null);
        // As root, although nothing is changed: apt writes its marks even so where all packages are there.
        var command = $"sudo apt-get install -qq -y --print-uris {Shell.Join(packages)} | awk '{{ s += $3 }} END {{ print s + 0 }}'";
        var result = await new RunInVm(Context).RunAsync(new RunInVmRequest { Name = Vm, Command = command, Timeout = TimeSpan.FromMinutes(2) }, cancellationToken).ConfigureAwait(false);
        var missing = result.StandardError.Split('\n').Where(l => l.StartsWith("E: ", StringComparison.Ordinal)).Select(l => l[3..].Trim()).ToList();
        return missing.Count > 0 ? (0, string.Join("; ", missing)) : (long.Parse(result.StandardOutput.Trim(), CultureInfo.InvariantCulture), null);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await new DestroyVm(Context).RunAsync(new DestroyVmRequest { Name = Vm, Disk = true }).ConfigureAwait(false);
        Directory.Delete(_folder, recursive: true);
    }

    public async Task<string> RunAsync(string command, CancellationToken cancellationToken)
    {
        var result = await new RunInVm(Context).RunAsync(new RunInVmRequest { Name = Vm, Command = command, Timeout = TimeSpan.FromMinutes(5) }, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput : throw new InvalidOperationException($"{command}: exit {result.ExitCode}: {result.Tail()}");
    }

    private static BundleRequest Request(string candy) => new() { Name = "vm:" + Vm, Ref = candy, Options = new InstallOptions { Yes = true, SkipIncompatible = true } };
}

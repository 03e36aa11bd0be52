using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Plans;

namespace OpenCharly.UndoMeasure;

/// <summary>A machine that candies come and go on; nothing of the user's is touched.</summary>
internal abstract class Machine : IAsyncDisposable
{
    private const string WarmUp = "warm-up";

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-undo-").FullName;

    /// <summary>Makes the project that candies are applied from.</summary>
    /// <param name="catalog">Folder of the candies.</param>
    /// <param name="section">The machine's own section of the project file.</param>
    protected Machine(string catalog, string section)
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
        Directory.CreateDirectory(Path.Combine(project, "candy", WarmUp));
        File.WriteAllText(Path.Combine(project, "candy", WarmUp, "charly.yml"), $"candy:\n  name: {WarmUp}\n  version: 2026.180.1200\n  task:\n    - write: ~/warm-up\n      content: x\n      user: ${{USER}}\n");
        File.WriteAllText(Path.Combine(project, "charly.yml"), $"version: 2026.163.0928\ndiscover:\n  - candy\n  - {catalog}\n{section}");
        Context = new CharlyContext(process with { Home = home, Variables = variables, WorkingDirectory = project });
    }

    public CharlyContext Context { get; }

    /// <summary>What it is, for the page.</summary>
    public abstract string Kind { get; }

    /// <summary>Deploy key of what is added to it.</summary>
    protected abstract string Bundle { get; }

    /// <summary>Runs a command as the account that logs in.</summary>
    public abstract Task<CommandResult> TryAsync(string command, CancellationToken cancellationToken);

    public Task<InstallPlan> PlanAsync(string candy, CancellationToken cancellationToken) => new CompilePlan(Context).RunAsync(
        new BundleRequest { Name = Bundle, Ref = candy, Options = new InstallOptions { Yes = true, SkipIncompatible = true } }, cancellationToken);

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
                return await new RemoveBundle(Context).RunAsync(new RemoveBundleRequest { Name = Bundle }, cancellationToken).ConfigureAwait(false);
            }
            catch (CharlyException e) when ((e.Code == Errors.LedgerLocked || e.Code == Errors.RunTarget) && attempt < 6)
            {
                // The wait for the lock or for the guest is part of the attempt.
            }
        }
    }

    public Task<Photograph> PhotographAsync(CancellationToken cancellationToken) => Photograph.TakeAsync(TryAsync, cancellationToken);

    public Task<(int New, int Changed)> CountAsync(CancellationToken cancellationToken) => Photograph.CountAsync(TryAsync, cancellationToken);

    public async Task<int> CountPackagesAsync(CancellationToken cancellationToken) =>
        int.Parse(await RunAsync("dpkg-query -W | wc -l", cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);

    /// <summary>Bytes that apt would fetch for packages; a reason if it can't.</summary>
    public async Task<(long Bytes, string? Reason)> WeighAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        if (packages.Count == 0) return (0, null);
        // As root, although nothing is changed: apt writes its marks even so where all packages are there.
        var command = $"sudo apt-get install -qq -y --print-uris {Shell.Join(packages)} | awk '{{ s += $3 }} END {{ print s + 0 }}'";
        var result = await TryAsync(command, cancellationToken).ConfigureAwait(false);
        var missing = result.StandardError.Split('\n').Where(l => l.StartsWith("E: ", StringComparison.Ordinal)).Select(l => l[3..].Trim()).ToList();
        return missing.Count > 0 ? (0, string.Join("; ", missing)) : (long.Parse(result.StandardOutput.Trim(), CultureInfo.InvariantCulture), null);
    }

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    public async Task<string> RunAsync(string command, CancellationToken cancellationToken)
    {
        var result = await TryAsync(command, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.StandardOutput : throw new InvalidOperationException($"{command}: exit {result.ExitCode}: {result.Tail()}");
    }

    /// <summary>Stops what changes things on its own, and adds and removes a bundle of one file, so that what the very first add makes is there.</summary>
    protected async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        // Timers that fetch and upgrade packages on their own would be a difference of their own.
        // The initrd was made where the image was, so it is made here first: packages have it made anew when they come and go.
        await RunAsync(
            "sudo systemctl stop apt-daily.timer apt-daily-upgrade.timer; sudo apt-get -q update; ! command -v update-initramfs >/dev/null || sudo update-initramfs -u",
            cancellationToken).ConfigureAwait(false);
        await ApplyAsync(await PlanAsync(WarmUp, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        await RemoveAsync(cancellationToken).ConfigureAwait(false);
    }
}

using OpenCharly.Arbitration;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Arbitration;

/// <summary>Deployments that are words in a set, and a ledger in a folder of its own.</summary>
internal sealed class ArbiterLab : IHolderControl, IProgress<CharlyEvent>, IDisposable
{
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-leases-").FullName;

    public HashSet<string> Running { get; } = [];

    public List<string> Calls { get; } = [];

    public List<string> Notices { get; } = [];

    /// <summary>Called with each verb before it has any effect; may throw.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Deployments that take no notice of being asked to stop.</summary>
    public HashSet<string> Deaf { get; } = [];

    public HostPaths Paths => new(Machine);

    public LeaseLedger Ledger => new(Paths);

    public IReadOnlyList<Holder> Holders { get; set; } = [Holds("studio", "gpu"), Holds("render", "gpu", "tape"), Holds("archive", "tape")];

    private CharlyEnvironment Machine => new() { Home = _folder, WorkingDirectory = _folder, Variables = _variables };

    public static DeployAddress Address(string name) => new() { Name = name, Target = "vm", Vm = name };

    public static Holder Holds(string name, params string[] tokens) => new(Address(name), tokens);

    public Arbiter Arbiter() => new(Ledger, this, Machine, this, new ArbiterPatience(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50)));

    public Task<LeaseGrant?> AcquireAsync(string claimant, params string[] tokens) => Arbiter().AcquireAsync(new LeaseRequest(Address(claimant), tokens), Holders);

    public Task<LeaseRestore?> ReleaseAsync(string claimant, bool succeeded = true) => Arbiter().ReleaseAsync(Address(claimant), succeeded);

    public void Set(string variable, string value) => _variables[variable] = value;

    /// <summary>Makes all leases those of a process that is gone.</summary>
    public void KillOwners() => Ledger.Write([.. Ledger.Read().Select(l => l with { OwnerPid = int.MaxValue })]);

    public Task<bool> IsRunningAsync(DeployAddress address, CancellationToken cancellationToken) => Task.FromResult(Running.Contains(address.Name));

    public async Task StopAsync(DeployAddress address, CancellationToken cancellationToken)
    {
        await Before($"stop {address.Name}");
        Calls.Add($"stop {address.Name}");
        if (!Deaf.Contains(address.Name)) Running.Remove(address.Name);
    }

    public async Task StartAsync(DeployAddress address, CancellationToken cancellationToken)
    {
        await Before($"start {address.Name}");
        Calls.Add($"start {address.Name}");
        Running.Add(address.Name);
    }

    public void Report(CharlyEvent value)
    {
        if (value is NoticeEvent notice) Notices.Add(notice.Text);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

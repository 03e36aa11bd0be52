using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.Tests.Targets;

/// <summary>
/// A target in a temporary folder: a home with a ledger, and a tree beside it that candies write to. Real bash, real
/// files, this machine.
/// </summary>
public sealed class TargetLab : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-lab-").FullName;

    public TargetLab()
    {
        Directory.CreateDirectory(Home);
        Directory.CreateDirectory(At("tree"));
        var real = CharlyEnvironment.FromProcess();
        var variables = new Dictionary<string, string>(real.Variables) { ["HOME"] = Home };
        Environment = real with { Home = Home, WorkingDirectory = _folder, Variables = variables };
    }

    public CharlyEnvironment Environment { get; }

    public string Home => At("home");

    public GuestPaths Ledger => new(Home);

    public List<CharlyEvent> Events { get; } = [];

    public string At(string name) => Path.Combine(_folder, name);

    public LinuxTarget Target(IExecutor? executor = null, LinuxTargetOptions? options = null) => new(
        executor ?? new LocalExecutor(Environment, new ProcessRunner(Environment)),
        options ?? new LinuxTargetOptions { Id = "host", Host = "local" },
        new Collector(Events));

    public async Task<DeployResult> AddAsync(InstallPlan plan, IExecutor? executor = null, ApplyOptions? options = null)
    {
        await using var target = Target(executor);
        return await target.ApplyAsync(plan, options ?? new ApplyOptions());
    }

    public async Task<DeployResult?> RemoveAsync(string name = "lab", RemoveOptions? options = null, IExecutor? executor = null)
    {
        await using var target = Target(executor);
        return await target.RemoveAsync(name, options ?? new RemoveOptions());
    }

    public async Task<LedgerRecord> ReadAsync()
    {
        await using var target = Target();
        return await target.ReadLedgerAsync();
    }

    /// <summary>A plan of these steps, sealed as the compiler seals them.</summary>
    public InstallPlan Plan(string name, params InstallStep[] steps)
    {
        var sealedSteps = steps.Select((s, i) => s with { Index = i }).Select(s => s with { Digest = PlanDigest.Of(s) }).ToList();
        var candies = sealedSteps.Select(s => s.Candy).Distinct().ToList();
        return new InstallPlan
        {
            Name = name,
            Target = "host",
            Host = "local",
            Ref = candies.FirstOrDefault() ?? "",
            DeployId = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name + string.Join('\0', candies))))[..16],
            Home = Home,
            User = System.Environment.UserName,
            Gates = new PlanGates(true, true, true),
            Candies = [.. candies.Select(c => new PlannedCandy(c, "2026.180.1200"))],
            Steps = sealedSteps,
        };
    }

    public static OpStep Write(string candy, string path, string content, string mode = "0644") => Op(candy, "write", path) with
    {
        Content = content,
        Mode = mode,
        Reverse = [File(path)],
    };

    public static OpStep Folder(string candy, string path, string mode = "0755") => Op(candy, "mkdir", path) with { Mode = mode };

    public static OpStep Command(string candy, string body) => Op(candy, "cmd", body) with { Gate = IsRoot ? StepGate.AllowRootTasks : StepGate.None };

    public static OpStep Link(string candy, string path, string to) => Op(candy, "link", path) with { To = to, Reverse = [File(path)] };

    public ShellHookStep Hook(string candy, string name, string value) => new()
    {
        Candy = candy,
        Scope = StepScope.UserProfile,
        EnvFile = Ledger.EnvFile(candy),
        Variables = new Dictionary<string, string> { [name] = value },
        Reverse = [new ReverseOp { Kind = ReverseKinds.RemoveEnvFile, Targets = [Ledger.EnvFile(candy)], Scope = StepScope.UserProfile }],
    };

    public static ShellSnippetStep Block(string candy, string path, string text) => new()
    {
        Candy = candy,
        Scope = StepScope.UserProfile,
        Shell = "bash",
        Snippet = text,
        Destination = path,
        Marker = candy,
        Reverse =
        [
            new ReverseOp
            {
                Kind = ReverseKinds.RemoveManagedBlock,
                Targets = [path],
                Scope = StepScope.UserProfile,
                Extra = new Dictionary<string, string> { [ReverseExtra.Marker] = candy, [ReverseExtra.Layer] = candy },
            },
        ],
    };

    /// <summary>What stands below the lab's folder but the ledger itself: type, mode, size, content, link target, change of content.</summary>
    public IReadOnlyList<string> Photograph(bool withLedger = false, bool withTimes = true) =>
    [
        .. Directory.EnumerateFileSystemEntries(_folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, ReturnSpecialDirectories = false })
            .Where(p => withLedger || !(p + "/").StartsWith(Ledger.Root + "/", StringComparison.Ordinal))
            .Where(p => p != Path.Combine(Home, ".config") && p != Ledger.Lock) // the lock file says who held it last
            .Order(StringComparer.Ordinal)
            .Select(p => Describe(p, withTimes)),
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Describe(string path, bool withTimes)
    {
        var info = new FileInfo(path);
        if (info.LinkTarget is { } link) return $"{path} -> {link}";
        if (Directory.Exists(path)) return $"{path}/ {System.IO.File.GetUnixFileMode(path)}";
        var content = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.IO.File.ReadAllBytes(path)));
        return $"{path} {System.IO.File.GetUnixFileMode(path)} {content}{(withTimes ? $" {info.LastWriteTimeUtc:O}" : "")}";
    }

    private static bool IsRoot => System.Environment.UserName == "root";

    private static OpStep Op(string candy, string verb, string value) => new()
    {
        Candy = candy,
        Verb = verb,
        Value = value,
        Scope = IsRoot ? StepScope.System : StepScope.User,
        ResolvedUser = System.Environment.UserName,
        CandyFolder = "/nowhere",
    };

    private static ReverseOp File(string path) => new() { Kind = ReverseKinds.RemoveFileUser, Targets = [path], Scope = StepScope.User };

    private sealed class Collector(List<CharlyEvent> events) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value)
        {
            lock (events) events.Add(value);
        }
    }
}

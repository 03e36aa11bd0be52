namespace OpenCharly.Plans;

/// <summary>The three gates, as they stand for one run.</summary>
/// <param name="WithServices">Units may be written and enabled.</param>
/// <param name="AllowRepoChanges">Package repositories may be changed.</param>
/// <param name="AllowRootTasks">Scripts of candies may run as root.</param>
public sealed record PlanGates(bool WithServices = false, bool AllowRepoChanges = false, bool AllowRootTasks = false)
{
    /// <summary>Whether a gate is open.</summary>
    public bool Allows(StepGate gate) => gate switch
    {
        StepGate.WithServices => WithServices,
        StepGate.AllowRepoChanges => AllowRepoChanges,
        StepGate.AllowRootTasks => AllowRootTasks,
        _ => true,
    };

    /// <summary>The command-line flag that opens a gate, without dashes.</summary>
    public static string FlagOf(StepGate gate) => gate switch
    {
        StepGate.WithServices => "with-services",
        StepGate.AllowRepoChanges => "allow-repo-changes",
        StepGate.AllowRootTasks => "allow-root-tasks",
        _ => "",
    };
}

/// <summary>Something that a plan leaves out, and how to have it.</summary>
/// <param name="Candy">The candy.</param>
/// <param name="Step">Index of the step; null if it concerns a whole candy or a field without step.</param>
/// <param name="Reason">Why.</param>
/// <param name="Hint">What to do to have it, or what was left out.</param>
public sealed record PlanSkip(string Candy, int? Step, SkipReason Reason, string Hint);

/// <summary>Neighbouring steps of equal scope and venue, which run as one script.</summary>
/// <param name="Scope">Their scope.</param>
/// <param name="Venue">Their venue.</param>
/// <param name="Steps">Their indexes.</param>
public sealed record PlanBatch(StepScope Scope, StepVenue Venue, IReadOnlyList<int> Steps);

/// <summary>A step that a filter left out of a plan: what the plan was compiled with and will not do.</summary>
/// <param name="Candy">Its candy.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Summary">The step in one line.</param>
/// <param name="Digest">Its digest; what the target has on record of it stays on record.</param>
public sealed record TrimmedStep(string Candy, StepKind Kind, string Summary, string Digest);

/// <summary>A candy of a plan.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version; empty if it has none.</param>
public sealed record PlannedCandy(string Name, string Version);

/// <summary>
/// A compiled install plan: immutable, independent of the files it came from except for the candy files that it
/// names by digest. What it shows is what applying it does.
/// </summary>
public sealed record InstallPlan
{
    private readonly IReadOnlyList<InstallStep> _steps = [];

    /// <summary>Schema name of the JSON form.</summary>
    public const string SchemaName = "opencharly.plan/1";

    /// <summary>Deploy key, such as <c>vm:web</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Ledger target: <c>host</c>, <c>vm:&lt;entity&gt;</c>, <c>pod:&lt;name&gt;</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Where it is applied: <c>local</c>, <c>[user@]host[:port]</c> or an ssh alias.</summary>
    public required string Host { get; init; }

    /// <summary>The reference that it was compiled from; empty for a template alone.</summary>
    public string Ref { get; init; } = "";

    /// <summary>16 hex digits that identify deployment, candies and overlays (candy-and-plan.md §5.1).</summary>
    public required string DeployId { get; init; }

    /// <summary>Primary box, or empty.</summary>
    public string Box { get; init; } = "";

    /// <summary>Version of the box or primary candy.</summary>
    public string Version { get; init; } = "";

    /// <summary>First tag of the chain.</summary>
    public string Distro { get; init; } = "";

    /// <summary>Tag chain of the target, most specific first.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Home folder on the target.</summary>
    public string Home { get; init; } = "";

    /// <summary>User on the target.</summary>
    public string User { get; init; } = "";

    /// <summary>Login shell on the target.</summary>
    public string LoginShell { get; init; } = "bash";

    /// <summary>Candies in order.</summary>
    public IReadOnlyList<PlannedCandy> Candies { get; init; } = [];

    /// <summary>Overlay references as given.</summary>
    public IReadOnlyList<string> AddCandies { get; init; } = [];

    /// <summary>Builder image that overrides all others.</summary>
    public string? BuilderImage { get; init; }

    /// <summary>The gates.</summary>
    public PlanGates Gates { get; init; } = new();

    /// <summary>The steps, in the order in which they run.</summary>
    public IReadOnlyList<InstallStep> Steps
    {
        get => _steps;
        init => _steps = [.. value.Select(s => s with { TakenFrom = new StepOrigin(this) })];
    }

    /// <summary>Steps that a filter left out, in order; a plan with such steps undoes nothing of an earlier bundle.</summary>
    public IReadOnlyList<TrimmedStep> Trimmed { get; init; } = [];

    /// <summary>What the plan took for granted about its target; null if the target was not asked when it was compiled.</summary>
    public PlanBasis? Basis { get; init; }

    /// <summary>Secrets that steps are given, by name.</summary>
    public IReadOnlyList<PlanSecret> Secrets { get; init; } = [];

    /// <summary>Files that are fetched from the target once everything is applied.</summary>
    public IReadOnlyList<PlanArtifact> Artifacts { get; init; } = [];

    /// <summary>Files that are written on this machine, text by path: what a target is that takes files instead of steps. Secrets are left out.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>What is left out.</summary>
    public IReadOnlyList<PlanSkip> Skips { get; init; } = [];

    /// <summary>What the user should know.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The enabled steps in batches of equal scope and venue.</summary>
    public IReadOnlyList<PlanBatch> Batches
    {
        get
        {
            var batches = new List<PlanBatch>();
            foreach (var step in Steps.Where(s => s.Enabled))
            {
                if (batches.Count > 0 && batches[^1] is var last && last.Scope == step.Scope && last.Venue == step.Venue)
                {
                    batches[^1] = last with { Steps = [.. last.Steps, step.Index] };
                }
                else
                {
                    batches.Add(new PlanBatch(step.Scope, step.Venue, [step.Index]));
                }
            }

            return batches;
        }
    }
}

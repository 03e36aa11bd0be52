using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>Collects the steps, skips and warnings of one plan while it is compiled.</summary>
/// <param name="request">What the plan is compiled from.</param>
internal sealed class PlanBuilder(PlanRequest request)
{
    private readonly List<InstallStep> _steps = [];
    private readonly List<PlanSkip> _skips = [];
    private readonly List<string> _warnings = [];

    public PlanRequest Request { get; } = request;

    public TargetFacts Facts => Request.Facts;

    public bool IsVm => Request.TargetKind == "vm";

    /// <summary>Whether an image is built, where nothing runs and nobody is logged in.</summary>
    public bool IsBox => Request.TargetKind == PlanRequest.BoxKind;

    public IReadOnlyList<InstallStep> Steps => _steps;

    public IReadOnlyList<PlanSkip> Skips => _skips;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The steps with their indexes and digests.</summary>
    public IReadOnlyList<InstallStep> Seal() => [.. _steps.Select(s => s with { Digest = PlanDigest.Of(s) })];

    /// <summary>Adds a step; one behind a closed gate stays in the plan, so that the plan shows what opening it would do.</summary>
    public void Add(InstallStep step)
    {
        var indexed = step with { Index = _steps.Count };
        if (indexed.Skip is null && !Request.Gates.Allows(indexed.Gate))
        {
            indexed = indexed with { Skip = SkipReason.GateClosed };
            _skips.Add(new PlanSkip(step.Candy, indexed.Index, SkipReason.GateClosed, "--" + PlanGates.FlagOf(step.Gate)));
        }

        _steps.Add(indexed);
    }

    /// <summary>Adds a step that will not run.</summary>
    public void AddSkipped(InstallStep step, SkipReason reason, string hint)
    {
        _skips.Add(new PlanSkip(step.Candy, _steps.Count, reason, hint));
        Add(step with { Skip = reason });
    }

    /// <summary>Notes something that is left out without being a step.</summary>
    public void Note(Candy candy, SkipReason reason, string hint) => _skips.Add(new PlanSkip(candy.Name, null, reason, hint));

    public void Warn(string text)
    {
        if (!_warnings.Contains(text)) _warnings.Add(text);
    }

    /// <summary>A path or text of this target, its home resolved.</summary>
    public string Expand(string text) => HomeToken.Expand(text, Facts.Home);

    /// <summary>The scope of a destination: the system for the folders that belong to it, else as given.</summary>
    public static StepScope ScopeOf(string path, StepScope otherwise = StepScope.User) =>
        SystemFolders.Any(f => path == f || path.StartsWith(f + "/", StringComparison.Ordinal)) ? StepScope.System : otherwise;

    /// <summary>A value that becomes part of one line of a file; a line break would become a second line.</summary>
    public static string SingleLine(string text, ErrorCode code, string what, Candy candy) =>
        text.AsSpan().ContainsAny('\n', '\r', '\0')
            ? throw new CharlyException(code, $"candy {candy.Name}: {what} holds a line break", "Write it on one line.", candy.Position, candy.Name)
            : text;

    private static readonly string[] SystemFolders =
        ["/etc", "/usr", "/var", "/opt", "/root", "/boot", "/srv", "/run", "/lib", "/sbin", "/bin"];
}

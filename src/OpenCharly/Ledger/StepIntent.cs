using System.Text.Json.Nodes;
using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>A path whose state before the step matters.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="IsFolder">True for a folder that is only made if it is not there: nothing of it needs keeping.</param>
/// <param name="IsKnown">True if its state before the candy is on record: what stands there is kept only for taking this run back.</param>
internal readonly record struct WatchedPath(string Path, bool IsFolder, bool IsKnown = false)
{
    public static WatchedPath Parse(string text) => new(text[1..], text[0] == 'f', text[0] == 'k');

    public override string ToString() => (IsFolder ? "f" : IsKnown ? "k" : "p") + Path;
}

/// <summary>What a step sets out to do and how it is undone, written to the journal before the first effect of its batch.</summary>
internal sealed record StepIntent
{
    public required int Index { get; init; }

    public required string Candy { get; init; }

    public string? Version { get; init; }

    public required StepKind Kind { get; init; }

    public required StepScope Scope { get; init; }

    public required StepVenue Venue { get; init; }

    public required string Summary { get; init; }

    public required string Digest { get; init; }

    /// <summary>A short digest of each field; see <see cref="StepFieldDigests"/>.</summary>
    public string? Fields { get; init; }

    public bool AsRoot { get; init; }

    /// <summary>Whether it leaves nothing to look at.</summary>
    public bool Opaque { get; init; }

    public IReadOnlyList<string> Paths { get; init; } = [];

    public IReadOnlyList<string> Folders { get; init; } = [];

    public string? PackageFormat { get; init; }

    /// <summary>Names of the requested packages.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    public IReadOnlyList<UnitReference> Units { get; init; } = [];

    /// <summary>Marker of the managed block that it writes; null if it writes none.</summary>
    public string? Block { get; init; }

    /// <summary>SHA-256 of the lines of that block.</summary>
    public string? BlockDigest { get; init; }

    public IReadOnlyList<ReverseOp> Reverse { get; init; } = [];

    /// <summary>Paths whose prior state is not on record yet; the journal's bits are in this order.</summary>
    public IReadOnlyList<WatchedPath> Watch { get; init; } = [];

    /// <summary>The intent of a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="script">The step as bash.</param>
    /// <param name="version">Version of its candy.</param>
    /// <param name="known">Paths whose state before the candy is on record.</param>
    /// <param name="kept">Paths kept earlier in this run for this candy: not watched again.</param>
    public static StepIntent Of(InstallStep step, StepScript script, string? version, IReadOnlySet<string> known, IReadOnlySet<string> kept)
    {
        var packages = step switch
        {
            SystemPackagesStep { PackagePhase: StepPhase.Install } s => s.Packages,
            _ => step.Reverse.Where(o => o.Kind == ReverseKinds.PackageRemove).SelectMany(o => o.Targets),
        };

        // mkdir sets the mode of its folder, so that is more than a parent that happens to be made: it is a path of its
        // own, and undone as one.
        var made = step is OpStep { Verb: "mkdir" } op ? op.Value : null;
        IReadOnlyList<string> own = made is null || script.Paths.Contains(made) ? script.Paths : [.. script.Paths, made];
        IReadOnlyList<ReverseOp> reverse = made is null || step.Reverse.Any(o => o.Targets.Contains(made)) ? step.Reverse : [.. step.Reverse, Undo(made, script.AsRoot)];
        var paths = own.Concat(reverse.Where(o => ReverseOps.TakesPaths(o.Kind)).SelectMany(o => o.Targets));
        var watch = paths.Select(p => new WatchedPath(p, false, known.Contains(p)))
            .Concat(script.Folders.Where(f => !known.Contains(f)).Select(f => new WatchedPath(f, true)));
        var block = BlockOf(step);
        return new StepIntent
        {
            Index = step.Index,
            Candy = step.Candy,
            Version = version,
            Kind = step.Kind,
            Scope = step.Scope,
            Venue = step.Venue,
            Summary = step.Summary,
            Digest = step.Digest,
            Fields = StepFieldDigests.Of(step),
            AsRoot = script.AsRoot,
            Opaque = !script.LeavesTraces,
            Paths = own,
            Folders = script.Folders,
            PackageFormat = script.PackageFormat,
            Packages = [.. packages.Distinct(StringComparer.Ordinal)],
            Units = script.Units,
            Block = block?.Marker,
            BlockDigest = block is null ? null : DriftCheck.DigestOf(block.Value.Text),
            Reverse = reverse,
            Watch = [.. watch.Where(w => w.Path.StartsWith('/') && !kept.Contains(w.Path)).DistinctBy(w => w.Path)],
        };
    }

    public string ToJson()
    {
        var node = new JsonObject { ["index"] = Index, ["candy"] = Candy };
        LedgerJson.Set(node, "version", Version);
        node["kind"] = Kind.ToString();
        node["scope"] = LedgerNames.Of(Scope);
        node["venue"] = LedgerNames.Of(Venue);
        node["summary"] = Summary;
        node["digest"] = Digest;
        LedgerJson.Set(node, "fields", Fields);
        node["root"] = AsRoot;
        node["opaque"] = Opaque;
        node["paths"] = LedgerJson.Array(Paths);
        node["folders"] = LedgerJson.Array(Folders);
        LedgerJson.Set(node, "format", PackageFormat);
        node["packages"] = LedgerJson.Array(Packages);
        node["units"] = LedgerJson.Array(Units.Select(UnitText));
        LedgerJson.Set(node, "block", Block);
        LedgerJson.Set(node, "block_digest", BlockDigest);
        node["reverse"] = new JsonArray([.. Reverse.Select(LedgerJson.Write)]);
        node["watch"] = LedgerJson.Array(Watch.Select(w => w.ToString()));
        return LedgerJson.Render(node, indented: false);
    }

    public static StepIntent FromJson(JsonObject node) => new()
    {
        Index = node["index"]?.GetValue<int>() ?? throw new FormatException("index is missing"),
        Candy = LedgerJson.Required(node, "candy"),
        Version = LedgerJson.Text(node, "version"),
        Kind = LedgerNames.Kind(LedgerJson.Required(node, "kind")),
        Scope = LedgerNames.Scope(LedgerJson.Required(node, "scope")),
        Venue = LedgerNames.Venue(LedgerJson.Required(node, "venue")),
        Summary = LedgerJson.Required(node, "summary"),
        Digest = LedgerJson.Required(node, "digest"),
        Fields = LedgerJson.Text(node, "fields"),
        AsRoot = node["root"]?.GetValue<bool>() ?? false,
        Opaque = node["opaque"]?.GetValue<bool>() ?? false,
        Paths = LedgerJson.Texts(node, "paths"),
        Folders = LedgerJson.Texts(node, "folders"),
        PackageFormat = LedgerJson.Text(node, "format"),
        Packages = LedgerJson.Texts(node, "packages"),
        Units = [.. LedgerJson.Texts(node, "units").Select(Unit)],
        Block = LedgerJson.Text(node, "block"),
        BlockDigest = LedgerJson.Text(node, "block_digest"),
        Reverse = [.. LedgerJson.Objects(node, "reverse").Select(LedgerJson.ReadOp)],
        Watch = [.. LedgerJson.Texts(node, "watch").Select(WatchedPath.Parse)],
    };

    private static (string Marker, string Text)? BlockOf(InstallStep step) => step switch
    {
        ShellSnippetStep { UseDropIn: false } s => (s.Marker, s.Snippet),
        RepoChangeStep s when s.Reverse.Any(o => o.Extra.ContainsKey(LedgerExtra.Marker)) => (s.Name, s.Content),
        _ => null,
    };

    private static ReverseOp Undo(string folder, bool asRoot) => new()
    {
        Kind = ReverseKinds.RemoveFolder,
        Targets = [folder],
        Scope = asRoot ? StepScope.System : StepScope.User,
        Extra = new Dictionary<string, string> { [LedgerExtra.OnlyIfEmpty] = "true" },
    };

    /// <summary>A unit as ledger files name it: <c>s name</c> or <c>u name</c>.</summary>
    public static string UnitText(UnitReference unit) => (unit.IsUser ? "u " : "s ") + unit.Name;

    /// <summary>The reverse of <see cref="UnitText"/>.</summary>
    public static UnitReference Unit(string text) => new(text[2..], text[0] == 'u');
}

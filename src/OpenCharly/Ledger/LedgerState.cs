using System.Text.Json.Nodes;
using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>The records of a ledger, as they are or as they should become.</summary>
internal sealed record LedgerState
{
    /// <summary>Name of the record of the log-in shell's own block; no candy can be called so.</summary>
    public const string LoginShell = ".login-shell";

    public IReadOnlyDictionary<string, DeployRecord> Deploys { get; init; } = new Dictionary<string, DeployRecord>();

    public IReadOnlyDictionary<string, CandyRecord> Candies { get; init; } = new Dictionary<string, CandyRecord>();

    /// <summary>The objects that the records were read from, by file name below the ledger folder, for keys that we do not know.</summary>
    public IReadOnlyDictionary<string, JsonObject> Sources { get; init; } = new Dictionary<string, JsonObject>();

    public LedgerState With(DeployRecord record) => this with { Deploys = new Dictionary<string, DeployRecord>(Deploys) { [record.DeployId] = record } };

    public LedgerState With(CandyRecord record) => this with { Candies = new Dictionary<string, CandyRecord>(Candies) { [record.Candy] = record } };

    public LedgerState WithoutDeploy(string deployId)
    {
        var deploys = new Dictionary<string, DeployRecord>(Deploys);
        deploys.Remove(deployId);
        return this with { Deploys = deploys };
    }

    public LedgerState WithoutCandy(string candy)
    {
        var candies = new Dictionary<string, CandyRecord>(Candies);
        candies.Remove(candy);
        return this with { Candies = candies };
    }

    /// <summary>Whether some candy left an environment file, so that log-in shells need the block that reads it.</summary>
    public bool HasEnvFiles => Candies.Values.Any(c => c.ReverseOps.Any(o => o.Kind == ReverseKinds.RemoveEnvFile));

    /// <summary>The files of this state, by name below the ledger folder.</summary>
    public SortedDictionary<string, string> Files()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var deploy in Deploys.Values)
        {
            var file = $"deploys/{deploy.DeployId}.json";
            files[file] = LedgerJson.Write(deploy, Sources.GetValueOrDefault(file));
        }

        foreach (var candy in Candies.Values)
        {
            var file = $"layers/{candy.Candy}.json";
            files[file] = LedgerJson.Write(candy, Sources.GetValueOrDefault(file));
        }

        return files;
    }

    /// <summary>The paths that recorded steps can be told by, package databases included.</summary>
    public IReadOnlyList<string> TracedPaths() =>
    [
        .. Candies.Values.SelectMany(c => c.Steps).SelectMany(Stamps.PathsOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>The units that recorded steps can be told by.</summary>
    public IReadOnlyList<string> TracedUnits() =>
    [
        .. Candies.Values.SelectMany(c => c.Steps).SelectMany(s => LedgerExtra.List(s.Extra, LedgerExtra.Units)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>The files in which recorded steps keep managed blocks.</summary>
    public IReadOnlyList<string> BlockPaths() =>
    [
        .. Candies.Values.SelectMany(c => c.Steps).Where(s => s.Extra.ContainsKey(LedgerExtra.Block)).SelectMany(s => LedgerExtra.List(s.Extra, LedgerExtra.Paths))
            .Where(Stamps.CanTrace).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>The packages that recorded steps asked for, each as <c>format name</c>.</summary>
    public IReadOnlyList<string> TracedPackages() =>
    [
        .. Candies.Values.SelectMany(c => c.Steps).Where(s => s.Extra.ContainsKey(LedgerExtra.Format))
            .SelectMany(s => LedgerExtra.List(s.Extra, LedgerExtra.Packages).Select(p => $"{s.Extra[LedgerExtra.Format]} {p}"))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>Kept files that records need, below the backup folder; beside a link that is kept, what it pointed to.</summary>
    public IReadOnlySet<string> Backups() => Candies.Values.SelectMany(c => c.ReverseOps)
        .SelectMany(o => new[] { LedgerExtra.Backup, LedgerExtra.Origin, LedgerExtra.AccountCopies }.Select(o.Extra.GetValueOrDefault))
        .OfType<string>().SelectMany(b => new[] { b, b + ".target" }).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether nothing is on record.</summary>
    public bool IsEmpty => Deploys.Count == 0 && Candies.Count == 0;
}

using System.Text.Json.Nodes;

namespace OpenCharly.Ledger;

/// <summary>What a run sets out to do, written to its journal before anything else.</summary>
internal sealed record RunIntent
{
    /// <summary>Its id: sorts by time, names its journal file.</summary>
    public required string Run { get; init; }

    /// <summary><c>add</c> or <c>del</c>.</summary>
    public required string Verb { get; init; }

    public required string DeployName { get; init; }

    public required string DeployId { get; init; }

    public required string Target { get; init; }

    public string Image { get; init; } = "";

    public string? Tag { get; init; }

    public string? BuilderImage { get; init; }

    public IReadOnlyList<string> Candies { get; init; } = [];

    public IReadOnlyList<string> AddCandies { get; init; } = [];

    /// <summary>For a removal: leave package repositories in place.</summary>
    public bool KeepRepoChanges { get; init; }

    /// <summary>For a removal: leave units in place.</summary>
    public bool KeepServices { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>Boot id of the target: after a power cut, what was not flushed may be lost.</summary>
    public required string BootId { get; init; }

    /// <summary>Who runs it, for those who wait for its lock.</summary>
    public string Owner { get; init; } = "";

    /// <summary>What to tell those who wait for the lock that this run holds.</summary>
    public string Describe() => $"{Verb} {DeployName}, since {LedgerJson.Time(Started)}{(Owner.Length > 0 ? $", by {Owner}" : "")}";

    public string ToJson()
    {
        var node = new JsonObject { ["run"] = Run, ["verb"] = Verb, ["name"] = DeployName, ["deploy_id"] = DeployId, ["target"] = Target, ["image"] = Image };
        LedgerJson.Set(node, "tag", Tag);
        LedgerJson.Set(node, "builder_image", BuilderImage);
        node["candy"] = LedgerJson.Array(Candies);
        node["add_candy"] = LedgerJson.Array(AddCandies);
        if (KeepRepoChanges) node["keep_repo_changes"] = true;
        if (KeepServices) node["keep_services"] = true;
        node["started"] = LedgerJson.Time(Started);
        node["boot_id"] = BootId;
        node["owner"] = Owner;
        return LedgerJson.Render(node, indented: false);
    }

    public static RunIntent FromJson(JsonObject node) => new()
    {
        Run = LedgerJson.Required(node, "run"),
        Verb = LedgerJson.Required(node, "verb"),
        DeployName = LedgerJson.Required(node, "name"),
        DeployId = LedgerJson.Required(node, "deploy_id"),
        Target = LedgerJson.Required(node, "target"),
        Image = LedgerJson.Text(node, "image") ?? "",
        Tag = LedgerJson.Text(node, "tag"),
        BuilderImage = LedgerJson.Text(node, "builder_image"),
        Candies = LedgerJson.Texts(node, "candy"),
        AddCandies = LedgerJson.Texts(node, "add_candy"),
        KeepRepoChanges = node["keep_repo_changes"]?.GetValue<bool>() ?? false,
        KeepServices = node["keep_services"]?.GetValue<bool>() ?? false,
        Started = LedgerJson.Time(node, "started"),
        BootId = LedgerJson.Text(node, "boot_id") ?? "",
        Owner = LedgerJson.Text(node, "owner") ?? "",
    };
}

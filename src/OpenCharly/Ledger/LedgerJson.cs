using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenCharly.Foundation;
using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>
/// Reads and writes the records of candy-and-plan.md §7.2 and §7.3. Keys that we do not know survive: a record is
/// written over the object that it was read from.
/// </summary>
internal static class LedgerJson
{
    private static readonly string[] StepKeys = ["kind", "scope", "venue", "summary", "completed_at", "extra"];
    private static readonly string[] OpKeys = ["kind", "format", "targets", "scope", "extra", "uninstall_cmd"];

    public static string SchemaVersion { get; } = CalVer.LedgerSchema.ToString();

    /// <summary>Reads the object of a record file.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.LedgerRecord"/> if it is no JSON object or has no schema version.</exception>
    public static JsonObject Parse(string file, string text)
    {
        JsonObject? node;
        try
        {
            node = JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException e)
        {
            throw Corrupt(file, e.Message, e);
        }

        if (node is null) throw Corrupt(file, "it is not a JSON object", null);
        if (node["schema_version"] is null)
        {
            throw new CharlyException(
                Errors.LedgerRecord,
                $"the ledger record {file} has no schema_version",
                "It is older than this version of charly. Run: charly migrate",
                target: file);
        }

        return node;
    }

    public static DeployRecord ReadDeploy(string file, JsonObject node) => Guard(file, () => new DeployRecord
    {
        SchemaVersion = Text(node, "schema_version")!,
        DeployId = Required(node, "deploy_id"),
        Name = Text(node, "name"),
        Image = Text(node, "image") ?? "",
        Tag = Text(node, "tag"),
        Target = Required(node, "target"),
        Candy = Texts(node, "candy"),
        AddCandy = Texts(node, "add_candy"),
        Overlay = Text(node, "overlay"),
        DeployedAt = Time(node, "deployed_at"),
    });

    public static CandyRecord ReadCandy(string file, JsonObject node) => Guard(file, () => new CandyRecord
    {
        SchemaVersion = Text(node, "schema_version")!,
        Candy = Required(node, "candy"),
        Version = Text(node, "version"),
        DeployedBy = Texts(node, "deployed_by"),
        DeployedAt = Time(node, "deployed_at"),
        BuilderImage = Text(node, "builder_image"),
        Steps = [.. Objects(node, "steps").Select(ReadStep)],
        ReverseOps = [.. Objects(node, "reverse_ops").Select(ReadOp)],
    });

    public static RecordedStep ReadStep(JsonObject node) => new()
    {
        Kind = LedgerNames.Kind(Required(node, "kind")),
        Scope = LedgerNames.Scope(Required(node, "scope")),
        Venue = LedgerNames.Venue(Text(node, "venue") ?? "0"),
        Summary = Text(node, "summary"),
        CompletedAt = Time(node, "completed_at"),
        Extra = Map(node, "extra"),
    };

    public static ReverseOp ReadOp(JsonObject node) => new()
    {
        Kind = Required(node, "kind"),
        Format = Text(node, "format"),
        Targets = Texts(node, "targets"),
        Scope = LedgerNames.Scope(Text(node, "scope") ?? "0"),
        Extra = Map(node, "extra"),
        UninstallCommand = Text(node, "uninstall_cmd"),
    };

    public static string Write(DeployRecord record, JsonObject? over)
    {
        var node = Copy(over);
        Set(node, "schema_version", record.SchemaVersion);
        Set(node, "deploy_id", record.DeployId);
        Set(node, "name", record.Name);
        node["image"] = record.Image;
        Set(node, "tag", record.Tag);
        Set(node, "target", record.Target);
        node["candy"] = Array(record.Candy);
        if (record.AddCandy.Count > 0) node["add_candy"] = Array(record.AddCandy);
        else node.Remove("add_candy");
        Set(node, "overlay", record.Overlay);
        Set(node, "deployed_at", Time(record.DeployedAt));
        return Render(node);
    }

    public static string Write(CandyRecord record, JsonObject? over)
    {
        var node = Copy(over);
        Set(node, "schema_version", record.SchemaVersion);
        Set(node, "candy", record.Candy);
        Set(node, "version", record.Version);
        node["deployed_by"] = Array(record.DeployedBy);
        Set(node, "deployed_at", Time(record.DeployedAt));
        Set(node, "builder_image", record.BuilderImage);
        node["steps"] = new JsonArray([.. record.Steps.Select(Write)]);
        node["reverse_ops"] = new JsonArray([.. record.ReverseOps.Select(Write)]);
        return Render(node);
    }

    public static JsonNode Write(RecordedStep step)
    {
        var node = new JsonObject();
        Set(node, StepKeys[0], step.Kind.ToString());
        Set(node, StepKeys[1], LedgerNames.Of(step.Scope));
        Set(node, StepKeys[2], LedgerNames.Of(step.Venue));
        Set(node, StepKeys[3], step.Summary);
        Set(node, StepKeys[4], Time(step.CompletedAt));
        if (step.Extra.Count > 0) node[StepKeys[5]] = Map(step.Extra);
        return node;
    }

    public static JsonNode Write(ReverseOp op)
    {
        var node = new JsonObject();
        Set(node, OpKeys[0], op.Kind);
        Set(node, OpKeys[1], op.Format);
        if (op.Targets.Count > 0) node[OpKeys[2]] = Array(op.Targets);
        Set(node, OpKeys[3], LedgerNames.Of(op.Scope));
        if (op.Extra.Count > 0) node[OpKeys[4]] = Map(op.Extra);
        Set(node, OpKeys[5], op.UninstallCommand);
        return node;
    }

    /// <summary>The node as text, on one line or indented by two blanks, with a final newline if indented.</summary>
    public static string Render(JsonNode node, bool indented = true)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            node.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + (indented ? "\n" : "");
    }

    public static string? Text(JsonObject node, string key) => node[key] is JsonValue value ? Scalar(value) : null;

    public static string Required(JsonObject node, string key) => Text(node, key) ?? throw new FormatException($"{key} is missing");

    public static IReadOnlyList<string> Texts(JsonObject node, string key) =>
        node[key] is JsonArray array ? [.. array.Select(v => v is JsonValue value ? Scalar(value) : throw new FormatException($"{key} is not a list of strings"))] : [];

    public static IEnumerable<JsonObject> Objects(JsonObject node, string key) =>
        node[key] is JsonArray array ? array.Select(v => v as JsonObject ?? throw new FormatException($"{key} is not a list of objects")) : [];

    public static IReadOnlyDictionary<string, string> Map(JsonObject node, string key)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (node[key] is not JsonObject members) return map;
        foreach (var (name, value) in members)
        {
            if (value is JsonValue scalar) map[name] = Scalar(scalar);
            else if (value is JsonArray list) map[name] = LedgerExtra.Join(list.OfType<JsonValue>().Select(Scalar));
        }

        return map;
    }

    public static DateTimeOffset Time(JsonObject node, string key) =>
        DateTimeOffset.TryParse(Text(node, key), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : throw new FormatException($"{key} is no time");

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static JsonArray Array(IEnumerable<string> items) => new([.. items.Select(i => (JsonNode)JsonValue.Create(i))]);

    public static void Set(JsonObject node, string key, string? value)
    {
        if (value is null) node.Remove(key);
        else node[key] = value;
    }

    private static JsonObject Map(IReadOnlyDictionary<string, string> map)
    {
        var node = new JsonObject();
        foreach (var (key, value) in map.OrderBy(p => p.Key, StringComparer.Ordinal)) node[key] = value;
        return node;
    }

    private static JsonObject Copy(JsonObject? over) => over is null ? [] : (JsonObject)over.DeepClone();

    private static string Scalar(JsonValue value) => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToString();

    private static T Guard<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            throw Corrupt(file, e.Message, e);
        }
    }

    private static CharlyException Corrupt(string file, string why, Exception? cause) => new(
        Errors.LedgerRecord,
        $"the ledger record {file} can't be read: {why}",
        "Repair the file or move it away; it is left as it is.",
        target: file,
        inner: cause);
}

using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads what every use of a box needs: base and ordered candies (candy-and-plan.md §4.1). Building reads the body.</summary>
public static class BoxReader
{
    private static readonly string[] OtherKeys =
    [
        "name", "description", "bootstrap_builder_image", "platform", "tag", "registry", "uid", "gid", "env", "env_file", "alias", "security", "network",
        "shell", "merge", "engine", "volume",
    ];

    /// <summary>Reads one box.</summary>
    /// <param name="map">Its body.</param>
    /// <param name="name">Its name.</param>
    /// <param name="projectFolder">Root folder of its project.</param>
    /// <param name="problems">Problems and warnings are added here.</param>
    public static Box Read(YamlMapping map, string name, string projectFolder, ICollection<Problem> problems)
    {
        var body = new YamlBinder(map, $"box \"{name}\"", problems);
        if (!Patterns.Alias().IsMatch(name)) body.Report(Errors.BadName, $"\"{name}\" can't name a box", "Use letters, digits, dots, dashes, underscores.", map.Position);
        LegacyKeys.ReportBox(body);
        var version = body.Text("version") ?? "";
        if (version.Length > 0 && !Patterns.Version().IsMatch(version)) body.Report(Errors.CandyVersion, $"\"{version}\" is no version", "Write YYYY.DDD.HHMM.", body.At("version"));
        if (body.Has("base") && body.Has("from")) body.Report(Errors.BoxSource, "\"base\" and \"from\" exclude each other", "Keep one.", body.At("from"));
        var from = body.Text("from");
        if (from is not null && !from.StartsWith("builder:", StringComparison.Ordinal)) body.Report(Errors.BoxSource, $"\"from\" is \"{from}\"", "Write builder: and the name of a builder.", body.At("from"));
        var policy = body.Text("user_policy") ?? "auto";
        if (policy is not ("auto" or "adopt" or "create")) body.Report(Errors.BoxAdopt, $"\"user_policy\" is \"{policy}\"", "Use auto, adopt or create.", body.At("user_policy"));
        var isData = body.Boolean("data_image") ?? false;
        if (isData && (body.Has("base") || body.Has("from"))) body.Report(Errors.BoxSource, "a data image has no base", "Remove \"base\", or data_image.", body.At("data_image"));
        var candies = new List<SourcedText>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in body.Items("candy", "layer"))
        {
            if (item is not YamlScalar { IsNull: false } scalar || scalar.Text.Trim().Length == 0 || !Patterns.IsOneLine(scalar.Text)) body.Report(Errors.CandyMember, $"\"candy\" holds {item.Description}", "Write the candy's name or reference.", item.Position);
            else if (seen.Add(scalar.Text)) candies.Add(new SourcedText(scalar.Text, scalar.Position));
        }

        var read = new Box
        {
            Name = name,
            Position = map.Position,
            ProjectFolder = projectFolder,
            Version = version,
            Enabled = body.Boolean("enabled") ?? true,
            Base = body.Text("base"),
            From = from,
            IsBootc = body.Boolean("bootc") ?? false,
            IsDataImage = isData,
            Distros = Words(body, "distro"),
            Build = Words(body, "build"),
            Builders = Builders(body),
            Produces = body.TextList("produce"),
            User = body.Text("user"),
            UserPolicy = policy,
            Init = body.Text("init"),
            Candies = candies,
            Checks = [.. CheckReader.List(body), .. CheckReader.List(body, "deploy_eval", "deploy")],
            Body = map,
        };
        CheckImageFields(body);
        body.Accept(OtherKeys);
        body.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        return read;
    }

    // Building reads them; that they are what they must be is told before.
    private static void CheckImageFields(YamlBinder body)
    {
        foreach (var key in new[] { "uid", "gid" }) body.Integer(key);
        foreach (var key in new[] { "name", "tag", "registry", "env_file", "network", "engine", "bootstrap_builder_image" }) body.Text(key);
        if (body.Map("security") is { } security)
        {
            CandyContainerReader.Security(new YamlBinder(security, body.What + " security", body.Problems), b => b.RejectUnknown(Errors.CfgUnknownKey, isWarning: true));
        }

        if (body.Node("alias") is YamlMapping)
        {
            body.TextMap("alias");
            return;
        }

        foreach (var item in body.Items("alias"))
        {
            if (item is YamlMapping map && map["name"] is YamlScalar { IsNull: false } && map["command"] is YamlScalar { IsNull: false }) continue;
            body.Report(Errors.YamlType, $"\"alias\" holds {item.Description} without a name and a command", "Write alias: {NAME: COMMAND}, or name: and command: below each dash.", item.Position);
        }
    }

    /// <summary>The items of a list, or of a text with commas.</summary>
    internal static IReadOnlyList<SourcedText> Words(YamlBinder body, string key)
    {
        var words = new List<SourcedText>();
        foreach (var item in body.Items(key))
        {
            if (item is not YamlScalar { IsNull: false } scalar) body.Report(Errors.YamlType, $"\"{key}\" holds {item.Description}", "Write one name an item.", item.Position);
            else words.AddRange(scalar.Text.Split(',', StringSplitOptions.TrimEntries).Where(w => w.Length > 0).Select(w => new SourcedText(w, scalar.Position)));
        }

        return words;
    }

    /// <summary>A <c>builder:</c> map.</summary>
    internal static IReadOnlyDictionary<string, SourcedText> Builders(YamlBinder body)
    {
        var builders = new OrderedDictionary<string, SourcedText>(StringComparer.Ordinal);
        foreach (var entry in body.Map("builder")?.Entries ?? [])
        {
            if (entry.Value is YamlScalar { IsNull: false } box) builders[entry.Key.Text] = new SourcedText(box.Text, box.Position);
            else body.Report(Errors.YamlType, $"builder.{entry.Key.Text} must be a box, not {entry.Value.Description}", "Write the name of a box.", entry.Value.Position);
        }

        return builders;
    }
}

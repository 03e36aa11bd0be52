using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads checks (candy-and-plan.md §9.1): what all have in common; <see cref="CheckVerbs"/> reads the rest.</summary>
internal static class CheckReader
{
    private static readonly string[] CommonKeys =
    [
        "id", "description", "skip", "timeout", "scope", "context", "exclude_distro", "exclude_distros", "eventually", "retry_interval", "tag", "on", "capture",
        "capture_extract", "parallel", "count", "index_var", "background", "mode", "value", "uid", "gid", "home", "opt",
    ];

    private static readonly string[] KnownScopes = ["build", "deploy", "runtime"];

    // What depends on how the deployment runs, and so can't be known while a box is built.
    private static readonly string[] RunTimeVariables =
        ["CONTAINER_NAME", "CONTAINER_IP", "DEPLOY_NAME", "INSTANCE", "HOST_PORT", "VOLUME_PATH", "PEER_HOST", "PEER_ENDPOINT"];

    /// <summary>The checks of a list; malformed ones are reported and left out.</summary>
    /// <param name="body">The candy, box, template or entry.</param>
    /// <param name="key">The key of the list.</param>
    /// <param name="scope">The scope of checks that name none.</param>
    public static IReadOnlyList<Check> List(YamlBinder body, string key = "eval", string scope = "build")
    {
        var checks = new List<Check>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var index = -1;
        foreach (var node in body.Items(key))
        {
            index++;
            if (node is not YamlMapping item)
            {
                body.Report(Errors.CheckForm, $"{key}[{index}] must be a mapping, not {node.Description}", "Write one check: file:, command:, package: and so on.", node.Position);
                continue;
            }

            var binder = new YamlBinder(item, $"{body.What} {key}[{index}]", body.Problems);
            if (item["id"] is YamlScalar { IsNull: false } id && !ids.Add(id.Text)) binder.Report(Errors.CheckForm, $"the id \"{id.Text}\" is used twice", "Give each check an id of its own.", id.Position);
            if (Read(binder, scope: scope) is { } check) checks.Add(check);
        }

        return checks;
    }

    /// <summary>One check; null if it is malformed, which is reported.</summary>
    /// <param name="binder">Its mapping.</param>
    /// <param name="stepWord">The word that a step of a scenario begins with; null for a check of a list.</param>
    /// <param name="scope">Its scope if it names none.</param>
    public static Check? Read(YamlBinder binder, string? stepWord = null, string scope = "build")
    {
        var item = binder.Mapping;
        if (stepWord is not null) binder.Accept(stepWord);
        var isSwitchedOff = Truth(binder, "skip") ?? false;
        var check = CheckVerbs.Find(item) switch
        {
            [var verb] => CheckVerbs.Read(binder, verb),
            [] when isSwitchedOff => new SwitchedOffCheck { Source = item },
            var verbs => Refuse(binder, verbs),
        };
        if (check is null) return null;
        var runTime = RunTimeVariable(item, stepWord);

        // A step without a scope is about whatever it takes.
        check = Common(binder, check, stepWord is not null && runTime is not null ? "deploy" : scope) with { IsSwitchedOff = isSwitchedOff };
        if (check.Scopes is ["build"] && runTime is { } found)
        {
            binder.Report(Errors.CheckForm, $"{found.Text} is known only at run time, but the check is of scope build", "Add scope: deploy.", found.Position);
        }

        if (check is InstrumentCheck) binder.WarnOfMisspelt(Errors.CfgUnknownKey, CheckVerbs.InstrumentAttributes);
        else binder.RejectUnknown(Errors.CfgUnknownKey, isWarning: true);
        return check;
    }

    /// <summary>A whole number; null also where a variable stands for it.</summary>
    public static int? Whole(YamlBinder binder, string key, params ReadOnlySpan<string> aliases) =>
        IsOpen(binder.Node(key, aliases)) ? null : binder.Integer(key, aliases);

    /// <summary>A truth value; null also where a variable stands for it.</summary>
    public static bool? Truth(YamlBinder binder, string key) => IsOpen(binder.Node(key)) ? null : binder.Boolean(key);

    /// <summary>A length of time; null also where a variable stands for it.</summary>
    public static TimeSpan? Duration(YamlBinder binder, string key)
    {
        if (IsOpen(binder.Node(key)) || binder.Text(key) is not { } text) return null;
        if (Durations.TryParse(text, out var duration)) return duration;
        binder.Report(Errors.CheckForm, $"\"{key}\" is \"{text}\"", "Write a duration such as 10s, 2m, 1m30s.", binder.At(key));
        return null;
    }

    private static Check Common(YamlBinder binder, Check check, string scope)
    {
        var count = Whole(binder, "count") ?? 1;
        if (count is < 1 or > 1000) binder.Report(Errors.CheckForm, $"\"count\" is {count}", "Write a number from 1 to 1000.", binder.At("count"));
        var retry = Duration(binder, "retry_interval") ?? TimeSpan.FromSeconds(1);
        return check with
        {
            Id = binder.Text("id"),
            Description = binder.Text("description") ?? "",
            Scopes = Scopes(binder, scope),
            ExcludedDistros = [.. DistroTags.List(binder, "exclude_distro", "exclude_distros").Select(Tag)],
            Timeout = Duration(binder, "timeout"),
            Eventually = Duration(binder, "eventually"),
            RetryInterval = retry > TimeSpan.Zero ? retry : TimeSpan.FromSeconds(1),
            Tags = binder.TextList("tag"),
            Peer = binder.Text("on"),
            Capture = Variable(binder, "capture"),
            CaptureExtract = Pattern(binder, "capture_extract"),
            Count = Math.Clamp(count, 1, 1000),
            IndexVariable = Variable(binder, "index_var") ?? "INDEX",
            IsParallel = Truth(binder, "parallel") ?? false,
        };
    }

    /// <summary>The key of an item that was probably meant to be a verb, with that verb; null if none is like one.</summary>
    public static (YamlScalar Key, string Verb)? Misspelt(YamlMapping item)
    {
        // The nearest word wins, since short keys are near to many verbs.
        for (var distance = 1; distance <= 2; distance++)
        {
            foreach (var key in item.Entries.Select(e => e.Key).Where(k => !CommonKeys.Contains(k.Text)))
            {
                if (Nearest.Find(key.Text, CheckVerbs.Names, distance) is { } verb) return (key, verb);
            }
        }

        return null;
    }

    private static Check? Refuse(YamlBinder binder, IReadOnlyList<string> verbs)
    {
        var item = binder.Mapping;
        var near = verbs.Count == 0 ? Misspelt(item) : null;
        binder.Report(
            Errors.CheckForm,
            verbs.Count == 0 ? "the check has no verb" : $"the check has several verbs: {string.Join(", ", verbs)}",
            near is { Verb: var verb } ? $"Did you mean \"{verb}\"?" : $"Give exactly one of {string.Join(", ", CheckVerbs.Names)}.",
            near is { Key: var key } ? key.Position : item.Position);
        return null;
    }

    private static IReadOnlyList<string> Scopes(YamlBinder binder, string otherwise)
    {
        var key = binder.Mapping["scope"] is null ? "context" : "scope";
        var scopes = binder.TextList("scope", "context");
        foreach (var scope in scopes.Where(s => !KnownScopes.Contains(s)))
        {
            binder.Report(Errors.CheckForm, $"\"{key}\" holds \"{scope}\"", Nearest.Suggest(scope, KnownScopes, "Use build, deploy or runtime."), binder.ItemAt("scope", scope));
        }

        return scopes.Count == 0 ? [otherwise] : scopes;
    }

    private static string? Variable(YamlBinder binder, string key)
    {
        if (binder.Text(key) is not { } name || Patterns.BuildVariable().IsMatch(name)) return binder.Text(key);
        binder.Report(Errors.CheckForm, $"\"{key}\" is \"{name}\"", "Name a variable with A-Z, 0-9 and underscores.", binder.At(key));
        return null;
    }

    private static string? Pattern(YamlBinder binder, string key)
    {
        if (binder.Text(key) is not { } pattern || CheckText.HasVariable(pattern) || LinearRegex.IsValid(pattern, out var error)) return binder.Text(key);
        binder.Report(Errors.CheckForm, $"\"{key}\": \"{pattern}\" is no regular expression: {error}", "Use the syntax of RE2.", binder.At(key));
        return null;
    }

    // Sections of candies are written debian-13, tags of systems debian:13.
    private static string Tag(string text)
    {
        var match = Patterns.DistroTag().Match(text);
        return match is { Success: true, Groups: [_, var name, { Success: true } version] } ? $"{name.Value}:{version.Value}" : text;
    }

    private static bool IsOpen(YamlNode? node) => node is YamlScalar scalar && CheckText.HasVariable(scalar.Text);

    private static SourcedText? RunTimeVariable(YamlMapping item, string? stepWord)
    {
        foreach (var entry in item.Span)
        {
            if (entry.Key.Text == "description" || entry.Key.Text == stepWord) continue;
            if (RunTimeVariable(entry.Value) is { } found) return found;
        }

        return null;
    }

    // Also below the operators of matchers.
    private static SourcedText? RunTimeVariable(YamlNode node) => node switch
    {
        YamlScalar scalar when CheckText.HasVariable(scalar.Text) => CheckText.Variable().Matches(scalar.Text).FirstOrDefault(m => RunTimeVariables.Contains(m.Groups[1].Value)) is { } match
            ? new SourcedText(match.Value, scalar.Position) : null,
        YamlSequence list => list.Items.Select(RunTimeVariable).FirstOrDefault(f => f is not null),
        YamlMapping map => map.Entries.Select(e => RunTimeVariable(e.Value)).FirstOrDefault(f => f is not null),
        _ => null,
    };
}

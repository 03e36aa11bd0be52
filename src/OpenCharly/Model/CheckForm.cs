using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Looks at the form of checks and scenarios (candy-and-plan.md §9.1, §9.3, §9.6); running them is another matter.</summary>
internal static class CheckForm
{
    private static readonly string[] Verbs =
    [
        "file", "command", "package", "service", "port", "addr", "http", "process", "user", "group", "dns", "interface", "mount",
        "kernel-param", "matching", "mcp", "appium", "adb", "wl", "k8s", "vnc", "cdp", "dbus", "record", "spice", "libvirt", "summarize", "kill",
    ];

    // Verbs that are also attributes of the live instruments, which therefore win.
    private static readonly string[] Instruments = ["mcp", "appium", "adb", "wl", "k8s", "vnc", "cdp", "dbus", "record", "spice", "libvirt", "summarize", "kill"];
    private static readonly string[] Operators =
        ["equals", "not_equals", "contains", "not_contains", "matches", "not_matches", "lt", "le", "gt", "ge"];

    private static readonly string[] MatcherKeys = ["stdout", "stderr", "body", "contains", "header"];
    private static readonly string[] Durations = ["timeout", "eventually", "retry_interval"];
    private static readonly string[] StepWords = ["given", "when", "then", "and", "but"];
    private static readonly string[] ScenarioKeys = ["name", "tag", "step", "example", "setup", "teardown", "on_fail", "depends_on", "pod", "description"];
    private static readonly string[] RunTimeVariables =
        ["CONTAINER_NAME", "CONTAINER_IP", "DEPLOY_NAME", "HOST_PORT", "VOLUME_PATH", "PEER_HOST", "PEER_ENDPOINT"];

    /// <summary>The verb of a check; null if it has none or several.</summary>
    public static string? Verb(YamlMapping item)
    {
        var found = Verbs.Where(v => item[v] is not null).ToArray();
        if (found.Length > 1)
        {
            var live = found.Where(Instruments.Contains).ToArray();
            if (live.Length == 1) return live[0];

            // "user" and the like are attributes beside a proper verb that comes first in the item.
            return null;
        }

        return found.Length == 1 ? found[0] : null;
    }

    /// <summary>The items of an <c>eval:</c> list; malformed ones are reported.</summary>
    public static IReadOnlyList<YamlMapping> Items(YamlBinder body, string key = "eval")
    {
        var items = new List<YamlMapping>();
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

            var check = new YamlBinder(item, $"{body.What} {key}[{index}]", body.Problems);
            if (item["id"] is YamlScalar { IsNull: false } id && !ids.Add(id.Text)) check.Report(Errors.CheckForm, $"the id \"{id.Text}\" is used twice", "Give each check an id of its own.", id.Position);
            var isSwitchedOff = item["skip"] is YamlScalar skip && YamlBinder.ParseBoolean(skip.Text) == true;
            if (Verb(item) is null && !isSwitchedOff) ReportVerb(check, item);
            CheckAttributes(check, item);
            if (Scope(item) is "build") CheckVariables(check, item);
            items.Add(item);
        }

        return items;
    }

    /// <summary>The scenarios of a list; malformed ones are reported.</summary>
    public static IReadOnlyList<YamlMapping> Scenarios(YamlBinder body, string key = "scenario")
    {
        var scenarios = new List<YamlMapping>();
        var index = -1;
        foreach (var node in body.Items(key))
        {
            index++;
            if (node is not YamlMapping item)
            {
                body.Report(Errors.CheckForm, $"{key}[{index}] must be a mapping, not {node.Description}", "Write name: and step: below it.", node.Position);
                continue;
            }

            var scenario = new YamlBinder(item, $"{body.What} {key}[{index}]", body.Problems);
            scenario.Accept(ScenarioKeys);
            foreach (var step in scenario.Items("step")) CheckStep(scenario, step);
            scenario.RejectUnknown(Errors.CandyUnknownKey);
            scenarios.Add(item);
        }

        return scenarios;
    }

    private static void CheckStep(YamlBinder scenario, YamlNode node)
    {
        if (node is not YamlMapping item)
        {
            scenario.Report(Errors.CheckForm, $"a step must be a mapping, not {node.Description}", "Begin it with given:, when:, then:, and: or but:.", node.Position);
            return;
        }

        var step = new YamlBinder(item, scenario.What + " step", scenario.Problems);
        if (StepWords.Count(w => item[w] is not null) != 1) step.Report(Errors.CheckForm, "a step needs exactly one of given, when, then, and, but", "Keep one of them.", item.Position);
        CheckAttributes(step, item);
    }

    private static void ReportVerb(YamlBinder check, YamlMapping item)
    {
        var found = Verbs.Where(v => item[v] is not null).ToArray();
        var near = item.Entries.Select(e => Nearest.Find(e.Key.Text, Verbs)).FirstOrDefault(v => v is not null);
        check.Report(
            Errors.CheckForm,
            found.Length == 0 ? "the check has no verb" : $"the check has several verbs: {string.Join(", ", found)}",
            found.Length == 0 && near is not null ? $"Did you mean \"{near}\"?" : $"Give exactly one of {string.Join(", ", Verbs)}.",
            item.Position);
    }

    private static void CheckAttributes(YamlBinder check, YamlMapping item)
    {
        foreach (var key in Durations)
        {
            if (item[key] is YamlScalar { IsNull: false } duration && !Patterns.Duration().IsMatch(duration.Text))
            {
                check.Report(Errors.CheckForm, $"\"{key}\" is \"{duration.Text}\"", "Write a duration such as 10s, 2m, 1m30s.", duration.Position);
            }
        }

        foreach (var key in MatcherKeys)
        {
            if (item[key] is { } matcher && !(key == "header" && matcher is YamlMapping)) CheckMatcher(check, key, matcher);
        }
    }

    private static void CheckMatcher(YamlBinder check, string key, YamlNode matcher)
    {
        switch (matcher)
        {
            case YamlSequence list:
                foreach (var inner in list.Items) CheckMatcher(check, key, inner);
                break;
            case YamlMapping { Entries: [var only] } when Operators.Contains(only.Key.Text):
                break;
            case YamlMapping map:
                check.Report(
                    Errors.CheckForm,
                    map.Entries.Count == 1 ? $"\"{key}\" uses the unknown operator \"{map.Entries[0].Key.Text}\"" : $"\"{key}\" needs exactly one operator, not {map.Entries.Count}",
                    $"Use one of {string.Join(", ", Operators)}.", map.Position);
                break;
        }
    }

    private static string Scope(YamlMapping item) => (item["scope"] ?? item["context"]) switch
    {
        YamlScalar { IsNull: false } scalar => scalar.Text,
        YamlSequence { Items: [YamlScalar first] } => first.Text,
        YamlSequence => "several",
        _ => "build",
    };

    private static void CheckVariables(YamlBinder check, YamlMapping item)
    {
        foreach (var entry in item.Entries)
        {
            if (entry.Key.Text == "description" || entry.Value is not YamlScalar value) continue;
            foreach (System.Text.RegularExpressions.Match match in Patterns.Substitution().Matches(value.Text))
            {
                var name = match.Groups[1].Value.Split(':')[0];
                if (!RunTimeVariables.Contains(name)) continue;
                check.Report(Errors.CheckForm, $"{match.Value} is known only at run time, but the check is of scope build", "Add scope: deploy.", value.Position);
            }
        }
    }
}

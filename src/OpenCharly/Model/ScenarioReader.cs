using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads scenarios (candy-and-plan.md §9.6) and reports malformed ones.</summary>
internal static class ScenarioReader
{
    // A scenario is written out once for each row of its examples.
    private const int MaxValues = 500_000;

    private static readonly string[] StepWords = ["given", "when", "then", "and", "but"];

    /// <summary>The scenarios of a list, one with examples once a row.</summary>
    public static IReadOnlyList<Scenario> List(YamlBinder body, string key = "scenario")
    {
        var scenarios = new List<Scenario>();
        var index = -1;
        foreach (var node in body.Items(key))
        {
            index++;
            if (node is not YamlMapping item)
            {
                body.Report(Errors.CheckForm, $"{key}[{index}] must be a mapping, not {node.Description}", "Write name: and step: below it.", node.Position);
                continue;
            }

            scenarios.AddRange(Read(new YamlBinder(item, $"{body.What} {key}[{index}]", body.Problems)));
        }

        return scenarios;
    }

    private static IEnumerable<Scenario> Read(YamlBinder scenario)
    {
        var name = scenario.Text("name") ?? "scenario";
        scenario.Accept("description");
        var read = new Scenario
        {
            Name = name,
            BaseName = name,
            Position = scenario.Mapping.Position,
            Tags = scenario.TextList("tag"),
            DependsOn = scenario.TextList("depends_on"),
            Pod = scenario.Text("pod"),
        };
        var rows = Rows(scenario);
        scenario.Accept("step", "setup", "teardown", "on_fail", "example");
        scenario.RejectUnknown(Errors.CandyUnknownKey);
        if (rows.Count == 0) return [Fill(read, scenario)];
        var template = new YamlMapping([.. scenario.Mapping.Entries.Where(e => e.Key.Text != "example")], scenario.Mapping.Position);
        if ((long)rows.Count * Size(template) > MaxValues)
        {
            scenario.Report(Errors.CheckForm, $"with {rows.Count} examples it grows to more than {MaxValues} values", "Split the scenario, or give it fewer examples.", scenario.At("example"));
            return [];
        }

        var all = new List<Scenario>();
        foreach (var row in rows)
        {
            var values = row.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);
            var filled = CheckText.Replace(template, (_, text) => CheckText.Placeholder().Replace(text, m => values.GetValueOrDefault(m.Groups[1].Value, m.Value)));
            var binder = new YamlBinder(filled, scenario.What, scenario.Problems);
            var shown = (filled["name"] as YamlScalar)?.Text ?? name;
            all.Add(Fill(read with { Name = shown == name ? $"{name} ({string.Join(", ", row.Select(e => $"{e.Key}={e.Value}"))})" : shown }, binder));
        }

        return all;
    }

    private static long Size(YamlNode node) => node switch
    {
        YamlMapping map => 1 + map.Entries.Sum(e => Size(e.Value)),
        YamlSequence list => 1 + list.Items.Sum(Size),
        _ => 1,
    };

    private static Scenario Fill(Scenario read, YamlBinder scenario)
    {
        var steps = new List<ScenarioStep>();
        foreach (var node in scenario.Items("step"))
        {
            if (Step(scenario, node, steps.Count) is { } step) steps.Add(step);
        }

        return read with
        {
            Steps = steps,
            Setup = Checks(scenario, "setup"),
            Teardown = Checks(scenario, "teardown"),
            OnFail = Checks(scenario, "on_fail"),
        };
    }

    private static ScenarioStep? Step(YamlBinder scenario, YamlNode node, int index)
    {
        if (node is not YamlMapping item)
        {
            scenario.Report(Errors.CheckForm, $"a step must be a mapping, not {node.Description}", "Begin it with given:, when:, then:, and: or but:.", node.Position);
            return null;
        }

        var step = new YamlBinder(item, $"{scenario.What} step[{index}]", scenario.Problems);
        var words = StepWords.Where(w => item[w] is not null).ToArray();
        if (words.Length != 1)
        {
            var near = words.Length > 0 ? null : item.Entries.Select(e => e.Key).FirstOrDefault(k => Nearest.Find(k.Text, StepWords, 1) is not null);
            step.Report(
                Errors.CheckForm, "a step needs exactly one of given, when, then, and, but",
                near is null ? "Keep one of them." : Nearest.Suggest(near.Text, StepWords, ""), near?.Position ?? item.Position);
            return null;
        }

        var text = step.Text(words[0]) ?? "";
        if (CheckVerbs.Find(item).Count > 0) return new ScenarioStep(words[0], text, CheckReader.Read(step, words[0]), item.Position);
        if (CheckReader.Misspelt(new YamlMapping([.. item.Entries.Where(e => e.Key.Text != words[0])], item.Position)) is var (key, verb))
        {
            step.Report(Errors.CheckForm, $"the key \"{key.Text}\" is not known", $"Did you mean \"{verb}\"?", key.Position);
            return null;
        }

        step.Accept(words[0]);
        step.Accept("id", "description", "tag", "skip", "scope", "context");
        step.RejectUnknown(Errors.CheckForm);
        return new ScenarioStep(words[0], text, null, item.Position);
    }

    // A plain text is a command: what has to be made, and taken away again.
    private static List<Check> Checks(YamlBinder scenario, string key)
    {
        var checks = new List<Check>();
        foreach (var node in scenario.Items(key))
        {
            var item = node switch
            {
                YamlMapping map => map,
                YamlScalar { IsNull: false } text => new YamlMapping([new YamlEntry(new YamlScalar("command", false, text.Position), text)], text.Position),
                _ => null,
            };
            if (item is null) scenario.Report(Errors.CheckForm, $"\"{key}\" holds {node.Description}", "Write commands or checks.", node.Position);
            else if (CheckReader.Read(new YamlBinder(item, $"{scenario.What} {key}[{checks.Count}]", scenario.Problems)) is { } check) checks.Add(check);
        }

        return checks;
    }

    private static List<IReadOnlyList<KeyValuePair<string, string>>> Rows(YamlBinder scenario)
    {
        var rows = new List<IReadOnlyList<KeyValuePair<string, string>>>();
        foreach (var node in scenario.Items("example"))
        {
            if (node is YamlMapping map)
            {
                var row = new YamlBinder(new YamlMapping([new YamlEntry(new YamlScalar("example", false, map.Position), map)], map.Position), scenario.What, scenario.Problems);
                rows.Add([.. row.TextMap("example")]);
            }
            else
            {
                scenario.Report(Errors.CheckForm, $"\"example\" holds {node.Description}", "Write one mapping of names to values for each row.", node.Position);
            }
        }

        return rows;
    }
}

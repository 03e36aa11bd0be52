using System.Globalization;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>Reads matchers (candy-and-plan.md §9.3) and reports malformed ones.</summary>
internal static class MatcherReader
{
    /// <summary>The matcher below a key; null if the key is absent.</summary>
    /// <param name="check">The check.</param>
    /// <param name="key">The key.</param>
    /// <param name="bare">What a plain text means.</param>
    public static Matcher? Read(YamlBinder check, string key, MatchOperator bare = MatchOperator.Equal) =>
        check.Node(key) is { } node ? Read(check, key, node, bare) : null;

    /// <summary>The matcher that a node writes down.</summary>
    public static Matcher Read(YamlBinder check, string key, YamlNode node, MatchOperator bare = MatchOperator.Equal) => node switch
    {
        YamlScalar scalar => new OperatorMatcher(bare, [scalar.IsNull ? "" : scalar.Text]),
        YamlSequence list => new AllMatcher([.. list.Items.Select(item => Read(check, key, item, bare))]),
        YamlMapping { Entries: [var only] } when Matcher.Operators.TryGetValue(only.Key.Text, out var op) => Operator(check, key, op, only.Value),
        YamlMapping map => Unknown(check, key, map),
        _ => new AllMatcher([]),
    };

    private static OperatorMatcher Operator(YamlBinder check, string key, MatchOperator op, YamlNode value)
    {
        var operands = new List<string>();
        foreach (var item in value is YamlSequence list ? list.Items : [value])
        {
            if (item is YamlScalar { IsNull: false } scalar) operands.Add(Checked(check, key, op, scalar));
            else check.Report(Errors.CheckForm, $"\"{key}\" compares with {item.Description}", "Write a text, a number or a list of them.", item.Position);
        }

        return new OperatorMatcher(op, operands);
    }

    private static string Checked(YamlBinder check, string key, MatchOperator op, YamlScalar operand)
    {
        // What a variable will stand for is not known yet.
        if (CheckText.HasVariable(operand.Text)) return operand.Text;
        if (op is MatchOperator.Matches or MatchOperator.NotMatches && !LinearRegex.IsValid(operand.Text, out var error))
        {
            check.Report(Errors.CheckForm, $"\"{key}\": \"{operand.Text}\" is no regular expression: {error}", "Use the syntax of RE2.", operand.Position);
        }

        if (op >= MatchOperator.Less && !double.TryParse(operand.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
        {
            check.Report(Errors.CheckForm, $"\"{key}\" compares numbers, and \"{operand.Text}\" is none", "Write a number.", operand.Position);
        }

        return operand.Text;
    }

    private static AllMatcher Unknown(YamlBinder check, string key, YamlMapping map)
    {
        var names = Matcher.Operators.Keys;
        check.Report(
            Errors.CheckForm,
            map.Entries.Count == 1 ? $"\"{key}\" uses the unknown operator \"{map.Entries[0].Key.Text}\"" : $"\"{key}\" needs exactly one operator, not {map.Entries.Count}",
            map.Entries.Count == 1 ? Nearest.Suggest(map.Entries[0].Key.Text, names, $"Use one of {string.Join(", ", names)}.") : "Write a list with one operator an item.",
            map.Entries.Count == 1 ? map.Entries[0].Key.Position : map.Position);
        return new AllMatcher([]);
    }
}

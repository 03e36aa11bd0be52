using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>What the readers of a candy's parts share: its name for messages, the problems, keys already warned of.</summary>
/// <param name="name">Name of the candy.</param>
/// <param name="problems">Where problems go.</param>
internal sealed class CandyScope(string name, ICollection<Problem> problems)
{
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);

    /// <summary>Name of the candy.</summary>
    public string Name => name;

    /// <summary>Where problems go.</summary>
    public ICollection<Problem> Problems => problems;

    /// <summary>A binder for a part of the candy.</summary>
    public YamlBinder Bind(YamlMapping mapping, string part) => new(mapping, $"candy \"{name}\" {part}", problems);

    /// <summary>Binders for the items of a list, which must be mappings.</summary>
    public IEnumerable<YamlBinder> BindItems(YamlBinder body, string key, params string[] aliases)
    {
        var index = -1;
        foreach (var item in body.Items(key, aliases))
        {
            index++;
            if (item is YamlMapping mapping) yield return Bind(mapping, $"{key}[{index}]");
            else Report(Errors.YamlType, $"{key}[{index}]", $"must be a mapping, not {item.Description}", "Write its fields as key: value.", item.Position);
        }
    }

    /// <summary>Notes a problem of a part.</summary>
    public void Report(ErrorCode code, string part, string message, string help, SourcePosition position, bool isWarning = false) =>
        problems.Add(new Problem(code, $"candy \"{name}\" {part}: {message}", help, position, isWarning));

    /// <summary>Warns of keys that nobody knows, each once a file.</summary>
    public void IgnoreUnknown(YamlBinder binder) => binder.RejectUnknown(Errors.CfgUnknownKey, isWarning: true, _warned);

    /// <summary>A text that must be there and fit on one line; empty and reported if not.</summary>
    public static string Required(YamlBinder binder, ErrorCode code, string key, params ReadOnlySpan<string> aliases)
    {
        var text = binder.Text(key, aliases);
        if (binder.IsNoText(key, aliases)) return "";
        if (string.IsNullOrWhiteSpace(text))
        {
            binder.Report(code, text is null ? $"\"{key}\" is missing" : $"\"{key}\" is empty", text is null ? $"Add \"{key}:\"." : "Write it.", binder.At(key));
            return "";
        }

        return OneLine(binder, code, key, text);
    }

    /// <summary>A text that may be absent, but must fit on one line.</summary>
    public static string? Line(YamlBinder binder, ErrorCode code, string key, params ReadOnlySpan<string> aliases) =>
        binder.Text(key, aliases) is { } text ? OneLine(binder, code, key, text) : null;

    private static string OneLine(YamlBinder binder, ErrorCode code, string key, string text)
    {
        var trimmed = text.TrimEnd('\n', '\r');
        if (Patterns.IsOneLine(trimmed)) return trimmed;
        binder.Report(code, $"\"{key}\" holds a line break or control character", "Write it on one line.", binder.At(key));
        return "";
    }
}

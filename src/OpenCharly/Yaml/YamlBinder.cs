using System.Globalization;
using OpenCharly.Foundation;

namespace OpenCharly.Yaml;

/// <summary>
/// Reads the fields of one mapping by name and type, notes every problem with its position, and at the end reports
/// the keys that nobody asked for.
/// </summary>
/// <param name="mapping">The mapping.</param>
/// <param name="what">What it describes, for messages: <c>vm "web"</c>.</param>
/// <param name="problems">Where problems go.</param>
public sealed class YamlBinder(YamlMapping mapping, string what, ICollection<Problem> problems)
{
    // Hostile input may hold any number of them.
    private const int MaxUnknown = 20;

    // Entries that somebody asked for, and all names that were asked for; a name may stand there several times.
    private readonly bool[] _isKnown = new bool[mapping.Span.Length];
    private readonly List<string> _known = [];
    private HashSet<string>? _doubled;

    // Proper keys that stand there under an alias.
    private Dictionary<string, YamlEntry>? _spelled;

    /// <summary>The mapping itself.</summary>
    public YamlMapping Mapping => mapping;

    /// <summary>What the mapping describes.</summary>
    public string What => what;

    /// <summary>Where problems go.</summary>
    public ICollection<Problem> Problems => problems;

    /// <summary>The value of a key or one of its aliases; null if absent or empty. Key and alias together are an error.</summary>
    public YamlNode? Node(string key, params ReadOnlySpan<string> aliases)
    {
        YamlEntry? found = null;
        Look(key, ref found);
        foreach (var alias in aliases) Look(alias, ref found);
        if (found is not null && found.Key.Text != key) (_spelled ??= new Dictionary<string, YamlEntry>(StringComparer.Ordinal))[key] = found;
        return found?.Value is YamlScalar { IsNull: true } ? null : found?.Value;
    }

    /// <summary>Whether the key or an alias is there, even if empty.</summary>
    public bool Has(string key, params ReadOnlySpan<string> aliases)
    {
        Accept(key);
        var has = mapping[key] is not null;
        foreach (var alias in aliases) has |= mapping[alias] is not null;
        return has;
    }

    /// <summary>Text, exactly as it stands.</summary>
    public string? Text(string key, params ReadOnlySpan<string> aliases) => Node(key, aliases) switch
    {
        null => null,
        YamlScalar scalar => scalar.Text,
        var other => Wrong<string>(key, "text", other),
    };

    /// <summary>A whole number.</summary>
    public int? Integer(string key, params ReadOnlySpan<string> aliases) => Node(key, aliases) switch
    {
        null => null,
        YamlScalar scalar when int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        var other => Wrong<int?>(key, "a whole number", other),
    };

    /// <summary>A truth value: true, false, yes, no, on, off in any case.</summary>
    public bool? Boolean(string key, params ReadOnlySpan<string> aliases) => Node(key, aliases) switch
    {
        null => null,
        YamlScalar scalar when ParseBoolean(scalar.Text) is { } value => value,
        var other => Wrong<bool?>(key, "true or false", other),
    };

    /// <summary>A list of texts; a single text counts as a list of one.</summary>
    public IReadOnlyList<string> TextList(string key, params ReadOnlySpan<string> aliases) =>
        [.. Items(key, aliases).Select(n => n is YamlScalar s ? s.Text : Wrong<string>(key, "text", n)).OfType<string>()];

    /// <summary>The items of a list; a single value counts as a list of one.</summary>
    public IReadOnlyList<YamlNode> Items(string key, params ReadOnlySpan<string> aliases) => Node(key, aliases) switch
    {
        null => [],
        YamlSequence sequence => sequence.Items,
        var single => [single],
    };

    /// <summary>A mapping.</summary>
    public YamlMapping? Map(string key, params ReadOnlySpan<string> aliases) => Node(key, aliases) switch
    {
        null => null,
        YamlMapping map => map,
        var other => Wrong<YamlMapping>(key, "a mapping", other),
    };

    /// <summary>A mapping of texts to texts, in the order of the file.</summary>
    public IReadOnlyDictionary<string, string> TextMap(string key, params ReadOnlySpan<string> aliases)
    {
        var result = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in Map(key, aliases)?.Entries ?? [])
        {
            if (entry.Value is YamlScalar scalar) result[entry.Key.Text] = scalar.IsNull ? "" : scalar.Text;
            else Wrong<string>($"{key}.{entry.Key.Text}", "text", entry.Value);
        }

        return result;
    }

    /// <summary>Position of a key's value, of its alias's if that is what was read, or of the mapping if the key is absent.</summary>
    public SourcePosition At(string key) => Entry(key)?.Value.Position ?? mapping.Position;

    /// <summary>Position of a key itself, or of the mapping if the key is absent.</summary>
    public SourcePosition KeyAt(string key) => Entry(key)?.Key.Position ?? mapping.Position;

    /// <summary>Position of the item of a list that is this text; of the list if none is.</summary>
    public SourcePosition ItemAt(string key, string text) =>
        (Entry(key)?.Value as YamlSequence)?.Items.FirstOrDefault(i => (i as YamlScalar)?.Text == text)?.Position ?? At(key);

    /// <summary>Position of the key of an entry of a mapping; of the mapping if it has none of that name.</summary>
    public SourcePosition NameAt(string key, string name) =>
        (Entry(key)?.Value as YamlMapping)?.Entries.FirstOrDefault(e => e.Key.Text == name)?.Key.Position ?? At(key);

    /// <summary>Position of the value of an entry of a mapping; of the mapping if it has none of that name.</summary>
    public SourcePosition ValueAt(string key, string name) => (Entry(key)?.Value as YamlMapping)?[name]?.Position ?? At(key);

    /// <summary>Whether a key, or its alias if that is what was read, holds something else than text.</summary>
    public bool IsNoText(string key, params ReadOnlySpan<string> aliases) => Node(key, aliases) is not (null or YamlScalar);

    /// <summary>Marks keys as known without reading them.</summary>
    public void Accept(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            _known.Add(key);
            var entries = mapping.Span;
            for (var i = 0; i < entries.Length; i++) _isKnown[i] |= entries[i].Key.Text == key;
        }
    }

    /// <summary>Notes a problem.</summary>
    public void Report(ErrorCode code, string message, string help, SourcePosition position, bool isWarning = false) =>
        problems.Add(new Problem(code, $"{what}: {message}", help, position, isWarning));

    /// <summary>Reports every key that no call has asked for, with the nearest known one.</summary>
    /// <param name="code">Code of the problem.</param>
    /// <param name="isWarning">True where unknown keys are merely ignored.</param>
    /// <param name="once">Keys already warned of in this file, so that each is named once; null to name every one.</param>
    public void RejectUnknown(ErrorCode code, bool isWarning = false, ISet<string>? once = null)
    {
        if (!_isKnown.Contains(false)) return;
        var known = _known.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var all = mapping.Entries.Where((e, i) => !_isKnown[i] && (once is null ? !(isWarning && IsWarnedOf(code, e.Key)) : once.Add(e.Key.Text))).ToArray();
        foreach (var entry in all.Take(MaxUnknown))
        {
            var key = Short(entry.Key.Text);
            Report(
                code,
                isWarning ? Ignored(key) : $"the key \"{key}\" is not known",
                Nearest.Suggest(entry.Key.Text, known, "Known keys: " + string.Join(", ", known) + "."),
                entry.Key.Position,
                isWarning);
        }

        if (all.Length > MaxUnknown)
        {
            Report(code, $"{all.Length - MaxUnknown} more unknown keys", "Correct the first ones.", all[MaxUnknown].Key.Position, isWarning);
        }
    }

    /// <summary>Warns of keys that are one slip away from a known one; all others may be there.</summary>
    /// <param name="code">Code of the warning.</param>
    /// <param name="alsoKnown">Names that are known beside those that were asked for.</param>
    public void WarnOfMisspelt(ErrorCode code, IReadOnlyCollection<string> alsoKnown)
    {
        foreach (var (entry, _) in mapping.Entries.Select((e, i) => (e, i)).Where(p => !_isKnown[p.i] && !alsoKnown.Contains(p.e.Key.Text)).Take(MaxUnknown))
        {
            if (Nearest.Find(entry.Key.Text, _known.Concat(alsoKnown), 1) is not { } near) continue;
            Report(code, Ignored(Short(entry.Key.Text)), $"Did you mean \"{near}\"?", entry.Key.Position, isWarning: true);
        }
    }

    /// <summary>True, false, yes, no, on, off in any case; null for anything else.</summary>
    public static bool? ParseBoolean(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "ON" => true,
        "FALSE" or "NO" or "OFF" => false,
        _ => null,
    };

    private YamlEntry? Entry(string key) => mapping.Entries.FirstOrDefault(e => e.Key.Text == key) ?? _spelled?.GetValueOrDefault(key);

    private static string Short(string key) => key.Length > 80 ? key[..80] + "…" : key;

    private static string Ignored(string key) => $"the key \"{key}\" is not known and is ignored";

    // The same key in many entries of a file is one mistake.
    private bool IsWarnedOf(ErrorCode code, YamlScalar key)
    {
        var text = Ignored(Short(key.Text));
        return problems.Any(p => p.IsWarning && p.Code == code && p.Position?.File == key.Position.File && p.Message.EndsWith(text, StringComparison.Ordinal));
    }

    private void Look(string key, ref YamlEntry? found)
    {
        _known.Add(key);
        var entries = mapping.Span;
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = entries[i];
            if (entry.Key.Text != key) continue;
            _isKnown[i] = true;
            if (found is null)
            {
                found = entry;
            }
            else if ((_doubled ??= new HashSet<string>(StringComparer.Ordinal)).Add(key))
            {
                Report(Errors.YamlDuplicate, $"\"{found.Key.Text}\" and \"{key}\" mean the same", $"Keep \"{found.Key.Text}\".", entry.Key.Position);
            }
        }
    }

    private T? Wrong<T>(string key, string expected, YamlNode actual)
    {
        Report(Errors.YamlType, $"\"{key}\" must be {expected}, not {actual.Description}", $"Write {expected} here.", actual.Position);
        return default;
    }
}

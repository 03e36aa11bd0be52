namespace OpenCharly.Yaml;

/// <summary>A value to write into a YAML file with <see cref="YamlEditor"/>.</summary>
public abstract record YamlValue
{
    private protected YamlValue()
    {
    }

    /// <summary>Text; quoted whenever plain YAML would read it as something else.</summary>
    public static YamlValue Text(string text) => new YamlScalarValue(text, IsPlain: false);

    /// <summary>A whole number.</summary>
    public static YamlValue Number(long number) =>
        new YamlScalarValue(number.ToString(System.Globalization.CultureInfo.InvariantCulture), IsPlain: true);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static YamlValue Boolean(bool value) => new YamlScalarValue(value ? "true" : "false", IsPlain: true);

    /// <summary>Nothing: the key stands without a value.</summary>
    public static YamlValue Null { get; } = new YamlScalarValue("", IsPlain: true);

    /// <summary>A list.</summary>
    public static YamlValue List(params IEnumerable<YamlValue> items) => new YamlListValue([.. items]);

    /// <summary>A list of texts.</summary>
    public static YamlValue TextList(IEnumerable<string> items) => new YamlListValue([.. items.Select(Text)]);

    /// <summary>A mapping, in the given order.</summary>
    public static YamlValue Map(params IEnumerable<(string Key, YamlValue Value)> entries) => new YamlMapValue([.. entries]);

    /// <summary>A mapping of texts, in the given order.</summary>
    public static YamlValue TextMap(IEnumerable<KeyValuePair<string, string>> entries) =>
        new YamlMapValue([.. entries.Select(e => (e.Key, Text(e.Value)))]);

    /// <summary>What a reader made of a file: keeps quoted text quoted and plain words plain.</summary>
    public static YamlValue From(YamlNode node) => node switch
    {
        YamlScalar scalar => scalar.IsNull ? Null : new YamlScalarValue(scalar.Text, IsPlain: !scalar.IsQuoted),
        YamlSequence sequence => new YamlListValue([.. sequence.Items.Select(From)]),
        YamlMapping mapping => new YamlMapValue([.. mapping.Entries.Select(e => (e.Key.Text, From(e.Value)))]),
        _ => throw new ArgumentException($"unknown node {node.GetType().Name}", nameof(node)),
    };

    /// <summary>Text.</summary>
    public static implicit operator YamlValue(string text) => Text(text);

    /// <summary>A whole number.</summary>
    public static implicit operator YamlValue(long number) => Number(number);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static implicit operator YamlValue(bool value) => Boolean(value);
}

/// <summary>A scalar; a plain one is written as it stands wherever YAML allows that.</summary>
internal sealed record YamlScalarValue(string Content, bool IsPlain) : YamlValue;

/// <summary>A list.</summary>
internal sealed record YamlListValue(IReadOnlyList<YamlValue> Items) : YamlValue;

/// <summary>A mapping in order.</summary>
internal sealed record YamlMapValue(IReadOnlyList<(string Key, YamlValue Value)> Entries) : YamlValue;

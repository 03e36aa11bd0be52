namespace OpenCharly.Targets;

/// <summary>Blots out secret values in text that people see.</summary>
internal sealed class SecretMask
{
    private const string Blot = "***";
    private readonly IReadOnlyList<string> _values;

    /// <param name="secrets">Values by variable. Each line of a value is masked by itself, because output comes line by line.</param>
    public SecretMask(IReadOnlyDictionary<string, string> secrets) =>
        _values = [.. secrets.Values.SelectMany(v => v.Split('\n')).Select(v => v.Trim()).Where(v => v.Length > 0).Distinct().OrderByDescending(v => v.Length)];

    public string Apply(string text) => _values.Aggregate(text, (t, v) => t.Replace(v, Blot, StringComparison.Ordinal));
}

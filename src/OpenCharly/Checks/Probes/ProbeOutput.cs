using System.Text;

namespace OpenCharly.Checks.Probes;

/// <summary>What a probe reported.</summary>
internal sealed class ProbeOutput
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>How long it took on the machine.</summary>
    public TimeSpan Duration { get; set; }

    /// <summary>Whether it came to its end.</summary>
    public bool HasEnded { get; set; }

    /// <summary>What is installed of the packages that the batch looked up; null if it looked up none.</summary>
    public IReadOnlyDictionary<string, string>? Packages { get; set; }

    /// <summary>Whether the log-in user was not allowed to look.</summary>
    public bool IsDenied => _values.ContainsKey("denied");

    /// <summary>A value; null if it was not reported.</summary>
    public string? this[string key] => _values.GetValueOrDefault(key);

    /// <summary>A value; empty if it was not reported.</summary>
    public string Text(string key) => _values.GetValueOrDefault(key) ?? "";

    /// <summary>A whole number; -1 if it was not reported.</summary>
    public int Number(string key) => int.TryParse(this[key], out var number) ? number : -1;

    public void Set(string key, string value) => _values[key] = value;

    public void SetBase64(string key, string value) => _values[key] = Encoding.UTF8.GetString(Convert.FromBase64String(value));

    /// <summary>The lines of a value, without empty ones.</summary>
    public string[] Lines(string key) => Text(key).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

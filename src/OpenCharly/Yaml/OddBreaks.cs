namespace OpenCharly.Yaml;

/// <summary>
/// Three characters that the scanner takes for line breaks, as YAML 1.1 did, and YAML 1.2 and every editor do not: they would break
/// a text apart, or be turned into something else. They are hidden from it behind characters that do not occur in the text.
/// </summary>
internal sealed class OddBreaks
{
    private const string All = "\u0085\u2028\u2029";

    private readonly string _standIns;

    private OddBreaks(string standIns) => _standIns = standIns;

    /// <summary>What hides them in a text; null if it has none of them, or no character is free.</summary>
    public static OddBreaks? In(string text)
    {
        if (!text.AsSpan().ContainsAny(All)) return null;
        var free = Enumerable.Range(0xE000, 0x1900).Select(c => (char)c).Where(c => !text.Contains(c)).Take(All.Length).ToArray();
        return free.Length == All.Length ? new OddBreaks(new string(free)) : null;
    }

    /// <summary>The text with others in their places.</summary>
    public string Hide(string text) => Replace(text, All, _standIns);

    /// <summary>A part of the text as it was.</summary>
    public string Restore(string text) => text.AsSpan().ContainsAny(_standIns) ? Replace(text, _standIns, All) : text;

    private static string Replace(string text, string these, string by) => string.Create(text.Length, (text, these, by), static (span, all) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = all.these.IndexOf(all.text[i], StringComparison.Ordinal) is >= 0 and var at ? all.by[at] : all.text[i];
    });
}

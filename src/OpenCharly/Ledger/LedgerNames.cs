using System.Globalization;
using OpenCharly.Plans;

namespace OpenCharly.Ledger;

/// <summary>How enumerations are spelled in ledger files. The numbers that older ledgers hold are read as well.</summary>
internal static class LedgerNames
{
    private static readonly string[] Scopes = ["system", "user", "user-profile"];
    private static readonly string[] Venues = ["host-native", "container-builder", "skip"];

    public static string Of(StepScope scope) => Scopes[(int)scope];

    public static string Of(StepVenue venue) => Venues[(int)venue];

    public static StepScope Scope(string text) => (StepScope)Find(Scopes, text, "scope");

    public static StepVenue Venue(string text) => (StepVenue)Find(Venues, text, "venue");

    public static StepKind Kind(string text) =>
        text == "Task" ? StepKind.Op : (StepKind)Find(Enum.GetNames<StepKind>(), text, "kind");

    private static int Find(string[] names, string text, string what)
    {
        var index = Array.IndexOf(names, text);
        if (index < 0 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < names.Length) index = number;
        return index >= 0 ? index : throw new FormatException($"unknown {what} {text}");
    }
}

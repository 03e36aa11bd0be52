using OpenCharly.Targets;

namespace OpenCharly.Cli.Output;

/// <summary>Deployments for people.</summary>
internal static class BundleText
{
    public static IReadOnlyList<TableColumnSpec> StatusColumns { get; } =
    [
        new("NAME"), new("TARGET"), new("HOST"), new("STATUS"), new("STEPS", IsNumber: true), new("DEPLOYED"),
        new("CANDIES", Wraps: true), new("NOTE", Wraps: true),
    ];

    public static IReadOnlyList<string> StatusRow(BundleStatus bundle) =>
    [
        bundle.Name, bundle.Target, bundle.Host, bundle.Status, bundle.Steps > 0 ? bundle.Steps.ToString() : "-",
        bundle.DeployedAt is { } time ? Times.Short(time) : "-",
        bundle.Candies.Count > 0 ? string.Join(' ', bundle.Candies) : "-", string.Join("; ", new[] { Ends(bundle), bundle.Note }.OfType<string>()),
    ];

    /// <summary>When a short-lived one goes; null for one without an end.</summary>
    public static string? Ends(BundleStatus bundle) => bundle.Deadline is { } deadline ? $"ends {Times.Short(deadline)}" : null;
}

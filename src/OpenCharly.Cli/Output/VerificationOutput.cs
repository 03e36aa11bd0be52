using System.Text;
using System.Text.Json;
using OpenCharly.Operations;

namespace OpenCharly.Cli.Output;

/// <summary>Whether a bundle is as it was applied, for people and as JSON.</summary>
internal static class VerificationOutput
{
    public static string Text(Invocation run, BundleVerification result)
    {
        var text = new StringBuilder();
        if (result.Drift.Count > 0) text.Append(run.Table(DriftOutput.Columns, result.Drift.Select(DriftOutput.Row)));
        text.Append(CheckOutput.Brief(run, result.Checks.Results));
        var drift = result.Drift.Count == 0 ? "nothing has drifted" : result.Drift.Count == 1 ? "1 thing has drifted" : $"{result.Drift.Count} things have drifted";
        return text.Append($"{result.Name}: {(result.Passed ? "as applied" : "not as applied")}, {drift}\n").ToString();
    }

    public static void Write(Utf8JsonWriter json, BundleVerification result)
    {
        json.WriteStartObject();
        json.WriteString("name", result.Name);
        json.WriteBoolean("passed", result.Passed);
        json.Objects("drift", result.Drift, DriftOutput.Write);
        json.Objects("checks", result.Checks.Results, CheckOutput.Write);
        json.WriteEndObject();
    }
}

using System.Diagnostics;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Kubernetes;

/// <summary>A test that needs the published schemas, which npm brings; skipped, with the reason, where its registry does not answer.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SchemaFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(Look);

    public SchemaFactAttribute() => Skip = Missing.Value;

    private static string? Look()
    {
        if (Need.Missing("kubectl", "node", "npm") is { } missing) return missing;
        var ask = new ProcessStartInfo(Need.Program("npm"), ["view", "kubernetes-models@4.5.1", "version", "--fetch-retries=0", "--fetch-timeout=15000"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var npm = Process.Start(ask)!;
        var error = npm.StandardError.ReadToEndAsync();
        if (!npm.WaitForExit(TimeSpan.FromSeconds(30)))
        {
            npm.Kill(entireProcessTree: true);
            return "needs the schemas, and npm did not answer within 30 s";
        }

        return npm.ExitCode == 0 ? null : $"needs the schemas, and npm can't bring them: {error.GetAwaiter().GetResult().Split('\n')[0]}";
    }
}

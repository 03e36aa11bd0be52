using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Kubernetes;

/// <summary>The golden trees, built by kubectl itself and held against the published schemas of the objects.</summary>
public sealed partial class KustomizeTests
{
    private static readonly ProcessRunner Programs = new(CharlyEnvironment.FromProcess());

    [LiveFact("kubectl")]
    public async Task Every_golden_tree_builds()
    {
        var overlays = await OverlaysAsync();
        Assert.NotEmpty(overlays);
        foreach (var overlay in overlays)
        {
            var built = await BuildAsync(overlay);
            Assert.Contains("app: ", built, StringComparison.Ordinal);
        }
    }

    [SchemaFact]
    public async Task Every_object_is_valid_against_the_schema_of_its_kind()
    {
        var folder = Directory.CreateTempSubdirectory("charly-schemas-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(Beside("Schemas"))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            var install = await Programs.RunAsync(new ProcessRequest("npm", "install", "--no-audit", "--no-fund", "--silent") { WorkingDirectory = folder, Timeout = TimeSpan.FromMinutes(3) });
            Assert.True(install.Succeeded, $"npm answered a minute ago, but could not bring the schemas: {install.Tail(1)}");

            var wrong = await CheckAsync(folder, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: many, selector: {}, template: {}}\n");
            Assert.Contains("spec/replicas must be integer", wrong.StandardError, StringComparison.Ordinal);
            foreach (var overlay in await OverlaysAsync())
            {
                var result = await CheckAsync(folder, await BuildAsync(overlay));
                Assert.True(result.Succeeded, $"{overlay}: {result.Tail()}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<CommandResult> CheckAsync(string folder, string objects) =>
        Programs.RunAsync(new ProcessRequest("node", Path.Combine(folder, "check.cjs")) { WorkingDirectory = folder, Input = objects });

    private static async Task<string> BuildAsync(string overlay)
    {
        var result = await Programs.RunAsync(new ProcessRequest("kubectl", "kustomize", overlay));
        Assert.True(result.Succeeded, $"{overlay}: {result.Tail()}");
        return result.StandardOutput;
    }

    // Patches with a target came with kubectl 1.21; before it they were lists of files.
    private static async Task<IReadOnlyList<string>> OverlaysAsync()
    {
        var version = await Programs.RunAsync(new ProcessRequest("kubectl", "version", "--client"));
        var minor = int.TryParse(Minor().Match(version.StandardOutput).Groups[1].Value, out var number) ? number : 0;
        var all = Directory.GetDirectories(Beside("../../OpenCharly.Tests/Kubernetes/Golden"), "*", SearchOption.AllDirectories)
            .Where(d => Path.GetFileName(Path.GetDirectoryName(d)) == "overlays").Order(StringComparer.Ordinal);
        return [.. all.Where(d => minor >= 21 || !File.ReadAllText(Path.Combine(d, "kustomization.yaml")).Contains("\npatches:", StringComparison.Ordinal))];
    }

    private static string Beside(string folder, [CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, folder));

    [GeneratedRegex("""(?:Client Version: v1\.|Minor:")([0-9]+)""")]
    private static partial Regex Minor();
}

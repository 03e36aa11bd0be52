using System.Runtime.CompilerServices;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.LiveTests.Vms.Images;

/// <summary>The golden user-data, checked by cloud-init itself.</summary>
public sealed class CloudInitSchemaTests
{
    [NeedsFact("cloud-init")]
    public async Task Every_golden_file_is_valid()
    {
        var files = Directory.GetFiles(Folder(), "*.yaml");
        Assert.NotEmpty(files);
        var runner = new ProcessRunner(CharlyEnvironment.FromProcess());
        foreach (var file in files)
        {
            var result = await runner.RunAsync(new ProcessRequest("cloud-init", "schema", "--config-file", file));
            Assert.True(result.Succeeded, $"{file}: {result.StandardOutput}{result.StandardError}");
        }
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../OpenCharly.Tests/Vms/CloudInit/Golden"));
}

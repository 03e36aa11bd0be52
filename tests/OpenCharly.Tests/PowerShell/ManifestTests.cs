using System.Text.RegularExpressions;
using OpenCharly.PowerShell;
using OpenCharly.Tests.Architecture;

namespace OpenCharly.Tests.PowerShell;

public sealed partial class ManifestTests
{
    private static readonly string Manifest = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "OpenCharly.psd1"));

    [Fact]
    public void The_manifest_exports_each_cmdlet_by_name()
    {
        var list = ExportList().Match(Manifest).Groups[1].Value;
        var exported = Name().Matches(list).Select(m => m.Groups[1].Value);
        Assert.Equal(CmdletClass.All.Select(c => c.Name).Order(StringComparer.Ordinal), exported.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_manifest_has_the_version_of_the_assembly()
    {
        var version = typeof(CharlyCmdlet).Assembly.GetName().Version!;
        Assert.Contains($"ModuleVersion        = '{version.ToString(3)}'", Manifest, StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_brings_PowerShell_and_the_module_does_not()
    {
        var library = Path.Combine(RepositoryRoot.Path, "out/module/OpenCharly", typeof(CharlyCmdlet).Assembly.GetName().Version!.ToString(3), "lib");
        var names = Directory.GetFiles(library, "*.dll").Select(Path.GetFileName).ToArray();
        Assert.Contains("OpenCharly.dll", names);
        Assert.Contains("OpenCharly.PowerShell.dll", names);
        Assert.Contains("OpenCharly.PowerShell.Loader.dll", names);
        Assert.DoesNotContain("System.Management.Automation.dll", names);
    }

    [GeneratedRegex(@"CmdletsToExport\s*=\s*@\(([^)]*)\)")]
    private static partial Regex ExportList();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Name();
}

using System.Runtime.CompilerServices;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Vms.Libvirt;

/// <summary>The golden domains, read by libvirt's own validator.</summary>
public sealed class DomainSchemaTests
{
    private static readonly ProcessRunner Programs = new(CharlyEnvironment.FromProcess());

    [LiveFact("virt-xml-validate", "xmllint", "virsh")]
    public async Task Every_golden_domain_that_this_libvirt_knows_all_of_is_valid()
    {
        var version = await VersionAsync();
        var failures = new List<string>();
        foreach (var file in Files().Where(f => version >= NeededBy(f)))
        {
            var result = await Programs.RunAsync(new ProcessRequest("virt-xml-validate", file, "domain"));
            if (!result.Succeeded) failures.Add($"{Path.GetFileName(file)}: {result.StandardError}");
        }

        Assert.Empty(failures);
    }

    [NewLibvirtFact]
    public async Task The_golden_domain_with_mapped_ids_is_valid()
    {
        var result = await Programs.RunAsync(new ProcessRequest("virt-xml-validate", Files().Single(f => NeededBy(f).Major > 9), "domain"));
        Assert.True(result.Succeeded, result.StandardError);
    }

    [LiveFact("virt-xml-validate", "xmllint")]
    public async Task A_wrong_element_is_noticed()
    {
        var file = Path.GetTempFileName();
        try
        {
            var text = await File.ReadAllTextAsync(Files().Single(f => f.EndsWith("/user.xml", StringComparison.Ordinal)));
            await File.WriteAllTextAsync(file, text.Replace("<on_crash>", "<on_smash>", StringComparison.Ordinal).Replace("</on_crash>", "</on_smash>", StringComparison.Ordinal));
            Assert.False((await Programs.RunAsync(new ProcessRequest("virt-xml-validate", file, "domain"))).Succeeded);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string[] Files() => Directory.GetFiles(Folder(), "*.xml") is { Length: > 0 } files ? files : throw new InvalidOperationException("there are no golden domains");

    /// <summary>Ids of a shared folder are in the schema from libvirt 10 on.</summary>
    private static Version NeededBy(string file) => Path.GetFileName(file) == "shared-folders-idmap.xml" ? new Version(10, 0) : new Version(0, 0);

    private static async Task<Version> VersionAsync() => Version.Parse((await Programs.RunAsync(new ProcessRequest("virsh", "--version"))).StandardOutput.Trim());

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../OpenCharly.Tests/Vms/Libvirt/Golden"));

    /// <summary>A test that needs libvirt 10.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class NewLibvirtFactAttribute : FactAttribute
    {
        public NewLibvirtFactAttribute()
        {
            if (Need.Missing("virt-xml-validate", "xmllint", "virsh") is { } missing) Skip = missing;
            else if (VersionAsync().GetAwaiter().GetResult() is { Major: < 10 } version) Skip = $"needs libvirt 10, and this is {version}";
        }
    }
}

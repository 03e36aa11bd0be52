using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Vms.CloudInit;

namespace OpenCharly.LiveTests.Vms.Images;

/// <summary>Seeds of every writer, read back by programs that know nothing of ours.</summary>
public sealed class SeedReadingTests : IDisposable
{
    private static readonly CloudInitDocuments Documents = new("#cloud-config\nhostname: web\n", "instance-id: a\n", "version: 2\nethernets: {}\n", "");

    private readonly string _folder = Directory.CreateTempSubdirectory("charly-seed-").FullName;
    private readonly ProcessRunner _runner = new(CharlyEnvironment.FromProcess());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [NeedsFact("isoinfo")]
    public Task The_built_in_seed_has_rock_ridge_names_for_isoinfo() => ReadByIsoinfo("builtin", "-R");

    [NeedsFact("isoinfo")]
    public Task The_built_in_seed_has_joliet_names_for_isoinfo() => ReadByIsoinfo("builtin", "-J");

    [NeedsFact("isoinfo", "xorriso")]
    public Task A_seed_written_by_a_program_reads_the_same() => ReadByIsoinfo("", "-R");

    [NeedsFact("xorriso")]
    public async Task Xorriso_extracts_the_built_in_seed()
    {
        var seed = await WriteAsync("builtin");
        var result = await _runner.RunAsync(new ProcessRequest("xorriso", "-osirrox", "on", "-indev", seed, "-extract", "/", Path.Combine(_folder, "out")));
        Assert.True(result.Succeeded, result.StandardError);
        Assert.Equal(Documents.UserData, await File.ReadAllTextAsync(Path.Combine(_folder, "out", "user-data")));
        Assert.Equal(Documents.MetaData, await File.ReadAllTextAsync(Path.Combine(_folder, "out", "meta-data")));
        Assert.Equal(Documents.NetworkConfig, await File.ReadAllTextAsync(Path.Combine(_folder, "out", "network-config")));
    }

    [NeedsFact("blkid")]
    public async Task The_label_is_what_cloud_init_looks_for()
    {
        var seed = await WriteAsync("builtin");
        var result = await _runner.RunAsync(new ProcessRequest("blkid", "-p", "-o", "export", seed));
        Assert.Contains("LABEL=cidata", result.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("TYPE=iso9660", result.StandardOutput, StringComparison.Ordinal);
    }

    private async Task ReadByIsoinfo(string writer, string extension)
    {
        var seed = await WriteAsync(writer);
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(seed));
        var descriptor = await _runner.RunAsync(new ProcessRequest("isoinfo", "-d", "-i", seed));
        Assert.Contains("Volume id: cidata", descriptor.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("Joliet with UCS level 3 found", descriptor.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("Rock Ridge signatures version 1 found", descriptor.StandardOutput, StringComparison.Ordinal);
        foreach (var (name, content) in new[] { ("user-data", Documents.UserData), ("meta-data", Documents.MetaData), ("network-config", Documents.NetworkConfig!) })
        {
            var read = await _runner.RunAsync(new ProcessRequest("isoinfo", extension, "-x", "/" + name, "-i", seed));
            Assert.Equal(content, read.StandardOutput);
        }
    }

    private async Task<string> WriteAsync(string writer)
    {
        var environment = CharlyEnvironment.FromProcess();
        environment = environment with { Variables = new Dictionary<string, string>(environment.Variables) { ["CHARLY_ISO"] = writer } };
        var path = Path.Combine(_folder, "seed.iso");
        await new SeedIso(environment, _runner, new Progress<CharlyEvent>()).WriteAsync(path, Documents);
        return path;
    }
}

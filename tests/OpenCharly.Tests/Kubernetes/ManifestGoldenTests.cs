using System.Runtime.CompilerServices;
using System.Text;
using OpenCharly.Foundation;
using OpenCharly.Kubernetes;
using OpenCharly.Model;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Kubernetes;

/// <summary>Trees as they are written, compared with the golden ones byte by byte.</summary>
public sealed class ManifestGoldenTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("charly-trees-").FullName;

    public static TheoryData<string> Cases { get; } = [.. ManifestCases.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_tree_is_the_golden_one(string name)
    {
        var tree = Render(ManifestCases.All.Single(c => c.Name == name));
        await new ManifestStore(_folder).WriteAsync(tree, CancellationToken.None);
        var root = Path.Combine(_folder, ".opencharly", "k8s");
        var written = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(f => !Path.GetFileName(f).StartsWith('.'))
            .ToDictionary(f => Path.GetRelativePath(root, f), File.ReadAllText);
        var golden = Path.Combine(GoldenFolder(), name);
        if (Environment.GetEnvironmentVariable("CHARLY_UPDATE_GOLDEN") == "1")
        {
            if (Directory.Exists(golden)) Directory.Delete(golden, recursive: true);
            foreach (var (path, text) in written)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(golden, path))!);
                File.WriteAllText(Path.Combine(golden, path), text);
            }
        }

        var expected = Directory.EnumerateFiles(golden, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(golden, f), File.ReadAllText);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), written.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected, e => Assert.Equal(e.Value, written[e.Key]));
    }

    [Fact]
    public void Every_file_of_every_tree_is_yaml_that_reads_back()
    {
        foreach (var file in ManifestCases.All.SelectMany(c => Render(c).Files)) Assert.IsType<YamlMapping>(Assert.Single(YamlReader.Read(file.Value.Text, file.Key)));
    }

    [Fact]
    public void A_secret_in_the_clear_is_in_no_file_but_its_own_and_that_one_is_private()
    {
        var files = Render(ManifestCases.All.Single(c => c.Name == "raw-secrets")).Files;
        var canary = Convert.ToBase64String(Encoding.UTF8.GetBytes("pa'ss\nword"));
        Assert.Equal(["base/secret-db-password.yaml"], files.Where(f => f.Value.Text.Contains(canary, StringComparison.Ordinal)).Select(f => f.Key));
        Assert.Equal(["base/secret-db-password.yaml"], files.Where(f => f.Value.IsPrivate).Select(f => f.Key));
    }

    [Fact]
    public void What_the_user_should_know_is_said()
    {
        Assert.Contains("the volume photos is a folder of this machine for pods; the cluster gives it storage of its own, which begins empty", Notes("stateful"));
        Assert.Contains("seal these secrets separately, for the pods refer to them: notes-db-password", Notes("instance"));
        Assert.Contains("the files of these secrets hold their values in the clear: notes-db-password", Notes("raw-secrets"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    internal static ManifestTree Render(ManifestCase @case)
    {
        var problems = new List<Problem>();
        var body = (YamlMapping)YamlReader.Read(@case.Entry, "charly.yml")[0];
        var entry = DeploymentReader.Read(DeploymentReader.Canonical(body, @case.Key, problems), @case.Key, false, problems);
        var workload = WorkloadReader.Read(entry, problems);
        var profile = ClusterProfileReader.Read(
            YamlReader.Read(@case.Profile, "profile.yaml") is [YamlMapping map, ..] ? map : new YamlMapping([], body.Position), entry.Cluster!, problems);
        Assert.Empty(problems);
        var parts = @case.Key.Split('/');
        return ManifestRenderer.Render(new ManifestInput
        {
            Name = ClusterNames.Of(parts[0], null),
            Overlay = parts.Length > 1 ? ClusterNames.Dashed(parts[1]) : "default",
            Workload = workload,
            Image = @case.Image,
            Profile = profile,
            Environment = entry.Environment,
            SecretValues = new Dictionary<string, string> { ["db-password"] = "pa'ss\nword" },
            Raw = workload.Raw.ToDictionary(r => Path.GetFileName(r.Text), _ => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\ndata: {a: b}\n")),
        });
    }

    private static IReadOnlyList<string> Notes(string name) => Render(ManifestCases.All.Single(c => c.Name == name)).Notes;

    private static string GoldenFolder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Golden");
}

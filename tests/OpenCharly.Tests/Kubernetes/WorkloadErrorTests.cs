using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Tests.Model;

namespace OpenCharly.Tests.Kubernetes;

/// <summary>Mistakes in what an entry or a profile says to a cluster: each has its code and its place, and nothing is changed.</summary>
public sealed class WorkloadErrorTests : ProjectFixture
{
    private const string Version = "version: 2026.163.0928\n";

    public static TheoryData<string, string> Entries { get; } = new()
    {
        { "k8s.workload", "kind: §sevice" },
        { "k8s.workload", "kind: §scheduled" },
        { "k8s.workload", "kind: scheduled, schedule: §sometimes" },
        { "k8s.workload", "kubernetes: {workload: §ReplicaSet}" },
        { "k8s.workload", "kubernetes: {namespace: §Not_A_Name}" },
        { "k8s.workload", "kubernetes: {patches: [§text]}" },
        { "k8s.workload", "kubernetes: {patches: [§{target: {kind: Service}}]}" },
        { "k8s.workload", "kubernetes: {raw: [§../secret.yaml]}" },
        { "k8s.workload", "kubernetes: {raw: [§/etc/passwd]}" },
        { "k8s.workload", "kubernetes: {raw: [a/x.yaml, §b/x.yaml]}" },
        { "k8s.workload", "replica: §-1" },
        { "yaml.type", "replica: §many" },
        { "k8s.workload", "restart: §sometimes" },
        { "k8s.workload", "kind: batch, restart: §always" },
        { "k8s.workload", "resources: {cpu_request: §lots}" },
        { "k8s.workload", "security: {memory_max: §much}" },
        { "k8s.workload", "security: {cpus: §all}" },
        { "k8s.workload", "expose: {host: §\"a b\"}" },
        { "k8s.workload", "expose: {host: a.example.org, path: §x}" },
        { "k8s.workload", "expose: {host: a.example.org, port: §70000}" },
        { "k8s.workload", "storage: [{name: §\"../x\"}]" },
        { "k8s.workload", "storage: [§{size: 1Gi}]" },
        { "k8s.workload", "storage: [{name: a, size: §big}]" },
        { "k8s.workload", "storage: [{name: a, class_hint: §quick}]" },
        { "k8s.workload", "storage: [{name: a, access: §everybody}]" },
        { "k8s.workload", "storage: [{name: a, path: §rel}]" },
        { "k8s.workload", "storage: [{name: a}, §{name: a}]" },
        { "k8s.workload", "storage: [§a]" },
        { "k8s.workload", "volume: [{name: a, type: §tape}]" },
        { "k8s.workload", "secret: [{name: a, source: §somewhere}]" },
        { "k8s.workload", "probes: {liveness: §{package: curl}}" },
        { "deploy.target", "nested: §{a: {target: local}}" },
        { "CFG003", "target: §kubernetes" },
        { "CFG009", "k8s: §elsewhere" },
    };

    public static TheoryData<string> Profiles { get; } = new()
    {
        "kind: §something", "name: §other", "admission_policy: §lax", "default_namespace: §A_B", "storage: {access_mode_default: §all}",
        "ingress: {path_type_default: §Regex}", "secret: {backend: §paper}", "secret: §{backend: external-secrets}", "box: {pull_policy: §Sometimes}", "network_policy: §some",
    };

    [Theory]
    [MemberData(nameof(Entries))]
    public async Task A_mistake_in_an_entry_has_its_code_and_place(string code, string fields)
    {
        var entry = (fields.StartsWith("target:", StringComparison.Ordinal) ? "" : "target: k8s, ") + (fields.Contains("k8s:", StringComparison.Ordinal) ? "" : "k8s: dev, ") + fields;
        var place = WriteMarked("charly.yml", Version + "k8s:\n  dev: {kubeconfig_context: dev}\ndeploy:\n  web: {box: notes, " + entry + "}\n");
        var before = Photograph();
        var report = await new ValidateProject(new CharlyContext(Machine)).RunAsync();
        var found = Assert.Single(report.Errors.Where(p => p.Code.Id == code).DistinctBy(p => p.Position));
        Assert.Equal(place, found.Position!.ToString());
        Assert.NotEmpty(found.Help);
        var error = await Assert.ThrowsAnyAsync<CharlyException>(() => new AddBundle(new CharlyContext(Machine)).RunAsync(new BundleRequest { Name = "web", Ref = "notes" }));
        Assert.Contains(error.ToProblems(), p => p.Code.Id == code && p.Position?.ToString() == place);
        Assert.Equal(before, Photograph());
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task A_mistake_in_a_profile_has_its_place_wherever_the_profile_stands(string text)
    {
        var place = WriteMarked("charly.yml", Version + "k8s:\n  dev: " + (text[0] == '{' ? text : "{" + text + "}") + "\ndeploy:\n  web: {box: notes, target: k8s, k8s: dev}\n");
        var found = Assert.Single((await new ValidateProject(new CharlyContext(Machine)).RunAsync()).Errors, p => p.Code != Errors.RefNotFound);
        Assert.Equal((Errors.ClusterProfile, place), (found.Code, found.Position!.ToString()));
        var mine = WriteMarked(Path.Combine(new HostPaths(Machine).Clusters, "dev.yaml"), text + "\n");
        var before = Photograph();
        var error = await Assert.ThrowsAnyAsync<CharlyException>(() => new AddBundle(new CharlyContext(Machine)).RunAsync(new BundleRequest { Name = "web" }));
        Assert.Equal((Errors.ClusterProfile, mine), (error.Code, error.Position!.ToString()));
        Assert.Equal(before, Photograph());
    }

    [Fact]
    public async Task A_profile_that_is_nowhere_is_named_with_the_ones_there_are()
    {
        var place = WriteMarked("charly.yml", Version);
        WriteHost("version: 2026.163.0928\ndeploy:\n  web: {target: k8s, k8s: stagin, box: notes}\n");
        Write("clusters/staging.yaml", "{}\n");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new AddBundle(new CharlyContext(Machine)).RunAsync(new BundleRequest { Name = "web" }));
        Assert.Equal((Errors.ClusterProfileMissing, "Did you mean \"staging\"?"), (error.Code, error.Help));
        Assert.Equal($"{new HostPaths(Machine).HostFile}:3:27", error.Position!.ToString());
        Assert.Empty(place);
    }

    [Fact]
    public async Task A_deployment_that_names_no_cluster_says_so()
    {
        Write("charly.yml", Version + "deploy:\n  web: {target: k8s, box: notes}\n");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new AddBundle(new CharlyContext(Machine)).RunAsync(new BundleRequest { Name = "web" }));
        Assert.Equal((Errors.CfgReference, "deploy \"web\" names no cluster"), (error.Code, error.Message));
    }

    [Theory]
    [InlineData("9lives")]
    [InlineData("a-very-long-name-that-no-cron-job-could-have-since-it-is-cut")]
    public async Task A_key_that_can_name_no_object_is_refused(string key)
    {
        Write("charly.yml", Version + $"k8s:\n  dev: {{}}\ndeploy:\n  {key}: {{target: k8s, k8s: dev, box: notes}}\n");
        var before = Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => new AddBundle(new CharlyContext(Machine)).RunAsync(new BundleRequest { Name = key }));
        Assert.Equal(Errors.BadName, error.Code);
        Assert.Equal(before, Photograph());
    }

    [Fact]
    public async Task A_raw_file_that_is_not_there_has_its_place()
    {
        var place = WriteMarked("charly.yml", Version + "k8s:\n  dev: {}\ndeploy:\n  web: {target: k8s, k8s: dev, box: notes, kubernetes: {raw: [§k8s/extra.yaml]}}\n");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new AddBundle(new CharlyContext(Machine)).RunAsync(new BundleRequest { Name = "web" }));
        Assert.Equal((Errors.FileMissing, place), (error.Code, error.Position!.ToString()));
    }

    private string WriteMarked(string path, string text)
    {
        var at = text.IndexOf('§', StringComparison.Ordinal);
        var file = Write(path, text.Replace("§", "", StringComparison.Ordinal));
        if (at < 0) return "";
        var before = text[..at];
        var line = before.Count(c => c == '\n') + 1;
        return $"{(Path.IsPathRooted(path) ? file : path)}:{line}:{at - before.LastIndexOf('\n')}";
    }

    private Dictionary<string, string> Photograph() => Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).ToDictionary(f => f, File.ReadAllText);
}

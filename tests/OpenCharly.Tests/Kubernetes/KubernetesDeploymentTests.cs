using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Tests.Model;
using OpenCharly.Tests.Vms;

namespace OpenCharly.Tests.Kubernetes;

/// <summary>Adding, syncing and removing, with the container engine and kubectl played at the program boundary.</summary>
public sealed class KubernetesDeploymentTests : ProjectFixture
{
    private const string Images = """
        [{"Id":"0123","Names":["localhost/notes:2026.200.0915"],"Created":1750000000,"Size":1,
          "Labels":{"ai.opencharly.version":"2026.200.0915","ai.opencharly.box":"notes","ai.opencharly.registry":"registry.example.org/acme",
          "ai.opencharly.port":"[\"8080\"]","ai.opencharly.uid":"1000","ai.opencharly.gid":"1000",
          "ai.opencharly.volume":"[{\"name\":\"charly-notes-data\",\"path\":\"/data\"}]"}}]
        """;

    private readonly List<string> _kubectl = [];
    private readonly PlayedPrograms _programs;
    private Func<string, CommandResult> _cluster = _ => Done("");

    public KubernetesDeploymentTests()
    {
        _programs = new PlayedPrograms(request =>
        {
            if (request.Program == "podman") return Done(request.Arguments[0] == "images" ? Images : "");
            _kubectl.Add(string.Join(' ', request.Arguments).Replace(Folder, ".", StringComparison.Ordinal));
            return _cluster(_kubectl[^1]);
        });
        Write("charly.yml", """
            version: 2026.163.0928
            k8s:
              dev: {kubeconfig_context: dev-admin}
              prod: {kubeconfig_context: prod-admin, default_namespace: apps, storage: {class_default: fast}, secrets: {backend: raw}}
            deploy:
              notes: {target: k8s, k8s: dev, box: notes}
              notes/prod: {target: k8s, k8s: prod, box: notes}
            """ + "\n");
    }

    private CharlyContext Context => new(Machine, null, _programs);

    private string Tree(params string[] parts) => Path.Combine([Folder, ".opencharly", "k8s", "notes", .. parts]);

    [Fact]
    public async Task Add_writes_the_tree_and_a_second_add_changes_nothing()
    {
        var result = await AddAsync("notes");
        Assert.True(result.Changed);
        Assert.Equal(
            [".opencharly/k8s/notes/base/kustomization.yaml", ".opencharly/k8s/notes/base/service-headless.yaml", ".opencharly/k8s/notes/base/service.yaml", ".opencharly/k8s/notes/base/statefulset.yaml", ".opencharly/k8s/notes/overlays/default/kustomization.yaml"],
            result.Items);
        Assert.Contains("image: registry.example.org/acme/notes:2026.200.0915\n", File.ReadAllText(Tree("base", "statefulset.yaml")), StringComparison.Ordinal);
        var before = Photograph();
        Assert.False((await AddAsync("notes")).Changed);
        Assert.Equal(before, Photograph());
        Assert.Empty(_kubectl);
    }

    [Theory]
    [InlineData("shared.dev", "shared-admin")]
    [InlineData("shared.prod", "shared-prod")]
    public async Task A_profile_of_a_namespace_is_used_be_it_an_entity_or_a_file(string profile, string kubeContext)
    {
        Write("../shared/charly.yml", "version: 2026.163.0928\nk8s:\n  dev: {name: dev, kubeconfig_context: shared-admin}\n");
        Write("../shared/clusters/prod.yaml", "name: prod\nkubeconfig_context: shared-prod\n");
        Write("charly.yml", $"version: 2026.163.0928\nimport: [{{shared: ../shared}}]\ndeploy:\n  notes: {{target: k8s, k8s: {profile}, box: notes}}\n");
        Assert.Equal("k8s:" + profile, (await new CompilePlan(Context).RunAsync(new BundleRequest { Name = "notes" })).Target);
        await AddAsync("notes");
        await new SyncKubernetes(Context).RunAsync("notes");
        Assert.Equal([$"--context {kubeContext} apply -k ./.opencharly/k8s/notes/overlays/default"], _kubectl);
    }

    [Fact]
    public async Task A_sync_makes_the_namespace_that_the_tree_says_whatever_the_profile_says_by_then()
    {
        await AddAsync("notes/prod");
        Write("charly.yml", File.ReadAllText(Path.Combine(Folder, "charly.yml")).Replace("default_namespace: apps", "default_namespace: later", StringComparison.Ordinal));
        await new SyncKubernetes(Context).RunAsync("notes/prod");
        Assert.Contains("--context prod-admin create namespace apps", _kubectl);
        Assert.DoesNotContain(_kubectl, c => c.Contains("later", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_preview_shows_every_file_and_writes_none()
    {
        var before = Photograph();
        var plan = await new CompilePlan(Context).RunAsync(new BundleRequest { Name = "notes" });
        Assert.Equal("k8s:dev", plan.Target);
        Assert.Contains("kind: StatefulSet", plan.Files[".opencharly/k8s/notes/base/statefulset.yaml"], StringComparison.Ordinal);
        Assert.Equal(before, Photograph());
        Assert.Equal(plan.DeployId, (await new CompilePlan(Context).RunAsync(new BundleRequest { Name = "notes" })).DeployId);
    }

    [Fact]
    public async Task Other_overlays_stay_and_what_is_no_longer_meant_goes()
    {
        await AddAsync("notes");
        File.WriteAllText(Tree("base", "stray.yaml"), "kind: Stray\n");
        await AddAsync("notes/prod");
        Assert.True(File.Exists(Tree("overlays", "default", "kustomization.yaml")));
        Assert.False(File.Exists(Tree("base", "stray.yaml")));
        Assert.Contains("storageClassName: fast", File.ReadAllText(Tree("base", "statefulset.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_entry_serves_another_cluster_by_its_profile_alone()
    {
        await AddAsync("notes");
        var here = File.ReadAllText(Tree("base", "statefulset.yaml"));
        await new AddBundle(Context).RunAsync(new BundleRequest { Name = "notes", Cluster = "prod", Apply = true });
        Assert.NotEqual(here, File.ReadAllText(Tree("base", "statefulset.yaml")));
        Assert.All(_kubectl, c => Assert.StartsWith("--context prod-admin ", c, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Apply_makes_a_missing_namespace_first_and_tells_whether_anything_changed()
    {
        _cluster = c => Done(c.Contains("apply", StringComparison.Ordinal) ? "service/notes unchanged\nstatefulset.apps/notes unchanged\n" : "");
        Assert.True((await ApplyAsync("notes/prod")).Changed);
        Assert.Equal(
            [
                "--context prod-admin get namespace apps --ignore-not-found --output name",
                "--context prod-admin create namespace apps",
                "--context prod-admin apply -k ./.opencharly/k8s/notes/overlays/prod",
            ],
            _kubectl);
        _cluster = c => Done(c.Contains("get namespace", StringComparison.Ordinal) ? "namespace/apps\n" : "service/notes unchanged\n");
        _kubectl.Clear();
        Assert.False((await ApplyAsync("notes/prod")).Changed);
        Assert.Equal(2, _kubectl.Count);
    }

    [Theory]
    [InlineData("The connection to the server localhost:8080 was refused - did you specify the right host or port?", "k8s.unreachable")]
    [InlineData("error: context \"dev-admin\" does not exist", "k8s.kubectl")]
    public async Task A_cluster_that_fails_is_an_error_and_the_files_stay(string message, string code)
    {
        _cluster = _ => new CommandResult("", message + "\n", 1, TimeSpan.Zero);
        var result = await ApplyAsync("notes");
        Assert.Equal(code, result.Failure!.Code.Id);
        Assert.Contains("the files are written", result.Failure.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Tree("overlays", "default", "kustomization.yaml")));
    }

    [Fact]
    public async Task Sync_applies_what_was_written_and_refuses_a_base_that_is_another_cluster_s_by_now()
    {
        Assert.Equal(Errors.ManifestsMissing, (await Assert.ThrowsAsync<CharlyException>(() => new SyncKubernetes(Context).RunAsync("notes"))).Code);
        await AddAsync("notes");
        await new SyncKubernetes(Context).RunAsync("notes");
        Assert.Equal(["--context dev-admin apply -k ./.opencharly/k8s/notes/overlays/default"], _kubectl);
        await AddAsync("notes/prod");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new SyncKubernetes(Context).RunAsync("notes"));
        Assert.Contains("generated anew for another instance or cluster", error.Message, StringComparison.Ordinal);
        Assert.Single(_kubectl);
        Assert.Equal(Errors.CfgEntry, (await Assert.ThrowsAsync<CharlyException>(() => new SyncKubernetes(Context).RunAsync("note"))).Code);
    }

    [Fact]
    public async Task Del_removes_the_overlay_and_the_tree_with_its_last_one_even_if_the_cluster_is_gone()
    {
        await AddAsync("notes");
        await AddAsync("notes/prod");
        var preview = await DelAsync("notes", dryRun: true);
        Assert.Equal([Tree("overlays", "default")], preview.Items);
        Assert.Empty(_kubectl);
        await DelAsync("notes");
        Assert.Equal(["--context dev-admin delete -k ./.opencharly/k8s/notes/overlays/default --ignore-not-found"], _kubectl);
        Assert.True(Directory.Exists(Tree("overlays", "prod")));
        _cluster = _ => new CommandResult("", "Unable to connect to the server\n", 1, TimeSpan.Zero);
        Assert.True((await DelAsync("notes/prod")).Changed);
        Assert.False(Directory.Exists(Tree()));
        Assert.False((await DelAsync("notes/prod")).Changed);
    }

    [Fact]
    public async Task A_secret_that_nobody_set_is_named_and_nothing_is_written()
    {
        Write("charly.yml", File.ReadAllText(Path.Combine(Folder, "charly.yml")) + "  mail: {target: k8s, k8s: prod, box: notes, secret: [{name: token, source: env:MAIL_TOKEN}]}\n");
        var before = Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => AddAsync("mail"));
        Assert.Equal(Errors.SecretStore, error.Code);
        Assert.Equal("charly.yml", error.Position!.File);
        Assert.Equal(before, Photograph());
        Variables["MAIL_TOKEN"] = "canary";
        await AddAsync("mail");
        var file = Path.Combine(Folder, ".opencharly/k8s/mail/base/secret-token.yaml");
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(file));
        Assert.DoesNotContain(_programs.Requests, r => r.Arguments.Any(a => a.Contains("canary", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_image_that_is_not_local_is_not_pulled()
    {
        var before = Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => new AddBundle(Context).RunAsync(new BundleRequest { Name = "notes", Ref = "other" }));
        Assert.Equal(Errors.ImageNotLocal, error.Code);
        Assert.Equal(before, Photograph());
    }

    [Fact]
    public async Task A_tree_that_leads_elsewhere_is_left_alone()
    {
        Directory.CreateDirectory(Path.Combine(Root, "elsewhere"));
        Directory.CreateSymbolicLink(Path.Combine(Folder, ".opencharly"), Path.Combine(Root, "elsewhere"));
        Assert.Equal(Errors.Io, (await Assert.ThrowsAsync<CharlyException>(() => AddAsync("notes"))).Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Root, "elsewhere")));
    }

    [Fact]
    public async Task Status_tells_what_is_generated()
    {
        await AddAsync("notes");
        var all = await new GetBundles(Context).RunAsync(new BundleQuery { AllTargets = true });
        Assert.Equal([("notes", "generated"), ("notes/prod", "configured")], all.Select(b => (b.Name, b.Status)));
    }

    private Task<OpenCharly.Targets.DeployResult> AddAsync(string name) => new AddBundle(Context).RunAsync(new BundleRequest { Name = name });

    private Task<OpenCharly.Targets.DeployResult> ApplyAsync(string name) => new AddBundle(Context).RunAsync(new BundleRequest { Name = name, Apply = true });

    private Task<OpenCharly.Targets.DeployResult> DelAsync(string name, bool dryRun = false) => new RemoveBundle(Context).RunAsync(new RemoveBundleRequest { Name = name, DryRun = dryRun });

    private static CommandResult Done(string output) => new(output, "", 0, TimeSpan.Zero);

    private Dictionary<string, string> Photograph() => Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
        .Where(f => !Path.GetFileName(f).Contains(".lock", StringComparison.Ordinal)).ToDictionary(f => f, f => File.ReadAllText(f) + File.GetLastWriteTimeUtc(f).ToString("O"));
}

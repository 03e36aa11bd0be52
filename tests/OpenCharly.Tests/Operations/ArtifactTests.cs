using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.Yaml;

namespace OpenCharly.Tests.Operations;

public sealed class ArtifactTests : IDisposable
{
    private readonly BundleLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_file_is_waited_for_rewritten_and_placed_with_its_mode()
    {
        // The loop stands for a service that writes its file a while after it was started.
        _lab.WriteCandy("cluster", """
              artifact:
                - name: kubeconfig
                  path: ~/made/config
                  retrieve_to: ~/fetched/${deploy_name}/${layer_name}.yml
                  mode: "0600"
                  wait_second: 60
                  rewrite:
                    - {find: "https://127.0.0.1:6443", replace: "${WX_SERVER:-https://cluster.example.org}"}
                    - {find: "secret-name", replace: "${WX_NAME}"}
              task:
                - {user: "${USER}", cmd: "mkdir -p ~/made; (until [ -e ~/go ] || ((SECONDS > 120)); do sleep 0.1; done; printf 'server: https://127.0.0.1:6443 \\377 secret-name\\n' >~/made/new; mv ~/made/new ~/made/config) >/dev/null 2>&1 &"}

            """);
        _lab.Set("WX_NAME", "grüezi");
        var running = new AddBundle(_lab.Context).RunAsync(BundleLab.Request("cluster"));
        while (!running.IsCompleted && !Waits()) await Task.Delay(20);
        await File.WriteAllTextAsync(Path.Combine(_lab.Home, "go"), "");
        var added = await running;

        Assert.True(added.Failure is null, added.Failure?.ToString());
        var file = Path.Combine(_lab.Home, "fetched/host/cluster.yml");
        Assert.Equal([.. "server: https://cluster.example.org "u8, 255, .. " grüezi\n"u8], await File.ReadAllBytesAsync(file));
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(file));
        Assert.Equal(file, Assert.Single(added.Artifacts).File);

        bool Waits()
        {
            lock (_lab.Events) return _lab.Events.OfType<WaitEvent>().Any(e => e.Probe.EndsWith("made/config is there", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_kubeconfig_of_a_cluster_becomes_a_context_and_a_profile_of_the_user_and_stays_once()
    {
        const string Mine = "apiVersion: v1\nkind: Config\n# mine\nclusters:\n  - name: work\n    cluster: {server: https://work.example.org}\ncontexts: []\nusers: []\ncurrent-context: work\n";
        _lab.WriteCandy("cluster", """
              artifact: [{name: kubeconfig, path: ~/made, retrieve_to: "~/.cache/charly/clusters/${deploy_name}/kubeconfig.yaml", mode: "0600"}]
              task:
                - write: ~/made
                  user: ${USER}
                  content: |
                    apiVersion: v1
                    clusters: [{name: default, cluster: {server: "https://127.0.0.1:6443", certificate-authority-data: QUJD}}]
                    contexts: [{name: default, context: {cluster: default, user: default}}]
                    users: [{name: default, user: {client-key-data: REVG}}]

            """);
        var own = Path.Combine(_lab.Home, ".kube/config");
        Directory.CreateDirectory(Path.GetDirectoryName(own)!);
        await File.WriteAllTextAsync(own, Mine);
        _lab.Write("charly.yml", "version: 2026.163.0928\ndeploy:\n  lab.one: {target: local, add_candy: [cluster]}\n  app: {target: k8s, k8s: lab-one, box: x/web:1}\n");
        var request = new BundleRequest { Name = "lab.one", Options = new InstallOptions { Yes = true } };
        Assert.Null((await new AddBundle(_lab.Context).RunAsync(request)).Failure);
        var merged = await File.ReadAllTextAsync(own);
        Assert.Contains("# mine\n", merged, StringComparison.Ordinal);
        var read = Assert.IsType<YamlMapping>(Assert.Single(YamlReader.Read(merged, own)));
        Assert.Equal(["work", "lab-one"], Names(read, "clusters"));
        Assert.Equal(["lab-one"], Names(read, "contexts"));
        Assert.Equal(["lab-one"], Names(read, "users"));
        Assert.Equal("work", ((YamlScalar)read["current-context"]!).Text);
        Assert.Equal(AtomicFile.Private, File.GetUnixFileMode(own));
        Assert.Contains("lab-one", await new GetClusters(_lab.Context).RunAsync());
        Assert.Null((await new AddBundle(_lab.Context).RunAsync(request with { Force = true })).Failure);
        Assert.Equal(merged, await File.ReadAllTextAsync(own));

        static IEnumerable<string> Names(YamlMapping config, string list) => ((YamlSequence)config[list]!).Items.Select(i => ((YamlScalar)((YamlMapping)i)["name"]!).Text).ToArray();
    }

    [Fact]
    public async Task One_that_is_missing_is_a_failure_after_everything_is_applied()
    {
        _lab.WriteCandy("c", "  artifact: [{name: a, path: ~/nothing, retrieve_to: ~/x}]\n  task: [{write: ~/f, content: x, user: '${USER}'}]\n");
        var added = await new AddBundle(_lab.Context).RunAsync(BundleLab.Request("c"));
        Assert.Equal(Errors.RunArtifact, added.Failure!.Code);
        Assert.Contains($"{_lab.Home}/nothing", added.Failure.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_lab.Home, "f")));
        Assert.False(File.Exists(Path.Combine(_lab.Home, "x")));
    }

    [Fact]
    public async Task One_that_is_optional_may_be_missing()
    {
        _lab.WriteCandy("c", "  artifact: [{name: a, path: ~/nothing, retrieve_to: ~/x, optional: true}]\n  task: [{write: ~/f, content: x, user: '${USER}'}]\n");
        var added = await new AddBundle(_lab.Context).RunAsync(BundleLab.Request("c"));
        Assert.Null(added.Failure);
        Assert.Empty(added.Artifacts);
    }

    [Fact]
    public async Task A_saved_plan_knows_them()
    {
        _lab.WriteCandy("c", "  artifact: [{name: a, path: ~/f, retrieve_to: '~/${WX:-there}', rewrite: [{find: x, replace: y}]}]\n  task: [{write: ~/f, content: x, user: '${USER}'}]\n");
        var plan = await new CompilePlan(_lab.Context).RunAsync(BundleLab.Request("c"));
        var read = PlanJson.Read(PlanJson.Write(plan)).Single();
        Assert.Equal(plan.Artifacts, read.Artifacts);
        Assert.Null((await new ApplyPlan(_lab.Context).RunAsync(new ApplyPlanRequest { Plan = read })).Failure);
        Assert.Equal("y", await File.ReadAllTextAsync(Path.Combine(_lab.Home, "there")));
    }

    [Theory]
    [InlineData("${A}", "1")]
    [InlineData("x${B:-two}y", "xtwoy")]
    [InlineData("${B:-${A}}", "1")]
    [InlineData("${B}", "")]
    [InlineData("$A ${}", "$A ${}")]
    public void Variables_have_defaults(string text, string filled) =>
        Assert.Equal(filled, PlanVariables.Fill(text, n => n == "A" ? "1" : null));
}

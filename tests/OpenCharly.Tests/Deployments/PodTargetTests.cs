using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.Tests.Pods;

namespace OpenCharly.Tests.Deployments;

/// <summary>Pods as targets of <c>bundle add</c>, <c>del</c> and <c>status</c> (deploy.md §3, §4, §7.1).</summary>
public sealed class PodTargetTests : IDisposable
{
    private readonly PodLab _lab = new();
    private bool _isActive;

    public PodTargetTests()
    {
        _lab.Add("localhost/plain:2026.150.0900", PodCases.Plain with { Ports = [new(8080, false)] });
        _lab.Play = Answer;
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Add_makes_the_entry_the_quadlet_and_a_running_container()
    {
        var added = await AddAsync("my-dev", "plain");
        Assert.True(added.Changed);
        Assert.Contains("box: plain", _lab.Entry, StringComparison.Ordinal);
        Assert.Contains("target: pod", _lab.Entry, StringComparison.Ordinal);
        Assert.True(File.Exists(_lab.Quadlet("charly-my-dev.container")));
        Assert.Contains("systemctl --user start charly-my-dev.service", _lab.Commands);
    }

    [Fact]
    public async Task A_second_add_changes_nothing()
    {
        await AddAsync("my-dev", "plain");
        _lab.Requests.Clear();
        Assert.False((await AddAsync("my-dev", null)).Changed);
        Assert.DoesNotContain(_lab.Commands, c => c.Contains("start", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_box_of_the_name_needs_no_reference()
    {
        _lab.Write("deploy:\n  plain: {target: pod, box: plain, disposable: false}\n");
        Assert.True((await AddAsync("plain", null)).Changed);
    }

    [Fact]
    public async Task A_candy_alone_makes_no_pod()
    {
        Directory.CreateDirectory(Path.Combine(_lab.Home, "candy/tool"));
        File.WriteAllText(Path.Combine(_lab.Home, "candy/tool/charly.yml"), "candy:\n  name: tool\n  version: 2026.150.0900\n  package: [curl]\n");
        File.WriteAllText(Path.Combine(_lab.Home, "charly.yml"), "version: 2026.163.0928\ndiscover: [candy]\n");
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => AddAsync("my-dev", "tool"));
        Assert.Equal(Errors.CfgReference, error.Code);
        Assert.Contains("--add-candy tool", error.Help, StringComparison.Ordinal);
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task A_dry_run_gives_the_files_and_writes_nothing()
    {
        var before = _lab.Photograph();
        var plan = await new CompilePlan(_lab.Context).RunAsync(new BundleRequest { Name = "my-dev", Ref = "plain" });
        Assert.Equal("pod:my-dev", plan.Target);
        Assert.Contains(plan.Files, f => f.Key.EndsWith("charly-my-dev.container", StringComparison.Ordinal) && f.Value.Contains("Image=localhost/plain:2026.150.0900", StringComparison.Ordinal));
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task An_image_that_is_not_here_leaves_nothing_behind()
    {
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => AddAsync("my-dev", "registry.example.org/acme/absent:1"));
        Assert.Equal(ErrorKind.WrongState, error.Code.Kind);
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task A_candy_alone_is_no_pod()
    {
        Directory.CreateDirectory(Path.Combine(_lab.Home, "candy/tools"));
        File.WriteAllText(Path.Combine(_lab.Home, "charly.yml"), "version: 2026.163.0928\ndiscover: [candy]\n");
        File.WriteAllText(Path.Combine(_lab.Home, "candy/tools/charly.yml"), "candy: {name: tools, version: 2026.150.0900, package: [curl]}\n");
        var before = _lab.Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => AddAsync("my-dev", "tools"));
        Assert.Equal(Errors.CfgReference, error.Code);
        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task One_that_never_runs_is_an_error_that_names_the_log()
    {
        _lab.Play = r => r is { Program: "systemctl" } && r.Arguments.Contains("show") ? PodLab.Done("Id=charly-my-dev.service\nActiveState=failed\n") : r is { Program: "systemctl" } && r.Arguments.Contains("is-active") ? new CommandResult("", "", 3, TimeSpan.Zero) : null;
        var error = await Assert.ThrowsAsync<CharlyException>(() => AddAsync("my-dev", "plain"));
        Assert.Equal(Errors.PodNotRunning, error.Code);
        Assert.Contains("charly logs my-dev", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Del_removes_container_and_quadlet_and_keeps_the_entry_unless_purged()
    {
        await AddAsync("my-dev", "plain");
        var removed = await DelAsync("my-dev");
        Assert.True(removed.Changed);
        Assert.False(File.Exists(_lab.Quadlet("charly-my-dev.container")));
        Assert.Contains("my-dev:", _lab.Entry, StringComparison.Ordinal);
        Assert.False((await DelAsync("my-dev")).Changed);
        await DelAsync("my-dev", purge: true);
        Assert.DoesNotContain("my-dev:", _lab.Entry, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_tells_for_each_pod_whether_entry_and_quadlet_agree()
    {
        await AddAsync("my-dev", "plain");
        await new OpenCharly.Model.HostFile(_lab.Context.Paths).EditAsync((editor, root) => editor.Set([root, "old", "box"], "plain"));
        File.WriteAllText(_lab.Quadlet("charly-manual.container"), "[Container]\n");
        File.WriteAllText(_lab.Quadlet("charly-manual-redis.container"), "[Unit]\nDescription=x\n[Container]\nPod=charly-manual.pod\n");
        var bundles = await new GetBundles(_lab.Context).RunAsync(new BundleQuery { Probe = false, AllTargets = true });
        Assert.Equal([("my-dev", "ok"), ("old", "stale config"), ("manual", "no overrides")], bundles.Where(b => !b.Name.Contains("redis", StringComparison.Ordinal)).Select(b => (b.Name, b.Status)).OrderBy(b => b.Status switch { "ok" => 0, "stale config" => 1, _ => 2 }));
    }

    [Fact]
    public async Task Status_of_a_pod_in_direct_mode_knows_that_it_has_no_quadlet_and_is_well()
    {
        _lab.Variables["CHARLY_RUN_MODE"] = "direct";
        await _lab.ConfigureAsync("plain");
        var bundle = Assert.Single(await new GetBundles(_lab.Context).RunAsync(new BundleQuery { Probe = false, AllTargets = true }));
        Assert.Equal(("ok", false, true), (bundle.Status, bundle.HasQuadlet, bundle.HasEntry));
        Assert.Contains("direct mode", bundle.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Candies_of_the_command_are_kept_in_the_entry()
    {
        _lab.Add("localhost/my-dev-overlay:" + Hash("localhost/plain:2026.150.0900", "tools"), PodCases.Plain);
        await new AddBundle(_lab.Context).RunAsync(new BundleRequest { Name = "my-dev", Ref = "plain", AddCandies = ["tools"] });
        Assert.Contains("- tools", _lab.Entry, StringComparison.Ordinal);
        Assert.Contains("Image=localhost/my-dev-overlay:", File.ReadAllText(_lab.Quadlet("charly-my-dev.container")), StringComparison.Ordinal);
        var removed = await DelAsync("my-dev");
        Assert.Contains(removed.Items, i => i.StartsWith("image localhost/my-dev-overlay:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_has_the_id_the_image_and_the_files_of_the_add_that_follows()
    {
        Directory.CreateDirectory(Path.Combine(_lab.Home, "candy"));
        File.WriteAllText(Path.Combine(_lab.Home, "charly.yml"), "version: 2026.163.0928\ndiscover: [candy]\n");
        foreach (var (name, body) in new[] { ("zebra", "port: [9090]"), ("apple", "require: [zebra], env: {APPLE: 'yes'}") })
        {
            Directory.CreateDirectory(Path.Combine(_lab.Home, "candy", name));
            await File.WriteAllTextAsync(Path.Combine(_lab.Home, "candy", name, "charly.yml"), $"candy: {{name: {name}, version: 2026.150.0900, task: [{{mkdir: /srv/{name}}}], {body}}}\n");
        }

        var overlay = OpenCharly.Boxes.OverlayGenerator.ReferenceOf("my-dev", "localhost/plain:2026.150.0900", ["apple"]);
        var built = PodCases.Plain with
        {
            Ports = [new(8080, false), new(9090, false)], Environment = [KeyValuePair.Create("APPLE", "yes")], CandyVersions = new Dictionary<string, string> { ["apple"] = "2026.150.0900", ["zebra"] = "2026.150.0900" },
        };
        var inner = _lab.Play;
        _lab.Play = r =>
        {
            if (r is { Program: "podman", Arguments: ["build", ..] }) _lab.Add(overlay, built);
            return inner(r);
        };
        var request = new BundleRequest { Name = "my-dev", Ref = "plain", AddCandies = ["apple"] };
        var before = _lab.Photograph();
        var plan = await new CompilePlan(_lab.Context).RunAsync(request);
        Assert.Equal(before, _lab.Photograph());
        Assert.Equal(overlay, plan.Box);
        Assert.Contains(plan.Warnings, w => w.Contains("is built first", StringComparison.Ordinal));
        var quadlet = Assert.Single(plan.Files).Value;
        Assert.Contains($"Image={overlay}", quadlet, StringComparison.Ordinal);
        Assert.Contains(":9090", quadlet, StringComparison.Ordinal);
        Assert.Contains("Environment=APPLE=yes", quadlet, StringComparison.Ordinal);

        await new AddBundle(_lab.Context).RunAsync(request);
        var record = Assert.Single((await new GetLedger(_lab.Context).RunAsync("my-dev")).Deploys);
        Assert.Equal((plan.DeployId, "zebra apple"), (record.DeployId, string.Join(' ', record.Candy)));
        Assert.Equal(plan.DeployId, (await new CompilePlan(_lab.Context).RunAsync(new BundleRequest { Name = "my-dev" })).DeployId);

        // The image tells its candies by name; removed and added again it is the same deployment.
        await new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "my-dev", KeepImage = true });
        plan = await new CompilePlan(_lab.Context).RunAsync(request);
        Assert.Equal((record.DeployId, 0), (plan.DeployId, plan.Warnings.Count));
        await new AddBundle(_lab.Context).RunAsync(request);
        Assert.Equal(record.DeployId, Assert.Single((await new GetLedger(_lab.Context).RunAsync("my-dev")).Deploys).DeployId);

        // A second pod of the same has an id of its own, which its dry run knows.
        var other = OpenCharly.Boxes.OverlayGenerator.ReferenceOf("other", "localhost/plain:2026.150.0900", ["apple"]);
        _lab.Add(other, built);
        _isActive = false;
        request = request with { Name = "other" };
        plan = await new CompilePlan(_lab.Context).RunAsync(request);
        await new AddBundle(_lab.Context).RunAsync(request);
        Assert.NotEqual(record.DeployId, plan.DeployId);
        Assert.Equal(plan.DeployId, Assert.Single((await new GetLedger(_lab.Context).RunAsync("other")).Deploys).DeployId);
    }

    [Fact]
    public async Task What_the_command_names_is_run_though_the_entry_names_another_box_which_stays()
    {
        _lab.Add("localhost/newer:2026.160.0900", PodCases.Plain with { Box = "newer", Version = "2026.160.0900" });
        _lab.Write("deploy:\n  my-dev: {target: pod, box: plain}\n");
        var plan = await new CompilePlan(_lab.Context).RunAsync(new BundleRequest { Name = "my-dev", Ref = "newer" });
        Assert.Equal("localhost/newer:2026.160.0900", plan.Box);
        await AddAsync("my-dev", "newer");
        Assert.Contains("Image=localhost/newer:2026.160.0900", await File.ReadAllTextAsync(_lab.Quadlet("charly-my-dev.container")), StringComparison.Ordinal);
        Assert.Contains("box: plain", _lab.Entry, StringComparison.Ordinal);
        Assert.Contains(_lab.Notices, n => n.StartsWith("my-dev runs newer, though its entry says plain", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_that_is_neither_a_deployment_nor_a_box_is_told_what_is_like_it_and_a_box_that_is_not_here_where_it_is_named()
    {
        _lab.Write("deploy:\n  my-dev: {target: pod, box: plain}\n  far: {target: pod, box: absent}\n");
        var before = _lab.Photograph();
        foreach (var dry in (bool[])[true, false])
        {
            var request = new BundleRequest { Name = "my-dew" };
            var error = await Assert.ThrowsAsync<CharlyException>(() => dry ? new CompilePlan(_lab.Context).RunAsync(request) : (Task)new AddBundle(_lab.Context).RunAsync(request));
            Assert.StartsWith("there is no deployment \"my-dew\"", error.Message, StringComparison.Ordinal);
            Assert.Contains("my-dev", error.Help, StringComparison.Ordinal);
            request = new BundleRequest { Name = "far" };
            error = await Assert.ThrowsAsync<CharlyException>(() => dry ? new CompilePlan(_lab.Context).RunAsync(request) : (Task)new AddBundle(_lab.Context).RunAsync(request));
            Assert.Equal((Errors.ImageNotLocal, "Run 'charly box pull absent' to fetch it first", 3), (error.Code, error.Help, error.Position?.Line));
        }

        Assert.Equal(before, _lab.Photograph());
    }

    [Fact]
    public async Task A_dry_run_hands_no_image_over()
    {
        _lab.Programs.Add("docker");
        _lab.Variables["CHARLY_BUILD_ENGINE"] = "docker";
        _lab.Clear();
        var inner = _lab.Play;
        _lab.Play = r => (r.Program, r.Arguments) switch
        {
            ("docker", ["images", ..]) => PodLab.Done("sha256:ee\n"),
            ("docker", ["image", "inspect", ..]) => PodLab.Done("""[{"Id":"sha256:ee","RepoTags":["localhost/plain:2026.150.0900"],"Config":{"Labels":{"ai.opencharly.version":"2026.150.0900","ai.opencharly.box":"plain"}}}]"""),
            ("bash", _) => Handed(),
            _ => inner(r),
        };
        var plan = await new CompilePlan(_lab.Context).RunAsync(new BundleRequest { Name = "my-dev", Ref = "plain" });
        Assert.Equal("localhost/plain:2026.150.0900", plan.Box);
        await _lab.ConfigureAsync("plain", r => r with { DryRun = true });
        Assert.DoesNotContain(_lab.Commands, c => c.Contains("save", StringComparison.Ordinal));
        await AddAsync("my-dev", "plain");
        Assert.Single(_lab.Commands, c => c.Contains("docker save", StringComparison.Ordinal));

        CommandResult Handed()
        {
            _lab.Add("localhost/plain:2026.150.0900", PodCases.Plain);
            return PodLab.Done();
        }
    }

    [Fact]
    public async Task An_overlay_is_on_record_until_the_pod_is_removed()
    {
        await AddToolsAsync("my-dev");
        var file = Assert.Single(Records);
        var record = Assert.Single((await new GetLedger(_lab.Context).RunAsync("my-dev")).Deploys);
        var overlay = Boxes("localhost/plain:2026.150.0900", "tools");
        Assert.Equal(("my-dev", "plain", "pod:my-dev", overlay), (record.Name, record.Image, record.Target, record.Overlay));
        Assert.Equal(["tools"], record.AddCandy);
        Assert.Equal(PlanCompiler.DeployId("plain", record.Candy, ["tools"]), record.DeployId);
        Assert.Equal(record.DeployId + ".json", Path.GetFileName(file));
        Assert.Equal(record.DeployId, Assert.Single(await new GetBundles(_lab.Context).RunAsync(new BundleQuery { Names = ["my-dev"], AllTargets = true })).DeployId);

        // A second add finds it as it should be.
        var before = await File.ReadAllTextAsync(file);
        await AddAsync("my-dev", null);
        Assert.Equal(before, await File.ReadAllTextAsync(file));
        Assert.Contains($"ledger record {record.DeployId}", (await new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "my-dev", DryRun = true })).Items);
        Assert.Equal(before, await File.ReadAllTextAsync(file));

        var removed = await DelAsync("my-dev");
        Assert.Equal([$"image {overlay}", $"ledger record {record.DeployId}"], removed.Items.TakeLast(2));
        Assert.False(Directory.Exists(Path.Combine(_lab.Home, ".config/opencharly")));
        Assert.Empty((await new GetLedger(_lab.Context).RunAsync("my-dev")).Deploys);
    }

    [Fact]
    public async Task The_image_is_kept_where_that_is_asked_for_and_the_record_goes_all_the_same()
    {
        await AddToolsAsync("my-dev");
        var removed = await new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "my-dev", KeepImage = true });
        Assert.DoesNotContain(removed.Items, i => i.StartsWith("image ", StringComparison.Ordinal));
        Assert.DoesNotContain(_lab.Commands, c => c.StartsWith("podman rmi", StringComparison.Ordinal));
        Assert.Empty(Records);
    }

    [Fact]
    public async Task Two_pods_that_add_the_same_to_the_same_box_have_a_record_each_and_those_of_this_machine_stay()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_lab.Home, ".config/opencharly/installed/deploys")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "0123456789abcdef.json"), """{"schema_version":"2026.161.1649","deploy_id":"0123456789abcdef","name":"host","image":"","target":"host","candy":["git"],"deployed_at":"2026-06-10T16:49:00Z"}""");
        await AddToolsAsync("my-dev");
        _isActive = false;
        await AddToolsAsync("other");
        Assert.Equal(3, Records.Length);
        Assert.Equal(["my-dev", "other"], new[] { "my-dev", "other" }.SelectMany(n => new GetLedger(_lab.Context).RunAsync(n).Result.Deploys).Select(d => d.Name));
        await DelAsync("my-dev");
        await DelAsync("other");
        Assert.Equal("0123456789abcdef.json", Path.GetFileName(Assert.Single(Records)));
    }

    [Fact]
    public async Task A_list_of_candies_that_became_empty_leaves_no_record()
    {
        await AddToolsAsync("my-dev");
        await new OpenCharly.Model.HostFile(_lab.Context.Paths).EditAsync((editor, root) => editor.Remove([root, "my-dev", "add_candy"]));
        await AddAsync("my-dev", null);
        Assert.Empty(Records);
        Assert.Contains("Image=localhost/plain:2026.150.0900", await File.ReadAllTextAsync(_lab.Quadlet("charly-my-dev.container")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_nested_pod_is_called_after_its_path_and_answers_to_it()
    {
        _lab.Write("deploy:\n  here:\n    target: local\n    nested:\n      web: {target: pod, box: plain}\n");
        await AddAsync("here.web", null);
        Assert.True(File.Exists(_lab.Quadlet("charly-here_web.container")));
        await new StopPod(_lab.Context).RunAsync(new PodRequest { Name = "here.web" });
        Assert.Contains("systemctl --user stop charly-here_web.service", _lab.Commands);
        await DelAsync("here.web");
        Assert.False(File.Exists(_lab.Quadlet("charly-here_web.container")));
    }

    private string[] Records => Directory.Exists(Path.Combine(_lab.Home, ".config/opencharly/installed/deploys")) ? Directory.GetFiles(Path.Combine(_lab.Home, ".config/opencharly/installed/deploys")) : [];

    private Task<OpenCharly.Targets.DeployResult> AddToolsAsync(string name)
    {
        _lab.Add(OpenCharly.Boxes.OverlayGenerator.ReferenceOf(name, "localhost/plain:2026.150.0900", ["tools"]), PodCases.Plain with { CandyVersions = new Dictionary<string, string> { ["tools"] = "2026.150.0900" } });
        return new AddBundle(_lab.Context).RunAsync(new BundleRequest { Name = name, Ref = "plain", AddCandies = ["tools"] });
    }

    private static string Hash(string image, string candy) => Boxes(image, candy).Split(':')[^1];

    private static string Boxes(string image, string candy) => OpenCharly.Boxes.OverlayGenerator.ReferenceOf("my-dev", image, [candy]);

    private Task<OpenCharly.Targets.DeployResult> AddAsync(string name, string? reference) => new AddBundle(_lab.Context).RunAsync(new BundleRequest { Name = name, Ref = reference });

    private Task<OpenCharly.Targets.DeployResult> DelAsync(string name, bool purge = false) => new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = name, Purge = purge });

    // A service manager that starts what it is told to start, and an engine that then shows its container.
    private CommandResult? Answer(ProcessRequest request)
    {
        string[] a = [.. request.Arguments];
        if (request.Program == "systemctl")
        {
            if (a.Contains("start") || a.Contains("restart")) Run(a[^1]);
            if (a.Contains("stop")) _isActive = false;
            if (!_isActive) _lab.Containers = "[]";
            if (a.Contains("is-active")) return _isActive ? PodLab.Done() : new CommandResult("", "", 3, TimeSpan.Zero);
        }

        return null;
    }

    private void Run(string unit)
    {
        _isActive = true;
        var name = unit[..unit.LastIndexOf('.')];
        _lab.Containers = $$"""[{"Names":["{{name}}"],"Image":"localhost/plain:2026.150.0900","State":"running","Status":"Up 1 second","Ports":[]}]""";
    }
}

using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Operations;
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
        var error = await Assert.ThrowsAsync<CharlyException>(() => AddAsync("my-dev", "tools"));
        Assert.Equal(Errors.CfgReference, error.Code);
        Assert.False(File.Exists(_lab.HostFile));
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

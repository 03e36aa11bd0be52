using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Tests.Operations;

namespace OpenCharly.Tests.Deployments;

/// <summary>Children and peers of a deployment, on this machine with real files (deploy.md §5, §6, §8).</summary>
public sealed class FamilyTests : IDisposable
{
    private readonly BundleLab _lab = new();

    public FamilyTests()
    {
        foreach (var name in (string[])["root", "child", "grandchild", "peer", "second"]) Candy(name);
        _lab.WriteCandy("broken", "  task:\n    - {cmd: \"exit 3\", user: \"${USER}\"}\n");
        _lab.Write("charly.yml", """
            version: 2026.163.0928
            discover: [candy]
            deploy:
              app:
                target: local
                add_candy: [root]
                nested:
                  inner: {target: local, add_candy: [child], nested: {deep: {target: local, add_candy: [grandchild]}}}
                peer:
                  driver: {target: local, add_candy: [peer]}
                  helper: {target: local, add_candy: [second]}
              bad:
                target: local
                add_candy: [root]
                peer:
                  driver2: {target: local, add_candy: [peer]}
                  failing: {target: local, add_candy: [broken]}
              inside-app: {target: local, inside: app.inner, add_candy: [second]}

            """);
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Add_brings_up_children_then_peers_and_del_takes_them_down_first()
    {
        var added = await AddAsync("app");
        Assert.Null(added.Failure);
        Assert.Equal(["app.inner", "driver", "helper"], added.Members.Select(m => m.Name));
        Assert.Equal(["app.inner.deep"], added.Members[0].Members.Select(m => m.Name));
        Assert.Equal(["child", "grandchild", "peer", "root", "second"], Files());
        var removed = await new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "app" });
        Assert.Null(removed.Failure);
        Assert.Equal(["helper", "driver", "app.inner"], removed.Members.Select(m => m.Name));
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Status_asks_what_is_nested_for_what_its_ledger_says()
    {
        Assert.Equal(["app.inner (not configured)", "app.inner.deep (not configured)"], await NestedAsync());
        await AddAsync("app");
        Assert.Equal(["app.inner (running)", "app.inner.deep (running)"], await NestedAsync());

        async Task<IEnumerable<string>> NestedAsync() => (await new GetStatus(_lab.Context).RunAsync(new StatusQuery { Names = ["app"], Nested = true }))[0].Nested.Select(n => n.ToString());
    }

    [Fact]
    public async Task Add_of_the_node_only_leaves_the_others_alone_and_a_path_adds_one_of_them()
    {
        Assert.Empty((await new AddBundle(_lab.Context).RunAsync(Request("app") with { NodeOnly = true })).Members);
        Assert.Equal(["root"], Files());
        Assert.Null((await AddAsync("app.inner.deep")).Failure);
        Assert.Equal(["grandchild", "root"], Files());
        await new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "app.inner.deep" });
        Assert.Equal(["root"], Files());
    }

    [Fact]
    public async Task A_second_add_of_a_tree_changes_nothing()
    {
        await AddAsync("app");
        Assert.False((await AddAsync("app")).Changed);
    }

    [Fact]
    public async Task A_peer_that_fails_fails_its_owner_and_takes_the_earlier_ones_down_again()
    {
        var added = await AddAsync("bad");
        Assert.Equal(Errors.DeployMember, added.Failure!.Code);
        Assert.Contains("failing", added.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(["root"], Files());
    }

    [Fact]
    public async Task A_deployment_inside_of_another_runs_in_its_place()
    {
        Assert.Null((await AddAsync("inside-app")).Failure);
        Assert.Equal(["second"], Files());
    }

    [Fact]
    public async Task An_update_of_a_host_adds_again_and_brings_its_peers_up_anew()
    {
        await AddAsync("app");
        File.Delete(Path.Combine(_lab.Home, "marks", "root"));
        var updated = await new UpdateBundle(_lab.Context).RunAsync(new UpdateBundleRequest { Name = "app", Options = new InstallOptions { Yes = true } });
        Assert.Equal("update", updated.Verb);
        Assert.Null(updated.Failure);
        Assert.Equal(["child", "grandchild", "peer", "root", "second"], Files());
        Assert.True(updated.Members.Single(m => m.Name == "driver").Changed);
        Assert.Contains(_lab.Events.OfType<NoticeEvent>(), n => n.Text.StartsWith("app is not marked disposable", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("k8s: c", "k8s")]
    [InlineData("android: d", "android")]
    public async Task What_can_not_be_updated_says_so_and_nothing_changes(string field, string target)
    {
        _lab.Write("clusters/c.yaml", "name: c\n");
        _lab.Write("charly.yml", $"version: 2026.163.0928\nandroid: {{d: {{adb: {{host: 127.0.0.1}}}}}}\ndeploy:\n  x: {{target: {target}, {field}}}\n");
        var error = await Assert.ThrowsAsync<CharlyException>(() => new UpdateBundle(_lab.Context).RunAsync(new UpdateBundleRequest { Name = "x" }));
        Assert.Equal((Errors.DeployTarget, $"update is not supported for target {target}"), (error.Code, error.Message));
        Assert.Equal(4, error.Position!.Line);
    }

    [Fact]
    public async Task An_update_of_what_nobody_knows_is_an_error() =>
        Assert.Equal(Errors.CfgEntry, (await Assert.ThrowsAsync<CharlyException>(() => new UpdateBundle(_lab.Context).RunAsync(new UpdateBundleRequest { Name = "nope" }))).Code);

    [Fact]
    public async Task A_removal_of_what_nobody_knows_is_an_error_with_the_nearest_name()
    {
        var error = await Assert.ThrowsAsync<CharlyException>(() => new RemoveBundle(_lab.Context).RunAsync(new RemoveBundleRequest { Name = "appp" }));
        Assert.Equal(Errors.LedgerUnknown, error.Code);
        Assert.Contains("\"app\"", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_of_a_tree_lists_what_is_in_it_behind_it()
    {
        var bundles = await new GetBundles(_lab.Context).RunAsync(new BundleQuery { Names = ["app"], Probe = false, AllTargets = true, Nested = true });
        Assert.Equal([("app", null), ("app.inner", "app"), ("app.inner.deep", "app.inner")], bundles.Select(b => (b.Name, b.Owner)));
    }

    private static BundleRequest Request(string name) => new() { Name = name, Options = new InstallOptions { Yes = true } };

    private Task<OpenCharly.Targets.DeployResult> AddAsync(string name) => new AddBundle(_lab.Context).RunAsync(Request(name));

    private void Candy(string name) => _lab.WriteCandy(
        name, $"  task:\n    - {{write: \"${{HOME}}/marks/{name}\", content: \"{name}\\n\", user: \"${{USER}}\"}}\n");

    private IEnumerable<string?> Files() => !Directory.Exists(Path.Combine(_lab.Home, "marks")) ? [] : Directory.EnumerateFiles(Path.Combine(_lab.Home, "marks")).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}

using OpenCharly.Boxes;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;

namespace OpenCharly.Tests.Boxes;

/// <summary>What is done with boxes once they are there: deployed alone, called by alias, reconciled, cleaned up.</summary>
public sealed class BoxUpkeepTests : BoxLab
{
    private const string Reference = "registry.example.org/team/web:1";

    private static string Image(params (string Label, string Value)[] labels) =>
        EngineStub.List(EngineStub.Image("0123456789abcdef", [Reference], [("version", "2026.200.0001"), ("box", "web"), .. labels]));

    private string Host => File.Exists(Context.Paths.HostFile) ? File.ReadAllText(Context.Paths.HostFile) : "";

    [Fact]
    public async Task From_a_box_a_cluster_gets_its_tree_and_the_entry_says_what_it_is_of()
    {
        Engine = new EngineStub(("podman image inspect", 0, Image()));
        Directory.CreateDirectory(Context.Paths.Clusters);
        await File.WriteAllTextAsync(Path.Combine(Context.Paths.Clusters, "home.yaml"), "kind: cluster-profile\nname: home\n");
        var wanted = new DeployFromBoxRequest { Reference = Reference, Name = "site", Cluster = "home", Namespace = "shop", Environment = ["A=1"] };
        var preview = await new DeployFromBox(Context).RunAsync(wanted with { DryRun = true });
        Assert.Contains(".opencharly/k8s/site/base/kustomization.yaml", preview.Items);
        Assert.Empty(Photograph());
        Assert.Equal("", Host);

        var result = await new DeployFromBox(Context).RunAsync(wanted);
        Assert.Null(result.Failure);
        Assert.Equal((true, "site"), (result.Changed, result.Name));
        Assert.Equal(preview.Items.Order(), result.Items.Order());
        Assert.Contains("namespace: shop", await File.ReadAllTextAsync(Path.Combine(Project, ".opencharly/k8s/site/overlays/default/kustomization.yaml")), StringComparison.Ordinal);
        var entry = (await new ProjectLoader(Context.Environment, Context.Paths, Context.Processes).LoadAsync(Project, false, CancellationToken.None)).Deployments["site"];
        Assert.Equal(("k8s", Reference, "home", "1"), (entry.Target, entry.Box, entry.Cluster, entry.Environment["A"]));
        Assert.False((await new DeployFromBox(Context).RunAsync(wanted)).Changed);
    }

    [Fact]
    public async Task From_a_box_a_pod_would_get_its_quadlet_and_nothing_is_written_before_it_is_meant()
    {
        Engine = new EngineStub(("podman image inspect", 0, Image()));
        var result = await new DeployFromBox(Context).RunAsync(new DeployFromBoxRequest { Reference = Reference, Instance = "blue", DryRun = true });
        Assert.Equal(("web/blue", true, false), (result.Name, result.DryRun, result.Changed));
        Assert.Equal("", Host);
        Assert.Empty(Photograph());
    }

    [Theory]
    [InlineData(null, "shop", null, "usage")]
    [InlineData("home", null, "8080:80", "usage")]
    [InlineData(null, null, null, "deploy.box")]
    [InlineData("home", null, null, "deploy.box")]
    public async Task What_does_not_fit_is_refused_and_an_entry_that_somebody_wrote_stays(string? cluster, string? space, string? port, string code)
    {
        const string Before = "version: 2026.163.0928\ndeploy:\n  web: {target: pod, box: other} # mine\n";
        WriteHost(Before);
        Engine = new EngineStub(("podman image inspect", 0, Image()));
        var request = new DeployFromBoxRequest { Reference = Reference, Cluster = cluster, Namespace = space, Ports = port is null ? [] : [port] };
        var error = await Assert.ThrowsAsync<CharlyException>(() => new DeployFromBox(Context).RunAsync(request));
        Assert.Equal(code, error.Code.Id);
        Assert.NotEmpty(error.Help);
        if (code == "deploy.box") Assert.Equal(3, error.Position!.Line);
        Assert.Equal(Before, Host);
        Assert.Empty(Photograph());
    }

    [Fact]
    public async Task An_image_that_is_not_here_is_told_with_the_command_that_fetches_it()
    {
        Engine = new EngineStub(("podman image inspect", 125, "no such image"));
        var error = await Assert.ThrowsAsync<CharlyException>(() => new DeployFromBox(Context).RunAsync(new DeployFromBoxRequest { Reference = Reference }));
        Assert.Equal(("ErrImageNotLocal", $"Run 'charly box pull {Reference}' to fetch it first"), (error.Code.Id, error.Help));
        Assert.DoesNotContain(Engine.Calls, c => c.Contains("pull", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_aliases_of_an_image_are_installed_together_or_not_at_all_and_go_together()
    {
        Engine = new EngineStub(("podman image inspect", 0, Image(("alias", "{\\\"wt\\\":\\\"web --top\\\",\\\"ws\\\":\\\"web shell\\\"}"))));
        var aliases = new BoxAliases(Context);
        Assert.Equal(["ws", "wt"], (await aliases.InstallAsync(Reference, dryRun: true)).Select(a => a.Name));
        Assert.Empty(aliases.List());

        Directory.CreateDirectory(aliases.Folder);
        var foreign = Path.Combine(aliases.Folder, "wt");
        await File.WriteAllTextAsync(foreign, "#!/bin/sh\nmine\n");
        Assert.Equal(Errors.AliasForeign, (await Assert.ThrowsAsync<CharlyException>(() => aliases.InstallAsync(Reference))).Code);
        Assert.False(File.Exists(Path.Combine(aliases.Folder, "ws")));
        File.Delete(foreign);

        aliases.Add("own", "other");
        Assert.Equal([("ws", "web shell"), ("wt", "web --top")], (await aliases.InstallAsync(Reference)).Select(a => (a.Name, a.Command!)));
        Assert.Equal(["own", "ws", "wt"], aliases.List().Select(a => a.Name));
        Assert.Equal(2, aliases.Uninstall(Reference, dryRun: true).Count);
        Assert.Equal(["ws", "wt"], aliases.Uninstall(Reference).Select(a => a.Name));
        Assert.Equal(["own"], aliases.List().Select(a => a.Name));
        Assert.Equal(Errors.FileMissing, Assert.Throws<CharlyException>(() => aliases.Uninstall(Reference)).Code);
    }

    [Theory]
    [InlineData(null, null, 0)]
    [InlineData("2", null, 3)]
    [InlineData(null, 1, 4)]
    [InlineData("3", 1, 2)]
    [InlineData("0", 1, 0)]
    public async Task Of_images_and_runs_as_many_stay_as_the_setting_says_else_the_project_else_all(string? setting, int? defaults, int gone)
    {
        Write(SampleBoxes.Head + (defaults is { } number ? $"defaults: {{keep_images: {number}, keep_eval_runs: {number}}}\n" : ""));
        if (setting is not null)
        {
            foreach (var key in (string[])["keep_images", "keep_eval_runs"]) await new Settings(Context.Environment, Context.Paths).SetAsync(key, setting);
        }

        var images = Enumerable.Range(1, 5).Select(i => EngineStub.Image($"id{i}", [$"localhost/web:2026.100.000{i}"], ("version", $"2026.100.000{i}"), ("box", "web")));
        Engine = new EngineStub(("podman images", 0, EngineStub.List([.. images])), ("podman ps", 0, ""));
        for (var i = 1; i <= 5; i++) Directory.CreateDirectory(Path.Combine(Context.Paths.CheckRuns, $"20260101T00000{i}.000Z-web"));
        var expected = Enumerable.Range(1, gone).Select(i => $"image localhost/web:2026.100.000{i}")
            .Concat(Enumerable.Range(1, gone).Select(i => "run " + Path.Combine(Context.Paths.CheckRuns, $"20260101T00000{i}.000Z-web"))).ToList();
        Assert.Equal(expected, (await new Clean(Context).RunAsync(new CleanRequest { DryRun = true })).Select(i => $"{i.Kind} {i.Name}"));
        Assert.Equal(5, Directory.GetDirectories(Context.Paths.CheckRuns).Length);
        Assert.Equal(expected, (await new Clean(Context).RunAsync(new CleanRequest())).Select(i => $"{i.Kind} {i.Name}"));
        Assert.Equal(5 - gone, Directory.GetDirectories(Context.Paths.CheckRuns).Length);
        Assert.Equal(gone, Engine.Calls.Count(c => c.StartsWith("podman rmi", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Only_what_is_chosen_is_cleaned_and_a_machine_without_an_engine_has_no_images()
    {
        Write(SampleBoxes.Head);
        Directory.CreateDirectory(Path.Combine(Context.Paths.CheckRuns, "20260101T000001.000Z-web"));
        Engine = new EngineStub { Missing = { "podman", "docker" } };
        Assert.Equal("run", Assert.Single(await new Clean(Context).RunAsync(new CleanRequest { Keep = 0, DryRun = true })).Kind);
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => new Clean(Context).RunAsync(new CleanRequest { Keep = -1 }))).Code);
        Engine = new EngineStub(("podman images", 0, "[]"));
        Assert.Empty(await new Clean(Context).RunAsync(new CleanRequest { Images = true, Keep = 0 }));
        Assert.Single(Directory.GetDirectories(Context.Paths.CheckRuns));
    }

    [Fact]
    public async Task Caches_of_the_projects_own_builds_go_and_no_others()
    {
        Write(SampleBoxes.Head + """
            == box/root/charly.yml
            box: {from: "builder:debootstrap", distro: debian:13, build: deb}
            """);
        await new GenerateBoxes(Context).RunAsync(new GenerateBoxesRequest { Tag = "2026.1.1" });
        var temporary = Path.Combine(Project, "../tmp");
        var mine = Path.Combine(temporary, "buildah-cache/charly-var-lib-apt");
        var other = Path.Combine(temporary, "buildah-cache/pip");
        foreach (var folder in (string[])[mine, other]) Directory.CreateDirectory(folder);
        var root = Path.Combine(Project, ".build/root/rootfs.tar");
        await File.WriteAllTextAsync(root, "x");
        var context = ContextWith(Engine, ("TMPDIR", temporary));
        var clean = new Clean(context);
        Assert.Equal(((string[])[root, mine]).Order(StringComparer.Ordinal), (await clean.RunAsync(new CleanRequest { Caches = true, DryRun = true })).Select(i => i.Name).Order(StringComparer.Ordinal));
        Assert.Equal(2, (await clean.RunAsync(new CleanRequest { Caches = true })).Count);
        if (Environment.IsPrivilegedProcess) Assert.False(Directory.Exists(mine));
        else Assert.Contains(Engine.Calls, c => c == $"podman unshare rm -rf -- {mine}");
        Assert.True(Directory.Exists(other));
        Assert.False(File.Exists(root));
    }

    [Fact]
    public async Task Boxes_that_do_not_fit_their_distribution_get_its_format_and_keep_their_comments()
    {
        Write(SampleBoxes.Head + """
            distro: {void: {format: deb}}
            == box/base/charly.yml
            # why it is there
            box:
              base: "registry.example.org/debian:13"
              build: rpm # wrong
              distro: [debian:13, debian]
            == box/web/charly.yml
            box: {base: base}
            == box/arch/charly.yml
            box:
              base: "registry.example.org/arch:1"
              distro: arch
              build: [deb, aur]
            == box/fed/charly.yml
            box: {base: "registry.example.org/fedora:43", distro: fedora:43}
            == box/own/charly.yml
            box: {base: "registry.example.org/void:1", distro: void, build: deb}
            """);
        var before = Photograph();
        var preview = await new ReconcileBoxes(Context).RunAsync([], dryRun: true);
        Assert.Equal(before, Photograph());
        Assert.Equal(
            ["arch: deb aur -> pac aur", "base: rpm -> deb", "fed:  -> rpm", "own: deb -> deb", "web: rpm -> rpm"],
            preview.Select(b => $"{b.Name}: {string.Join(' ', b.Before)} -> {string.Join(' ', b.After)}"));
        Assert.Equal(["arch", "base", "fed"], preview.Where(b => b.IsChanged).Select(b => b.Name));
        await new ReconcileBoxes(Context).RunAsync([]);
        var text = await File.ReadAllTextAsync(Path.Combine(Project, "box/base/charly.yml"));
        Assert.StartsWith("# why it is there\n", text, StringComparison.Ordinal);
        Assert.Contains("# wrong\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(await new ReconcileBoxes(Context).RunAsync([]), b => b.IsChanged);
        Assert.Equal(Errors.RefNotFound, (await Assert.ThrowsAsync<CharlyException>(() => new ReconcileBoxes(Context).RunAsync(["wbe"]))).Code);
    }

    [Fact]
    public async Task A_distribution_that_nobody_knows_is_told_with_its_place_and_nothing_is_changed()
    {
        Write(SampleBoxes.Head + """
            == box/a/charly.yml
            box: {base: "registry.example.org/debian:13", distro: debian, build: rpm}
            == box/b/charly.yml
            box: {base: "registry.example.org/x:13", distro: plan9, build: rpm}
            """);
        var before = Photograph();
        var error = await Assert.ThrowsAsync<CharlyException>(() => new ReconcileBoxes(Context).RunAsync([]));
        Assert.Equal((Errors.BoxBuild, 1, 50), (error.Code, error.Position!.Line, error.Position.Column));
        Assert.EndsWith("box/b/charly.yml", error.Position.File, StringComparison.Ordinal);
        Assert.Equal(before, Photograph());
    }

    [Theory]
    [InlineData("merge: {max_mb: 0}", "BOX005")]
    [InlineData("merge: {max_total_mb: -1}", "BOX005")]
    public async Task A_limit_that_is_none_is_told_with_its_place(string field, string code)
    {
        Write(SampleBoxes.Head + $"== box/web/charly.yml\nbox: {{base: \"registry.example.org/debian:13\", distro: debian, build: deb, {field}}}\n");
        Engine = new EngineStub(("podman images", 0, Image()));
        var error = await Assert.ThrowsAnyAsync<CharlyException>(() => new MergeBoxes(Context).RunAsync(new MergeBoxesRequest { Names = ["web"] }));
        Assert.Equal((code, 1), (error.Code.Id, error.Position!.Line));
        Assert.DoesNotContain(Engine.Calls, c => c.StartsWith("podman pull", StringComparison.Ordinal) || c.StartsWith("podman tag", StringComparison.Ordinal));
        Assert.Equal(Errors.Usage, (await Assert.ThrowsAsync<CharlyException>(() => new MergeBoxes(Context).RunAsync(new MergeBoxesRequest { Names = ["web"], MaxMegabytes = 0 }))).Code);
    }
}

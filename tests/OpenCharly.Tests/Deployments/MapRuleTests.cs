using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Tests.Boxes;
using OpenCharly.Tests.Model;

namespace OpenCharly.Tests.Deployments;

/// <summary>What a deploy map may not say (deploy.md §1.3, §5, §6, §8 to §10.2): code, place, and nothing loaded.</summary>
public sealed class MapRuleTests : ProjectFixture
{
    private const string Version = "version: 2026.163.0928\n";

    [Theory]
    [InlineData("deploy:\n  a: {target: teapot}\n", "deploy.target", 3)]
    [InlineData("deploy:\n  a: {box: x, bind_mounts: [{encrypted: true}]}\n", "CFG003", 3)]
    [InlineData("deploy:\n  a: {target: k8s, k8s: c, nested: {b: {target: local}}}\n", "deploy.target", 3)]
    [InlineData("deploy:\n  a: {target: local, from_snapshot: s}\n", "deploy.target", 3)]
    [InlineData("deploy:\n  a: {target: local, ssh_arg: [-v]}\n", "CFG010", 3)]
    [InlineData("deploy:\n  a-eph-1: {target: local}\n", "CFG008", 3)]
    [InlineData("deploy:\n  a: {target: local, peer: {b.c: {target: local}}}\n", "CFG008", 3)]
    [InlineData("deploy:\n  b: {target: local}\n  a: {target: local, peer: {b: {target: local}}}\n", "CFG008", 4)]
    [InlineData("eval:\n  b: {target: local}\ndeploy:\n  a: {target: local, peer: {b: {target: local}}}\n", "CFG008", 5)]
    [InlineData("deploy:\n  a: {target: local, peer: {p: {target: local}}}\n  b: {target: local, peer: {p: {target: local}}}\n", "CFG008", 4)]
    [InlineData("deploy:\n  a: {target: local, nested: {c: {target: local}}}\n  b: {target: local, nested: {c: {target: local}}}\n", "CFG008", 4)]
    [InlineData("eval:\n  a.b: {target: local}\n", "CFG008", 3)]
    [InlineData("deploy:\n  a: {target: local, inside: b}\n", "deploy.path", 3)]
    [InlineData("deploy:\n  a: {target: local, inside: b}\n  b: {target: local, inside: a}\n", "deploy.path", 3)]
    [InlineData("deploy:\n  a: {target: local, inside: a}\n", "deploy.path", 3)]
    [InlineData("deploy:\n  a: {box: x, inside: b}\n  b: {target: local}\n", "deploy.target", 3)]
    [InlineData("deploy:\n  a: {target: vm, preemptible: [\"\"]}\n", "CFG016", 3)]
    [InlineData("deploy:\n  a: {target: vm, preemptible: {holds: [g], stop: kill}}\n", "CFG016", 3)]
    [InlineData("deploy:\n  a: {target: vm, preemptible: {holds: [g], restore: never}}\n", "CFG016", 3)]
    [InlineData("deploy:\n  a: {target: vm, preemptible: [g], requires_exclusive: [g]}\n", "CFG016", 3)]
    [InlineData("deploy:\n  a: {target: vm, requires_exclusive: [\"\"]}\n", "CFG016", 3)]
    [InlineData("deploy:\n  a: {target: local, android: nope}\n", "CFG009", 3)]
    [InlineData("deploy:\n  a: {target: k8s, k8s: nope}\n", "CFG009", 3)]
    [InlineData("deploy:\n  a: {box: x, image: y}\n", "yaml.duplicate_key", 3)]
    [InlineData("deploy:\n  a: {target: local, add_candy: [], add_layers: []}\n", "yaml.duplicate_key", 3)]
    [InlineData("deploy:\n  a: {target: local}\neval:\n  a: {target: local}\n", "CFG008", 5)]
    [InlineData("deploy:\n  a: {target: vm, vm: nope}\n", "CFG009", 3)]
    [InlineData("deploy:\n  a: {box: x, pod: nope}\n", "CFG009", 3)]
    [InlineData("deploy:\n  a: {target: local, local: nope}\n", "CFG009", 3)]
    [InlineData("deploy:\n  a: {target: local, nested: {b.c: {target: local}}}\n", "CFG008", 3)]
    [InlineData("deploy:\n  a: {target: local, host: ann@h, user: bob}\n", "CFG010", 3)]
    [InlineData("deploy:\n  a: {target: local, host: \"h:99999\"}\n", "CFG010", 3)]
    [InlineData("deploy:\n  a: {target: local, user: ann}\n", "CFG010", 3)]
    [InlineData("deploy:\n  \"vm:a\": {target: local}\n", "deploy.target", 3)]
    [InlineData("deploy:\n  a: {target: vm, preemptible: []}\n", "CFG016", 3)]
    [InlineData("deploy:\n  a: {target: vm, preemptible: {holds: []}}\n", "CFG016", 3)]
    [InlineData("resource:\n  g: {gpu: {}}\ndeploy:\n  a: {target: vm, vm: w, requires_exclusive: [g]}\nvm:\n  w: {source: {kind: cloud_image, path: /x.qcow2}}\n", "CFG016", 3)]
    [InlineData("resource:\n  g: {gpu: {vendor: \"0x10de\"}}\ndeploy:\n  a: {target: vm, vm: w, requires_exclusive: [g]}\nvm:\n  w: {backend: qemu, source: {kind: cloud_image, path: /x.qcow2}}\n", "CFG016", 5)]
    public async Task A_rule_that_is_broken_is_an_error_with_its_place_for_every_verb_and_nothing_is_changed(string text, string code, int line)
    {
        Write("charly.yml", Version + text);
        var error = await EveryVerbFailsAsync();
        Assert.Equal(code, error.Code.Id);
        Assert.Equal(("charly.yml", line), (error.Position!.File, error.Position.Line));
        Assert.NotEmpty(error.Help);
    }

    // deploy.md §1.2 and §1.3: retired shapes, in the project and in the per-host file, and what is too old.
    [Theory]
    [InlineData("images: {a: {}}\n", "CFG003", 2)]
    [InlineData("image:\n  a: {box: x}\n", "CFG003", 2)]
    [InlineData("deployment: {a: {}}\n", "CFG003", 2)]
    [InlineData("deployments: {a: {}}\n", "CFG003", 2)]
    [InlineData("kind: deployment\n", "CFG003", 2)]
    [InlineData("deploy:\n  qc: {target: local}\n", "CFG003", 3)]
    [InlineData("deploy:\n  cachyos-dx: {target: local}\n", "CFG003", 3)]
    [InlineData("deploy:\n  a: {target: host}\n", "CFG003", 3)]
    [InlineData("deploy:\n  a: {target: container, box: x}\n", "CFG003", 3)]
    [InlineData("deploy:\n  a: {target: kubernetes}\n", "CFG003", 3)]
    [InlineData("deploy:\n  a: {box: x, bind_mounts: []}\n", "CFG003", 3)]
    [InlineData("deploy:\n  a: {target: pod}\n", "CFG009", 3)]
    [InlineData("deploy:\n  a: {}\n", "CFG009", 3)]
    public async Task A_retired_shape_is_an_error_that_leads_to_migrate_and_nothing_is_changed(string text, string code, int line)
    {
        Write("charly.yml", Version + text);
        Check(await EveryVerbFailsAsync(), "charly.yml");
        File.Delete(Path.Combine(Folder, "charly.yml"));
        WriteHost(Version + text);
        Check(await EveryVerbFailsAsync(), new HostPaths(Machine).HostFile);

        void Check(CharlyException error, string file)
        {
            Assert.Equal(code, error.Code.Id);
            Assert.Equal(line, error.Position!.Line);
            Assert.EndsWith(Path.GetFileName(file), error.Position.File, StringComparison.Ordinal);
            Assert.EndsWith("Run: charly migrate", error.Help, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("local:\n  t: {candy: [], image: x}\n", "CFG003", 3)]
    [InlineData("local:\n  t: {candy: [], images: [x]}\n", "CFG003", 3)]
    [InlineData("local:\n  cachyos-dx: {candy: []}\n", "CFG003", 3)]
    [InlineData("box:\n  b: {base: 'debian:12', port: [80]}\n", "CFG003", 3)]
    public async Task A_retired_shape_of_what_entries_name_is_an_error_that_leads_to_migrate_and_nothing_is_changed(string text, string code, int line)
    {
        Write("charly.yml", Version + text);
        var error = await EveryVerbFailsAsync();
        Assert.Equal((code, "charly.yml", line), (error.Code.Id, error.Position!.File, error.Position.Line));
        Assert.EndsWith("Run: charly migrate", error.Help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026.100.0001", "2026.144.1443", "Run: charly migrate")]
    [InlineData("2030.001.0001", "2026.163.0928", "pdate")]
    [InlineData("soon", "soon", "Run: charly migrate")]
    public async Task A_version_that_is_too_old_too_new_or_none_is_an_error_that_names_both_and_nothing_is_changed(string version, string known, string help)
    {
        Write("charly.yml", $"version: {version}\ndeploy:\n  a: {{target: local}}\n");
        await CheckAsync();
        File.Delete(Path.Combine(Folder, "charly.yml"));
        WriteHost($"version: {version}\ndeploy:\n  a: {{target: local}}\n");
        await CheckAsync();

        async Task CheckAsync()
        {
            var error = await EveryVerbFailsAsync();
            Assert.Equal((Errors.CfgVersion, 1), (error.Code, error.Position!.Line));
            Assert.Contains(version, error.Message, StringComparison.Ordinal);
            Assert.Contains(known, error.Message, StringComparison.Ordinal);
            Assert.Contains(help, error.Help, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_per_host_file_of_the_old_name_is_an_error_that_leads_to_migrate_and_nothing_is_changed()
    {
        var old = Path.Combine(Path.GetDirectoryName(new HostPaths(Machine).HostFile)!, "deploy.yml");
        Directory.CreateDirectory(Path.GetDirectoryName(old)!);
        File.WriteAllText(old, "deploy:\n  a: {target: local}\n");
        var error = await EveryVerbFailsAsync();
        Assert.Equal((Errors.CfgLegacy, 1), (error.Code, error.Position!.Line));
        Assert.EndsWith("deploy.yml", error.Position.File, StringComparison.Ordinal);
        Assert.EndsWith("Run: charly migrate", error.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_alone_answers_with_one_warning()
    {
        WriteHost("deploy:\n  a: {target: teapot}\n");
        var told = new List<CharlyEvent>();
        await new GetStatus(new CharlyContext(Machine, new Told(told), new EngineStub(), Folder)).RunAsync(new StatusQuery());
        Assert.Single(told.OfType<NoticeEvent>(), n => n.Level == NoticeLevel.Warning && n.Text.Contains("teapot", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nesting_without_end_is_an_error_and_no_crash()
    {
        Write("charly.yml", Version + "deploy:\n  a: {target: local" + string.Concat(Enumerable.Range(0, 20).Select(i => $", nested: {{n{i}: {{target: local")) + string.Concat(Enumerable.Repeat("}}", 20)) + "}\n");
        var error = await EveryVerbFailsAsync();
        Assert.Equal((Errors.CfgName, 3), (error.Code, error.Position!.Line));
    }

    [Fact]
    public async Task What_the_per_host_file_says_of_a_bed_is_that_bed_s_state()
    {
        Write("charly.yml", Version + "eval:\n  bed: {target: local, disposable: true}\n");
        WriteHost("deploy:\n  bed: {target: local, lifecycle: test}\n");
        var bed = (await LoadAsync()).Deployments["bed"];
        Assert.Equal((true, true, "test"), (bed.IsBed, bed.Disposable, bed.Lifecycle));
    }

    [Fact]
    public async Task A_path_of_the_per_host_file_is_looked_at_when_it_is_used()
    {
        WriteHost("deploy:\n  a: {target: local, inside: nowhere}\n");
        var project = await LoadAsync();
        var error = Assert.Throws<CharlyException>(() => DeployVenue.Of(project, project.Deployments["a"]));
        Assert.Equal(Errors.DeployPath, error.Code);
    }

    [Fact]
    public async Task A_deployment_runs_where_those_around_it_lead()
    {
        Write("charly.yml", Version + """
            vm: {web: {source: {kind: cloud_image, path: /x.qcow2}}}
            deploy:
              far: {target: local, host: far.example.org, nested: {deep: {target: local}}}
              here: {target: local, nested: {pod: {box: shop, nested: {job: {target: local}}}}}
              vm:web: {nested: {cache: {box: redis, nested: {tune: {target: local}}}, tools: {target: local}}}
              side: {target: local, inside: "vm:web"}
              lost: {target: local, inside: far.deep, host: other.example.org}
            """);
        var project = await LoadAsync();
        Assert.Equal("far", Assert.IsType<DeployVenue.Remote>(Venue("far.deep")).Owner.Key);
        Assert.IsType<DeployVenue.Own>(Venue("here.pod"));
        Assert.Equal(new DeployVenue.Container("charly-here_pod", null), Venue("here.pod.job"));
        Assert.Equal("vm:web", Assert.IsType<DeployVenue.Machine>(Venue("vm:web.tools")).Owner.Key);
        Assert.Equal("vm:web", Assert.IsType<DeployVenue.Machine>(Venue("side")).Owner.Key);
        var inner = Assert.IsType<DeployVenue.Container>(Venue("vm:web.cache.tune"));
        Assert.Equal(("charly-cache", "vm:web"), (inner.Name, inner.Guest!.Key));
        Assert.Equal(Errors.DeployPath, Assert.Throws<CharlyException>(() => Venue("lost")).Code);

        DeployVenue Venue(string path) => DeployVenue.Of(project, project.FindDeployment(path)!);
    }

    [Fact]
    public async Task A_peer_is_disposable_only_by_its_owner()
    {
        Write("charly.yml", Version + "deploy:\n  a: {target: local, disposable: true, peer: {p: {target: local}}}\n  b: {target: local, peer: {q: {target: local}}}\n");
        var project = await LoadAsync();
        Assert.True(project.Deployments["p"].Disposable);
        Assert.False(project.Deployments["q"].Disposable);
    }

    // All that could write begin by reading: they end in the error of the load, before a program is run or a file is touched.
    private async Task<CharlyException> EveryVerbFailsAsync()
    {
        var before = Photograph();
        var programs = new EngineStub();
        var context = new CharlyContext(Machine, null, programs, Folder);
        var error = await LoadFailsAsync();
        (string Verb, Func<Task> Run)[] verbs =
        [
            ("add", () => new AddBundle(context).RunAsync(new BundleRequest { Name = "a" })),
            ("del", () => new RemoveBundle(context).RunAsync(new RemoveBundleRequest { Name = "a", Purge = true })),
            ("update", () => new UpdateBundle(context).RunAsync(new UpdateBundleRequest { Name = "a" })),
            ("config", () => new ConfigurePod(context).RunAsync(new ConfigurePodRequest { Name = "a" })),
            ("start", () => new StartPod(context).RunAsync(new ConfigurePodRequest { Name = "a" })),
            ("remove", () => new RemovePod(context).RunAsync(new RemovePodRequest { Name = "a", Purge = true })),
        ];
        foreach (var (verb, run) in verbs)
        {
            var refused = await Assert.ThrowsAnyAsync<CharlyException>(run);
            Assert.True((refused.Code, refused.Position) == (error.Code, error.Position), $"{verb}: {refused.Code.Id} {refused.Message} at {refused.Position}");
        }

        Assert.Equal(before, Photograph());
        Assert.Empty(programs.Calls);
        return error;
    }

    private string[] Photograph() => [.. Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(e => $"{e} {File.GetUnixFileMode(e)} {(Directory.Exists(e) ? "" : File.ReadAllText(e))}")];

    private sealed class Told(List<CharlyEvent> events) : IProgress<CharlyEvent>
    {
        public void Report(CharlyEvent value) => events.Add(value);
    }
}
